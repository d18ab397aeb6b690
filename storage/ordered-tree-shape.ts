/**
 * The shape of an ordered tree: its nodes, and how they split and merge. A B+tree with counts, all of it in arena blocks, so
 * that a sorted set of millions is no work for the garbage collector. What is ordered, and how, is ordered-tree.ts's.
 *
 *                     [ n | first score, first ref, child, elements below | ... ]          root, `height` levels above the leaves
 *                          /                  |                  \
 *        head <-> [ n | score, ref | ... ] <-> [ ... ] <-> ... <-> [ ... ] <-> tail        leaves, linked both ways
 *
 *   node    word 0 n | leaf: word 1 previous, word 2 next | scores, f64 | refs, i32 | inner: children, i32 | counts, i32
 *
 * An inner entry repeats the first score and ref of its child, always exactly, so leaf and inner nodes have the same first
 * columns and share all code that moves entries. Nodes split when full, and merge with a neighbour when that leaves room: not
 * at half, as in the textbook, so that a set which shrinks and grows does not thrash.
 *
 * `path[level]`, `slots[level]` lead from the root (level 0) to a place in a leaf (level `height`); every change acts on it.
 */
import { type Arena, blockBytes, GRANULE_MASK, SEGMENT_BITS } from './memory/arena.js';

/** Entries of a node. With it a leaf takes 1 KiB. */
export const NODE_MAX = 84;
// Where a node's columns begin, in words from its start; scores in doubles from half of that.
export const SCORES = 2;
export const REFS = 4 + 2 * NODE_MAX;
export const CHILDREN = REFS + NODE_MAX;
export const COUNTS = CHILDREN + NODE_MAX;
export const PREV = 1;
export const NEXT = 2;

const LEAF_BYTES = CHILDREN * 4;
const INNER_BYTES = (COUNTS + NODE_MAX) * 4;
/** A node with fewer entries looks for a neighbour to merge with ... */
const POOR = NODE_MAX >> 2;
/** ... which must leave this much room. */
const MERGED_MAX = NODE_MAX - POOR;
const MAX_HEIGHT = 24;

export class TreeShape {
  readonly arena: Arena;
  /** Levels above the leaves; 0 when the root is a leaf. */
  height = 0;
  /** Number of elements. */
  size = 0;
  /** Number of nodes. */
  nodes = 0;
  /** Bytes of the nodes. */
  bytes = 0;
  root: number;
  /** The first leaf and the last. */
  head: number;
  tail: number;
  readonly path = new Int32Array(MAX_HEIGHT);
  readonly slots = new Int32Array(MAX_HEIGHT);

  constructor(arena: Arena) {
    this.arena = arena;
    this.root = this.head = this.tail = this.take(LEAF_BYTES);
  }

  /** Gives back the root of an empty tree, which must not be used again. */
  drop(): void {
    this.give(this.root, LEAF_BYTES);
  }

  private take(bytes: number): number {
    const node = this.arena.alloc(bytes);
    const m = this.arena.i32[node >>> SEGMENT_BITS];
    const w = (node & GRANULE_MASK) << 2;
    m[w] = m[w + PREV] = m[w + NEXT] = 0;
    this.nodes++;
    this.bytes += blockBytes(bytes);
    return node;
  }

  private give(node: number, bytes: number): void {
    this.arena.release(node, bytes);
    this.nodes--;
    this.bytes -= blockBytes(bytes);
  }

  /** Entries of `node`. */
  count(node: number): number {
    return this.arena.i32[node >>> SEGMENT_BITS][(node & GRANULE_MASK) << 2];
  }

  // ---- entries ------------------------------------------------------------------------------------------------------------------

  /** Makes room for one entry at `at` of a node that is not full, and counts it. */
  protected openGap(node: number, inner: boolean, at: number): void {
    const m = this.arena.i32[node >>> SEGMENT_BITS];
    const f = this.arena.f64[node >>> SEGMENT_BITS];
    const w = (node & GRANULE_MASK) << 2;
    const s = (w >> 1) + SCORES;
    const n = m[w]++;
    for (let i = n; i > at; i--) f[s + i] = f[s + i - 1];
    for (let i = w + REFS + n; i > w + REFS + at; i--) m[i] = m[i - 1];
    if (!inner) return;
    for (let i = w + CHILDREN + n; i > w + CHILDREN + at; i--) m[i] = m[i - 1];
    for (let i = w + COUNTS + n; i > w + COUNTS + at; i--) m[i] = m[i - 1];
  }

