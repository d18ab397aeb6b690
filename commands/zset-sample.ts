/** Members at random, and the walk by cursor: ZRANDMEMBER, ZSCAN. */
import { preciseText } from '../protocol/double.js';
import type { SortedSet } from '../storage/zset.js';
import { negatableArg } from './args.js';
import type { Client } from './client.js';
import { checkDrawn, checkDraws } from './draws.js';
import { OUT_OF_RANGE, SYNTAX } from './error.js';
import { emptyScan, PLAIN, scanCursor, scanOptions } from './scan.js';
import { FLAT, MEMBERS, PAIRS, replyRanks, withScores } from './zset-reply.js';

/** LONG_MAX as a double is one more; counts that large only matter by being large. */
const LONG_MAX = 2 ** 63;
/** A sample of at least one in this many is drawn in one walk over all members. */
const DENSE = 3;

export function zrandmember(c: Client): void {
  const { argv, argc, db, out } = c;
  if (argc === 2) {
    const x = db.sortedSet(argv[1]);
    if (x === undefined) return out.nil();
    x.pick(db.space.random);
    return out.bulk(x.member);
  }
  const count = negatableArg(argv[2]);
  if (argc > 4 || (argc === 4 && !argv[3].is('withscores'))) throw SYNTAX;
  if (argc === 4 && Math.abs(count) > LONG_MAX / 2) throw OUT_OF_RANGE;
  const shape = argc === 4 ? withScores(c) : MEMBERS;
  const x = db.sortedSet(argv[1]);
  if (x === undefined || count === 0) return out.array(0);
  if (count < 0) drawAgain(c, x, -count, shape);
  else if (count >= x.size) replyRanks(c, x, 0, x.size, false, shape);
  else drawOnce(c, x, count, shape);
}

function replyMember(c: Client, x: SortedSet, shape: number): void {
  if (shape === PAIRS) c.out.array(2);
  c.out.bulk(x.member);
  if (shape !== MEMBERS) c.out.double(x.score);
}

/** `count` members, each drawn from all. */
function drawAgain(c: Client, x: SortedSet, count: number, shape: number): void {
  checkDraws(count);
  c.out.array(shape === FLAT ? count * 2 : count);
  for (let i = 0; i < count; i++) {
    x.pick(c.db.space.random);
    replyMember(c, x, shape);
    checkDrawn(c);
  }
}

/** `count` different members, fewer than there are. */
function drawOnce(c: Client, x: SortedSet, count: number, shape: number): void {
  const { random } = c.db.space;
  const { size } = x;
  c.out.array(shape === FLAT ? count * 2 : count);
  if (count * DENSE > size) {
    // Selection sampling (Knuth 3.4.2 S): each member with the probability that is still needed.
    x.begin();
    for (let rank = 0, left = count; left > 0 && x.next(); rank++) {
      if (random() * (size - rank) >= left) continue;
      left--;
      replyMember(c, x, shape);
    }
    return;
  }
  // Floyd's sample (Bentley 1987): `count` draws, none in vain.
  const drawn = new Set<number>();
  for (let last = size - count; last < size; last++) {
    let rank = Math.floor(random() * (last + 1));
    if (drawn.has(rank)) rank = last;
    drawn.add(rank);
    x.from(rank, false);
    x.next();
    replyMember(c, x, shape);
  }
}

export function zscan(c: Client): void {
  const { argv, db, out } = c;
  const cursor = scanCursor(argv[2]);
  const x = db.sortedSet(argv[1]);
  if (x === undefined) return emptyScan(c);
  const options = scanOptions(c, 3, PLAIN);
  const next = x.scan(cursor, options.count);
  out.array(2);
  out.bulkInt(next);
  const mark = out.defer();
  let n = 0;
  while (x.next()) {
    if (!options.wants(x.member)) continue;
    n += 2;
    out.bulk(x.member);
    // Scores are bulk strings here in RESP3, too; and those of a big set have all 17 digits, as in Redis 7.2.
    if (x.isPacked) out.bulkDouble(x.score);
    else out.bulkText(preciseText(x.score));
  }
  out.endArray(mark, n);
}
