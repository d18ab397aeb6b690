/**
 * The string family, and the model for every other: arguments, look-up, mutate, notify, reply, in this order. Handlers stand in
 * the order of spec/string.ts. LCS is in lcs.ts, the counters in string-counter.ts.
 */
import type { Bytes } from '../storage/memory/bytes.js';
import { KEEP_TTL } from '../storage/string.js';
import { NATURAL, STRING } from '../storage/types.js';
import { intArg, parseBigint } from './args.js';
import type { Client } from './client.js';
import type { Handlers } from './command.js';
import { DEL, KEEPTTL as KEEPTTL_WORD, PERSIST, PXAT, SET } from './effect-words.js';
import { OFFSET_OUT_OF_RANGE, SYNTAX, TOO_LONG, wrongArity } from './error.js';
import { NOTIFY_GENERIC, NOTIFY_STRING } from './events.js';
import { expireArg } from './expire-option.js';
import { letExpire } from './generic-expire.js';
import { lcs } from './lcs.js';
import type { string } from './spec/string.js';
import { decr, decrby, incr, incrby, incrbyfloat } from './string-counter.js';

export const handlers: Handlers<typeof string> = {
  append,
  decr,
  decrby,
  get,
  getdel,
  getex,
  getrange,
  getset,
  incr,
  incrby,
  incrbyfloat,
  lcs,
  mget,
  mset,
  msetnx,
  psetex,
  set,
  setex,
  setnx,
  setrange,
  strlen,
  substr: getrange,
};

function append(c: Client): void {
  const { db, argv } = c;
  const key = argv[1];
  const value = argv[2];
  const entry = db.findType(key, STRING);
  if (entry === 0) {
    db.strings.set(key, value, NATURAL);
    c.touched(key, NOTIFY_STRING, 'append');
    return c.out.int(value.length);
  }
  const old = db.strings.length(entry);
  if (old + value.length > c.server.settings.protoMaxBulkLen) throw TOO_LONG;
  const length = db.strings.setRange(entry, key, old, value);
  c.touched(key, NOTIFY_STRING, 'append');
  c.out.int(length);
}

function get(c: Client): void {
  reply(c, c.db.string(c.argv[1]));
}

function reply(c: Client, value: Bytes | undefined): void {
  if (value === undefined) c.out.nil();
  else c.out.bulk(value);
}

function getdel(c: Client): void {
  const key = c.argv[1];
  const value = c.db.string(key);
  if (value === undefined) return c.out.nil();
  c.out.bulk(value);
  c.effect(DEL)?.add(key).tell();
  c.db.delete(key);
  c.touched(key, NOTIFY_GENERIC, 'del');
}

function getex(c: Client): void {
  const { argv, db } = c;
  const key = argv[1];
  const time = getexOption(c);
  const value = db.string(key);
  if (value === undefined) return c.out.nil(); // a wrong time is found only where there is a value
  const at = time > 0 ? timeOption(c, argv[time], argv[time + 1], 'getex') : time === 0 ? KEEP_TTL : -1;
  c.out.bulk(value);
  if (at === KEEP_TTL) return;
  const entry = db.space.find(key);
  if (at >= 0) letExpire(c, key, entry, at);
  else if (db.space.hasExpire(entry)) {
    c.effect(PERSIST)?.add(key).tell();
    db.space.setExpire(entry, -1);
    c.touched(key, NOTIFY_GENERIC, 'persist');
  }
}

/** Where GETEX's option stands, 0 for none, -1 for PERSIST. The same option may come again; the last one counts. */
function getexOption(c: Client): number {
  const { argv, argc } = c;
  let time = 0;
  for (let i = 2; i < argc; i++) {
    const word = argv[i];
    if (word.is('persist') && time <= 0) time = -1;
    else if (i + 1 < argc && time >= 0 && isTimeWord(word) && (time === 0 || sameWord(argv[time], word))) time = i++;
    else throw SYNTAX;
  }
  return time;
}

/** EX | PX | EXAT | PXAT with its value; throws SYNTAX for any other word. */
function timeOption(c: Client, option: Bytes, value: Bytes, name: string): number {
  if (option.is('ex')) return expireArg(c, value, 1000, true, name);
  if (option.is('px')) return expireArg(c, value, 1, true, name);
  if (option.is('exat')) return expireArg(c, value, 1000, false, name);
  if (option.is('pxat')) return expireArg(c, value, 1, false, name);
  throw SYNTAX;
}

function getrange(c: Client): void {
  let start = intArg(c.argv[2]);
  let end = intArg(c.argv[3]);
  const value = c.db.string(c.argv[1]);
  if (value === undefined || (start < 0 && end < 0 && isAfter(c.argv[2], c.argv[3]))) return c.out.bulkText('');
  const n = value.length;
  if (start < 0) start = Math.max(0, n + start);
  if (end < 0) end = Math.max(0, n + end);
  if (end >= n) end = n - 1;
  if (start > end || n === 0) return c.out.bulkText('');
  c.out.bulkBytes(value.buf, value.start + start, value.start + end + 1);
}

/** Whether one integer argument is greater than another, beyond 2^53 too. */
function isAfter(a: Bytes, b: Bytes): boolean {
  const x = intArg(a);
  const y = intArg(b);
  return x !== y ? x > y : x < Number.MIN_SAFE_INTEGER && parseBigint(a)! > parseBigint(b)!;
}

function getset(c: Client): void {
  const { db, argv } = c;
  reply(c, db.string(argv[1]));
  db.strings.set(argv[1], argv[2]);
  tellSet(c, argv[2], -1, false);
  c.touched(argv[1], NOTIFY_STRING, 'set');
}

