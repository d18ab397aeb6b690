/**
 * The hash family: reading and writing of fields. Counters are in hash-counter.ts, random picks and HSCAN in hash-pick.ts, expiry of
 * fields in hash-expire.ts, and the commands that do both at once in hash-getex.ts.
 */
import { MAX_FIELD } from '../storage/hash.js';
import type { Bytes } from '../storage/memory/bytes.js';
import type { Client } from './client.js';
import type { Handlers } from './command.js';
import { TOO_LONG, wrongArity } from './error.js';
import { hashChanged } from './hash-changed.js';
import { hincrby, hincrbyfloat } from './hash-counter.js';
import { beginFields, hidesFields, tellFields, tellPairs } from './hash-effects.js';
import {
  hexpire,
  hexpireat,
  hexpiretime,
  hpersist,
  hpexpire,
  hpexpireat,
  hpexpiretime,
  hpttl,
  httl,
} from './hash-expire.js';
import { hgetdel, hgetex, hsetex } from './hash-getex.js';
import { hrandfield, hscan } from './hash-pick.js';
import type { hash } from './spec/hash.js';

export const handlers: Handlers<typeof hash> = {
  hdel,
  hexists,
  hexpire,
  hexpireat,
  hexpiretime,
  hget,
  hgetall,
  hgetdel,
  hgetex,
  hincrby,
  hincrbyfloat,
  hkeys,
  hlen,
  hmget,
  hmset,
  hpersist,
  hpexpire,
  hpexpireat,
  hpexpiretime,
  hpttl,
  hrandfield,
  hscan,
  hset,
  hsetex,
  hsetnx,
  hstrlen,
  httl,
  hvals,
};

function hdel(c: Client): void {
  const { argv, argc, db } = c;
  const hash = db.hashForWrite(argv[1]);
  if (hash === undefined) return c.out.int(0);
  const effect = hidesFields(c, hash) ? beginFields(c, 0) : undefined;
  let deleted = 0;
  for (let i = 2; i < argc; i++) {
    if (!hash.delete(argv[i])) continue;
    effect?.add(argv[i]);
    deleted++;
  }
  if (deleted > 0) {
    tellFields(c, effect, 0);
    hashChanged(c, hash, 'hdel', deleted);
  }
  c.out.int(deleted);
}

function hexists(c: Client): void {
  const hash = c.db.hash(c.argv[1]);
  c.out.int(hash?.has(c.argv[2]) ? 1 : 0);
}

function hget(c: Client): void {
  reply(c, c.db.hash(c.argv[1])?.get(c.argv[2]));
}

function reply(c: Client, value: Bytes | undefined): void {
  if (value === undefined) c.out.nil();
  else c.out.bulk(value);
}

function hgetall(c: Client): void {
  const { out } = c;
  const hash = c.db.hash(c.argv[1]);
  if (hash === undefined) return out.map(0);
  out.map(hash.living);
  hash.begin();
  while (hash.next()) {
    out.bulk(hash.field);
    out.bulk(hash.value);
  }
}

function hkeys(c: Client): void {
  const { out } = c;
  const hash = c.db.hash(c.argv[1]);
  if (hash === undefined) return out.array(0);
  out.array(hash.living);
  hash.begin();
  while (hash.next()) out.bulk(hash.field);
}

/** Counts fields that have expired and were not deleted yet, as Redis 7.4 does. */
function hlen(c: Client): void {
  c.out.int(c.db.hash(c.argv[1])?.size ?? 0);
}

function hmget(c: Client): void {
  const { argv, argc } = c;
  const hash = c.db.hash(argv[1]);
  c.out.array(argc - 2);
  for (let i = 2; i < argc; i++) reply(c, hash?.get(argv[i]));
}

function hmset(c: Client): void {
  setPairs(c, 'hmset');
  c.out.ok();
}

function hset(c: Client): void {
  c.out.int(setPairs(c, 'hset'));
}

/** Sets the fields from `argv[2]` on. @returns how many of them are new */
function setPairs(c: Client, name: string): number {
  const { argv, argc } = c;
  if ((argc & 1) !== 0) throw wrongArity(name);
  for (let i = 2; i < argc; i += 2) if (argv[i].length > MAX_FIELD) throw TOO_LONG;
  const hash = c.db.hashOrNew(argv[1]);
  hash.reserve((argc - 2) >> 1);
  let added = 0;
  for (let i = 2; i < argc; i += 2) if (hash.set(argv[i], argv[i + 1])) added++;
  hashChanged(c, hash, 'hset', (argc - 2) >> 1);
  return added;
}

function hsetnx(c: Client): void {
  const { argv, db } = c;
  if (argv[2].length > MAX_FIELD) throw TOO_LONG;
  const hash = db.hashOrNew(argv[1]);
  if (hash.has(argv[2])) return c.out.int(0);
  if (hidesFields(c, hash)) tellPairs(c, 2, -1);
  hash.set(argv[2], argv[3]);
  hashChanged(c, hash, 'hset', 1);
  c.out.int(1);
}

function hstrlen(c: Client): void {
  c.out.int(c.db.hash(c.argv[1])?.get(c.argv[2])?.length ?? 0);
}

function hvals(c: Client): void {
  const { out } = c;
  const hash = c.db.hash(c.argv[1]);
  if (hash === undefined) return out.array(0);
  out.array(hash.living);
  hash.begin();
  while (hash.next()) out.bulk(hash.value);
}
