/** The classes of clients that CLIENT LIST, CLIENT KILL and output limits distinguish. Replicas and masters are none of ours. */
import type { Bytes } from '../storage/memory/bytes.js';
import type { Client } from './client.js';
import { unknownClientType } from './error.js';

export type ClientClass = 'normal' | 'pubsub' | 'replica' | 'master';

/** `normal`, or `pubsub` for who has a subscription. O(1) */
export function classOf(c: Client): ClientClass {
  return c.subscriptions > 0 ? 'pubsub' : 'normal';
}

/** A class by its name in any case; `slave` is `replica`'s old one. @throws unknownClientType */
export function classArg(arg: Bytes): ClientClass {
  if (arg.is('normal')) return 'normal';
  if (arg.is('pubsub')) return 'pubsub';
  if (arg.is('replica') || arg.is('slave')) return 'replica';
  if (arg.is('master')) return 'master';
  throw unknownClientType(arg.toString());
}
