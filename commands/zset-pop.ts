/** Taking members from either end: ZPOPMIN, ZPOPMAX, ZMPOP. */
import type { Bytes } from '../storage/memory/bytes.js';
import type { SortedSet } from '../storage/zset.js';
import { rangeArg } from './args.js';
import type { Client } from './client.js';
import { COUNT_POSITIVE, NOT_POSITIVE, NUMKEYS_POSITIVE, SYNTAX } from './error.js';
import { removed } from './zset-range.js';
import { FLAT, PAIRS, replyRanks, withScores } from './zset-reply.js';

const MIN = 0;
const MAX = 1;
const ANY = Number.POSITIVE_INFINITY;

/** Replies `count` members from one end, or all when there are fewer, and takes them out. */
function pop(c: Client, key: Bytes, x: SortedSet, end: number, count: number, shape: number): void {
  const { size } = x;
  const n = count < size ? count : size;
  const first = end === MIN ? 0 : size - n;
  replyRanks(c, x, first, first + n, end === MAX, shape);
  x.removeRange(first, first + n);
  removed(c, key, size - n, end === MIN ? 'zpopmin' : 'zpopmax');
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
  const { argv, argc, db, out } = c;
  const keys = rangeArg(argv[1], 1, ANY, NUMKEYS_POSITIVE, NUMKEYS_POSITIVE);
  const option = keys + 2;
  if (option >= argc) throw SYNTAX;
  const end = endArg(argv[option]);
  let count = 1;
  if (argc > option + 1) {
    if (argc !== option + 3 || !argv[option + 1].is('count')) throw SYNTAX;
    count = rangeArg(argv[option + 2], 1, ANY, COUNT_POSITIVE, COUNT_POSITIVE);
  }
  for (let i = 2; i < option; i++) {
    const x = db.sortedSetForWrite(argv[i]);
    if (x === undefined) continue;
    out.array(2);
    out.bulk(argv[i]);
    return pop(c, argv[i], x, end, count, PAIRS);
  }
  out.nilArray();
}

function endArg(word: Bytes): number {
  if (word.is('min')) return MIN;
  if (word.is('max')) return MAX;
  throw SYNTAX;
}
