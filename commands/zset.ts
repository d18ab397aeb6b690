/**
 * The sorted set family: what concerns single members. Intervals are in zset-range.ts, unions and the like in zset-combine.ts,
 * popping in zset-pop.ts, random members and scans in zset-sample.ts. Handlers stand in the order of spec/zset.ts.
 */
import { parseDouble } from '../protocol/double.js';
import type { Bytes } from '../storage/memory/bytes.js';
import { ADDED, GT, INCR, LT, NOT_A_NUMBER, NX, REFUSED, type SortedSet, UPDATED, XX } from '../storage/zset.js';
import type { Client } from './client.js';
import type { Handlers } from './command.js';
import { NOT_FLOAT, SCORE_NAN, SYNTAX, wrongArity, ZADD_GT_LT_NX, ZADD_INCR_PAIRS, ZADD_NX_AND_XX } from './error.js';
import { NOTIFY_ZSET } from './events.js';
import type { zset } from './spec/zset.js';
import { zdiff, zdiffstore, zinter, zintercard, zinterstore, zunion, zunionstore } from './zset-combine.js';
import { bzmpop, bzpopmax, bzpopmin, zmpop, zpopmax, zpopmin } from './zset-pop.js';
import {
  removed,
  zcount,
  zlexcount,
  zrange,
  zrangebylex,
  zrangebyscore,
  zrangestore,
  zremrangebylex,
  zremrangebyrank,
  zremrangebyscore,
  zrevrange,
  zrevrangebylex,
  zrevrangebyscore,
} from './zset-range.js';
import { zrandmember, zscan } from './zset-sample.js';

export const handlers: Handlers<typeof zset> = {
  bzmpop,
  bzpopmax,
  bzpopmin,
  zadd,
  zcard,
  zcount,
  zdiff,
  zdiffstore,
  zincrby,
  zinter,
  zintercard,
  zinterstore,
  zlexcount,
  zmpop,
  zmscore,
  zpopmax,
  zpopmin,
  zrandmember,
  zrange,
  zrangebylex,
  zrangebyscore,
  zrangestore,
  zrank,
  zrem,
  zremrangebylex,
  zremrangebyrank,
  zremrangebyscore,
  zrevrange,
  zrevrangebylex,
  zrevrangebyscore,
  zrevrank,
  zscan,
  zscore,
  zunion,
  zunionstore,
};

function scoreArg(arg: Bytes): number {
  const score = parseDouble(arg.buf, arg.start, arg.end);
  if (Number.isNaN(score)) throw NOT_FLOAT;
  return score;
}

/** Count what was updated, too. */
const CH = 32;

function zadd(c: Client): void {
  const { argv, argc, out } = c;
  let options = 0;
  let first = 2;
  for (; first < argc; first++) {
    const bit = zaddOption(argv[first]);
    if (bit === 0) break;
    options |= bit;
  }
  const words = argc - first;
  if (words === 0 || (words & 1) !== 0) throw SYNTAX;
  if ((options & (NX | XX)) === (NX | XX)) throw ZADD_NX_AND_XX;
  const exclusive = options & (NX | GT | LT);
  if ((exclusive & (exclusive - 1)) !== 0) throw ZADD_GT_LT_NX;
  if ((options & INCR) !== 0) {
    if (words > 2) throw ZADD_INCR_PAIRS;
    return increment(c, options & ~CH, argv[first], argv[first + 1]);
  }
  if (words > 2) for (let i = first + 2; i < argc; i += 2) scoreArg(argv[i]);
  const score = scoreArg(argv[first]);
  const x = forAdding(c, options, words >> 1, argv[first + 1]);
  if (x === undefined) return out.int(0);
  let added = 0;
  let updated = 0;
  for (let i = first; i < argc; i += 2) {
    const outcome = x.add(argv[i + 1], i === first ? score : scoreArg(argv[i]), options & ~CH);
    if (outcome === ADDED) added++;
    else if (outcome === UPDATED) updated++;
  }
  if (added + updated > 0) c.touched(argv[1], NOTIFY_ZSET, 'zadd', c.db, added + updated);
  out.int((options & CH) !== 0 ? added + updated : added);
}

