/**
 * The small forms of a hash: one listpack of pairs or, once a field has had a TTL, of triplets. Functions on the block, in the
 * manner of packed.ts: who writes returns the block's reference, new or old. Positions are those of fields.
 *
 *   pairs      [ field ][ value ] [ field ][ value ] ...      in the order in which the fields came
 *   triplets   [ field ][ value ][ expiry, ms ] ...           the earliest first; those that never expire, 0, last
 *
 * Knows no limits and no clock: hash.ts decides. Source of the triplets' order: Redis 7.4's listpackex.
 */
import { type Arena, GRANULE_MASK, SEGMENT_BITS } from './memory/arena.js';
import { Bytes, copyBytes } from './memory/bytes.js';
import {
  LP_HEADER,
  lpAtEnd,
  lpBytes,
  lpElementBytes,
  lpEncodedBytes,
  lpInteger,
  lpLength,
  lpNext,
  lpPut,
  lpSetHeader,
  putInteger,
} from './memory/listpack.js';
import { packedGap } from './memory/packed.js';

/** Elements a field takes in the two forms. */
export const PAIR = 2;
export const TRIPLET = 3;

const EXPIRY_TEXT = new Uint8Array(24);
const EXPIRY = new Bytes();
const MOVED = new Uint8Array(4096);

/** `at` (ms since the epoch, up to 2^53; negative: never) as the text of a triplet's third element. */
function expiryText(at: number): Bytes {
  const n = at < 0 ? 0 : at;
  return EXPIRY.set(EXPIRY_TEXT, 0, putInteger(EXPIRY_TEXT, 0, Math.floor(n / 4294967296), n | 0));
}

/** When the field at `p` of a block of triplets expires; -1 for never. */
export function tripletExpiry(u8: Uint8Array, at: number, p: number): number {
  const when = lpInteger(u8, at, lpNext(u8, at, lpNext(u8, at, p)));
  return when === 0 ? -1 : when;
}

/** When the first of a block's triplets expires; Infinity when none of them does. O(1). */
export function tripletsDue(arena: Arena, ref: number): number {
  const u8 = arena.u8[ref >>> SEGMENT_BITS];
  const at = (ref & GRANULE_MASK) << 4;
  if (lpAtEnd(u8, at, LP_HEADER)) return Number.POSITIVE_INFINITY;
  const when = tripletExpiry(u8, at, LP_HEADER);
  return when < 0 ? Number.POSITIVE_INFINITY : when;
}

/** Puts a pair behind the last. O(1) but for moving the block. */
export function pairAppend(arena: Arena, ref: number, field: Bytes, value: Bytes): number {
  const p = lpBytes(arena.u8[ref >>> SEGMENT_BITS], (ref & GRANULE_MASK) << 4) - 1;
  ref = packedGap(arena, ref, p, 0, lpEncodedBytes(field) + lpEncodedBytes(value), PAIR);
  const u8 = arena.u8[ref >>> SEGMENT_BITS];
  const q = ((ref & GRANULE_MASK) << 4) + p;
  lpPut(u8, q + lpPut(u8, q, field), value);
  return ref;
}

/** Where a triplet that expires at `when` belongs: behind those that expire no later. O(n). */
function place(u8: Uint8Array, at: number, when: number): number {
  if (when < 0) return lpBytes(u8, at) - 1;
  let p = LP_HEADER;
  while (!lpAtEnd(u8, at, p)) {
    const third = lpNext(u8, at, lpNext(u8, at, p));
    const other = lpInteger(u8, at, third);
    if (other === 0 || other > when) break;
    p = lpNext(u8, at, third);
  }
  return p;
}

/**
 * Puts a triplet in its place. O(n)
 * @param when ms since the epoch; -1 for never
 */
export function tripletInsert(arena: Arena, ref: number, field: Bytes, value: Bytes, when: number): number {
  const p = place(arena.u8[ref >>> SEGMENT_BITS], (ref & GRANULE_MASK) << 4, when);
  const expiry = expiryText(when);
  const add = lpEncodedBytes(field) + lpEncodedBytes(value) + lpEncodedBytes(expiry);
  ref = packedGap(arena, ref, p, 0, add, TRIPLET);
  const u8 = arena.u8[ref >>> SEGMENT_BITS];
  let q = ((ref & GRANULE_MASK) << 4) + p;
  q += lpPut(u8, q, field);
  q += lpPut(u8, q, value);
  lpPut(u8, q, expiry);
  return ref;
}

/** Changes when the field at `p` expires, which moves its triplet. O(bytes). */
export function tripletMove(arena: Arena, ref: number, p: number, when: number): number {
  let u8 = arena.u8[ref >>> SEGMENT_BITS];
  let at = (ref & GRANULE_MASK) << 4;
  const third = lpNext(u8, at, lpNext(u8, at, p));
  const n = third - p;
  const moved = n <= MOVED.length ? MOVED : new Uint8Array(n);
  copyBytes(moved, 0, u8, at + p, n);
  ref = packedGap(arena, ref, p, n + lpElementBytes(u8, at, third), 0, -TRIPLET);
  const to = place(arena.u8[ref >>> SEGMENT_BITS], (ref & GRANULE_MASK) << 4, when);
  const expiry = expiryText(when);
  ref = packedGap(arena, ref, to, 0, n + lpEncodedBytes(expiry), TRIPLET);
  u8 = arena.u8[ref >>> SEGMENT_BITS];
  at = (ref & GRANULE_MASK) << 4;
  copyBytes(u8, at + to, moved, 0, n);
  lpPut(u8, at + to + n, expiry);
  return ref;
}

/** Makes a block of pairs one of triplets, none of which expires; the old block is released. O(bytes). */
export function pairsToTriplets(arena: Arena, ref: number): number {
  const from = arena.u8[ref >>> SEGMENT_BITS];
  const at = (ref & GRANULE_MASK) << 4;
  const old = lpBytes(from, at);
  const fields = lpLength(from, at) >> 1;
  const never = expiryText(-1);
  const size = old + fields * lpEncodedBytes(never);
  const made = arena.alloc(size);
  const u8 = arena.u8[made >>> SEGMENT_BITS];
  const to = (made & GRANULE_MASK) << 4;
  lpSetHeader(u8, to, size, fields * TRIPLET);
  let q = to + LP_HEADER;
  for (let p = LP_HEADER; !lpAtEnd(from, at, p); ) {
    const next = lpNext(from, at, lpNext(from, at, p));
    copyBytes(u8, q, from, at + p, next - p);
    q += next - p;
    q += lpPut(u8, q, never);
    p = next;
  }
  u8[q] = 0xff;
  arena.release(ref, old);
  return made;
}
