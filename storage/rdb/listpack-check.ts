/**
 * Is it really a listpack? Checks a block that came from outside before anything walks over it, and whether elements repeat in it.
 * Never reads outside of what it was given, whatever stands there. Read next: ../memory/listpack.ts, packed-value.ts.
 */
import { Bytes, hashBytes } from '../memory/bytes.js';
import {
  high,
  LP_EMPTY,
  LP_HEADER,
  low,
  lpAtEnd,
  lpBytes,
  lpGet,
  lpInteger,
  lpIsInteger,
  lpNext,
  parseInteger,
} from '../memory/listpack.js';

const END_MARK = 0xff;
/** The header's count that stands for "count them". */
const UNCOUNTED = 65535;
/** Up to so many elements are compared each with each. */
const FEW = 32;
/** The digit with the highest code; the minus sign is below the digits. */
const NINE = 57;

/** Bytes of encoding and data of the element at `q`, as far as `end`; -1 when it is none or does not end before that. */
function elementBytes(u8: Uint8Array, q: number, end: number): number {
  const b = u8[q];
  let n: number;
  if (b < 0x80) n = 1;
  else if (b < 0xc0) n = 1 + (b & 0x3f);
  else if (b < 0xe0) n = 2;
  else if (b < 0xf0) {
    if (q + 2 > end) return -1;
    n = 2 + (((b & 0x0f) << 8) | u8[q + 1]);
  } else if (b === 0xf0) {
    if (q + 5 > end) return -1;
    n = 5 + ((u8[q + 1] | (u8[q + 2] << 8) | (u8[q + 3] << 16) | (u8[q + 4] << 24)) >>> 0);
  } else if (b <= 0xf3) n = b - 0xf1 + 3;
  else if (b === 0xf4) n = 9;
  else return -1;
  return n <= end - q ? n : -1;
}

/** Bytes of the length that stands behind an element of `n` bytes, if it is written there at `q`; -1 when not. */
function backlenBytes(u8: Uint8Array, q: number, end: number, n: number): number {
  const size = n < 128 ? 1 : n < 16384 ? 2 : n < 2097152 ? 3 : n < 268435456 ? 4 : 5;
  if (size > end - q) return -1;
  for (let i = size - 1; i >= 0; i--) {
    if (u8[q + i] !== ((n & 127) | (i === 0 ? 0 : 128))) return -1;
    n = Math.floor(n / 128);
  }
  return size;
}

/** Whether the integer element at `q` would have fitted a shorter form. */
function isLong(u8: Uint8Array, at: number, p: number): boolean {
  const b = u8[at + p];
  if (b < 0xc0 || (b >= 0xe0 && b <= 0xf0)) return false;
  const value = lpInteger(u8, at, p);
  if (b < 0xe0) return value >= 0 && value <= 127;
  const half = b === 0xf1 ? 4096 : b === 0xf2 ? 32768 : b === 0xf3 ? 8388608 : 2147483648;
  return value >= -half && value < half;
}

export class ListpackCheck {
  /** Elements that `check` has found. */
  count = 0;
  /** Whether every integer has its shortest form, so that the block is what the engines themselves would have made. */
  canonical = true;
  // For `distinct`: elements by what is compared first, and where they stand; of many an open-addressed table by hash.
  private marks = new Int32Array(64);
  private positions = new Int32Array(64);
  private readonly view = new Bytes();
  private readonly other = new Bytes();
  private readonly digits = new Uint8Array(24);
  private readonly otherDigits = new Uint8Array(24);