  /** Removes `gone` entries from `at` on. */
  private closeGap(node: number, inner: boolean, at: number, gone: number): void {
    const m = this.arena.i32[node >>> SEGMENT_BITS];
    const f = this.arena.f64[node >>> SEGMENT_BITS];
    const w = (node & GRANULE_MASK) << 2;
    const s = (w >> 1) + SCORES;
    const n = (m[w] -= gone);
    if (n - at > 24) {
      f.copyWithin(s + at, s + at + gone, s + n + gone);
      m.copyWithin(w + REFS + at, w + REFS + at + gone, w + REFS + n + gone);
    } else {
      for (let i = at; i < n; i++) f[s + i] = f[s + i + gone];
      for (let i = w + REFS + at; i < w + REFS + n; i++) m[i] = m[i + gone];
    }
    if (!inner) return;
    for (let i = w + CHILDREN + at; i < w + CHILDREN + n; i++) m[i] = m[i + gone];
    for (let i = w + COUNTS + at; i < w + COUNTS + n; i++) m[i] = m[i + gone];
  }

  /** Moves the entries of `from` from index `at` on behind those of `to`. */
  private moveEntries(from: number, inner: boolean, at: number, to: number): void {
    const { i32, f64 } = this.arena;
    const m = i32[from >>> SEGMENT_BITS];
    const f = f64[from >>> SEGMENT_BITS];
    const w = (from & GRANULE_MASK) << 2;
    const n = i32[to >>> SEGMENT_BITS];
    const g = f64[to >>> SEGMENT_BITS];
    const v = (to & GRANULE_MASK) << 2;
    const moved = m[w] - at;
    const columns = inner ? 3 : 1;
    for (let i = 0; i < moved; i++) g[(v >> 1) + SCORES + n[v] + i] = f[(w >> 1) + SCORES + at + i];
    for (let column = 0, c = REFS; column < columns; column++, c += NODE_MAX)
      for (let i = 0; i < moved; i++) n[v + c + n[v] + i] = m[w + c + at + i];
    m[w] = at;
    n[v] += moved;
  }

  /** Copies the first score and ref of `node` into entry `slot` of its parent. */
  private repeatFirst(node: number, parent: number, slot: number): void {
    const w = (node & GRANULE_MASK) << 2;
    const v = (parent & GRANULE_MASK) << 2;
    const { i32, f64 } = this.arena;
    f64[parent >>> SEGMENT_BITS][(v >> 1) + SCORES + slot] = f64[node >>> SEGMENT_BITS][(w >> 1) + SCORES];
    i32[parent >>> SEGMENT_BITS][v + REFS + slot] = i32[node >>> SEGMENT_BITS][w + REFS];
  }

  /** The first entry of the node at `level` of the path has changed: tells those above for which it is the first, too. */
  protected firstChanged(level: number): void {
    for (let l = level; l > 0; l--) {
      this.repeatFirst(this.path[l], this.path[l - 1], this.slots[l - 1]);
      if (this.slots[l - 1] !== 0) return;
    }
  }

  /** Adds `change` to the counts all along the path. */
  protected countPath(change: number): void {
    for (let l = 0; l < this.height; l++) {
      const node = this.path[l];
      this.arena.i32[node >>> SEGMENT_BITS][((node & GRANULE_MASK) << 2) + COUNTS + this.slots[l]] += change;
    }
    this.size += change;
  }

  // ---- growing ------------------------------------------------------------------------------------------------------------------

  /** The leaf on the path is full: splits it, or a full node above it that has no full one above. The path is void then. */
  protected split(): void {
    let level = this.height;
    const leaf = this.path[level];
    // In ascending order the old node stays full, and in descending order the new one, instead of half.
    let at = NODE_MAX >> 1;
    if (leaf === this.tail && this.slots[level] === NODE_MAX) at = NODE_MAX - 1;
    else if (leaf === this.head && this.slots[level] === 0) at = 1;
    while (level > 0 && this.count(this.path[level - 1]) === NODE_MAX) level--;
    if (level === 0) {
      this.raise();
      level = 1;
    }
    this.splitNode(level, at);
  }

  /** Puts a root with one entry above the root. */
  private raise(): void {
    const root = this.take(INNER_BYTES);
    const m = this.arena.i32[root >>> SEGMENT_BITS];
    const w = (root & GRANULE_MASK) << 2;
    m[w] = 1;
    m[w + CHILDREN] = this.root;
    m[w + COUNTS] = this.size;
    this.repeatFirst(this.root, root, 0);
    this.path[0] = root;
    this.path[1] = this.root;
    this.slots[0] = 0;
    this.root = root;
    this.height++;
  }

  /** Moves the entries from `at` on of the node at `level` into a new node behind it. The parent has room. */
  private splitNode(level: number, at: number): void {
    const inner = level < this.height;
    const node = this.path[level];
    const parent = this.path[level - 1];
    const slot = this.slots[level - 1];
    const right = this.take(inner ? INNER_BYTES : LEAF_BYTES);
    this.moveEntries(node, inner, at, right);
    if (!inner) this.linkAfter(node, right);
    const moved = this.elements(right, inner);
    this.openGap(parent, true, slot + 1);
    const m = this.arena.i32[parent >>> SEGMENT_BITS];
    const w = (parent & GRANULE_MASK) << 2;
    m[w + CHILDREN + slot + 1] = right;
    m[w + COUNTS + slot + 1] = moved;
    m[w + COUNTS + slot] -= moved;
    this.repeatFirst(right, parent, slot + 1);
  }