/** The bit of an option of ZADD, 0 for any other word. */
function zaddOption(word: Bytes): number {
  // A score begins with none of these letters, except `inf` and `nan`: the common case is over at once.
  if (word.end - word.start > 4 || (word.end > word.start && word.buf[word.start] < 65)) return 0;
  if (word.is('nx')) return NX;
  if (word.is('xx')) return XX;
  if (word.is('gt')) return GT;
  if (word.is('lt')) return LT;
  if (word.is('ch')) return CH;
  return word.is('incr') ? INCR : 0;
}

/**
 * The sorted set at `argv[1]`, made when it is not there.
 * @param pairs how many are about to be added, at most
 * @param member the first of them: it has a part in choosing the encoding
 * @returns undefined when there is none and XX forbids to make one
 */
function forAdding(c: Client, options: number, pairs: number, member: Bytes): SortedSet | undefined {
  const key = c.argv[1];
  let x = c.db.sortedSetForWrite(key);
  if (x !== undefined) x.expect(pairs);
  else if ((options & XX) === 0) {
    x = c.db.sortedSetView();
    x.create(key, pairs, member.length);
  }
  return x;
}

function increment(c: Client, options: number, by: Bytes, member: Bytes): void {
  const score = scoreArg(by);
  const x = forAdding(c, options, 1, member);
  if (x === undefined) return c.out.nil();
  const outcome = x.add(member, score, options);
  if (outcome === NOT_A_NUMBER) throw SCORE_NAN;
  if (outcome === REFUSED) return c.out.nil();
  if (outcome === ADDED || outcome === UPDATED) c.touched(c.argv[1], NOTIFY_ZSET, 'zincr');
  c.out.double(x.score);
}

function zcard(c: Client): void {
  const x = c.db.sortedSet(c.argv[1]);
  c.out.int(x === undefined ? 0 : x.size);
}

function zincrby(c: Client): void {
  increment(c, INCR, c.argv[2], c.argv[3]);
}

function zmscore(c: Client): void {
  const { argv, argc, out } = c;
  const x = c.db.sortedSet(argv[1]);
  out.array(argc - 2);
  for (let i = 2; i < argc; i++) {
    if (x?.find(argv[i])) out.double(x.score);
    else out.nil();
  }
}

function zrank(c: Client): void {
  rank(c, false, 'zrank');
}

function zrevrank(c: Client): void {
  rank(c, true, 'zrevrank');
}

function rank(c: Client, reverse: boolean, name: string): void {
  const { argv, argc, out } = c;
  if (argc > 4) throw wrongArity(name);
  const withScore = argc === 4;
  if (withScore && !argv[3].is('withscore')) throw SYNTAX;
  const x = c.db.sortedSet(argv[1]);
  const found = x === undefined ? -1 : x.rank(argv[2]);
  if (x === undefined || found < 0) return withScore ? out.nilArray() : out.nil();
  if (withScore) out.array(2);
  out.int(reverse ? x.size - 1 - found : found);
  if (withScore) out.double(x.score);
}

function zrem(c: Client): void {
  const { argv, argc } = c;
  const x = c.db.sortedSetForWrite(argv[1]);
  if (x === undefined) return c.out.int(0);
  let gone = 0;
  for (let i = 2; i < argc; i++) if (x.remove(argv[i])) gone++;
  if (gone > 0) removed(c, argv[1], x.size, 'zrem', gone);
  c.out.int(gone);
}

function zscore(c: Client): void {
  const x = c.db.sortedSet(c.argv[1]);
  if (x?.find(c.argv[2])) c.out.double(x.score);
  else c.out.nil();
}
