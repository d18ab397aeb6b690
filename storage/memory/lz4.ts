/**
 * LZ4 blocks: the block format of LZ4 (no frame, no checksum, no length: who stores a block keeps both beside it).
 *
 *   block      sequence sequence ... the last one without a match
 *   sequence   [ literals : 4 | match - 4 : 4 ] [ more literals ] literals [ offset : 16, little-endian ] [ more match ]
 *   more       each byte adds its value to a length of 15; the first that is not 255 ends it
 *
 * A match repeats `match` bytes from `offset` bytes back in what was already written, and may run into itself. The last five
 * bytes are always literals, and no match begins in the last twelve, as every other reader of the format expects.
 *
 * Deterministic: the same bytes give the same block. Never reads or writes outside of what it was given, whatever the input.
 * The package `lz4` would be faster, but it must be compiled where it is installed. Read next: ../string.ts.
 */
import { copyBytes } from './bytes.js';

const MIN_MATCH = 4;
const LAST_LITERALS = 5;
/** A match begins at least so many bytes before the end. */
const MATCH_LIMIT = 12;
const MAX_OFFSET = 65535;
const MIN_HASH_BITS = 8;
const MAX_HASH_BITS = 14;
/** After 2^this positions without a match the search steps two bytes at a time, then three, and so on. */
const SKIP_SHIFT = 6;
/** Shorter runs are copied by a loop: a call costs more. */
const SHORT = 32;

/** Where four bytes with a hash were last seen, in the present call: distance from the input's start, plus one. */
const SEEN = new Int32Array(1 << MAX_HASH_BITS);

/** Writes what a length of `n` has beyond 15, at `q`. @returns the place behind it */
function putMore(to: Uint8Array, q: number, n: number): number {
  n -= 15;
  for (; n >= 255; n -= 255) to[q++] = 255;
  to[q++] = n;
  return q;
}

/**
 * Compresses `from[start, end)` (up to 2^31 - 2 bytes) into `to`, from its first byte on.
 * @returns the length of the block, or 0 when it does not fit into `to`, whose content is then of no use. O(length)
 */
export function lz4Compress(from: Uint8Array, start: number, end: number, to: Uint8Array): number {
  const length = end - start;
  const bits = Math.max(MIN_HASH_BITS, Math.min(MAX_HASH_BITS, 30 - Math.clz32(length)));
  const shift = 32 - bits;
  const room = to.length;
  const lastMatch = end - MATCH_LIMIT;
  const matchEnd = end - LAST_LITERALS;
  SEEN.fill(0, 0, 1 << bits);
  let literals = start; // from here on nothing has been written yet
  let p = start;
  let q = 0;
  let misses = 1 << SKIP_SHIFT;
  while (p <= lastMatch) {
    const four = from[p] | (from[p + 1] << 8) | (from[p + 2] << 16) | (from[p + 3] << 24);
    const h = Math.imul(four, -1640531535) >>> shift;
    let m = SEEN[h] - 1 + start;
    SEEN[h] = p - start + 1;
    if (
      m < start ||
      p - m > MAX_OFFSET ||
      (from[m] | (from[m + 1] << 8) | (from[m + 2] << 16) | (from[m + 3] << 24)) !== four
    ) {
      p += misses++ >> SKIP_SHIFT;
      continue;
    }
    misses = 1 << SKIP_SHIFT;
    while (p > literals && m > start && from[p - 1] === from[m - 1]) {
      p--;
      m--;
    }
    let e = p + MIN_MATCH;
    for (let f = m + MIN_MATCH; e < matchEnd && from[e] === from[f]; f++) e++;
    const count = p - literals;
    const more = e - p - MIN_MATCH;
    if (q + count + Math.floor(count / 255) + Math.floor(more / 255) + 5 > room) return 0;
    const token = q++;
    to[token] = ((count < 15 ? count : 15) << 4) | (more < 15 ? more : 15);
    if (count >= 15) q = putMore(to, q, count);
    copyBytes(to, q, from, literals, count);
    q += count;
    to[q++] = (p - m) & 0xff;
    to[q++] = (p - m) >> 8;
    if (more >= 15) q = putMore(to, q, more);
    literals = p = e;
    if (p <= lastMatch) {
      const b = p - 2;
      const behind = from[b] | (from[b + 1] << 8) | (from[b + 2] << 16) | (from[b + 3] << 24);
      SEEN[Math.imul(behind, -1640531535) >>> shift] = b - start + 1;
    }
  }
  return lastSequence(from, literals, end, to, q);
}

/** Writes the literals that end a block. */
function lastSequence(from: Uint8Array, literals: number, end: number, to: Uint8Array, q: number): number {
  const count = end - literals;
  if (q + 1 + count + (count < 15 ? 0 : Math.floor((count - 15) / 255) + 1) > to.length) return 0;
  to[q++] = (count < 15 ? count : 15) << 4;
  if (count >= 15) q = putMore(to, q, count);
  copyBytes(to, q, from, literals, count);
  return q + count;
}

function corrupt(what: string): never {
  throw new RangeError(`corrupt LZ4 block: ${what}`);
}

/**
 * Writes the `size` bytes that the block `from[start, end)` stands for to `to`, from its first byte on; `to` is no part of `from`.
 * @throws RangeError when the block is no LZ4 block of exactly `size` bytes, or `to` is shorter than that; some bytes of
 * `to[0, size)` may have been written then. O(size)
 */
export function lz4Decompress(from: Uint8Array, start: number, end: number, to: Uint8Array, size: number): void {
  if (size > to.length || start < 0 || end > from.length) corrupt('its buffers are too short');
  let p = start;
  let q = 0;
  while (p < end) {
    const token = from[p++];
    let count = token >> 4;
    if (count === 15) {
      let more = 255;
      while (more === 255 && p < end) count += more = from[p++];
      if (more === 255) corrupt('it ends within a length');
    }
    if (count > end - p) corrupt('it ends within its literals');
    if (count > size - q) corrupt('it holds more than it should');
    copyBytes(to, q, from, p, count);
    p += count;
    q += count;
    if (p === end) {
      if (q !== size) corrupt('it holds less than it should');
      return;
    }
    if (end - p < 2) corrupt('it ends within an offset');
    const offset = from[p] | (from[p + 1] << 8);
    p += 2;
    let length = (token & 15) + MIN_MATCH;
    if (length === 15 + MIN_MATCH) {
      let more = 255;
      while (more === 255 && p < end) length += more = from[p++];
      if (more === 255) corrupt('it ends within a length');
    }
    if (offset === 0 || offset > q) corrupt('a match lies before its beginning');
    if (length > size - q) corrupt('it holds more than it should');
    repeat(to, q, offset, length);
    q += length;
  }
  corrupt('it has no end');
}

/** Repeats at `q` the `n` bytes that lie `offset` bytes back; they may run into what is being written. */
function repeat(to: Uint8Array, q: number, offset: number, n: number): void {
  if (n <= SHORT) {
    for (let i = 0; i < n; i++) to[q + i] = to[q + i - offset];
    return;
  }
  let done = 0;
  // What has been written repeats itself with the period `offset`, so twice as much can be copied each time.
  for (let have = offset; done < n; have += have) {
    const some = Math.min(have, n - done);
    to.copyWithin(q + done, q - offset, q - offset + some);
    done += some;
  }
}
