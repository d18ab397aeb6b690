/**
 * QuicklistNode: one node of a large list. Its elements are a listpack that floats in an arena block which may be larger than
 * it, so that both ends can grow and shrink without moving what lies between; an element too big to be packed is alone in a
 * plain node, in a buffer of its own.
 *
 *   block   [ free ][ header : 6, unwritten | element | element | ... | end mark ][ free ]
 *                   ^ at                    <-  size bytes in all  ->                     ^ capacity
 *   plain   [ the value's bytes ]                                            (no block: ref is 0, size is its length)
 *
 * The header is written only when the listpack leaves the quicklist (`writeHeader`): count and size stand here. Positions are
 * those of listpack.ts, relative to `at`; they survive a shift of either side, because `at` moves with the first element.
 * Must never look at its neighbours: quicklist.ts does. Read next: quicklist.ts.
 */
import { type Arena, blockBytes, GRANULE_MASK, SEGMENT_BITS } from './memory/arena.js';
import type { Bytes } from './memory/bytes.js';
import { LP_EMPTY, LP_HEADER, lpEncodedBytes, lpPrev, lpPut, lpSetHeader } from './memory/listpack.js';

/** Estimated bytes of the JavaScript object. */
export const NODE_BYTES = 96;
/** A node at an end starts with a block of this size and doubles it, bytes. */
export const FIRST_BLOCK = 512;
/** The largest block that an end node is given in advance, bytes. */
const END_BLOCK = 64 * 1024;
const END_MARK = 0xff;

export class QuicklistNode {
  prev: QuicklistNode | undefined = undefined;
  next: QuicklistNode | undefined = undefined;
  count = 0;
  /** Bytes of the listpack with header and end mark; of a plain node the length of its value. */
  size = LP_EMPTY;
  /** Arena block, 0 for a plain node. */
  ref = 0;
  /** Bytes of the block. */
  capacity = 0;
  /** Where in the block the listpack begins. */
  at = 0;
  plain: Uint8Array | undefined = undefined;
  /** Its index in the chain that a snapshot remembers (capture-list.ts) while it needs the elements as they are; else -1. */
  turn = -1;
}

/** An empty packed node that will grow at its front or at its back, with room for a listpack of `size` bytes at first. */
export function newNode(arena: Arena, size: number, front: boolean): QuicklistNode {
  const node = new QuicklistNode();
  node.capacity = blockBytes(size);
  node.ref = arena.alloc(node.capacity);
  node.at = front ? node.capacity - LP_EMPTY : 0;
  arena.outside += NODE_BYTES;
  arena.u8[node.ref >>> SEGMENT_BITS][nodeBase(node) + LP_HEADER] = END_MARK;
  return node;
}

/** A node around the listpack in block `ref`, which it takes over. */
export function nodeOfBlock(arena: Arena, ref: number, size: number, count: number): QuicklistNode {
  const node = new QuicklistNode();
  node.ref = ref;
  node.capacity = blockBytes(size);
  node.size = size;
  node.count = count;
  arena.outside += NODE_BYTES;
  return node;
}

/** A plain node that holds a copy of `value`, or its buffer when that is free to be adopted. */
export function newPlainNode(arena: Arena, value: Bytes): QuicklistNode {
  const node = new QuicklistNode();
  node.plain = value.owned ? value.buf : value.buf.slice(value.start, value.end);
  value.owned = false;
  node.size = node.plain.length;
  node.count = 1;
  arena.outside += NODE_BYTES + node.size;
  return node;
}

/** Frees what the node holds. */
export function freeNode(arena: Arena, node: QuicklistNode): void {
  if (node.plain === undefined) arena.release(node.ref, node.capacity);
  else arena.outside -= node.size;
  arena.outside -= NODE_BYTES;
}

/** All bytes of the node, in the arena and outside. */
export function nodeBytes(node: QuicklistNode): number {
  return NODE_BYTES + (node.plain === undefined ? node.capacity : node.size);
}

/** Byte offset in the segment from which the node's positions count. */
export function nodeBase(node: QuicklistNode): number {
  return ((node.ref & GRANULE_MASK) << 4) + node.at;
}

/** The bytes that the node's positions refer to. */
export function nodeMemory(arena: Arena, node: QuicklistNode): Uint8Array {
  return node.plain === undefined ? arena.u8[node.ref >>> SEGMENT_BITS] : node.plain;
}

