/** EXPIRE and its kin: when a key dies, set in seconds or milliseconds, from now or since the epoch, and read the same ways. */
import type { Bytes } from '../storage/memory/bytes.js';
import type { Client } from './client.js';
import { DEL, PEXPIREAT } from './effect-words.js';
import { EXPIRE_GT_AND_LT, EXPIRE_NX_AND_OTHERS, unsupportedOption } from './error.js';
import { NOTIFY_GENERIC } from './events.js';
import { momentArg } from './expire-option.js';

const NX = 1;
const XX = 2;
const GT = 4;
const LT = 8;

export function expire(c: Client): void {
  setExpiry(c, 1000, true, 'expire');
}

export function expireat(c: Client): void {
  setExpiry(c, 1000, false, 'expireat');
}

export function pexpire(c: Client): void {
  setExpiry(c, 1, true, 'pexpire');
}

export function pexpireat(c: Client): void {
  setExpiry(c, 1, false, 'pexpireat');
}

function setExpiry(c: Client, unit: number, relative: boolean, name: string): void {
  const { argv, db } = c;
  const options = optionsFrom(c);
  const at = momentArg(argv[2], unit, relative ? c.now : 0, name);
  const key = argv[1];
  const entry = db.space.find(key);
  if (entry === 0) return c.out.int(0);
  db.space.touch(entry);
  if (!allowed(options, db.space.expireAt(entry), at)) return c.out.int(0);
  letExpire(c, key, entry, at);
  c.out.int(1);
}

/** Lets `key`, whose entry has just been found, expire at `at` (ms since the epoch): now, when that has passed. */
export function letExpire(c: Client, key: Bytes, entry: number, at: number): void {
  const { db } = c;
  if (at <= c.now) {
    c.effect(DEL)?.add(key).tell();
    db.delete(key);
    c.touched(key, NOTIFY_GENERIC, 'del');
  } else {
    c.effect(PEXPIREAT)?.add(key).addInt(at).tell();
    db.space.setExpire(entry, at);
    c.touched(key, NOTIFY_GENERIC, 'expire');
  }
}

function optionsFrom(c: Client): number {
  let options = 0;
  for (let i = 3; i < c.argc; i++) {
    const word = c.argv[i];
    if (word.is('nx')) options |= NX;
    else if (word.is('xx')) options |= XX;
    else if (word.is('gt')) options |= GT;
    else if (word.is('lt')) options |= LT;
    else throw unsupportedOption(word.toString());
  }
  if ((options & NX) !== 0 && options !== NX) throw EXPIRE_NX_AND_OTHERS;
  if ((options & GT) !== 0 && (options & LT) !== 0) throw EXPIRE_GT_AND_LT;
  return options;
}

/** A key without a TTL counts as one that lives for ever. */
function allowed(options: number, present: number, at: number): boolean {
  if ((options & NX) !== 0 && present >= 0) return false;
  if ((options & XX) !== 0 && present < 0) return false;
  if ((options & GT) !== 0 && (present < 0 || at <= present)) return false;
  return (options & LT) === 0 || present < 0 || at < present;
}

export function persist(c: Client): void {
  const { space } = c.db;
  const entry = space.find(c.argv[1]);
  if (entry === 0) return c.out.int(0);
  space.touch(entry);
  if (!space.hasExpire(entry)) return c.out.int(0);
  space.setExpire(entry, -1);
  c.touched(c.argv[1], NOTIFY_GENERIC, 'persist');
  c.out.int(1);
}

/** The time at which the key of the command dies; -1 for never, -2 when there is no key. */
function expiryOf(c: Client): number {
  const entry = c.db.peek(c.argv[1]);
  return entry === 0 ? -2 : c.db.space.expireAt(entry);
}

export function ttl(c: Client): void {
  const at = expiryOf(c);
  c.out.int(at < 0 ? at : Math.floor((Math.max(0, at - c.now) + 500) / 1000));
}

export function pttl(c: Client): void {
  const at = expiryOf(c);
  c.out.int(at < 0 ? at : Math.max(0, at - c.now));
}

export function expiretime(c: Client): void {
  const at = expiryOf(c);
  c.out.int(at < 0 ? at : Math.floor((at + 500) / 1000));
}

export function pexpiretime(c: Client): void {
  c.out.int(expiryOf(c));
}
