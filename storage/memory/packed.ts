/**
 * Packed: a listpack that owns its arena block. Every function that writes returns the block's reference, which may be new;
 * the caller stores it. Blocks are asked for with exactly the listpack's length, and the arena's size classes leave the slack.
 *
 * Positions are those of listpack.ts. A value may lie anywhere but in the very block that is written to.
 */
import { type Arena, GRANULE_MASK, SEGMENT_BITS } from './arena.js';
import type { Bytes } from './bytes.js';
import { LP_EMPTY, lpBytes, lpEncodedBytes, lpInit, lpLength, lpNext, lpPut, lpSetHeader } from './listpack.js';

/** A packed block never grows beyond this (bytes), whatever the configured limits say: the engine converts before. */
export const PACKED_MAX = 1 << 20;

/** A new empty listpack. */
export function packedNew(arena: Arena): number {
  const ref = arena.alloc(LP_EMPTY);
  lpInit(arena.u8[ref >>> SEGMENT_BITS], (ref & GRANULE_MASK) << 4);
  return ref;
}

/** A copy of the block `ref` of arena `from` in arena `to`. O(bytes). */
export function packedCopy(from: Arena, ref: number, to: Arena): number {
  const u8 = from.u8[ref >>> SEGMENT_BITS];
  const at = (ref & GRANULE_MASK) << 4;
  const n = lpBytes(u8, at);
  const copy = to.alloc(n);
  to.u8[copy >>> SEGMENT_BITS].set(u8.subarray(at, at + n), (copy & GRANULE_MASK) << 4);
  return copy;
}

export function packedBytes(arena: Arena, ref: number): number {
  return lpBytes(arena.u8[ref >>> SEGMENT_BITS], (ref & GRANULE_MASK) << 4);
}

export function packedLength(arena: Arena, ref: number): number {
  return lpLength(arena.u8[ref >>> SEGMENT_BITS], (ref & GRANULE_MASK) << 4);
}

export function packedFree(arena: Arena, ref: number): void {
  arena.release(ref, packedBytes(arena, ref));
}

/** Inserts `value` before position `p` (the end mark's position appends). O(bytes behind it). */
export function packedInsert(arena: Arena, ref: number, p: number, value: Bytes): number {
  return splice(arena, ref, p, 0, 0, value);
}

/** Puts `value` behind the last element. */
export function packedAppend(arena: Arena, ref: number, value: Bytes): number {
  return splice(arena, ref, packedBytes(arena, ref) - 1, 0, 0, value);
}

/** Replaces the element at `p` by `value`. O(bytes behind it). */
export function packedReplace(arena: Arena, ref: number, p: number, value: Bytes): number {
  const at = (ref & GRANULE_MASK) << 4;
  const u8 = arena.u8[ref >>> SEGMENT_BITS];
  return splice(arena, ref, p, lpNext(u8, at, p) - p, 1, value);
}

/** Removes `count` elements from `p` on (all of them must exist). O(bytes). */
export function packedDelete(arena: Arena, ref: number, p: number, count: number): number {
  const at = (ref & GRANULE_MASK) << 4;
  const u8 = arena.u8[ref >>> SEGMENT_BITS];
  let q = p;
  for (let i = 0; i < count; i++) q = lpNext(u8, at, q);
  return splice(arena, ref, p, q - p, count, undefined);
}

/** Removes the elements whose `count` (at least 1) positions stand, ascending, in `gone`. O(bytes). */
export function packedDeleteAll(arena: Arena, ref: number, gone: Int32Array, count: number): number {
  const u8 = arena.u8[ref >>> SEGMENT_BITS];
  const at = (ref & GRANULE_MASK) << 4;
  const old = lpBytes(u8, at);
  const left = lpLength(u8, at) - count;
  let size = gone[0];
  for (let i = 0; i < count; i++) {
    const from = lpNext(u8, at, gone[i]);
    const to = i + 1 < count ? gone[i + 1] : old;
    u8.copyWithin(at + size, at + from, at + to);
    size += to - from;
  }
  lpSetHeader(u8, at, size, left);
  return arena.resize(ref, old, size, size);
}

/** Cuts `cut` bytes (`gone` elements) at `p` and puts `value`, if any, in their place. */
function splice(arena: Arena, ref: number, p: number, cut: number, gone: number, value: Bytes | undefined): number {
  if (value === undefined) return packedGap(arena, ref, p, cut, 0, -gone);
  ref = packedGap(arena, ref, p, cut, lpEncodedBytes(value), 1 - gone);
  lpPut(arena.u8[ref >>> SEGMENT_BITS], ((ref & GRANULE_MASK) << 4) + p, value);
  return ref;
}

/**
 * Cuts `cut` bytes at `p` and leaves a gap of `add` bytes there, which the caller must fill with whole elements at once.
 * @param more by how much the number of elements changes
 */
export function packedGap(arena: Arena, ref: number, p: number, cut: number, add: number, more: number): number {
  let u8 = arena.u8[ref >>> SEGMENT_BITS];
  let at = (ref & GRANULE_MASK) << 4;
  const old = lpBytes(u8, at);
  const count = lpLength(u8, at) + more;
  const size = old - cut + add;
  if (add > cut) {
    ref = arena.resize(ref, old, size, old);
    u8 = arena.u8[ref >>> SEGMENT_BITS];
    at = (ref & GRANULE_MASK) << 4;
  }
  if (add !== cut) {
    if (p + cut === old - 1) u8[at + size - 1] = 0xff;
    else u8.copyWithin(at + p + add, at + p + cut, at + old);
  }
  lpSetHeader(u8, at, size, count);
  return add < cut ? arena.resize(ref, old, size, size) : ref;
}
