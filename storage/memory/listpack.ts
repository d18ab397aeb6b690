/**
 * Listpack: a run of elements in one arena block, byte for byte in the format that Redis calls listpack (so that DUMP, RDB
 * files and size limits are exact). Small lists, hashes, sets and sorted sets are one of these; a big list is a chain of them.
 *
 *   [ total bytes : u32 ][ elements : u16 ][ element ] ... [ 0xff ]
 *   element   [ encoding and length ][ data ][ size of the two before, 7 bits a byte, readable from behind ]
 *   encoding  0xxxxxxx uint7 | 10xxxxxx str6 | 110xxxxx int13 | 1110xxxx str12 | f0 str32 | f1..f4 int16, 24, 32, 64
 *
 * The functions work on the block's bytes; positions are byte offsets from the listpack's start, END_OF_LIST (0) is "none".
 * A decimal integer of up to 64 bits is kept as an integer. Knows no field, score or key: the engines do.
 * Source: the published description of the format (listpack.md, 2017). Read next: packed.ts, which owns a block.
 */
import { type Bytes, copyBytes } from './bytes.js';

export const LP_HEADER = 6;
/** Bytes of an empty listpack. */
export const LP_EMPTY = LP_HEADER + 1;
const LP_EOF = 0xff;

/** Total bytes of the listpack at `at`. */
export function lpBytes(u8: Uint8Array, at: number): number {
  return (u8[at] | (u8[at + 1] << 8) | (u8[at + 2] << 16) | (u8[at + 3] << 24)) >>> 0;
}

/** Number of elements; 65,535 stands for "that many or more" and is counted. O(1), else O(n). */
export function lpLength(u8: Uint8Array, at: number): number {
  const n = u8[at + 4] | (u8[at + 5] << 8);
  if (n !== 65535) return n;
  let count = 0;
  for (let p = LP_HEADER; u8[at + p] !== LP_EOF; p = lpNext(u8, at, p)) count++;
  return count;
}

export function lpSetHeader(u8: Uint8Array, at: number, bytes: number, length: number): void {
  u8[at] = bytes;
  u8[at + 1] = bytes >>> 8;
  u8[at + 2] = bytes >>> 16;
  u8[at + 3] = bytes >>> 24;
  const n = length < 65535 ? length : 65535;
  u8[at + 4] = n;
  u8[at + 5] = n >>> 8;
}

/** Writes an empty listpack at `at` (LP_EMPTY bytes). */
export function lpInit(u8: Uint8Array, at: number): void {
  lpSetHeader(u8, at, LP_EMPTY, 0);
  u8[at + LP_HEADER] = LP_EOF;
}

/** Bytes of encoding and data of the element at `p`. */
function payload(u8: Uint8Array, q: number): number {
  const b = u8[q];
  if (b < 0x80) return 1;
  if (b < 0xc0) return 1 + (b & 0x3f);
  if (b < 0xe0) return 2;
  if (b < 0xf0) return 2 + (((b & 0x0f) << 8) | u8[q + 1]);
  if (b === 0xf0) return 5 + ((u8[q + 1] | (u8[q + 2] << 8) | (u8[q + 3] << 16) | (u8[q + 4] << 24)) >>> 0);
  if (b === 0xf4) return 9;
  return b - 0xf1 + 3; // f1, f2, f3: int16, int24, int32
}

function backlenBytes(n: number): number {
  return n < 128 ? 1 : n < 16384 ? 2 : n < 2097152 ? 3 : n < 268435456 ? 4 : 5;
}

function putBacklen(u8: Uint8Array, q: number, n: number): number {
  const size = backlenBytes(n);
  for (let i = size - 1; i >= 0; i--) {
    u8[q + i] = (n & 127) | (i === 0 ? 0 : 128);
    n >>>= 7;
  }
  return size;
}

/** Bytes that the element at `p` takes in all. */
export function lpElementBytes(u8: Uint8Array, at: number, p: number): number {
  const n = payload(u8, at + p);
  return n + backlenBytes(n);
}

/** Position after the element at `p`; the byte there is the end mark when `p` was the last (see lpAtEnd). */
export function lpNext(u8: Uint8Array, at: number, p: number): number {
  const n = payload(u8, at + p);
  return p + n + backlenBytes(n);
}

export function lpAtEnd(u8: Uint8Array, at: number, p: number): boolean {
  return u8[at + p] === LP_EOF;
}

/** Position of the element before `p` (which may be the end mark's), or 0 when `p` is the first. */
export function lpPrev(u8: Uint8Array, at: number, p: number): number {
  if (p === LP_HEADER) return 0;
  let q = at + p - 1;
  let n = 0;
  let shift = 0;
  for (;;) {
    n |= (u8[q] & 127) << shift;
    if ((u8[q] & 128) === 0) break;
    shift += 7;
    q--;
  }
  return p - n - backlenBytes(n);
}

/** Position of the last element, or 0 when there is none. */
export function lpLast(u8: Uint8Array, at: number): number {
  return lpPrev(u8, at, lpBytes(u8, at) - 1);
}