  /** Whether the `n` bytes at `u8[at]` are a listpack from the first to the last. O(n) */
  check(u8: Uint8Array, at: number, n: number): boolean {
    this.count = 0;
    this.canonical = true;
    if (n < LP_EMPTY || lpBytes(u8, at) !== n || u8[at + n - 1] !== END_MARK) return false;
    const end = at + n - 1;
    let q = at + LP_HEADER;
    while (q < end) {
      const b = u8[q];
      if (b < 0xc0) {
        // The common kinds, small integers and short strings, are no longer than their length behind them can say in one byte.
        const behind = q + (b < 0x80 ? 1 : 1 + (b & 0x3f));
        if (behind >= end || u8[behind] !== behind - q) return false;
        q = behind + 1;
        this.count++;
        continue;
      }
      const size = elementBytes(u8, q, end);
      if (size < 0) return false;
      const back = backlenBytes(u8, q + size, end, size);
      if (back < 0) return false;
      if (isLong(u8, at, q - at)) this.canonical = false;
      q += size + back;
      this.count++;
    }
    const told = u8[at + 4] | (u8[at + 5] << 8);
    return told === this.count || told === UNCOUNTED;
  }

  /** Whether no two of each `step`th elements of a listpack that `check` has just passed are equal. Expected O(bytes) */
  distinct(u8: Uint8Array, at: number, step: number): boolean {
    const n = this.count / step;
    return n <= FEW ? this.fewDistinct(u8, at, step) : this.manyDistinct(u8, at, step);
  }

  /** Compares each with those before by a word made of a few of its bytes, and looks closer only where that is equal. */
  private fewDistinct(u8: Uint8Array, at: number, step: number): boolean {
    const { marks, positions } = this;
    let n = 0;
    for (let p = LP_HEADER; !lpAtEnd(u8, at, p); n++) {
      const next = lpNext(u8, at, p);
      const mark = this.markOf(u8, at, p, next - p);
      for (let i = 0; i < n; i++) if (marks[i] === mark && this.equal(u8, at, p, positions[i])) return false;
      marks[n] = mark;
      positions[n] = p;
      p = next;
      for (let k = 1; k < step; k++) p = lpNext(u8, at, p);
    }
    return true;
  }

  /** A word that equal elements have in common: of an integer, which may also have come as text, or of a string's length and three bytes. */
  private markOf(u8: Uint8Array, at: number, p: number, n: number): number {
    if (lpIsInteger(u8, at, p)) return lpInteger(u8, at, p) | 0;
    const { buf, start, end } = lpGet(u8, at, p, this.view, this.digits);
    if (buf[start] <= NINE && parseInteger(buf, start, end)) return (high * 4294967296 + (low >>> 0)) | 0;
    const q = at + p;
    return n ^ (u8[q + 1] << 24) ^ (u8[q + (n >> 1)] << 16) ^ (u8[q + n - 2] << 8);
  }

  /** Whether two elements are equal as text. */
  private equal(u8: Uint8Array, at: number, p: number, q: number): boolean {
    return lpGet(u8, at, p, this.view, this.digits).equals(lpGet(u8, at, q, this.other, this.otherDigits));
  }

  private manyDistinct(u8: Uint8Array, at: number, step: number): boolean {
    const { view } = this;
    const mask = this.prepare(Math.ceil(this.count / step));
    for (let p = LP_HEADER; !lpAtEnd(u8, at, p); ) {
      lpGet(u8, at, p, view, this.digits);
      const h = hashBytes(view.buf, view.start, view.end);
      let slot = h & mask;
      for (; this.positions[slot] !== 0; slot = (slot + 1) & mask)
        if (this.marks[slot] === h && this.equal(u8, at, p, this.positions[slot])) return false;
      this.marks[slot] = h;
      this.positions[slot] = p;
      for (let k = 0; k < step; k++) p = lpNext(u8, at, p);
    }
    return true;
  }

  /** Empties a table with room for `n`. @returns its mask */
  private prepare(n: number): number {
    const size = 1 << (33 - Math.clz32(n));
    if (size > this.positions.length) {
      this.marks = new Int32Array(size);
      this.positions = new Int32Array(size);
    } else this.positions.fill(0, 0, size);
    return size - 1;
  }
}