/** Writes the listpack's header, so that `size` bytes from `nodeBase` are a listpack as Redis knows it. */
export function writeHeader(arena: Arena, node: QuicklistNode): void {
  lpSetHeader(arena.u8[node.ref >>> SEGMENT_BITS], nodeBase(node), node.size, node.count);
}

/** Position of the last element of a packed node that is not empty. */
export function lastPosition(arena: Arena, node: QuicklistNode): number {
  return lpPrev(arena.u8[node.ref >>> SEGMENT_BITS], nodeBase(node), node.size - 1);
}

/** Inserts `value` before position `p`. O(bytes on the nearer side), amortised. `value` may not lie in this node. */
export function insertElement(arena: Arena, node: QuicklistNode, p: number, value: Bytes): void {
  const n = lpEncodedBytes(value);
  openGap(arena, node, p, n);
  lpPut(arena.u8[node.ref >>> SEGMENT_BITS], nodeBase(node) + p, value);
  node.count++;
}

/** Replaces the element of `old` bytes at `p`. */
export function replaceElement(arena: Arena, node: QuicklistNode, p: number, old: number, value: Bytes): void {
  const n = lpEncodedBytes(value);
  if (n > old) openGap(arena, node, p, n - old);
  else if (n < old) closeGap(arena, node, p, old - n);
  lpPut(arena.u8[node.ref >>> SEGMENT_BITS], nodeBase(node) + p, value);
}

/** Cuts out `n` bytes at `p`, which are `count` elements. O(bytes on the nearer side). */
export function cutElements(arena: Arena, node: QuicklistNode, p: number, n: number, count: number): void {
  closeGap(arena, node, p, n);
  node.count -= count;
}

function closeGap(arena: Arena, node: QuicklistNode, p: number, n: number): void {
  const u8 = arena.u8[node.ref >>> SEGMENT_BITS];
  const base = nodeBase(node);
  const before = p - LP_HEADER;
  const behind = node.size - p - n;
  if (before < behind) {
    if (before > 0) u8.copyWithin(base + LP_HEADER + n, base + LP_HEADER, base + p);
    node.at += n;
  } else if (behind === 1) u8[base + p] = END_MARK;
  else u8.copyWithin(base + p, base + p + n, base + node.size);
  node.size -= n;
}

/** Makes `n` bytes of room before position `p` by moving the shorter of the two parts. */
function openGap(arena: Arena, node: QuicklistNode, p: number, n: number): void {
  const before = p - LP_HEADER;
  const behind = node.size - p;
  // In an empty node the side with more room decides, which is how `newNode` says at which end it will grow.
  const front = node.count === 0 ? node.at > 0 : before < behind;
  if ((front ? node.at : node.capacity - node.at - node.size) < n)
    makeRoom(arena, node, n, front, before === 0 || behind === 1);
  const u8 = arena.u8[node.ref >>> SEGMENT_BITS];
  const base = nodeBase(node);
  if (front) {
    if (before > 0) u8.copyWithin(base + LP_HEADER - n, base + LP_HEADER, base + p);
    node.at -= n;
  } else if (behind === 1) u8[base + p + n] = END_MARK;
  else u8.copyWithin(base + p + n, base + p, base + node.size);
  node.size += n;
}

/** One side has less than `n` bytes free: moves the listpack within its block, or to a larger one. */
function makeRoom(arena: Arena, node: QuicklistNode, n: number, front: boolean, atEnd: boolean): void {
  const need = node.size + n;
  if (need <= node.capacity) return slide(arena, node, n, front);
  // Where an element is put first or last more will follow, so the block doubles; in the middle it gets what it needs.
  const capacity = blockBytes(atEnd && need <= END_BLOCK ? powerOfTwo(need) : need);
  moveTo(arena, node, capacity, front ? capacity - node.size : 0);
}

function powerOfTwo(n: number): number {
  return n <= FIRST_BLOCK ? FIRST_BLOCK : 1 << (32 - Math.clz32(n - 1));
}

/**
 * Shares the free bytes out between both sides, with `n` more for the side that needs them: each slide halves what is free, so
 * their number is logarithmic until the block is full.
 */