/** Position of the element with index `i` (negative from the end), or 0 out of range. O(n) from the nearer end. */
export function lpSeek(u8: Uint8Array, at: number, i: number): number {
  const n = lpLength(u8, at);
  if (i < 0) i += n;
  if (i < 0 || i >= n) return 0;
  if (i <= n >> 1) {
    let p = LP_HEADER;
    while (i-- > 0) p = lpNext(u8, at, p);
    return p;
  }
  let p = lpLast(u8, at);
  for (let back = n - 1 - i; back > 0; back--) p = lpPrev(u8, at, p);
  return p;
}

// ---- integers -------------------------------------------------------------------------------------------------------------
// A parsed or decoded integer stands in these two words until the next call; only the 64-bit form needs both.
export let low = 0;
export let high = 0;

/**
 * Whether `buf[start, end)` is the canonical decimal text of a 64-bit signed integer; its value is then in `low` and `high`.
 */
export function parseInteger(buf: Uint8Array, start: number, end: number): boolean {
  const n = end - start;
  if (n === 0 || n > 20) return false;
  let p = start;
  const negative = buf[p] === 45;
  if (negative) p++;
  const first = buf[p] - 48;
  if (p === end || first < 0 || first > 9 || (first === 0 && n > 1)) return false;
  if (end - p > 19) return false;
  if (end - p <= 15) {
    let v = 0;
    for (; p < end; p++) {
      const d = buf[p] - 48;
      if (d < 0 || d > 9) return false;
      v = v * 10 + d;
    }
    if (negative) v = -v;
    low = v | 0;
    high = Math.floor(v / 4294967296);
    return true;
  }
  return parseLong(buf, p, end, negative);
}

function parseLong(buf: Uint8Array, p: number, end: number, negative: boolean): boolean {
  let lo = 0;
  let hi = 0; // hi * 2^32 + lo, both below 2^32
  for (; p < end; p++) {
    const d = buf[p] - 48;
    if (d < 0 || d > 9) return false;
    const l = lo * 10 + d;
    lo = l >>> 0;
    hi = hi * 10 + Math.floor(l / 4294967296);
  }
  if (hi > 0x80000000 || (hi === 0x80000000 && (!negative || lo !== 0))) return false;
  if (negative) {
    lo = (~lo + 1) >>> 0;
    hi = (~hi + (lo === 0 ? 1 : 0)) | 0;
  }
  low = lo | 0;
  high = hi | 0;
  return true;
}

const DIGITS = new Uint8Array(24);

/** Writes the decimal text of the integer (`hi`, `lo`) into `to` at `q`; returns its length. */
export function putInteger(to: Uint8Array, q: number, hi: number, lo: number): number {
  const negative = hi < 0;
  let h = hi >>> 0;
  let l = lo >>> 0;
  if (negative) {
    l = (~l + 1) >>> 0;
    h = (~h + (l === 0 ? 1 : 0)) >>> 0;
  }
  let k = DIGITS.length;
  while (h !== 0) {
    const r = (h % 10) * 4294967296 + l;
    h = Math.floor(h / 10);
    l = Math.floor(r / 10);
    DIGITS[--k] = 48 + (r % 10);
  }
  do {
    DIGITS[--k] = 48 + (l % 10);
    l = Math.floor(l / 10);
  } while (l !== 0);
  if (negative) DIGITS[--k] = 45;
  const n = DIGITS.length - k;
  for (let i = 0; i < n; i++) to[q + i] = DIGITS[k + i];
  return n;
}

/** Reads the integer element at `q` into `low` and `high`. */
function readInteger(u8: Uint8Array, q: number): void {
  const b = u8[q];
  if (b < 0x80) low = b;
  else if (b < 0xe0) low = ((((b & 0x1f) << 8) | u8[q + 1]) << 19) >> 19;
  else if (b === 0xf1) low = ((u8[q + 1] | (u8[q + 2] << 8)) << 16) >> 16;
  else if (b === 0xf2) low = ((u8[q + 1] | (u8[q + 2] << 8) | (u8[q + 3] << 16)) << 8) >> 8;
  else {
    low = u8[q + 1] | (u8[q + 2] << 8) | (u8[q + 3] << 16) | (u8[q + 4] << 24);
    if (b === 0xf4) {
      high = u8[q + 5] | (u8[q + 6] << 8) | (u8[q + 7] << 16) | (u8[q + 8] << 24);
      return;
    }
  }
  high = low >> 31;
}

// ---- reading --------------------------------------------------------------------------------------------------------------

/** Whether the element at `p` is kept as an integer. */
export function lpIsInteger(u8: Uint8Array, at: number, p: number): boolean {
  const b = u8[at + p];
  return b < 0x80 || (b >= 0xc0 && b < 0xe0) || b > 0xf0;
}

/**
 * Points `view` at the element at `p`. A string is seen in place; an integer is written as text into `scratch` (at least 24
 * bytes), which the view then covers. The view holds until the listpack or the scratch changes.
 */
