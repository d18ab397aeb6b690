/**
 * Intset: a small set of integers in one arena block, byte for byte in the format that Redis calls intset (so that DUMP and RDB
 * files are exact). All integers have the width of the widest that was ever added.
 *
 *   [ bytes per integer : u32 ][ integers : u32 ][ integer | integer | ... ]     2, 4 or 8 bytes each, ascending, little endian
 *
 * An integer travels as two 32-bit words (`hi`, `lo`), so that all 64 bits are right without a BigInt. Every function that
 * writes returns the block's reference, which may be new; the caller stores it. Read next: set.ts.
 */
import { type Arena, GRANULE_MASK, SEGMENT_BITS } from './memory/arena.js';

const HEADER = 8;
/** An intset never holds more integers than this, whatever the configured limit says: inserting moves half of them. */
export const INTSET_MAX = 1 << 20;

/** A new empty intset. */
export function intsetNew(arena: Arena): number {
  const ref = arena.alloc(HEADER);
  const m = arena.i32[ref >>> SEGMENT_BITS];
  const w = (ref & GRANULE_MASK) << 2;
  m[w] = 2;
  m[w + 1] = 0;
  return ref;
}

export function intsetLength(arena: Arena, ref: number): number {
  return arena.i32[ref >>> SEGMENT_BITS][((ref & GRANULE_MASK) << 2) + 1];
}

/** Bytes of the whole block. */
export function intsetBytes(arena: Arena, ref: number): number {
  const m = arena.i32[ref >>> SEGMENT_BITS];
  const w = (ref & GRANULE_MASK) << 2;
  return HEADER + m[w] * m[w + 1];
}

/** A copy of the block `ref` of arena `from` in arena `to`. O(bytes). */
export function intsetCopy(from: Arena, ref: number, to: Arena): number {
  const n = intsetBytes(from, ref);
  const at = (ref & GRANULE_MASK) << 4;
  const copy = to.alloc(n);
  const bytes = from.u8[ref >>> SEGMENT_BITS].subarray(at, at + n);
  to.u8[copy >>> SEGMENT_BITS].set(bytes, (copy & GRANULE_MASK) << 4);
  return copy;
}

/** The low 32 bits of the integer with index `i`, which must exist. */
export function intsetLow(arena: Arena, ref: number, i: number): number {
  const m = arena.i32[ref >>> SEGMENT_BITS];
  const w = (ref & GRANULE_MASK) << 2;
  return m[w] === 2 ? half(m, w + 2, i) : m[w + 2 + (m[w] === 4 ? i : 2 * i)];
}

/** The high 32 bits of the integer with index `i`, which must exist. */
export function intsetHigh(arena: Arena, ref: number, i: number): number {
  const m = arena.i32[ref >>> SEGMENT_BITS];
  const w = (ref & GRANULE_MASK) << 2;
  if (m[w] === 8) return m[w + 3 + 2 * i];
  return (m[w] === 2 ? half(m, w + 2, i) : m[w + 2 + i]) >> 31;
}

/** The `i`th 16-bit integer from word `w` on. */
function half(m: Int32Array, w: number, i: number): number {
  const word = m[w + (i >> 1)];
  return (i & 1) !== 0 ? word >> 16 : (word << 16) >> 16;
}

/** Bytes that the integer needs: 2, 4 or 8. */
function widthOf(hi: number, lo: number): number {
  if (hi !== lo >> 31) return 8;
  return lo >= -32768 && lo <= 32767 ? 2 : 4;
}

/** The integer's index, or `~i` (negative) when it is not there and `i` is where it belongs. O(log n). */
export function intsetFind(arena: Arena, ref: number, hi: number, lo: number): number {
  const m = arena.i32[ref >>> SEGMENT_BITS];
  const w = (ref & GRANULE_MASK) << 2;
  const width = m[w];
  const n = m[w + 1];
  if (widthOf(hi, lo) > width) return hi < 0 ? ~0 : ~n; // wider than all: before the first or after the last
  if (width === 8) return find64(m, w + 2, n, hi, lo);
  return width === 4 ? find32(m, w + 2, n, lo) : find16(m, w + 2, n, lo);
}

function find16(m: Int32Array, w: number, n: number, value: number): number {
  if (n > 0 && value > half(m, w, n - 1)) return ~n; // ascending insertion is common
  let from = 0;
  let to = n;
  while (from < to) {
    const middle = (from + to) >> 1;
    const v = half(m, w, middle);
    if (v === value) return middle;
    if (v < value) from = middle + 1;
    else to = middle;
  }
  return ~from;
}

