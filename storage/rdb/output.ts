/**
 * RdbOutput: a buffer that grows and is written to in the terms of the RDB format: lengths, strings, numbers.
 *
 *   out.byte(type); out.string(key); out.length(n); ...     then take buf[0, pos), and reset()
 *
 * Strings take their shortest form: an integer of up to 32 bits as such, others compressed (LZF) where that saves at least four bytes.
 * Nothing is allocated for a string but for growth. Read next: format.ts, value-writer.ts.
 */
import { type Bytes, copyBytes } from '../memory/bytes.js';
import { high, low, parseInteger } from '../memory/listpack.js';
import { COMPRESS_FROM, COMPRESSED_STRING, INT_8, INT_16, INT_32, INT_DIGITS, LENGTH_32, LENGTH_64 } from './format.js';
import { LzfCompressor } from './lzf.js';

const FIRST_SIZE = 4096;
/** A buffer that has grown beyond this (bytes) is let go by `reset`. */
const KEPT = 1 << 20;
/** A length takes at most so many bytes. */
const LENGTH_BYTES = 9;
/** Compression that saves less (bytes) is not worth the two lengths. */
const SAVING_MIN = 4;

// A double and its bytes.
const DOUBLE = new Float64Array(1);
const DOUBLE_BYTES = new Uint8Array(DOUBLE.buffer);

export class RdbOutput {
  buf: Uint8Array;
  /** Bytes written; they are `buf[0, pos)`. */
  pos = 0;
  /** Whether strings are compressed (`rdbcompression`). */
  compress: boolean;
  private readonly size: number;
  private readonly lzf = new LzfCompressor();

  /** @param size bytes to begin with */
  constructor(compress = true, size = FIRST_SIZE) {
    this.compress = compress;
    this.size = size;
    this.buf = new Uint8Array(size);
  }

  /** Forgets what was written. A large buffer is let go. */
  reset(): void {
    this.pos = 0;
    if (this.buf.length > KEPT && this.buf.length > 2 * this.size) this.buf = new Uint8Array(this.size);
  }

  /**
   * Hands the buffer over, and goes on in another one, from its beginning.
   * @returns what was written, as a view onto the buffer that is handed over
   */
  swap(next: Uint8Array): Uint8Array {
    const full = this.buf.subarray(0, this.pos);
    this.buf = next;
    this.pos = 0;
    return full;
  }

  /** Makes room for `n` more bytes. Amortised O(1) a byte */
  reserve(n: number): void {
    if (this.pos + n <= this.buf.length) return;
    const bigger = new Uint8Array(Math.max(this.pos + n, 2 * this.buf.length));
    bigger.set(this.buf.subarray(0, this.pos));
    this.buf = bigger;
  }

  // ---- numbers --------------------------------------------------------------------------------------------------------------------

  /** @param value 0 to 255 */
  byte(value: number): void {
    this.reserve(1);
    this.buf[this.pos++] = value;
  }

  /** Two bytes, the lowest first. */
  u16(value: number): void {
    this.reserve(2);
    this.buf[this.pos++] = value;
    this.buf[this.pos++] = value >>> 8;
  }

  /** Four bytes, the lowest first. @param value its low 32 bits are written */
  u32(value: number): void {
    this.reserve(4);
    this.put32(value);
  }

  /** Eight bytes, the lowest first. @param value an integer of 0 to 2^63; beyond 2^53 it is as near as a number comes */
  u64(value: number): void {
    this.reserve(8);
    this.put32(value);
    this.put32(Math.floor(value / 4294967296));
  }

  private put32(value: number): void {
    const { buf, pos } = this;
    buf[pos] = value;
    buf[pos + 1] = value >>> 8;
    buf[pos + 2] = value >>> 16;
    buf[pos + 3] = value >>> 24;
    this.pos = pos + 4;
  }

  /** A double as its eight bytes (IEEE 754), the lowest first. */
  double(value: number): void {
    this.reserve(8);
    DOUBLE[0] = value;
    for (let i = 0; i < 8; i++) this.buf[this.pos + i] = DOUBLE_BYTES[i];
    this.pos += 8;
  }

  /** A length, or a number in the same form: one, two, five or nine bytes. @param n 0 to 2^63 */
  length(n: number): void {
    this.reserve(LENGTH_BYTES);
    const { buf } = this;
    if (n < 64) buf[this.pos++] = n;
    else if (n < 16384) {
      buf[this.pos++] = 0x40 | (n >> 8);
      buf[this.pos++] = n;
    } else if (n <= 0xffffffff) {
      buf[this.pos++] = LENGTH_32;
      this.putBig32(n);
    } else {
      buf[this.pos++] = LENGTH_64;
      this.putBig32(Math.floor(n / 4294967296));
      this.putBig32(n);
    }
  }

  private putBig32(value: number): void {
    const { buf, pos } = this;
    buf[pos] = value >>> 24;
    buf[pos + 1] = value >>> 16;
    buf[pos + 2] = value >>> 8;
    buf[pos + 3] = value;
    this.pos = pos + 4;
  }

  // ---- strings --------------------------------------------------------------------------------------------------------------------

  /** Bytes as they are, without a length. */
  bytes(buf: Uint8Array, start: number, end: number): void {
    const n = end - start;
    this.reserve(n);
    copyBytes(this.buf, this.pos, buf, start, n);
    this.pos += n;
  }

  /** A string in its shortest form. O(length) */
  string(value: Bytes): void {
    const { buf, start, end } = value;
    if (end - start <= INT_DIGITS && parseInteger(buf, start, end) && high === low >> 31) this.integer(low);
    else this.blob(buf, start, end);
  }

  /** A string that is the decimal text of `n`, 32 bits. */
  private integer(n: number): void {
    this.reserve(5);
    const { buf } = this;
    if (n >= -128 && n <= 127) {
      buf[this.pos++] = INT_8;
      buf[this.pos++] = n;
    } else if (n >= -32768 && n <= 32767) {
      buf[this.pos++] = INT_16;
      buf[this.pos++] = n;
      buf[this.pos++] = n >> 8;
    } else {
      buf[this.pos++] = INT_32;
      this.put32(n);
    }
  }

  /** A string that is no text, such as a listpack: compressed, or as it is. O(length) */
  blob(buf: Uint8Array, start: number, end: number): void {
    const n = end - start;
    if (n >= COMPRESS_FROM && this.compress && this.compressed(buf, start, end)) return;
    this.length(n);
    this.bytes(buf, start, end);
  }

  /** Latin1 text as a string. */
  text(text: string): void {
    const bytes = Buffer.from(text, 'latin1');
    this.blob(bytes, 0, bytes.length);
  }

  /** Writes the string compressed; false, and nothing is written, when that saves too little. */
  private compressed(buf: Uint8Array, start: number, end: number): boolean {
    const n = end - start;
    const begin = this.pos;
    const most = n - SAVING_MIN;
    // The result's length stands in front of it, and how long that is is known only afterwards.
    this.reserve(1 + 2 * LENGTH_BYTES + n);
    const at = begin + 1 + 2 * LENGTH_BYTES;
    const size = this.lzf.compress(buf, start, end, this.buf, at, at + most);
    if (size === 0) return false;
    this.byte(COMPRESSED_STRING);
    this.length(size);
    this.length(n);
    this.buf.copyWithin(this.pos, at, at + size);
    this.pos += size;
    return true;
  }
}