export function lpGet(u8: Uint8Array, at: number, p: number, view: Bytes, scratch: Uint8Array): Bytes {
  const q = at + p;
  const b = u8[q];
  if (b >= 0x80 && b < 0xc0) return view.set(u8, q + 1, q + 1 + (b & 0x3f));
  if (b >= 0xe0 && b < 0xf0) return view.set(u8, q + 2, q + payload(u8, q));
  if (b === 0xf0) return view.set(u8, q + 5, q + payload(u8, q));
  if (b < 0x80) {
    let n = 0;
    if (b >= 100) scratch[n++] = 49;
    if (b >= 10) scratch[n++] = 48 + (((b % 100) / 10) | 0);
    scratch[n++] = 48 + (b % 10);
    return view.set(scratch, 0, n);
  }
  readInteger(u8, q);
  return view.set(scratch, 0, putInteger(scratch, 0, high, low));
}

/** The value of an integer element as a number: exact up to 2^53. */
export function lpInteger(u8: Uint8Array, at: number, p: number): number {
  readInteger(u8, at + p);
  return high * 4294967296 + (low >>> 0);
}

/**
 * Position of the first element equal to `value`, looking at every `step`th from `p` on (fields of a hash: step 2), or 0.
 * O(n); an integer is compared as one.
 */
export function lpFind(u8: Uint8Array, at: number, p: number, value: Bytes, step: number): number {
  const { buf, start, end } = value;
  const n = end - start;
  const integer = parseInteger(buf, start, end);
  const lo = low;
  const hi = high;
  while (u8[at + p] !== LP_EOF) {
    const q = at + p;
    const b = u8[q];
    if (b >= 0x80 && b < 0xc0) {
      // An integer is never kept as a string, unless the block came from elsewhere: compare the bytes whatever it is.
      if ((b & 0x3f) === n) {
        let i = 0;
        while (i < n && u8[q + 1 + i] === buf[start + i]) i++;
        if (i === n) return p;
      }
    } else if (b >= 0xe0 && b <= 0xf0) {
      const head = b === 0xf0 ? 5 : 2;
      if (payload(u8, q) - head === n) {
        let i = 0;
        while (i < n && u8[q + head + i] === buf[start + i]) i++;
        if (i === n) return p;
      }
    } else if (integer) {
      readInteger(u8, q);
      if (low === lo && high === hi) return p;
    }
    for (let k = step; k > 0; k--) {
      p = lpNext(u8, at, p);
      if (u8[at + p] === LP_EOF) return 0;
    }
  }
  return 0;
}

// ---- writing --------------------------------------------------------------------------------------------------------------

/** Bytes of encoding and data that `buf[start, end)` would take; leaves `low` and `high` for `putElement`. */
function encodedPayload(buf: Uint8Array, start: number, end: number): number {
  const n = end - start;
  if (parseInteger(buf, start, end)) return integerPayload();
  return n < 64 ? 1 + n : n < 4096 ? 2 + n : 5 + n;
}

function integerPayload(): number {
  if (high !== low >> 31) return 9;
  if (low >= 0 && low <= 127) return 1;
  if (low >= -4096 && low <= 4095) return 2;
  if (low >= -32768 && low <= 32767) return 3;
  if (low >= -8388608 && low <= 8388607) return 4;
  return 5;
}

/** Bytes that `value` would take as an element. */
export function lpEncodedBytes(value: Bytes): number {
  const n = encodedPayload(value.buf, value.start, value.end);
  return n + backlenBytes(n);
}

/** Writes `value` as an element at `q`, which has room for it; returns the bytes written. */
export function lpPut(u8: Uint8Array, q: number, value: Bytes): number {
  const { buf, start, end } = value;
  const n = end - start;
  let size: number;
  if (parseInteger(buf, start, end)) size = putIntegerElement(u8, q);
  else if (n < 64) {
    u8[q] = 0x80 | n;
    copyBytes(u8, q + 1, buf, start, n);
    size = 1 + n;
  } else if (n < 4096) {
    u8[q] = 0xe0 | (n >> 8);
    u8[q + 1] = n;
    copyBytes(u8, q + 2, buf, start, n);
    size = 2 + n;
  } else {
    u8[q] = 0xf0;
    u8[q + 1] = n;
    u8[q + 2] = n >>> 8;
    u8[q + 3] = n >>> 16;
    u8[q + 4] = n >>> 24;
    copyBytes(u8, q + 5, buf, start, n);
    size = 5 + n;
  }
  return size + putBacklen(u8, q + size, size);
}

function putIntegerElement(u8: Uint8Array, q: number): number {
  const size = integerPayload();
  if (size === 1) u8[q] = low;
  else if (size === 2) {
    u8[q] = 0xc0 | ((low >> 8) & 0x1f);
    u8[q + 1] = low;
  } else {
    u8[q] = size === 9 ? 0xf4 : 0xf1 + size - 3;
    for (let i = 1, v = low; i < size && i <= 4; i++, v >>= 8) u8[q + i] = v;
    if (size === 9) for (let i = 5, v = high; i < 9; i++, v >>= 8) u8[q + i] = v;
  }
  return size;
}
