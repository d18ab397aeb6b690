/**
 * When fields of hashes die: HEXPIRE and its kin, HPERSIST, HTTL and its kin (Redis 7.4). The type of the key is checked first, then the
 * arguments. Each field has its own answer: -2 no such field; -1 no TTL; 0 the condition does not hold; 1 done; 2 deleted, for the
 * time has passed.
 */
import type { Hash } from '../storage/hash.js';
import { NO_FIELD } from '../storage/hash-reader.js';
import type { Bytes } from '../storage/memory/bytes.js';
import { intArg } from './args.js';
import type { Client } from './client.js';
import {
  EXPIRE_NEGATIVE,
  FIELDS_MISMATCH,
  FIELDS_MISSING,
  FIELDS_NOT_POSITIVE,
  HEXPIRE_FIELDS_NOT_POSITIVE,
  invalidExpire,
  type ReplyError,
} from './error.js';
import { hashChanged } from './hash-changed.js';
import { beginFields, tellFields } from './hash-effects.js';

/** The last time at which a field may expire, ms since the epoch: 46 bits, as in Redis 7.4. */
const LAST_MS = 70368744177663;

const NONE = 0;
const NX = 1;
const XX = 2;
const GT = 3;
const LT = 4;

/**
 * A time for fields to expire.
 * @param unit milliseconds per unit: 1000 or 1
 * @param relative from now, else since the epoch
 * @returns ms since the epoch, 0 to 2^46
 * @throws NOT_INTEGER, EXPIRE_NEGATIVE, or "invalid expire time in 'name' command"
 */
export function fieldExpiryArg(c: Client, arg: Bytes, unit: number, relative: boolean): number {
  const n = intArg(arg);
  if (n < 0) throw EXPIRE_NEGATIVE;
  const base = relative ? c.now : 0;
  if (n > Math.floor(LAST_MS / unit) || n * unit > LAST_MS - base) throw invalidExpire(c.command!.name);
  return n * unit + base;
}

/**
 * Checks `FIELDS numfields field ...` at `argv[at]`, to the end of the arguments.
 * @param notPositive thrown when numfields is none
 * @returns the index of the first field
 * @throws FIELDS_MISSING, FIELDS_MISMATCH
 */
export function fieldsArg(c: Client, at: number, notPositive: ReplyError = FIELDS_NOT_POSITIVE): number {
  const { argv, argc } = c;
  if (at >= argc || !argv[at].is('fields')) throw FIELDS_MISSING;
  if (at + 1 >= argc) throw notPositive;
  const n = intArg(argv[at + 1], notPositive);
  if (n < 1) throw notPositive;
  if (n !== argc - at - 2) throw FIELDS_MISMATCH;
  return at + 2;
}

export function hexpire(c: Client): void {
  setExpiry(c, 1000, true);
}

export function hexpireat(c: Client): void {
  setExpiry(c, 1000, false);
}

export function hpexpire(c: Client): void {
  setExpiry(c, 1, true);
}

export function hpexpireat(c: Client): void {
  setExpiry(c, 1, false);
}

function setExpiry(c: Client, unit: number, relative: boolean): void {
  const { argv, argc, db, out } = c;
  const hash = db.hashForWrite(argv[1]);
  const when = fieldExpiryArg(c, argv[2], unit, relative);
  const condition = conditionOf(argv[3]);
  const first = fieldsArg(c, condition === NONE ? 3 : 4, HEXPIRE_FIELDS_NOT_POSITIVE);
  out.array(argc - first);
  const effect = beginFields(c, when);
  let changed = 0;
  for (let i = first; i < argc; i++) {
    const result = hash === undefined ? NO_FIELD : expireField(c, hash, argv[i], when, condition);
    out.int(result);
    if (result <= 0) continue;
    effect?.add(argv[i]);
    changed++;
  }
  if (hash === undefined || changed === 0) return;
  tellFields(c, effect, when);
  hashChanged(c, hash, when > c.now ? 'hexpire' : 'hdel', changed);
}

function conditionOf(word: Bytes): number {
  if (word.is('nx')) return NX;
  if (word.is('xx')) return XX;
  if (word.is('gt')) return GT;
  return word.is('lt') ? LT : NONE;
}

function expireField(c: Client, hash: Hash, field: Bytes, when: number, condition: number): number {
  const present = hash.expiry(field);
  if (present === NO_FIELD) return NO_FIELD;
  if (!allowed(condition, present, when)) return 0;
  return setOrDelete(c, hash, field, when) ? 1 : 2;
}

/** A field without a TTL counts as one that lives for ever. */
function allowed(condition: number, present: number, when: number): boolean {
  if (condition === NX) return present < 0;
  if (condition === XX) return present >= 0;
  if (condition === GT) return present >= 0 && when > present;
  return condition !== LT || present < 0 || when < present;
}

/** Lets an existing field expire at `when`, which deletes it when that has passed. @returns whether it lives */
export function setOrDelete(c: Client, hash: Hash, field: Bytes, when: number): boolean {
  if (when > c.now) return hash.setExpiry(field, when);
  hash.delete(field);
  return false;
}

export function hpersist(c: Client): void {
  const { argv, argc, out } = c;
  const hash = c.db.hashForWrite(argv[1]);
  const first = fieldsArg(c, 2);
  out.array(argc - first);
  const effect = beginFields(c, -1);
  let changed = 0;
  for (let i = first; i < argc; i++) {
    const present = hash === undefined ? NO_FIELD : hash.expiry(argv[i]);
    out.int(present < 0 ? present : 1);
    if (present < 0) continue;
    hash!.setExpiry(argv[i], -1);
    effect?.add(argv[i]);
    changed++;
  }
  if (changed === 0) return;
  tellFields(c, effect, -1);
  hashChanged(c, hash!, 'hpersist', changed);
}

export function httl(c: Client): void {
  tellExpiry(c, 1000, c.now);
}

export function hpttl(c: Client): void {
  tellExpiry(c, 1, c.now);
}

export function hexpiretime(c: Client): void {
  tellExpiry(c, 1000, 0);
}

export function hpexpiretime(c: Client): void {
  tellExpiry(c, 1, 0);
}

/** Seconds are rounded up, unlike TTL's. */
function tellExpiry(c: Client, unit: number, base: number): void {
  const { argv, argc, out } = c;
  const hash = c.db.hash(argv[1]);
  const first = fieldsArg(c, 2);
  out.array(argc - first);
  for (let i = first; i < argc; i++) {
    const present = hash === undefined ? NO_FIELD : hash.expiry(argv[i]);
    out.int(present < 0 ? present : Math.ceil((present - base) / unit));
  }
}
