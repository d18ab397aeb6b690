/**
 * The list family: adding, reading and removing here; what moves elements between lists or waits for them is in list-move.ts and
 * list-pop.ts, LPOS in list-position.ts. HEAD and TAIL name the ends, so that twins are one function.
 */
import { HEAD, TAIL } from '../storage/list.js';
import { intArg } from './args.js';
import type { Client } from './client.js';
import type { Handlers } from './command.js';
import { INDEX_OUT_OF_RANGE, NO_SUCH_KEY, SYNTAX } from './error.js';
import { NOTIFY_LIST } from './events.js';
import { blmove, brpoplpush, lmove, rpoplpush } from './list-move.js';
import { blmpop, blpop, brpop, lmpop, lpop, removed, rpop } from './list-pop.js';
import { lpos } from './list-position.js';
import type { list } from './spec/list.js';

export const handlers: Handlers<typeof list> = {
  blmove,
  blmpop,
  blpop,
  brpop,
  brpoplpush,
  lindex,
  linsert,
  llen,
  lmove,
  lmpop,
  lpop,
  lpos,
  lpush,
  lpushx,
  lrange,
  lrem,
  lset,
  ltrim,
  rpop,
  rpoplpush,
  rpush,
  rpushx,
};

function lindex(c: Client): void {
  const list = c.db.list(c.argv[1]);
  if (list === undefined) return c.out.nil(); // before the index is looked at, as Redis
  const item = list.get(intArg(c.argv[2]));
  if (item === undefined) c.out.nil();
  else c.out.bulk(item);
}

function linsert(c: Client): void {
  const { argv } = c;
  const after = argv[2].is('after');
  if (!after && !argv[2].is('before')) throw SYNTAX;
  const list = c.db.listForWrite(argv[1]);
  if (list === undefined) return c.out.int(0);
  if (!list.insert(argv[3], after, argv[4])) return c.out.int(-1);
  c.touched(argv[1], NOTIFY_LIST, 'linsert');
  c.out.int(list.length);
}

function llen(c: Client): void {
  const list = c.db.list(c.argv[1]);
  c.out.int(list === undefined ? 0 : list.length);
}

function lpush(c: Client): void {
  push(c, HEAD, true);
}

function lpushx(c: Client): void {
  push(c, HEAD, false);
}

function rpush(c: Client): void {
  push(c, TAIL, true);
}

function rpushx(c: Client): void {
  push(c, TAIL, false);
}

function push(c: Client, tail: boolean, create: boolean): void {
  const { argv, argc, db } = c;
  const list = create ? db.listOrNew(argv[1]) : db.listForWrite(argv[1]);
  if (list === undefined) return c.out.int(0);
  let bytes = 0;
  for (let i = 2; i < argc; i++) bytes += argv[i].length;
  list.grow(argc - 2, bytes);
  for (let i = 2; i < argc; i++) list.push(tail, argv[i]);
  c.touched(argv[1], NOTIFY_LIST, tail ? 'rpush' : 'lpush', db, argc - 2);
  c.out.int(list.length);
}

function lrange(c: Client): void {
  let start = intArg(c.argv[2]);
  let stop = intArg(c.argv[3]);
  const { out } = c;
  const list = c.db.list(c.argv[1]);
  if (list === undefined) return out.array(0);
  const n = list.length;
  if (start < 0) start = Math.max(0, start + n);
  if (stop < 0) stop += n;
  if (stop >= n) stop = n - 1;
  if (start > stop) return out.array(0);
  out.array(stop - start + 1);
  list.begin(start);
  for (let left = stop - start + 1; left > 0 && list.next(); left--) out.bulk(list.item());
}

function lrem(c: Client): void {
  const { argv } = c;
  const count = intArg(argv[2]);
  const list = c.db.listForWrite(argv[1]);
  if (list === undefined) return c.out.int(0);
  const limit = count === 0 ? Number.POSITIVE_INFINITY : Math.abs(count);
  const gone = list.remove(argv[3], limit, count >= 0);
  if (gone > 0) removed(c, argv[1], list, 'lrem', gone);
  c.out.int(gone);
}

function lset(c: Client): void {
  const { argv } = c;
  const list = c.db.listForWrite(argv[1]);
  if (list === undefined) throw NO_SUCH_KEY;
  if (!list.set(intArg(argv[2]), argv[3])) throw INDEX_OUT_OF_RANGE;
  c.touched(argv[1], NOTIFY_LIST, 'lset');
  c.out.ok();
}

function ltrim(c: Client): void {
  const { argv } = c;
  let start = intArg(argv[2]);
  let stop = intArg(argv[3]);
  const list = c.db.listForWrite(argv[1]);
  if (list === undefined) return c.out.ok();
  const n = list.length;
  if (start < 0) start = Math.max(0, start + n);
  if (stop < 0) stop += n;
  if (stop >= n) stop = n - 1;
  if (start > stop) list.drop(HEAD, n);
  else list.trim(start, stop - start + 1);
  removed(c, argv[1], list, 'ltrim', n - list.length);
  c.out.ok();
}