function mget(c: Client): void {
  const { argv, argc, db, out } = c;
  out.array(argc - 1);
  for (let i = 1; i < argc; i++) {
    const entry = db.lookup(argv[i]);
    if (entry === 0 || db.space.type(entry) !== STRING) out.nil();
    else out.bulk(db.strings.get(entry));
  }
}

function mset(c: Client): void {
  if ((c.argc & 1) === 0) throw wrongArity('mset');
  setPairs(c);
  c.out.ok();
}

function msetnx(c: Client): void {
  const { argv, argc, db } = c;
  if ((argc & 1) === 0) throw wrongArity('msetnx');
  for (let i = 1; i < argc; i += 2) if (db.space.find(argv[i]) !== 0) return c.out.int(0);
  setPairs(c);
  c.out.int(1);
}

function setPairs(c: Client): void {
  const { argv, argc, db } = c;
  for (let i = 1; i < argc; i += 2) {
    db.strings.set(argv[i], argv[i + 1]);
    c.touched(argv[i], NOTIFY_STRING, 'set');
  }
}

function psetex(c: Client): void {
  setWithTtl(c, 1, 'psetex');
}

function set(c: Client): void {
  const { argv, argc, db } = c;
  if (argc > 3) return setWithOptions(c);
  db.strings.set(argv[1], argv[2]);
  c.touched(argv[1], NOTIFY_STRING, 'set');
  c.out.ok();
}

// SET's options, as bits of one number so that reading them allocates nothing.
const NX = 1;
const XX = 2;
const GET = 4;
const KEEPTTL = 8;
const TIME = 16;

function setWithOptions(c: Client): void {
  const { argv, argc, db } = c;
  let options = 0;
  let time = 0;
  for (let i = 3; i < argc; i++) {
    const word = argv[i];
    if (word.is('nx') && (options & XX) === 0) options |= NX;
    else if (word.is('xx') && (options & NX) === 0) options |= XX;
    else if (word.is('get')) options |= GET;
    else if (word.is('keepttl') && (options & TIME) === 0) options |= KEEPTTL;
    else if (
      i + 1 < argc &&
      (options & KEEPTTL) === 0 &&
      isTimeWord(word) &&
      (time === 0 || sameWord(argv[time], word))
    ) {
      options |= TIME;
      time = i++;
    } else throw SYNTAX;
  }
  const at = time === 0 ? -1 : timeOption(c, argv[time], argv[time + 1], 'set');
  const key = argv[1];
  if ((options & GET) !== 0) reply(c, db.string(key));
  if ((options & (NX | XX)) !== 0 && (db.space.find(key) !== 0) === ((options & NX) !== 0)) {
    if ((options & GET) === 0) c.out.nil();
    return;
  }
  db.strings.set(key, argv[2], NATURAL, (options & KEEPTTL) !== 0 ? KEEP_TTL : at);
  tellSet(c, argv[2], at, (options & KEEPTTL) !== 0);
  c.touched(key, NOTIFY_STRING, 'set');
  if (at >= 0) c.notify(key, NOTIFY_GENERIC, 'expire');
  if ((options & GET) === 0) c.out.ok();
}

/** Tells that the string at `argv[1]` is `value`; `at` is when it expires, ms since the epoch, -1 for never. */
function tellSet(c: Client, value: Bytes, at: number, keepsTtl: boolean): void {
  const effect = c.effect(SET)?.add(c.argv[1]).add(value);
  if (at >= 0) effect?.add(PXAT).addInt(at);
  else if (keepsTtl) effect?.add(KEEPTTL_WORD);
  effect?.tell();
}

function isTimeWord(word: Bytes): boolean {
  return word.is('ex') || word.is('px') || word.is('exat') || word.is('pxat');
}

/** Whether two words of isTimeWord are the same: the lengths tell EX and PX from EXAT and PXAT. */
function sameWord(a: Bytes, b: Bytes): boolean {
  return a.length === b.length && (a.buf[a.start] | 32) === (b.buf[b.start] | 32);
}

function setex(c: Client): void {
  setWithTtl(c, 1000, 'setex');
}

function setWithTtl(c: Client, unit: number, name: string): void {
  const { argv, db } = c;
  const at = expireArg(c, argv[2], unit, true, name);
  db.strings.set(argv[1], argv[3], NATURAL, at);
  tellSet(c, argv[3], at, false);
  c.touched(argv[1], NOTIFY_STRING, 'set');
  c.notify(argv[1], NOTIFY_GENERIC, 'expire');
  c.out.ok();
}

function setnx(c: Client): void {
  const { argv, db } = c;
  if (db.space.find(argv[1]) !== 0) return c.out.int(0);
  db.strings.set(argv[1], argv[2]);
  c.touched(argv[1], NOTIFY_STRING, 'set');
  c.out.int(1);
}

function setrange(c: Client): void {
  const { argv, db } = c;
  const key = argv[1];
  const offset = intArg(argv[2]);
  const value = argv[3];
  if (offset < 0) throw OFFSET_OUT_OF_RANGE;
  const entry = db.findType(key, STRING);
  if (value.length === 0) return c.out.int(entry === 0 ? 0 : db.strings.length(entry));
  if (offset + value.length > c.server.settings.protoMaxBulkLen) throw TOO_LONG;
  const length = db.strings.setRange(entry, key, offset, value);
  c.touched(key, NOTIFY_STRING, 'setrange');
  c.out.int(length);
}

function strlen(c: Client): void {
  const entry = c.db.lookupType(c.argv[1], STRING);
  c.out.int(entry === 0 ? 0 : c.db.strings.length(entry));
}
