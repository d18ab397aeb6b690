/**
 * The set family: single sets here, random members in set-random.ts, several sets at once in set-algebra.ts. Handlers stand in the
 * order of spec/set.ts.
 */
import type { Bytes } from '../storage/memory/bytes.js';
import { MEMBER_MAX, type SetValue } from '../storage/set.js';
import { SET } from '../storage/types.js';
import type { Client } from './client.js';
import type { Handlers } from './command.js';
import { TOO_LONG } from './error.js';
import { NOTIFY_GENERIC, NOTIFY_SET } from './events.js';
import { emptyScan, PLAIN, scanCursor, scanOptions } from './scan.js';
import { sdiff, sdiffstore, sinter, sintercard, sinterstore, sunion, sunionstore } from './set-algebra.js';
import { spop, srandmember } from './set-random.js';
import type { set } from './spec/set.js';

export const handlers: Handlers<typeof set> = {
  sadd,
  scard,
  sdiff,
  sdiffstore,
  sinter,
  sintercard,
  sinterstore,
  sismember,
  smembers,
  smismember,
  smove,
  spop,
  srandmember,
  srem,
  sscan,
  sunion,
  sunionstore,
};

function sadd(c: Client): void {
  const { argv, argc } = c;
  for (let i = 2; i < argc; i++) if (argv[i].length > MEMBER_MAX) throw TOO_LONG;
  const set = c.db.setOrNew(argv[1], argv[2], argc - 2);
  let added = 0;
  for (let i = 2; i < argc; i++) if (set.add(argv[i])) added++;
  if (added > 0) c.touched(argv[1], NOTIFY_SET, 'sadd', c.db, added);
  c.out.int(added);
}

function scard(c: Client): void {
  const set = c.db.set(c.argv[1]);
  c.out.int(set === undefined ? 0 : set.length);
}

function sismember(c: Client): void {
  const set = c.db.set(c.argv[1]);
  c.out.int(set?.has(c.argv[2]) ? 1 : 0);
}

function smembers(c: Client): void {
  const set = c.db.set(c.argv[1]);
  if (set === undefined) return c.out.set(0);
  replyAll(c, set);
}

/** Answers with all members of a set. */
export function replyAll(c: Client, set: SetValue): void {
  const { out } = c;
  out.set(set.length);
  for (set.begin(); set.next(); ) out.bulk(set.member);
}

function smismember(c: Client): void {
  const { argv, argc, out } = c;
  const set = c.db.set(argv[1]);
  out.array(argc - 2);
  for (let i = 2; i < argc; i++) out.int(set?.has(argv[i]) ? 1 : 0);
}

function smove(c: Client): void {
  const { db, argv } = c;
  const from = argv[1];
  const to = argv[2];
  const member = argv[3];
  const source = db.setForWrite(from);
  if (source === undefined) return c.out.int(0);
  if (db.findType(to, SET) === source.entry) return c.out.int(source.has(member) ? 1 : 0);
  if (!source.remove(member)) return c.out.int(0);
  c.touched(from, NOTIFY_SET, 'srem');
  if (source.length === 0) deleteEmptied(c, from);
  if (db.setOrNew(to, member, 1).add(member)) c.touched(to, NOTIFY_SET, 'sadd');
  c.out.int(1);
}

/** A set from which the last member was taken is no key any more. */
export function deleteEmptied(c: Client, key: Bytes): void {
  c.db.delete(key);
  c.notify(key, NOTIFY_GENERIC, 'del');
}

function srem(c: Client): void {
  const { db, argv, argc } = c;
  const key = argv[1];
  const set = db.setForWrite(key);
  if (set === undefined) return c.out.int(0);
  let removed = 0;
  for (let i = 2; i < argc && set.length > 0; i++) if (set.remove(argv[i])) removed++;
  if (removed > 0) {
    c.touched(key, NOTIFY_SET, 'srem', db, removed);
    if (set.length === 0) deleteEmptied(c, key);
  }
  c.out.int(removed);
}

function sscan(c: Client): void {
  const { argv, out } = c;
  const cursor = scanCursor(argv[2]);
  const set = c.db.set(argv[1]);
  if (set === undefined) return emptyScan(c);
  const options = scanOptions(c, 3, PLAIN);
  const next = set.scan(cursor, options.count);
  out.array(2);
  out.bulkInt(next);
  const mark = out.defer();
  let n = 0;
  while (set.next()) {
    if (!options.wants(set.member)) continue;
    out.bulk(set.member);
    n++;
  }
  out.endArray(mark, n);
}
