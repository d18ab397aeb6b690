/**
 * Bytes: the one way in which keys, values and arguments travel through the house. A view `[start, end)` onto memory that
 * somebody else owns (a read buffer, the arena, a scratch pad), with its hash computed at most once.
 *
 * Nobody keeps a Bytes: it is filled again for the next command. Who must remember copies (`copy()`), with one exception:
 * a view whose `owned` is true covers the whole of a buffer that nobody else will touch, and may be adopted.
 */
import { randomBytes } from 'node:crypto';

export const EMPTY = new Uint8Array(0);

/** An odd multiplier with 12 to 20 bits set, so that a secret one still mixes well. */
function secretMultiplier(): number {
  for (;;) {
    const m = randomBytes(4).readUInt32LE(0) | 1;
    let bits = 0;
    for (let x = m; x !== 0; x &= x - 1) bits++;
    if (bits >= 12 && bits <= 20) return m | 0;
  }
}

// Secret per process: keys that collide cannot be computed from outside.
const SEED = randomBytes(4).readInt32LE(0);
const M1 = secretMultiplier();
const M2 = secretMultiplier();

/**
 * Hashes `buf[start, end)` to a non-zero 32-bit integer, four bytes a step: xor, multiply by a secret, fold the high half down.
 * The high bits are the good ones: tables index with them. O(length).
 */
export function hashBytes(buf: Uint8Array, start: number, end: number): number {
  let h = SEED ^ (end - start);
  let p = start;
  for (const e4 = end - 3; p < e4; p += 4) {
    h = Math.imul(h ^ (buf[p] | (buf[p + 1] << 8) | (buf[p + 2] << 16) | (buf[p + 3] << 24)), M1);
    h ^= h >>> 15;
  }
  if (p < end) {
    let k = buf[p];
    if (p + 1 < end) k |= buf[p + 1] << 8;
    if (p + 2 < end) k |= buf[p + 2] << 16;
    h = Math.imul(h ^ k, M1);
    h ^= h >>> 15;
  }
  h = Math.imul(h, M2);
  h ^= h >>> 13;
  h = Math.imul(h, M1);
  h ^= h >>> 16;
  return h === 0 ? 1 : h;
}

/** Copies `n` bytes. Short runs go by a loop: below some 64 bytes a call to `set` costs more than the copying. */
export function copyBytes(to: Uint8Array, at: number, from: Uint8Array, start: number, n: number): void {
  if (n <= 64) for (let i = 0; i < n; i++) to[at + i] = from[start + i];
  else if (to === from) to.copyWithin(at, start, start + n);
  else to.set(from.subarray(start, start + n), at);
}

/** Whether two runs of `n` bytes are equal. */
export function equalBytes(a: Uint8Array, i: number, b: Uint8Array, j: number, n: number): boolean {
  for (let k = 0; k < n; k++) if (a[i + k] !== b[j + k]) return false;
  return true;
}

export class Bytes {
  buf: Uint8Array = EMPTY;
  start = 0;
  end = 0;
  /** True when `buf` is exactly this value and free to be adopted by who stores it. */
  owned = false;
  private h = 0;

  get length(): number {
    return this.end - this.start;
  }

  /** Points this view at `buf[start, end)` and returns it. */
  set(buf: Uint8Array, start: number, end: number): this {
    this.buf = buf;
    this.start = start;
    this.end = end;
    this.owned = false;
    this.h = 0;
    return this;
  }

  /** The same view as `other`, its hash included. */
  assign(other: Bytes): this {
    this.buf = other.buf;
    this.start = other.start;
    this.end = other.end;
    this.owned = other.owned;
    this.h = other.h;
    return this;
  }

  /** The seeded 32-bit hash of the content, never 0; computed on first use. O(length), then O(1). */
  hash(): number {
    return this.h !== 0 ? this.h : (this.h = hashBytes(this.buf, this.start, this.end));
  }

  equals(other: Bytes): boolean {
    const n = this.end - this.start;
    return n === other.end - other.start && equalBytes(this.buf, this.start, other.buf, other.start, n);
  }

  /** Byte-wise order as memcmp's, shorter first among equals: negative, 0 or positive. */
  compare(other: Bytes): number {
    const a = this.buf;
    const b = other.buf;
    const n = this.end - this.start;
    const m = other.end - other.start;
    const both = n < m ? n : m;
    for (let i = 0, p = this.start, q = other.start; i < both; i++) {
      const d = a[p + i] - b[q + i];
      if (d !== 0) return d;
    }
    return n - m;
  }

  /** Whether the content equals `word`, a lower-case ASCII word, in any case of letters. Allocates nothing. */
  is(word: string): boolean {
    const n = word.length;
    if (this.end - this.start !== n) return false;
    for (let i = 0, p = this.start; i < n; i++) {
      let b = this.buf[p + i];
      if (b >= 65 && b <= 90) b |= 32;
      if (b !== word.charCodeAt(i)) return false;
    }
    return true;
  }

  /** An own copy of the content, as a view onto its own buffer. */
  copy(): Bytes {
    const view = new Bytes().set(this.buf.slice(this.start, this.end), 0, this.end - this.start);
    view.owned = true;
    view.h = this.h;
    return view;
  }

  /** The content as a string with one character a byte (latin1): for map keys and messages, not for the hot path. */
  toString(): string {
    return Buffer.from(this.buf.buffer, this.buf.byteOffset + this.start, this.end - this.start).toString('latin1');
  }

  /** A view onto an own copy of `text`, one byte a character (latin1). */
  static from(text: string): Bytes {
    const buf = new Uint8Array(text.length);
    for (let i = 0; i < text.length; i++) buf[i] = text.charCodeAt(i);
    return new Bytes().set(buf, 0, buf.length);
  }
}
