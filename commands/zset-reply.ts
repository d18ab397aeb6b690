/** How members and scores are replied: the one shape for all commands of sorted sets that give several. */
import type { SortedSet } from '../storage/zset.js';
import type { Client } from './client.js';

/** Members alone. */
export const MEMBERS = 0;
/** Members and scores in turns. */
export const FLAT = 1;
/** An array of two for each. */
export const PAIRS = 2;

/** What WITHSCORES means to the client: pairs in RESP3. */
export function withScores(c: Client): number {
  return c.out.resp === 3 ? PAIRS : FLAT;
}

/** Replies the members of rank `first` up to `end`, exclusive, `backward` from the last. */
export function replyRanks(
  c: Client,
  x: SortedSet,
  first: number,
  end: number,
  backward: boolean,
  shape: number,
): void {
  const { out } = c;
  const n = end - first;
  out.array(shape === FLAT ? n * 2 : n);
  x.from(backward ? end - 1 : first, backward);
  for (let i = 0; i < n && x.next(); i++) {
    if (shape === PAIRS) out.array(2);
    out.bulk(x.member);
    if (shape !== MEMBERS) out.double(x.score);
  }
}