function slide(arena: Arena, node: QuicklistNode, n: number, front: boolean): void {
  const share = (node.capacity - node.size - n) >> 1;
  const at = front ? n + share : share;
  const base = nodeBase(node);
  const to = base - node.at + at;
  arena.u8[node.ref >>> SEGMENT_BITS].copyWithin(to + LP_HEADER, base + LP_HEADER, base + node.size);
  node.at = at;
}

/** Moves the listpack to byte `at` of another block of `capacity` bytes. */
function moveTo(arena: Arena, node: QuicklistNode, capacity: number, at: number): void {
  const ref = arena.alloc(capacity);
  const from = arena.u8[node.ref >>> SEGMENT_BITS];
  const base = nodeBase(node);
  const to = ((ref & GRANULE_MASK) << 4) + at;
  arena.u8[ref >>> SEGMENT_BITS].set(from.subarray(base + LP_HEADER, base + node.size), to + LP_HEADER);
  arena.release(node.ref, node.capacity);
  node.ref = ref;
  node.capacity = blockBytes(capacity);
  node.at = at;
}

/** Gives back what a node that is no end any more will hardly need: its block becomes as small as its listpack allows. */
export function trimNode(arena: Arena, node: QuicklistNode): void {
  if (node.plain === undefined && blockBytes(node.size) < node.capacity) moveTo(arena, node, node.size, 0);
}

/** Halves the block of an end node that is mostly empty. Amortised O(1) for pops. */
export function shrinkNode(arena: Arena, node: QuicklistNode): void {
  if (node.plain !== undefined || node.capacity <= FIRST_BLOCK * 2 || node.size * 4 > node.capacity) return;
  moveTo(arena, node, powerOfTwo(node.size * 2), node.size >> 1);
}

/** Makes the block one that a packed value owns: exactly the listpack's, from its first byte on, header written. */
export function packNode(arena: Arena, node: QuicklistNode): number {
  if (node.at !== 0 || blockBytes(node.size) !== node.capacity) moveTo(arena, node, node.size, 0);
  writeHeader(arena, node);
  return node.ref;
}

/** Appends the elements of `from` to `to`; `from` keeps its own. O(bytes). */
export function appendNode(arena: Arena, to: QuicklistNode, from: QuicklistNode): void {
  const n = from.size - LP_EMPTY;
  const p = to.size - 1;
  if (to.capacity - to.at - to.size < n) moveTo(arena, to, Math.max(to.size + n, 1), 0);
  const base = nodeBase(from);
  const u8 = arena.u8[to.ref >>> SEGMENT_BITS];
  u8.set(arena.u8[from.ref >>> SEGMENT_BITS].subarray(base + LP_HEADER, base + from.size), nodeBase(to) + p);
  to.size += n;
  to.count += from.count;
}

/** A copy of the node in arena `other`. */
export function copyNode(arena: Arena, node: QuicklistNode, other: Arena): QuicklistNode {
  const copy = new QuicklistNode();
  copy.size = node.size;
  copy.count = node.count;
  other.outside += NODE_BYTES;
  if (node.plain !== undefined) {
    copy.plain = node.plain.slice();
    other.outside += node.size;
    return copy;
  }
  copy.ref = other.alloc(node.size);
  copy.capacity = blockBytes(node.size);
  const base = nodeBase(node);
  const from = arena.u8[node.ref >>> SEGMENT_BITS].subarray(base + LP_HEADER, base + node.size);
  other.u8[copy.ref >>> SEGMENT_BITS].set(from, nodeBase(copy) + LP_HEADER);
  return copy;
}

/**
 * Splits a packed node before position `p`, behind its first `first` elements.
 * @returns a new node with the elements from `p` on, in no chain yet. O(bytes)
 */
export function splitNode(arena: Arena, node: QuicklistNode, p: number, first: number): QuicklistNode {
  const n = node.size - 1 - p;
  const rest = newNode(arena, LP_EMPTY + n, false);
  const from = arena.u8[node.ref >>> SEGMENT_BITS];
  const base = nodeBase(node);
  arena.u8[rest.ref >>> SEGMENT_BITS].set(from.subarray(base + p, base + p + n + 1), nodeBase(rest) + LP_HEADER);
  rest.size += n;
  rest.count = node.count - first;
  from[base + p] = END_MARK;
  node.size -= n;
  node.count = first;
  return rest;
}
