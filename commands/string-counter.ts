/** Strings as counters: INCR, DECR, INCRBY, DECRBY, INCRBYFLOAT. 64-bit integers; numbers up to 2^53 take the short way. */
import { Bytes } from '../storage/memory/bytes.js';
import { KEEP_TTL } from '../storage/string.js';
import { NATURAL, NOT_INT, STRING } from '../storage/types.js';
import { decimal, INT64_MAX, INT64_MIN, parseBigint, parseInteger } from './args.js';
import type { Client } from './client.js';
import { KEEPTTL, SET } from './effect-words.js';
import { DECREMENT_OVERFLOW, NAN_OR_INFINITY, NOT_FLOAT, NOT_INTEGER, OVERFLOW } from './error.js';
import { NOTIFY_STRING } from './events.js';
import { addLongDouble, formatLongDouble, parseLongDouble } from './long-double.js';

export function incr(c: Client): void {
  addNumber(c, 1);
}

export function decr(c: Client): void {
  addNumber(c, -1);
}

export function incrby(c: Client): void {
  const delta = parseInteger(c.argv[2]);
  if (!Number.isNaN(delta)) return addNumber(c, delta);
  const big = parseBigint(c.argv[2]);
  if (big === undefined) throw NOT_INTEGER;
  addBigint(c, big);
}

export function decrby(c: Client): void {
  const delta = parseInteger(c.argv[2]);
  if (!Number.isNaN(delta)) return addNumber(c, -delta);
  const big = parseBigint(c.argv[2]);
  if (big === undefined) throw NOT_INTEGER;
  if (big === INT64_MIN) throw DECREMENT_OVERFLOW;
  addBigint(c, -big);
}

function addNumber(c: Client, delta: number): void {
  const { db } = c;
  const key = c.argv[1];
  const entry = db.findType(key, STRING);
  const value = entry === 0 ? 0 : parseInteger(db.strings.get(entry));
  const sum = value + delta;
  if (!(sum <= Number.MAX_SAFE_INTEGER && sum >= -Number.MAX_SAFE_INTEGER)) return addBigint(c, BigInt(delta));
  const text = decimal(sum);
  // Nearly always the digits fit the entry that is there, which saves finding it a second time.
  if (entry === 0 || !db.strings.overwrite(entry, text)) db.strings.set(key, text, NATURAL, KEEP_TTL);
  c.touched(key, NOTIFY_STRING, 'incrby');
  c.out.int(sum);
}

function addBigint(c: Client, delta: bigint): void {
  const old = c.db.stringForWrite(c.argv[1]);
  const value = old === undefined ? 0n : parseBigint(old);
  if (value === undefined) throw NOT_INTEGER;
  const sum = value + delta;
  if (sum > INT64_MAX || sum < INT64_MIN) throw OVERFLOW;
  store(c, Bytes.from(String(sum)));
  c.out.intText(String(sum));
}

function store(c: Client, value: Bytes): void {
  c.db.strings.set(c.argv[1], value, NATURAL, KEEP_TTL);
  c.touched(c.argv[1], NOTIFY_STRING, 'incrby');
}

export function incrbyfloat(c: Client): void {
  const { argv, db } = c;
  const old = db.stringForWrite(argv[1]);
  const value = parseLongDouble(old === undefined ? '0' : old.toString());
  const delta = parseLongDouble(argv[2].toString());
  if (value === undefined || delta === undefined) throw NOT_FLOAT;
  const sum = addLongDouble(value, delta);
  if (sum.infinite) throw NAN_OR_INFINITY;
  const text = formatLongDouble(sum);
  const result = Bytes.from(text);
  db.strings.set(argv[1], result, NOT_INT, KEEP_TTL);
  c.effect(SET)?.add(argv[1]).add(result).add(KEEPTTL).tell();
  c.touched(argv[1], NOTIFY_STRING, 'incrbyfloat');
  c.out.bulkText(text);
}
