/** Values and expiry of fields at once: HGETDEL, HGETEX, HSETEX (Redis 8.0). */
import { type Hash, MAX_FIELD } from '../storage/hash.js';
import type { Bytes } from '../storage/memory/bytes.js';
import { KEEP_TTL } from '../storage/string.js';
import { intArg } from './args.js';
import type { Client } from './client.js';
import {
  EXPIRE_MISSING,
  HSETEX_CONDITIONS,
  HSETEX_FIELDS_INVALID,
  HSETEX_TIMES,
  TOO_LONG,
  unknownArgument,
  wrongArity,
} from './error.js';
import { NOTIFY_HASH } from './events.js';
import { hashChanged } from './hash-changed.js';
import { beginFields, tellFields, tellPairs, tellPairsKept } from './hash-effects.js';
import { fieldExpiryArg, fieldsArg, setOrDelete } from './hash-expire.js';

/** Fields are not to be given a new expiry. */
const UNCHANGED = -3;
const FNX = 1;
const FXX = 2;

export function hgetdel(c: Client): void {
  const { argv, argc, db, out } = c;
  const hash = db.hashForWrite(argv[1]);
  const first = fieldsArg(c, 2);
  out.array(argc - first);
  const effect = beginFields(c, 0);
  let deleted = 0;
  for (let i = first; i < argc; i++) {
    if (!give(c, hash, argv[i])) continue;
    hash!.delete(argv[i]);
    effect?.add(argv[i]);
    deleted++;
  }
  if (hash === undefined || deleted === 0) return;
  tellFields(c, effect, 0);
  hashChanged(c, hash, 'hdel', deleted);
}

/** Replies with the value of a field, or nil. @returns whether there is one */
function give(c: Client, hash: Hash | undefined, field: Bytes): boolean {
  const value = hash?.get(field);
  if (value === undefined) c.out.nil();
  else c.out.bulk(value);
  return value !== undefined;
}

export function hgetex(c: Client): void {
  const { argv, argc, db, out } = c;
  const hash = db.hashForWrite(argv[1]);
  const unit = timeUnit(argv[2]);
  const persist = argv[2].is('persist');
  const when = unit !== 0 ? fieldExpiryArg(c, argv[3], unit, isRelative(argv[2])) : persist ? -1 : UNCHANGED;
  const first = fieldsArg(c, unit !== 0 ? 4 : persist ? 3 : 2);
  out.array(argc - first);
  const effect = when === UNCHANGED ? undefined : beginFields(c, when);
  let changed = 0;
  for (let i = first; i < argc; i++) {
    if (!give(c, hash, argv[i]) || when === UNCHANGED) continue;
    if (persist && hash!.expireAt < 0) continue;
    if (persist) hash!.setExpiry(argv[i], -1);
    else setOrDelete(c, hash!, argv[i], when);
    effect?.add(argv[i]);
    changed++;
  }
  if (hash === undefined || changed === 0) return;
  tellFields(c, effect, when);
  hashChanged(c, hash, persist ? 'hpersist' : when > c.now ? 'hexpire' : 'hdel', changed);
}

/** Milliseconds per unit of EX, PX, EXAT or PXAT; 0 for any other word. */
function timeUnit(word: Bytes): number {
  if (word.is('ex') || word.is('exat')) return 1000;
  return word.is('px') || word.is('pxat') ? 1 : 0;
}

function isRelative(word: Bytes): boolean {
  return word.length === 2;
}

export function hsetex(c: Client): void {
  const { argv, argc, db } = c;
  let condition = 0;
  let when = UNCHANGED;
  let i = 2;
  // Whoever got past the arity has FIELDS, or a word that is wrong.
  for (; i < argc && !argv[i].is('fields'); i++) {
    const word = argv[i];
    const unit = timeUnit(word);
    if (unit !== 0 || word.is('keepttl')) {
      if (when !== UNCHANGED) throw HSETEX_TIMES;
      if (unit !== 0 && i + 1 === argc) throw EXPIRE_MISSING;
      when = unit === 0 ? KEEP_TTL : fieldExpiryArg(c, argv[++i], unit, isRelative(word));
    } else if (word.is('fxx') || word.is('fnx')) {
      if (condition !== 0) throw HSETEX_CONDITIONS;
      condition = word.is('fxx') ? FXX : FNX;
    } else throw unknownArgument(word.toString());
  }
  const first = pairsArg(c, i);
  const hash = db.hashForWrite(argv[1]);
  if (condition !== 0 && !holds(c, hash, condition, first)) return c.out.int(0);
  if (when >= 0 && when <= c.now) deleteAll(c, hash, first);
  else {
    const target = hash ?? db.hashOrNew(argv[1]);
    if (when === KEEP_TTL) tellPairsKept(c, target, first);
    else tellPairs(c, first, when === UNCHANGED ? -1 : when);
    setAll(c, target, first, when === UNCHANGED ? -1 : when);
    c.touched(argv[1], NOTIFY_HASH, 'hset', db, (argc - first) >> 1);
    if (when >= 0) c.notify(argv[1], NOTIFY_HASH, 'hexpire');
  }
  c.out.int(1);
}

/** Checks `FIELDS numfields field value ...` at `argv[at]`. @returns the index of the first field */
function pairsArg(c: Client, at: number): number {
  const { argv, argc } = c;
  if (at >= argc - 3) throw wrongArity('hsetex');
  const n = intArg(argv[at + 1], HSETEX_FIELDS_INVALID);
  if (n < 1 || n > 2147483647) throw HSETEX_FIELDS_INVALID;
  if (n * 2 !== argc - at - 2) throw wrongArity('hsetex');
  for (let i = at + 2; i < argc; i += 2) if (argv[i].length > MAX_FIELD) throw TOO_LONG;
  return at + 2;
}

/** Whether none (FNX) or all (FXX) of the fields exist. */
function holds(c: Client, hash: Hash | undefined, condition: number, first: number): boolean {
  for (let i = first; i < c.argc; i += 2) {
    const exists = hash?.has(c.argv[i]) ?? false;
    if (exists !== (condition === FXX)) return false;
  }
  return true;
}

function setAll(c: Client, hash: Hash, first: number, when: number): void {
  const { argv, argc } = c;
  hash.reserve((argc - first) >> 1);
  for (let i = first; i < argc; i += 2) hash.set(argv[i], argv[i + 1], when);
}

/** What would have been set has expired already. */
function deleteAll(c: Client, hash: Hash | undefined, first: number): void {
  if (hash === undefined) return;
  const effect = beginFields(c, 0);
  let deleted = 0;
  for (let i = first; i < c.argc; i += 2) {
    if (!hash.delete(c.argv[i])) continue;
    effect?.add(c.argv[i]);
    deleted++;
  }
  if (deleted === 0) return;
  tellFields(c, effect, 0);
  hashChanged(c, hash, 'hdel', deleted);
}