  /** Number of elements below `node`. */
  private elements(node: number, inner: boolean): number {
    const m = this.arena.i32[node >>> SEGMENT_BITS];
    const w = (node & GRANULE_MASK) << 2;
    if (!inner) return m[w];
    let sum = 0;
    for (let i = 0; i < m[w]; i++) sum += m[w + COUNTS + i];
    return sum;
  }

  private setLink(leaf: number, which: number, to: number): void {
    this.arena.i32[leaf >>> SEGMENT_BITS][((leaf & GRANULE_MASK) << 2) + which] = to;
  }

  private linkAfter(leaf: number, added: number): void {
    const next = this.arena.i32[leaf >>> SEGMENT_BITS][((leaf & GRANULE_MASK) << 2) + NEXT];
    this.setLink(added, PREV, leaf);
    this.setLink(added, NEXT, next);
    this.setLink(leaf, NEXT, added);
    if (next === 0) this.tail = added;
    else this.setLink(next, PREV, added);
  }

  private unlink(leaf: number): void {
    const m = this.arena.i32[leaf >>> SEGMENT_BITS];
    const w = (leaf & GRANULE_MASK) << 2;
    if (m[w + PREV] === 0) this.head = m[w + NEXT];
    else this.setLink(m[w + PREV], NEXT, m[w + NEXT]);
    if (m[w + NEXT] === 0) this.tail = m[w + PREV];
    else this.setLink(m[w + NEXT], PREV, m[w + PREV]);
  }

  // ---- shrinking ----------------------------------------------------------------------------------------------------------------

  /** Removes `gone` entries from the place of the path on, all in its leaf. The path is void then. */
  protected removeHere(gone: number): void {
    const leaf = this.path[this.height];
    const at = this.slots[this.height];
    this.countPath(-gone);
    this.closeGap(leaf, false, at, gone);
    let first = at === 0;
    for (let level = this.height; level > 0; level--) {
      const n = this.count(this.path[level]);
      if (n === 0) {
        first = this.slots[level - 1] === 0;
        this.removeChild(level, this.slots[level - 1]);
        continue;
      }
      if (first) this.repeatFirst(this.path[level], this.path[level - 1], this.slots[level - 1]);
      first &&= this.slots[level - 1] === 0;
      const merged = n < POOR && this.merge(level, n);
      if (!merged && !first) break;
    }
    if (this.height > 0) this.lower();
  }

  /** Frees child `slot` of the node above `level`, and takes its entry out. */
  private removeChild(level: number, slot: number): void {
    const inner = level < this.height;
    const parent = this.path[level - 1];
    const child = this.arena.i32[parent >>> SEGMENT_BITS][((parent & GRANULE_MASK) << 2) + CHILDREN + slot];
    if (!inner) this.unlink(child);
    this.closeGap(parent, true, slot, 1);
    this.give(child, inner ? INNER_BYTES : LEAF_BYTES);
  }

  /** Merges the node at `level`, of `n` entries, with a neighbour under the same parent; false when neither has room. */
  private merge(level: number, n: number): boolean {
    const parent = this.path[level - 1];
    const m = this.arena.i32[parent >>> SEGMENT_BITS];
    const w = (parent & GRANULE_MASK) << 2;
    const slot = this.slots[level - 1];
    let left = slot; // index of the left one of the two
    if (slot + 1 === m[w] || n + this.count(m[w + CHILDREN + slot + 1]) > MERGED_MAX) {
      if (slot === 0 || n + this.count(m[w + CHILDREN + slot - 1]) > MERGED_MAX) return false;
      left = slot - 1;
    }
    this.moveEntries(m[w + CHILDREN + left + 1], level < this.height, 0, m[w + CHILDREN + left]);
    m[w + COUNTS + left] += m[w + COUNTS + left + 1];
    this.removeChild(level, left + 1);
    return true;
  }

  /** Takes off roots that have one child or none. */
  private lower(): void {
    while (this.height > 0 && this.count(this.root) <= 1) {
      const root = this.root;
      if (this.count(root) === 1) {
        this.root = this.arena.i32[root >>> SEGMENT_BITS][((root & GRANULE_MASK) << 2) + CHILDREN];
        this.height--;
      } else {
        this.root = this.head = this.tail = this.take(LEAF_BYTES);
        this.height = 0;
      }
      this.give(root, INNER_BYTES);
    }
  }
}
