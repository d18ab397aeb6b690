/**
 * PackedZset: a small sorted set, one listpack. A reusable view: set `block`, and take it back after a change.
 *
 *   [ member ][ score ][ member ][ score ] ...          ascending by score, then by the members' bytes
 *
 * A whole score is a listpack integer, any other its text, as in Redis (whose listpack knows no -0 therefore). Positions are
 * those of the members; 0 is none. Everything is O(n): n is at most `zset-max-listpack-entries`. Read next: zset.ts.
 */
import { type Arena, GRANULE_MASK, SEGMENT_BITS } from './memory/arena.js';
import { Bytes } from './memory/bytes.js';
import {
  LP_HEADER,
  lpAtEnd,
  lpFind,
  lpGet,
  lpInteger,
  lpIsInteger,
  lpLast,
  lpNext,
  lpPrev,
  lpSeek,
} from './memory/listpack.js';
import { packedDelete, packedInsert, packedLength } from './memory/packed.js';

/**
 * How doubles look as text. Given from outside, so that a stored score and a replied one are written by the same code, which
 * this layer may not know.
 */
export interface DoubleText {
  /** Writes at most 25 bytes at `at`; returns how many. */
  put(buf: Uint8Array, at: number, value: number): number;
  /** The value of all of `buf[start, end)`, NaN when it is none. */
  parse(buf: Uint8Array, start: number, end: number): number;
}

const TEXT_BYTES = 32;

export class PackedZset {
  block = 0;
  private readonly arena: Arena;
  private readonly text: DoubleText;
  private readonly textBytes = new Uint8Array(TEXT_BYTES);
  private readonly textView = new Bytes();
  private readonly memberBytes = new Uint8Array(TEXT_BYTES);
  private readonly memberView = new Bytes();

  constructor(arena: Arena, text: DoubleText) {
    this.arena = arena;
    this.text = text;
  }

  private get u8(): Uint8Array {
    return this.arena.u8[this.block >>> SEGMENT_BITS];
  }

  private get at(): number {
    return (this.block & GRANULE_MASK) << 4;
  }

  get size(): number {
    return packedLength(this.arena, this.block) >> 1;
  }

  // ---- places -------------------------------------------------------------------------------------------------------------------

  find(member: Bytes): number {
    return lpFind(this.u8, this.at, LP_HEADER, member, 2);
  }

  /** Position of the member of rank `rank`, 0 out of range. */
  seek(rank: number): number {
    return lpSeek(this.u8, this.at, rank * 2);
  }

  first(): number {
    return lpAtEnd(this.u8, this.at, LP_HEADER) ? 0 : LP_HEADER;
  }

  last(): number {
    const p = lpLast(this.u8, this.at);
    return p === 0 ? 0 : lpPrev(this.u8, this.at, p);
  }

  next(p: number): number {
    const { u8, at } = this;
    const q = lpNext(u8, at, lpNext(u8, at, p));
    return lpAtEnd(u8, at, q) ? 0 : q;
  }

  previous(p: number): number {
    const { u8, at } = this;
    const q = lpPrev(u8, at, p);
    return q === 0 ? 0 : lpPrev(u8, at, q);
  }

  /** The rank of the member at `p`. */
  rank(p: number): number {
    let rank = 0;
    for (let q = LP_HEADER; q !== p; q = this.next(q)) rank++;
    return rank;
  }

  /** The score of the member at `p`. */
  score(p: number): number {
    const { u8, at } = this;
    const q = lpNext(u8, at, p);
    if (lpIsInteger(u8, at, q)) return lpInteger(u8, at, q);
    const { start, end } = lpGet(u8, at, q, this.textView, this.textBytes);
    return this.text.parse(u8, start, end);
  }

  /** Points `view` at the member at `p`; it holds until the block changes or the next call. */
  member(p: number, view: Bytes): Bytes {
    return lpGet(this.u8, this.at, p, view, this.memberBytes);
  }

  private compare(p: number, member: Bytes): number {
    return this.member(p, this.memberView).compare(member);
  }

  // ---- counting -----------------------------------------------------------------------------------------------------------------

  /** Number of members with a score below `score`, or up to it when `inclusive`. */
  countScores(score: number, inclusive: boolean): number {
    let n = 0;
    for (let p = this.first(); p !== 0; p = this.next(p), n++) {
      const x = this.score(p);
      if (x > score || (x === score && !inclusive)) break;
    }
    return n;
  }

  // Lexical bounds suppose equal scores. Where scores differ, these give what Redis gives: they look at one member after the
  // other and stop at the first that is beyond.

  /** Whether the last member satisfies the lower bound and the first the upper: without that nothing is looked at. */
  meets(min: Bytes | undefined, minIn: boolean, max: Bytes | undefined, maxIn: boolean): boolean {
    if (min !== undefined) {
      const d = this.compare(this.last(), min);
      if (d < 0 || (d === 0 && !minIn)) return false;
    }
    if (max === undefined) return true;
    const d = this.compare(this.first(), max);
    return d < 0 || (d === 0 && maxIn);
  }

  /** The rank behind the run from rank `from` on of members below `bound`, or up to it when `inclusive`. */
  runUp(from: number, bound: Bytes, inclusive: boolean): number {
    for (let p = this.seek(from); p !== 0; p = this.next(p), from++) {
      const d = this.compare(p, bound);
      if (d > 0 || (d === 0 && !inclusive)) break;
    }
    return from;
  }

  /** The first rank of the run that ends before rank `to` of members above `bound`, or from it on when `inclusive`. */
  runDown(to: number, bound: Bytes, inclusive: boolean): number {
    for (let p = to === 0 ? 0 : this.seek(to - 1); p !== 0; p = this.previous(p), to--) {
      const d = this.compare(p, bound);
      if (d < 0 || (d === 0 && !inclusive)) break;
    }
    return to;
  }

  // ---- changing: `block` may be another afterwards --------------------------------------------------------------------------

  /** Adds a member that is not there. */
  insert(member: Bytes, score: number): void {
    let p = LP_HEADER;
    for (; !lpAtEnd(this.u8, this.at, p); p = lpNext(this.u8, this.at, lpNext(this.u8, this.at, p))) {
      const x = this.score(p);
      if (x > score || (x === score && this.compare(p, member) > 0)) break;
    }
    const n = this.text.put(this.textBytes, 0, score === 0 ? 0 : score);
    this.block = packedInsert(this.arena, this.block, p, member);
    const q = lpNext(this.u8, this.at, p);
    this.block = packedInsert(this.arena, this.block, q, this.textView.set(this.textBytes, 0, n));
  }

  /** Removes the member at `p` and `count - 1` behind it. */
  remove(p: number, count: number): void {
    this.block = packedDelete(this.arena, this.block, p, count * 2);
  }
}
