/** Fields of hashes as counters: HINCRBY, HINCRBYFLOAT. As string-counter.ts; the expiry of a field stays (Redis 7.4). */
import { type Hash, MAX_FIELD } from '../storage/hash.js';
import { Bytes } from '../storage/memory/bytes.js';
import { KEEP_TTL } from '../storage/string.js';
import { decimal, INT64_MAX, INT64_MIN, parseBigint, parseInteger } from './args.js';
import type { Client } from './client.js';
import {
  HASH_NOT_FLOAT,
  HASH_NOT_INTEGER,
  NAN_OR_INFINITE,
  NAN_OR_INFINITY,
  NOT_FLOAT,
  NOT_INTEGER,
  OVERFLOW,
  TOO_LONG,
} from './error.js';
import { hashChanged } from './hash-changed.js';
import { hidesFields, tellKept } from './hash-effects.js';
import { addLongDouble, formatLongDouble, parseLongDouble } from './long-double.js';

export function hincrby(c: Client): void {
  const { argv } = c;
  const delta = parseInteger(argv[3]);
  if (Number.isNaN(delta)) return addBigint(c);
  const hash = c.db.hashForWrite(argv[1]);
  const old = hash?.get(argv[2]);
  const sum = (old === undefined ? 0 : parseInteger(old)) + delta;
  if (!(sum <= Number.MAX_SAFE_INTEGER && sum >= -Number.MAX_SAFE_INTEGER)) return addBigint(c);
  store(c, hash, decimal(sum), 'hincrby', true);
  c.out.int(sum);
}

/** What does not fit 53 bits, or is no integer at all. */
function addBigint(c: Client): void {
  const { argv } = c;
  const delta = parseBigint(argv[3]);
  if (delta === undefined) throw NOT_INTEGER;
  const hash = c.db.hashForWrite(argv[1]);
  const old = hash?.get(argv[2]);
  const value = old === undefined ? 0n : parseBigint(old);
  if (value === undefined) throw HASH_NOT_INTEGER;
  const sum = value + delta;
  if (sum > INT64_MAX || sum < INT64_MIN) throw OVERFLOW;
  store(c, hash, Bytes.from(String(sum)), 'hincrby', true);
  c.out.intText(String(sum));
}

/** @param exact whether the request itself has no other result elsewhere */
function store(c: Client, hash: Hash | undefined, value: Bytes, event: string, exact: boolean): void {
  const { argv } = c;
  if (argv[2].length > MAX_FIELD) throw TOO_LONG;
  const target = hash ?? c.db.hashOrNew(argv[1]);
  const hides = hidesFields(c, target);
  const fresh = target.set(argv[2], value, KEEP_TTL);
  if (!exact || (hides && fresh)) tellKept(c, target, argv[2], value, fresh);
  hashChanged(c, target, event, 1);
}

export function hincrbyfloat(c: Client): void {
  const { argv } = c;
  const delta = parseLongDouble(argv[3].toString());
  if (delta === undefined) throw NOT_FLOAT;
  if (delta.infinite) throw NAN_OR_INFINITE;
  const hash = c.db.hashForWrite(argv[1]);
  const old = hash?.get(argv[2]);
  const value = parseLongDouble(old === undefined ? '0' : old.toString());
  if (value === undefined) throw HASH_NOT_FLOAT;
  const sum = addLongDouble(value, delta);
  if (sum.infinite) throw NAN_OR_INFINITY;
  const text = formatLongDouble(sum);
  store(c, hash, Bytes.from(text), 'hincrbyfloat', false);
  c.out.bulkText(text);
}
