/**
 * LZF: the compression of strings in RDB. Runs of bytes, and copies of up to 264 bytes that were seen at most 8,192 bytes before.
 *
 *   000lllll  l + 1 bytes                          as they are
 *   lllooooo  oooooooo                             l + 2 bytes (l from 1 to 6) from o + 1 bytes before
 *   111ooooo  llllllll  oooooooo                   l + 9 bytes from o + 1 bytes before
 *
 * Source: the format as LibLZF's documents describe it; the search is a hash table of three bytes, as in any fast LZ77.
 */
import { copyBytes } from '../memory/bytes.js';

/** The table of the search has so many bits for a short input, and for a long one: a short one then stays in the nearest cache. */
const MIN_HASH_BITS = 8;
const MAX_HASH_BITS = 14;
const WINDOW = 8192;
const LITERALS_MAX = 32;
const MATCH_MIN = 3;
const MATCH_MAX = 264;
/** Three bytes that say "264 bytes": no input becomes longer than this many times its length. */
export const EXPANSION_MAX = 88;
/** After so many bytes (as a power of two) without a match the search takes longer steps. */
const PATIENCE = 6;
/** Positions in the table grow from call to call up to this; then it is cleared. */
const POSITION_MAX = 1 << 30;

/** Compresses; keeps the table of its search, which need not be cleared for each string. */
export class LzfCompressor {
  /** By hash of three bytes: where they were seen last, counted through all calls. */
  private readonly table = new Int32Array(1 << MAX_HASH_BITS);
  /** What stands for the first byte of the present input; all lower positions belong to inputs before. */
  private base = 1;

  /**
   * Compresses `buf[start, end)` to `to[at, limit)`.
   * @returns the bytes written, 0 when the result does not fit there. O(length)
   */
  compress(buf: Uint8Array, start: number, end: number, to: Uint8Array, at: number, limit: number): number {
    const { table } = this;
    if (this.base + (end - start) > POSITION_MAX) {
      table.fill(0);
      this.base = 1;
    }
    const hashShift = 32 - Math.max(MIN_HASH_BITS, Math.min(MAX_HASH_BITS, 33 - Math.clz32(end - start)));
    const shift = this.base - start;
    this.base += end - start;
    let out = at;
    let from = start; // bytes from here on are not written yet
    let p = start;
    for (const last = end - MATCH_MIN; p <= last; ) {
      const three = buf[p] | (buf[p + 1] << 8) | (buf[p + 2] << 16);
      const slot = Math.imul(three, 0x9e3779b1) >>> hashShift;
      const seen = table[slot] - shift;
      table[slot] = p + shift;
      const back = p - seen;
      if (seen < start || back > WINDOW || three !== (buf[seen] | (buf[seen + 1] << 8) | (buf[seen + 2] << 16))) {
        p += 1 + ((p - from) >> PATIENCE);
        continue;
      }
      let n = MATCH_MIN;
      const most = Math.min(MATCH_MAX, end - p);
      while (n < most && buf[p + n] === buf[seen + n]) n++;
      out = putLiterals(buf, from, p, to, out, limit);
      if (out < 0 || out + 3 > limit) return 0;
      const o = back - 1;
      if (n < 9) to[out++] = ((n - 2) << 5) | (o >> 8);
      else {
        to[out++] = 0xe0 | (o >> 8);
        to[out++] = n - 9;
      }
      to[out++] = o;
      p += n;
      from = p;
    }
    out = putLiterals(buf, from, end, to, out, limit);
    return out < 0 ? 0 : out - at;
  }
}

/** Writes the bytes of `buf[from, end)` as they are; returns where the output goes on, -1 when it would pass `limit`. */
function putLiterals(buf: Uint8Array, from: number, end: number, to: Uint8Array, out: number, limit: number): number {
  while (from < end) {
    const n = Math.min(LITERALS_MAX, end - from);
    if (out + 1 + n > limit) return -1;
    to[out] = n - 1;
    copyBytes(to, out + 1, buf, from, n);
    out += 1 + n;
    from += n;
  }
  return out;
}

/**
 * Restores `buf[start, end)` into `to[0, length)`.
 * @returns whether the input is whole and gives exactly `length` bytes; `to` holds anything when not. O(length)
 */
export function lzfDecompress(buf: Uint8Array, start: number, end: number, to: Uint8Array, length: number): boolean {
  let p = start;
  let out = 0;
  while (p < end) {
    const control = buf[p++];
    if (control < LITERALS_MAX) {
      const n = control + 1;
      if (p + n > end || out + n > length) return false;
      for (let i = 0; i < n; i++) to[out + i] = buf[p + i];
      p += n;
      out += n;
      continue;
    }
    let n = (control >> 5) + 2;
    if (n === 9) {
      if (p === end) return false;
      n += buf[p++];
    }
    if (p === end) return false;
    const from = out - (((control & 31) << 8) | buf[p++]) - 1;
    if (from < 0 || out + n > length) return false;
    // Byte by byte: source and target may overlap, and a copy then repeats what it has just written.
    for (let i = 0; i < n; i++) to[out + i] = to[from + i];
    out += n;
  }
  return out === length;
}
