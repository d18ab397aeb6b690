/**
 * OrderedTree: the members of a big sorted set in order of score, then of their bytes (memcmp). Finds by member, by rank, by score
 * and by lexical bound, all in O(log n); a rank is the sum of the counts to the left of the path.
 *
 *   ref  -->  arena block [ length of the member ][ score, 8 bytes ][ member ]        owned by zset-table.ts
 *
 * Searches leave their place in `path` and `slots`; what acts on the place must follow at once. Allocates nothing but nodes.
 * A walk needs neither: it follows the leaves' links (`leaf`, `slot`). Source: B+trees with subtree counts (Knuth 6.2.4).
 */
import { type Arena, GRANULE_MASK, SEGMENT_BITS } from './memory/arena.js';
import type { Bytes } from './memory/bytes.js';
import { CHILDREN, COUNTS, NEXT, NODE_MAX, PREV, REFS, SCORES, TreeShape } from './ordered-tree-shape.js';

/** Bytes from a member block's start to the member. */
export const MEMBER_OFFSET = 12;

/** memcmp of the member in block `ref` with `member`, the shorter first among equals: negative, 0 or positive. */
function compareMember(arena: Arena, ref: number, member: Bytes): number {
  const at = (ref & GRANULE_MASK) << 4;
  const u8 = arena.u8[ref >>> SEGMENT_BITS];
  const n = arena.i32[ref >>> SEGMENT_BITS][at >> 2];
  const { buf, start } = member;
  const m = member.end - start;
  const both = n < m ? n : m;
  for (let i = 0, p = at + MEMBER_OFFSET; i < both; i++) {
    const d = u8[p + i] - buf[start + i];
    if (d !== 0) return d;
  }
  return n - m;
}

export class OrderedTree extends TreeShape {
  /** Refs that `cut` took out. */
  readonly cutRefs = new Int32Array(NODE_MAX);

  // ---- finding a place ----------------------------------------------------------------------------------------------------------

  /** Leads the path to the first element that is not before (`score`, `member`), or behind the last of its leaf. O(log n). */
  private seekMember(score: number, member: Bytes): void {
    const { arena, path, slots, height } = this;
    let node = this.root;
    for (let level = 0; ; level++) {
      const m = arena.i32[node >>> SEGMENT_BITS];
      const f = arena.f64[node >>> SEGMENT_BITS];
      const w = (node & GRANULE_MASK) << 2;
      const s = (w >> 1) + SCORES;
      const inner = level < height;
      // Inner: behind the last child that does not begin behind the element. Leaf: before the first that is not before it.
      let low = inner ? 1 : 0;
      let high = m[w];
      while (low < high) {
        const mid = (low + high) >> 1;
        const x = f[s + mid];
        let before = x < score;
        if (x === score) {
          const d = compareMember(arena, m[w + REFS + mid], member);
          before = inner ? d <= 0 : d < 0;
        }
        if (before) low = mid + 1;
        else high = mid;
      }
      path[level] = node;
      if (!inner) {
        slots[level] = low;
        return;
      }
      slots[level] = low - 1;
      node = m[w + CHILDREN + low - 1];
    }
  }

  /** Leads the path to the element of rank `rank` (0 to size - 1). O(log n). */
  seekRank(rank: number): void {
    const { arena, path, slots, height } = this;
    let node = this.root;
    for (let level = 0; level < height; level++) {
      const m = arena.i32[node >>> SEGMENT_BITS];
      const w = (node & GRANULE_MASK) << 2;
      let c = w + COUNTS;
      while (rank >= m[c]) rank -= m[c++];
      path[level] = node;
      slots[level] = c - w - COUNTS;
      node = m[c - COUNTS + CHILDREN];
    }
    path[height] = node;
    slots[height] = rank;
  }

  /** The rank of the path's place. */
  private rankHere(): number {
    let rank = this.slots[this.height];
    for (let level = 0; level < this.height; level++) {
      const node = this.path[level];
      const m = this.arena.i32[node >>> SEGMENT_BITS];
      const c = ((node & GRANULE_MASK) << 2) + COUNTS;
      for (let i = c + this.slots[level] - 1; i >= c; i--) rank += m[i];
    }
    return rank;
  }

  /** Where the path ends: the leaf, and the index in it. For walking from there. */
  get leaf(): number {
    return this.path[this.height];
  }

  get slot(): number {
    return this.slots[this.height];
  }

  next(leaf: number): number {
    return this.arena.i32[leaf >>> SEGMENT_BITS][((leaf & GRANULE_MASK) << 2) + NEXT];
  }

  previous(leaf: number): number {
    return this.arena.i32[leaf >>> SEGMENT_BITS][((leaf & GRANULE_MASK) << 2) + PREV];
  }

  scoreAt(leaf: number, slot: number): number {
    return this.arena.f64[leaf >>> SEGMENT_BITS][((leaf & GRANULE_MASK) << 1) + SCORES + slot];
  }

