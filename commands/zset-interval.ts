/**
 * Interval: which part of a sorted set a command means, by rank, by score or by member. Read from its arguments before the key
 * is looked at, then resolved against the set to ascending ranks [first, end). Backward commands walk the same ranks from
 * their end.
 *
 * One scratch object serves all commands: it never outlives one. Read next: zset-range.ts.
 */
import { parseBound } from '../protocol/double.js';
import { Bytes } from '../storage/memory/bytes.js';
import type { SortedSet } from '../storage/zset.js';
import { intArg } from './args.js';
import { BOUND_NOT_FLOAT, BOUND_NOT_LEX } from './error.js';

export const BY_RANK = 0;
export const BY_SCORE = 1;
export const BY_LEX = 2;

// Kinds of a lexical bound.
const LOWEST = 0;
const HIGHEST = 1;
const MEMBER = 2;

export class Interval {
  by = BY_RANK;
  /** The ranks that `resolve` found. */
  first = 0;
  end = 0;
  // Bounds: ranks as given, or scores; lexical ones in `low` and `high`.
  private min = 0;
  private max = 0;
  private minIn = true;
  private maxIn = true;
  private lowKind = LOWEST;
  private highKind = HIGHEST;
  private readonly low = new Bytes();
  private readonly high = new Bytes();

  /** Reads two bounds. @throws what Redis says of a malformed one */
  read(by: number, min: Bytes, max: Bytes): void {
    this.by = by;
    if (by === BY_RANK) {
      this.min = intArg(min);
      this.max = intArg(max);
    } else if (by === BY_SCORE) {
      this.minIn = !isExclusive(min);
      this.min = score(min, this.minIn);
      this.maxIn = !isExclusive(max);
      this.max = score(max, this.maxIn);
    } else {
      this.lowKind = lexKind(min);
      this.minIn = !isExclusive(min);
      this.low.set(min.buf, min.start + 1, min.end);
      this.highKind = lexKind(max);
      this.maxIn = !isExclusive(max);
      this.high.set(max.buf, max.start + 1, max.end);
    }
  }

  /**
   * Finds `first` and `end` in `x`.
   * @param backward by rank: whether ranks are counted from the highest score; by member: see SortedSet.lexRange
   */
  resolve(x: SortedSet, backward: boolean): void {
    if (this.by === BY_RANK) this.resolveRanks(x.size, backward);
    else if (this.by === BY_SCORE) {
      this.first = x.rankOfScore(this.min, !this.minIn);
      this.end = x.rankOfScore(this.max, this.maxIn);
    } else if (this.lowKind === HIGHEST || this.highKind === LOWEST) this.end = 0;
    else {
      const low = this.lowKind === LOWEST ? undefined : this.low;
      const high = this.highKind === HIGHEST ? undefined : this.high;
      x.lexRange(low, this.minIn, high, this.maxIn, backward);
      this.first = x.first;
      this.end = x.end;
    }
    if (this.end < this.first) this.end = this.first;
  }

  private resolveRanks(size: number, backward: boolean): void {
    const from = Math.max(0, this.min < 0 ? this.min + size : this.min);
    const to = Math.min(size, (this.max < 0 ? this.max + size : this.max) + 1);
    this.first = backward ? size - to : from;
    this.end = from >= to ? this.first : backward ? size - from : to;
  }

  /** LIMIT: leaves out the first `offset` of the walk, all when it is negative, and keeps `count`, all when that is negative. */
  limit(offset: number, count: number, backward: boolean): void {
    const size = this.end - this.first;
    const skip = offset < 0 || offset > size ? size : offset;
    const keep = count < 0 || count > size - skip ? size - skip : count;
    this.first = backward ? this.end - skip - keep : this.first + skip;
    this.end = this.first + keep;
  }
}

/** The scratch. */
export const interval = new Interval();

function isExclusive(bound: Bytes): boolean {
  return bound.end > bound.start && bound.buf[bound.start] === 40;
}

function score(bound: Bytes, inclusive: boolean): number {
  const value = parseBound(bound.buf, inclusive ? bound.start : bound.start + 1, bound.end);
  if (Number.isNaN(value)) throw BOUND_NOT_FLOAT;
  return value;
}

function lexKind({ buf, start, end }: Bytes): number {
  const c = start < end ? buf[start] : 0;
  if (c === 40 || c === 91) return MEMBER;
  // As in Redis, a NUL byte ends the word.
  if ((c === 43 || c === 45) && (end === start + 1 || buf[start + 1] === 0)) return c === 43 ? HIGHEST : LOWEST;
  throw BOUND_NOT_LEX;
}
