/**
 * Taking members from either end: ZPOPMIN, ZPOPMAX, ZMPOP, and BZPOPMIN, BZPOPMAX, BZMPOP, which wait when there is nothing to take:
 * a waiting command is parked and simply runs again when one of its keys is ready.
 */
import type { Bytes } from '../storage/memory/bytes.js';
import { ZSET } from '../storage/types.js';
import type { SortedSet } from '../storage/zset.js';
import { deadlineArg, rangeArg } from './args.js';
import type { Client } from './client.js';
import { ZPOPMAX, ZPOPMIN } from './effect-words.js';
import { COUNT_POSITIVE, NOT_POSITIVE, NUMKEYS_POSITIVE, SYNTAX } from './error.js';
import { removed } from './zset-range.js';
import { FLAT, PAIRS, replyRanks, withScores } from './zset-reply.js';

const MIN = 0;
const MAX = 1;
const EVENTS = ['zpopmin', 'zpopmax'];
const ANY = Number.POSITIVE_INFINITY;

/** Replies `count` members from one end, or all when there are fewer, and takes them out. @returns how many */
function pop(c: Client, key: Bytes, x: SortedSet, end: number, count: number, shape: number): number {
  const { size } = x;
  const n = count < size ? count : size;
  const first = end === MIN ? 0 : size - n;
  replyRanks(c, x, first, first + n, end === MAX, shape);
  x.removeRange(first, first + n);
  removed(c, key, size - n, EVENTS[end], n);
  return n;
}

export function zpopmin(c: Client): void {
  popFromKey(c, MIN);
}

export function zpopmax(c: Client): void {
  popFromKey(c, MAX);
}

function popFromKey(c: Client, end: number): void {
  const { argv, argc } = c;
  if (argc > 3) throw SYNTAX;
  const count = argc === 3 ? rangeArg(argv[2], 0, ANY, NOT_POSITIVE, NOT_POSITIVE) : 1;
  const x = c.db.sortedSetForWrite(argv[1]);
  if (x === undefined || count === 0) return c.out.array(0);
  pop(c, argv[1], x, end, count, argc === 3 ? withScores(c) : FLAT);
}

export function zmpop(c: Client): void {
  readPop(c, 1);
  if (!popFirst(c)) c.out.nilArray();
}

export function bzmpop(c: Client): void {
  readPop(c, 2);
  const deadline = deadlineArg(c.argv[1], c.now); // the last to be looked at, though it comes first
  if (!popFirst(c)) c.block(request.from, request.to, deadline, ZSET, 'nil-array');
}

/** What ZMPOP asks for: the keys are `argv[from..to)`. */
class PopRequest {
  from = 0;
  to = 0;
  end = MIN;
  count = 1;
}

/** Scratch: filled again by every command. */
const request = new PopRequest();

/** Reads `numkeys key ... MIN|MAX [COUNT count]` from argument `at` on into `request`. */
function readPop(c: Client, at: number): void {
  const { argv, argc } = c;
  const keys = rangeArg(argv[at], 1, ANY, NUMKEYS_POSITIVE, NUMKEYS_POSITIVE);
  const option = at + 1 + keys;
  if (option >= argc) throw SYNTAX;
  request.from = at + 1;
  request.to = option;
  if (argv[option].is('min')) request.end = MIN;
  else if (argv[option].is('max')) request.end = MAX;
  else throw SYNTAX;
  request.count = 1;
  if (argc === option + 1) return;
  if (argc === option + 2 || !argv[option + 1].is('count')) throw SYNTAX;
  request.count = rangeArg(argv[option + 2], 1, ANY, COUNT_POSITIVE, COUNT_POSITIVE);
  if (argc !== option + 3) throw SYNTAX;
}

/** Takes from the first of the keys that is a sorted set; false when none of them exists. */
function popFirst(c: Client): boolean {
  const { argv, out } = c;
  for (let i = request.from; i < request.to; i++) {
    const x = c.db.sortedSetForWrite(argv[i]);
    if (x === undefined) continue;
    out.array(2);
    out.bulk(argv[i]);
    const popped = pop(c, argv[i], x, request.end, request.count, PAIRS);
    c.effect(request.end === MIN ? ZPOPMIN : ZPOPMAX)
      ?.add(argv[i])
      .addInt(popped)
      .tell();
    return true;
  }
  return false;
}

export function bzpopmin(c: Client): void {
  popOrBlock(c, MIN);
}

export function bzpopmax(c: Client): void {
  popOrBlock(c, MAX);
}

function popOrBlock(c: Client, end: number): void {
  const { argv, out } = c;
  const last = c.argc - 1;
  const deadline = deadlineArg(argv[last], c.now);
  for (let i = 1; i < last; i++) {
    const x = c.db.sortedSetForWrite(argv[i]);
    if (x === undefined) continue;
    const { size } = x;
    const rank = end === MIN ? 0 : size - 1;
    x.from(rank, false);
    x.next();
    out.array(3);
    out.bulk(argv[i]);
    out.bulk(x.member);
    out.double(x.score);
    x.removeRange(rank, rank + 1);
    removed(c, argv[i], size - 1, EVENTS[end], 1);
    return c
      .effect(end === MIN ? ZPOPMIN : ZPOPMAX)
      ?.add(argv[i])
      .tell();
  }
  c.block(1, last, deadline, ZSET, 'nil-array');
}