function find32(m: Int32Array, w: number, n: number, value: number): number {
  if (n > 0 && value > m[w + n - 1]) return ~n;
  let from = 0;
  let to = n;
  while (from < to) {
    const middle = (from + to) >> 1;
    const v = m[w + middle];
    if (v === value) return middle;
    if (v < value) from = middle + 1;
    else to = middle;
  }
  return ~from;
}

function find64(m: Int32Array, w: number, n: number, hi: number, lo: number): number {
  const low = lo >>> 0;
  let from = 0;
  let to = n;
  while (from < to) {
    const middle = (from + to) >> 1;
    const h = m[w + 2 * middle + 1];
    const l = m[w + 2 * middle] >>> 0;
    if (h === hi && l === low) return middle;
    if (h < hi || (h === hi && l < low)) from = middle + 1;
    else to = middle;
  }
  return ~from;
}

/** Puts an integer that is not there at index `i`, where `intsetFind` said that it belongs. O(n). */
export function intsetInsert(arena: Arena, ref: number, i: number, hi: number, lo: number): number {
  const m = arena.i32[ref >>> SEGMENT_BITS];
  const w = (ref & GRANULE_MASK) << 2;
  const width = m[w];
  const n = m[w + 1];
  if (widthOf(hi, lo) > width) return widen(arena, ref, i, hi, lo);
  const old = HEADER + n * width;
  ref = arena.resize(ref, old, old + width, old);
  const at = (ref & GRANULE_MASK) << 4;
  const gap = at + HEADER + i * width;
  if (i < n) arena.u8[ref >>> SEGMENT_BITS].copyWithin(gap + width, gap, at + old);
  arena.i32[ref >>> SEGMENT_BITS][(at >> 2) + 1] = n + 1;
  put(arena, ref, i, hi, lo);
  return ref;
}

/** Writes the integer at index `i` in the block's width. */
function put(arena: Arena, ref: number, i: number, hi: number, lo: number): void {
  const m = arena.i32[ref >>> SEGMENT_BITS];
  const w = (ref & GRANULE_MASK) << 2;
  if (m[w] === 8) {
    m[w + 2 + 2 * i] = lo;
    m[w + 3 + 2 * i] = hi;
  } else if (m[w] === 4) m[w + 2 + i] = lo;
  else {
    const q = w + 2 + (i >> 1);
    m[q] = (i & 1) !== 0 ? (m[q] & 0xffff) | (lo << 16) : (m[q] & ~0xffff) | (lo & 0xffff);
  }
}

/** Inserts an integer that is wider than all others, and therefore comes first or last. */
function widen(arena: Arena, ref: number, i: number, hi: number, lo: number): number {
  const n = intsetLength(arena, ref);
  const width = widthOf(hi, lo);
  const wide = arena.alloc(HEADER + (n + 1) * width);
  const m = arena.i32[wide >>> SEGMENT_BITS];
  const w = (wide & GRANULE_MASK) << 2;
  m[w] = width;
  m[w + 1] = n + 1;
  const shift = i === 0 ? 1 : 0;
  for (let k = 0; k < n; k++) put(arena, wide, k + shift, intsetHigh(arena, ref, k), intsetLow(arena, ref, k));
  put(arena, wide, i, hi, lo);
  arena.release(ref, intsetBytes(arena, ref));
  return wide;
}

/** Removes the integer with index `i`, which must exist. O(n). */
export function intsetDelete(arena: Arena, ref: number, i: number): number {
  const width = arena.i32[ref >>> SEGMENT_BITS][(ref & GRANULE_MASK) << 2];
  const at = (ref & GRANULE_MASK) << 4;
  const old = intsetBytes(arena, ref);
  const hole = at + HEADER + i * width;
  arena.u8[ref >>> SEGMENT_BITS].copyWithin(hole, hole + width, at + old);
  arena.i32[ref >>> SEGMENT_BITS][(at >> 2) + 1]--;
  return arena.resize(ref, old, old - width, old - width);
}

/** Removes the integers whose `count` indexes stand, ascending, in `gone`. O(n). */
export function intsetDeleteAll(arena: Arena, ref: number, gone: Int32Array, count: number): number {
  const old = intsetBytes(arena, ref);
  const n = intsetLength(arena, ref);
  let to = gone[0];
  for (let i = to, k = 0; i < n; i++) {
    if (k < count && gone[k] === i) k++;
    else put(arena, ref, to++, intsetHigh(arena, ref, i), intsetLow(arena, ref, i));
  }
  arena.i32[ref >>> SEGMENT_BITS][((ref & GRANULE_MASK) << 2) + 1] = to;
  const bytes = intsetBytes(arena, ref);
  return arena.resize(ref, old, bytes, bytes);
}