  refAt(leaf: number, slot: number): number {
    return this.arena.i32[leaf >>> SEGMENT_BITS][((leaf & GRANULE_MASK) << 2) + REFS + slot];
  }

  // ---- counting -----------------------------------------------------------------------------------------------------------------

  /** Number of elements before (`score`, `member`): the rank of an element that is there. O(log n). */
  rank(score: number, member: Bytes): number {
    this.seekMember(score, member);
    return this.rankHere();
  }

  /** Number of elements with a score below `score`, or up to it when `inclusive`. O(log n). */
  countScores(score: number, inclusive: boolean): number {
    const { arena, height } = this;
    let node = this.root;
    let rank = 0;
    for (let level = 0; ; level++) {
      const m = arena.i32[node >>> SEGMENT_BITS];
      const f = arena.f64[node >>> SEGMENT_BITS];
      const w = (node & GRANULE_MASK) << 2;
      const s = (w >> 1) + SCORES;
      let low = level < height ? 1 : 0;
      let high = m[w];
      while (low < high) {
        const mid = (low + high) >> 1;
        const x = f[s + mid];
        if (x < score || (inclusive && x === score)) low = mid + 1;
        else high = mid;
      }
      if (level === height) return rank + low;
      for (let i = w + COUNTS + low - 2; i >= w + COUNTS; i--) rank += m[i];
      node = m[w + CHILDREN + low - 1];
    }
  }

  /** Number of elements whose member is below `bound`, or up to it when `inclusive`, if all scores are equal. O(log n). */
  countMembers(bound: Bytes, inclusive: boolean): number {
    const { arena, height } = this;
    let node = this.root;
    let rank = 0;
    for (let level = 0; ; level++) {
      const m = arena.i32[node >>> SEGMENT_BITS];
      const w = (node & GRANULE_MASK) << 2;
      let low = level < height ? 1 : 0;
      let high = m[w];
      while (low < high) {
        const mid = (low + high) >> 1;
        const d = compareMember(arena, m[w + REFS + mid], bound);
        if (d < 0 || (inclusive && d === 0)) low = mid + 1;
        else high = mid;
      }
      if (level === height) return rank + low;
      for (let i = w + COUNTS + low - 2; i >= w + COUNTS; i--) rank += m[i];
      node = m[w + CHILDREN + low - 1];
    }
  }

  // ---- changing -----------------------------------------------------------------------------------------------------------------

  /** Adds an element that is not there. O(log n), plus a node's entries. */
  insert(score: number, member: Bytes, ref: number): void {
    this.seekMember(score, member);
    while (this.count(this.path[this.height]) === NODE_MAX) {
      this.split();
      this.seekMember(score, member);
    }
    const leaf = this.path[this.height];
    const slot = this.slots[this.height];
    this.countPath(1);
    this.openGap(leaf, false, slot);
    this.write(leaf, slot, score, ref);
    if (slot === 0) this.firstChanged(this.height);
  }

  private write(leaf: number, slot: number, score: number, ref: number): void {
    const w = (leaf & GRANULE_MASK) << 2;
    this.arena.f64[leaf >>> SEGMENT_BITS][(w >> 1) + SCORES + slot] = score;
    this.arena.i32[leaf >>> SEGMENT_BITS][w + REFS + slot] = ref;
  }

  /** Takes out an element that is there. O(log n), plus a node's entries. */
  remove(score: number, member: Bytes): void {
    this.seekMember(score, member);
    this.removeHere(1);
  }

  /** Gives the element (`from`, `member`), which is there, the score `to`: in place when no other stands between. O(log n). */
  move(from: number, to: number, member: Bytes, ref: number): void {
    this.seekMember(from, member);
    const { leaf, slot } = this;
    // Only neighbours in the same leaf are asked, and one with the very same score counts as between: the long way is right, too.
    const stays =
      to > from
        ? slot + 1 < this.count(leaf) && to < this.scoreAt(leaf, slot + 1)
        : slot > 0 && to > this.scoreAt(leaf, slot - 1);
    if (stays) {
      this.write(leaf, slot, to, ref);
      if (slot === 0) this.firstChanged(this.height);
      return;
    }
    this.removeHere(1);
    this.insert(to, member, ref);
  }

  /**
   * Takes out the element of rank `rank` and those behind it, at most `most` and only those of its leaf; their refs are in
   * `cutRefs` then.
   * @returns how many they were: at least 1. O(log n), plus a node's entries
   */
  cut(rank: number, most: number): number {
    this.seekRank(rank);
    const { leaf, slot } = this;
    const here = this.count(leaf) - slot;
    const gone = most < here ? most : here;
    for (let i = 0; i < gone; i++) this.cutRefs[i] = this.refAt(leaf, slot + i);
    this.removeHere(gone);
    return gone;
  }

  /** `cut` of the last leaf, whole: for emptying the tree from behind. */
  cutTail(): number {
    const n = this.count(this.tail);
    return n === 0 ? 0 : this.cut(this.size - n, n);
  }
}
