/**
 * Needle: a value prepared for being looked for among the elements of listpacks, so that the comparison with each of them costs
 * a few byte reads: an integer is encoded once and compared as the bytes it would be kept as.
 *
 * Holds a view of the value: it must stay where it is while the needle is used. Read next: listpack.ts, list.ts.
 */
import { type Bytes, EMPTY, equalBytes } from './bytes.js';
import { lpEncodedBytes, lpIsInteger, lpPut } from './listpack.js';

/** No integer takes more as an element: one byte of encoding, eight of data, one of length. */
const INTEGER_BYTES = 10;
/** No text of a 64-bit integer is longer. */
const INTEGER_TEXT = 20;

export class Needle {
  private buf: Uint8Array = EMPTY;
  private start = 0;
  private length = 0;
  /** The integer's element and its length; 0 when the value is not kept as an integer. */
  private readonly code = new Uint8Array(INTEGER_TEXT + 3);
  private codeLength = 0;

  /** Looks for `value` from now on. O(1). */
  set(value: Bytes): this {
    this.buf = value.buf;
    this.start = value.start;
    this.length = value.end - value.start;
    this.codeLength = 0;
    if (this.length > INTEGER_TEXT || lpEncodedBytes(value) > INTEGER_BYTES) return this;
    const n = lpPut(this.code, 0, value);
    if (lpIsInteger(this.code, 0, 0)) this.codeLength = n;
    return this;
  }

  /** Whether the listpack element at `u8[q]` is the value. O(length) when the lengths agree, else O(1). */
  matches(u8: Uint8Array, q: number): boolean {
    const b = u8[q];
    if (b >= 0x80 && b < 0xc0) return (b & 0x3f) === this.length && this.equals(u8, q + 1);
    if (b >= 0xe0 && b < 0xf0) return (((b & 0x0f) << 8) | u8[q + 1]) === this.length && this.equals(u8, q + 2);
    if (b === 0xf0) {
      const n = (u8[q + 1] | (u8[q + 2] << 8) | (u8[q + 3] << 16) | (u8[q + 4] << 24)) >>> 0;
      return n === this.length && this.equals(u8, q + 5);
    }
    if (b !== this.code[0] || this.codeLength === 0) return false;
    return equalBytes(u8, q, this.code, 0, this.codeLength);
  }

  /** Whether the whole of `buf` is the value. */
  matchesAll(buf: Uint8Array): boolean {
    return buf.length === this.length && this.equals(buf, 0);
  }

  private equals(u8: Uint8Array, q: number): boolean {
    return equalBytes(u8, q, this.buf, this.start, this.length);
  }
}
