/**
 * What commands may ask of publish/subscribe: who listens to what, and sending to them. Implemented in src/pubsub/.
 *
 * Three kinds of subscription, each with names of its own: channels, patterns (which hear every channel that they match) and shard
 * channels. Whoever has any is a subscriber: `Client.subscriptions` counts them, and the gate bit SUBSCRIBER is set.
 */
import type { Bytes } from '../storage/memory/bytes.js';
import type { Client } from './client.js';

export const CHANNEL = 0;
export const PATTERN = 1;
export const SHARD = 2;
export type Kind = typeof CHANNEL | typeof PATTERN | typeof SHARD;

export interface PubSub {
  /** `c` listens to `name` from now on; nothing changes when it did before. O(1). */
  subscribe(c: Client, kind: Kind, name: Bytes): void;
  /** `c` listens to `name` no more; nothing changes when it did not. O(1). */
  unsubscribe(c: Client, kind: Kind, name: Bytes): void;
  /** Ends the oldest subscription of `c` of this kind. @returns what it was, undefined when there was none */
  unsubscribeOldest(c: Client, kind: Kind): Bytes | undefined;
  /** Ends all subscriptions of `c` and tells it nothing: RESET, or the client is gone. */
  forget(c: Client): void;
  /**
   * Sends `message` to whoever listens to the channel; with `SHARD`, to the listeners of the shard channel only.
   * @returns how often it was sent: a client with a channel and a pattern that matches gets it twice. O(listeners + patterns)
   */
  publish(kind: typeof CHANNEL | typeof SHARD, channel: Bytes, message: Bytes): number;
  /** Subscriptions of `c` of one kind (CLIENT LIST: sub, psub, ssub). */
  count(c: Client, kind: Kind): number;
  /** Clients that listen to `name`. */
  listeners(kind: Kind, name: Bytes): number;
  /** Different names that anybody listens to (INFO stats: pubsub_channels, pubsub_patterns, pubsubshard_channels). */
  size(kind: Kind): number;
  /** Those names. They hold until somebody subscribes or unsubscribes. */
  names(kind: Kind): Bytes[];
  /** Hands out what was sent to clients whose command had not ended: it follows their reply, never stands inside it (Redis 7.2). */
  settle(): void;
}
