/**
 * ZsetTable: a big sorted set (OBJECT ENCODING says skiplist). Every member is one arena block; a hash table finds it by its
 * bytes and an ordered tree by score and rank.
 *
 *   Table        ref --+
 *                      +-->  [ length of the member ][ score, low and high word ][ member ]
 *   OrderedTree  ref --+
 *
 * About 62 bytes a member of 16: a block of 32, a slot of 10 to 20 in the table, an entry of 12 to 24 in the tree.
 * Union and the like collect first (`collect`), in the table alone, and order the result once. Read next: ordered-tree.ts.
 */
import type { ZsetCapture } from './capture-collection.js';
import type { Large } from './large.js';
import { type Arena, blockBytes, GRANULE_MASK, SEGMENT_BITS } from './memory/arena.js';
import { Bytes, copyBytes } from './memory/bytes.js';
import { Table } from './memory/table.js';
import { MEMBER_OFFSET, OrderedTree } from './ordered-tree.js';

/** Bytes of the JavaScript objects of one sorted set, estimated. */
const OVERHEAD = 1024;

// A double and its two words, for a block's score lies at a word's boundary only.
const DOUBLE = new Float64Array(1);
const WORDS = new Int32Array(DOUBLE.buffer);

export class ZsetTable implements Large {
  readonly arena: Arena;
  readonly table: Table;
  readonly tree: OrderedTree;
  /** No member is longer. */
  longest = 0;
  capture: ZsetCapture | undefined = undefined;
  private memberBytes = 0;
  private readonly view = new Bytes();

  constructor(arena: Arena) {
    this.arena = arena;
    this.table = new Table(arena, MEMBER_OFFSET);
    this.tree = new OrderedTree(arena);
    arena.outside += OVERHEAD;
  }

  get size(): number {
    return this.table.size;
  }

  get bytes(): number {
    return this.memberBytes + this.table.bytes + this.tree.bytes + OVERHEAD;
  }

  get pieces(): number {
    return this.tree.nodes;
  }

  free(budget: number): boolean {
    for (; this.tree.size > 0 && budget > 0; budget--) {
      const n = this.tree.cutTail();
      for (let i = 0; i < n; i++) this.release(this.tree.cutRefs[i]);
    }
    if (this.tree.size > 0) return false;
    this.tree.drop();
    this.table.drop();
    this.arena.outside -= OVERHEAD;
    return true;
  }

  // ---- members ------------------------------------------------------------------------------------------------------------------

  /** The block of `member`, or 0. Leaves the place for `insert`, `collect` and `removeFound`. Expected O(1). */
  find(member: Bytes): number {
    return this.table.find(member);
  }

  score(ref: number): number {
    const m = this.arena.i32[ref >>> SEGMENT_BITS];
    const w = ((ref & GRANULE_MASK) << 2) + 1;
    WORDS[0] = m[w];
    WORDS[1] = m[w + 1];
    return DOUBLE[0];
  }

  /** Sets the score in the block alone: for members that are collected. */
  setScore(ref: number, score: number): void {
    const m = this.arena.i32[ref >>> SEGMENT_BITS];
    const w = ((ref & GRANULE_MASK) << 2) + 1;
    DOUBLE[0] = score;
    m[w] = WORDS[0];
    m[w + 1] = WORDS[1];
  }

  /** Points `view` at the member in block `ref`. */
  member(ref: number, view: Bytes): Bytes {
    const at = (ref & GRANULE_MASK) << 4;
    const start = at + MEMBER_OFFSET;
    return view.set(this.arena.u8[ref >>> SEGMENT_BITS], start, start + this.arena.i32[ref >>> SEGMENT_BITS][at >> 2]);
  }

  /** Adds a member that `find` has just missed. O(log n). */
  insert(member: Bytes, score: number): void {
    if (this.capture !== undefined) this.capture.changing(member.hash());
    this.tree.insert(score, member, this.collect(member, score));
  }

  /** Gives a member, found in block `ref`, a score that is not equal to its own. O(log n). */
  update(ref: number, member: Bytes, score: number): void {
    if (this.capture !== undefined) this.capture.changing(member.hash());
    const old = this.score(ref);
    this.setScore(ref, score);
    this.tree.move(old, score, member, ref);
  }

  /** Removes the member that `find` has just found in block `ref`. O(log n). */
  removeFound(ref: number, member: Bytes): void {
    if (this.capture !== undefined) this.capture.changing(member.hash());
    this.table.remove();
    this.tree.remove(this.score(ref), member);
    this.release(ref);
  }

  /** Removes the elements of rank `from` up to `to`, exclusive. O(log n + removed). */
  removeRange(from: number, to: number): void {
    while (from < to) {
      const n = this.tree.cut(from, to - from);
      for (let i = 0; i < n; i++) {
        const ref = this.tree.cutRefs[i];
        const { table } = this;
        table.find(this.member(ref, this.view));
        if (this.capture !== undefined) this.capture.changing(table.page.slots[table.slot]);
        table.remove();
        this.release(ref);
      }
      to -= n;
    }
  }

  private release(ref: number): void {
    const bytes = MEMBER_OFFSET + this.arena.i32[ref >>> SEGMENT_BITS][(ref & GRANULE_MASK) << 2];
    this.memberBytes -= blockBytes(bytes);
    this.arena.release(ref, bytes);
  }

  // ---- collecting: between the first `collect` and `order` only `find`, `score` and these may be called ---------------------------

  /** Adds a member that `find` has just missed to the table alone; returns its block. Expected O(1). */
  collect(member: Bytes, score: number): number {
    const { arena } = this;
    const n = member.end - member.start;
    const ref = arena.alloc(MEMBER_OFFSET + n);
    const at = (ref & GRANULE_MASK) << 4;
    arena.i32[ref >>> SEGMENT_BITS][at >> 2] = n;
    copyBytes(arena.u8[ref >>> SEGMENT_BITS], at + MEMBER_OFFSET, member.buf, member.start, n);
    this.setScore(ref, score);
    this.table.insert(member.hash(), ref);
    this.memberBytes += blockBytes(MEMBER_OFFSET + n);
    if (n > this.longest) this.longest = n;
    return ref;
  }

  /** Takes out the collected member that `find` has just found in block `ref`. */
  uncollect(ref: number): void {
    this.table.remove();
    this.release(ref);
  }

  /** Orders what was collected. O(n log n). */
  order(): void {
    this.table.forEach((ref) => {
      this.tree.insert(this.score(ref), this.member(ref, this.view), ref);
    });
  }
}
