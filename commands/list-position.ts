/** LPOS: the indexes of the elements that equal a value, searched from either end. */
import type { List } from '../storage/list.js';
import { negatableArg, rangeArg } from './args.js';
import type { Client } from './client.js';
import { LPOS_COUNT, LPOS_MAXLEN, LPOS_RANK_ZERO, SYNTAX } from './error.js';

const INT64_MAX = 2 ** 63;

export function lpos(c: Client): void {
  const { argv, argc, out } = c;
  let rank = 1;
  let count = -1; // no COUNT: the first match alone
  let maxlen = 0;
  for (let i = 3; i < argc; i += 2) {
    const word = argv[i];
    if (i + 1 === argc) throw SYNTAX;
    if (word.is('rank')) rank = rankArg(c, i + 1);
    else if (word.is('count')) count = rangeArg(argv[i + 1], 0, INT64_MAX, LPOS_COUNT, LPOS_COUNT);
    else if (word.is('maxlen')) maxlen = rangeArg(argv[i + 1], 0, INT64_MAX, LPOS_MAXLEN, LPOS_MAXLEN);
    else throw SYNTAX;
  }
  const list = c.db.list(argv[1]);
  if (list === undefined) return count < 0 ? out.nil() : out.array(0);
  const mark = out.defer();
  const limit = count < 0 ? 1 : count === 0 ? Number.POSITIVE_INFINITY : count;
  const found = search(c, list, rank, limit, maxlen === 0 ? Number.POSITIVE_INFINITY : maxlen);
  if (count >= 0) out.endArray(mark, found);
  else if (found === 0) out.nil();
}

function rankArg(c: Client, at: number): number {
  const rank = negatableArg(c.argv[at]); // -2^63 is refused since Redis 7.2
  if (rank === 0) throw LPOS_RANK_ZERO;
  return rank;
}

/** Replies with the index of each match from the `rank`th on, at most `limit` of them, after at most `maxlen` comparisons. */
function search(c: Client, list: List, rank: number, limit: number, maxlen: number): number {
  const step = rank > 0 ? 1 : -1;
  let skip = Math.abs(rank) - 1;
  let index = rank > 0 ? 0 : list.length - 1;
  let found = 0;
  list.seek(c.argv[2]);
  list.begin(rank > 0 ? 0 : -1, rank > 0);
  for (; maxlen > 0 && list.next(); maxlen--, index += step) {
    if (!list.matches()) continue;
    if (skip > 0) {
      skip--;
      continue;
    }
    c.out.int(index);
    if (++found === limit) break;
  }
  return found;
}
