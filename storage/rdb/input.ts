/**
 * RdbInput: reads the terms of the RDB format (lengths, strings, numbers) from a buffer that may hold only a part of the whole.
 *
 *   buf   [ used | mark: what is read now, at a time an entry or an element | pos ... | end: not arrived yet ]
 *
 * What is read and has not arrived yet throws SHORT. Who reads has changed nothing before all of a unit was there; it goes back to the
 * mark (`rewind`), gets more and begins that unit again. When `whole` is set nothing more will come, and that is an RdbError.
 *
 * Strings are views that hold until the second next string is read, or the buffer is filled. Nothing is allocated for a length that
 * the input only claims. Read next: output.ts, its opposite.
 */
import { type Bytes, EMPTY } from '../memory/bytes.js';
import { putInteger } from '../memory/listpack.js';
import { INT_8, INT_16, INT_32, LENGTH_32, LENGTH_64 } from './format.js';
import { EXPANSION_MAX, lzfDecompress } from './lzf.js';
import { RdbError } from './rdb-error.js';

/** Thrown when a unit has not arrived as a whole. No accident: it has no stack. */
export const SHORT = Object.freeze({ short: true });

/** The longest string, bytes. */
export const STRING_MAX = 512 * 1024 * 1024;
/** From this length on a decompressed string has a buffer of its own, which may be adopted by who stores it. */
const OWNED_FROM = 32 * 1024;
const SCRATCH = OWNED_FROM;
/** Compressed form of a string, as the low bits of its first byte tell it. */
const COMPRESSED = 3;

const DOUBLE = new Float64Array(1);
const DOUBLE_BYTES = new Uint8Array(DOUBLE.buffer);

export class RdbInput {
  buf: Uint8Array = EMPTY;
  pos = 0;
  end = 0;
  /** Where the present unit begins. */
  mark = 0;
  /** Offset in the file of `buf[0]`. */
  base = 0;
  /** Whether nothing comes after `end`. */
  whole = false;
  /** Bytes from the mark on that must be there before it is worth another try. */
  wanted = 0;
  // Two strings of a unit are alive at once: a field and its value.
  private readonly scratches = [new Uint8Array(SCRATCH), new Uint8Array(SCRATCH)];
  private turn = 0;
  private special = -1;

  /** Reads `buf[start, end)`, which is all there is. */
  open(buf: Uint8Array, start: number, end: number): this {
    this.buf = buf;
    this.pos = this.mark = start;
    this.end = end;
    this.base = -start;
    this.whole = true;
    return this;
  }

  /** Offset in the file of what is read next. */
  get offset(): number {
    return this.base + this.pos;
  }

  /** The unit is done with: the next one begins here. */
  commit(): void {
    this.mark = this.pos;
  }

  /** Back to where the unit began. */
  rewind(): void {
    this.pos = this.mark;
  }

  /** @throws SHORT, or an RdbError, unless `n` more bytes are there */
  need(n: number): void {
    if (this.end - this.pos >= n) return;
    if (this.whole) throw new RdbError(`the data ends, where ${n} bytes should follow`, this.offset);
    this.wanted = this.pos + n - this.mark;
    throw SHORT;
  }

  /** An error about what stands at offset `at`. */
  error(reason: string, at = this.offset): RdbError {
    return new RdbError(reason, at);
  }

  // ---- numbers --------------------------------------------------------------------------------------------------------------------

  byte(): number {
    if (this.pos === this.end) this.need(1);
    return this.buf[this.pos++];
  }

  /** Four bytes, the lowest first, without a sign. */
  u32(): number {
    this.need(4);
    const { buf, pos } = this;
    this.pos = pos + 4;
    return (buf[pos] | (buf[pos + 1] << 8) | (buf[pos + 2] << 16) | (buf[pos + 3] << 24)) >>> 0;
  }

  /** Eight bytes, the lowest first, as a signed integer: beyond 2^53 as near as a number comes to it. */
  i64(): number {
    this.need(8);
    const low = this.u32();
    return (this.u32() | 0) * 4294967296 + low;
  }

  double(): number {
    this.need(8);
    for (let i = 0; i < 8; i++) DOUBLE_BYTES[i] = this.buf[this.pos + i];
    this.pos += 8;
    return DOUBLE[0];
  }

  /** A length or another number in that form; beyond 2^53 as near as a number comes to it. @throws RdbError when it is none */
  length(): number {
    const n = this.lengthOrSpecial();
    if (n < 0) throw this.error(`a string in a special form (${this.special}), where a length should stand`);
    return n;
  }

  /** A length; or -1, and `special` says in which special form the string is that follows. */
  private lengthOrSpecial(): number {
    const at = this.offset;
    const first = this.byte();
    if (first < 64) return first;
    if (first < 128) return ((first & 63) << 8) | this.byte();
    if (first === LENGTH_32) return this.big32();
    if (first === LENGTH_64) {
      this.need(8);
      const high = this.big32();
      return high * 4294967296 + this.big32();
    }
    if (first < 192) throw this.error(`no length begins with byte ${first}`, at);
    this.special = first & 63;
    return -1;
  }

  private big32(): number {
    this.need(4);
    const { buf, pos } = this;
    this.pos = pos + 4;
    return ((buf[pos] << 24) | (buf[pos + 1] << 16) | (buf[pos + 2] << 8) | buf[pos + 3]) >>> 0;
  }

  // ---- strings --------------------------------------------------------------------------------------------------------------------

  /**
   * Points `view` at the next string: bytes as they are, an integer's text, or what was compressed. A long one that was compressed is
   * `owned`. O(length)
   * @throws RdbError when it is longer than STRING_MAX, or not in a form that there is
   */
  string(view: Bytes): Bytes {
    const at = this.offset;
    const n = this.lengthOrSpecial();
    if (n < 0) return this.specialString(view, at);
    this.checkLength(n, at);
    this.need(n);
    const { pos } = this;
    this.pos = pos + n;
    return view.set(this.buf, pos, pos + n);
  }

  /** The length of the next string, which is read then; -1, and nothing is, when that is in a special form. As `string` */
  plainLength(): number {
    const { pos } = this;
    const n = this.lengthOrSpecial();
    if (n < 0) this.pos = pos;
    return n;
  }

  private specialString(view: Bytes, at: number): Bytes {
    const { special } = this;
    if (special === COMPRESSED) return this.compressedString(view, at);
    if (special > (INT_32 & 63)) throw this.error(`no string begins with byte ${0xc0 | special}`, at);
    const size = 1 << special;
    this.need(size);
    const { buf, pos } = this;
    let n = (buf[pos] << 24) >> 24;
    if (special === (INT_16 & 63)) n = ((buf[pos] | (buf[pos + 1] << 8)) << 16) >> 16;
    else if (special !== (INT_8 & 63)) n = buf[pos] | (buf[pos + 1] << 8) | (buf[pos + 2] << 16) | (buf[pos + 3] << 24);
    this.pos = pos + size;
    const text = this.scratch(0);
    return view.set(text, 0, putInteger(text, 0, n >> 31, n));
  }

  private compressedString(view: Bytes, at: number): Bytes {
    const size = this.length();
    const n = this.length();
    this.checkLength(n, at);
    if (size === 0 || n === 0 || n > size * EXPANSION_MAX)
      throw this.error(`a compressed string that turns ${size} bytes into ${n}`, at);
    this.need(size);
    const { buf, pos } = this;
    const to = this.scratch(n);
    if (!lzfDecompress(buf, pos, pos + size, to, n)) throw this.error('a compressed string that is damaged', at);
    this.pos = pos + size;
    view.set(to, 0, n);
    view.owned = n >= OWNED_FROM;
    return view;
  }

  /** A buffer for a string of `n` bytes: an own one when it is long. */
  private scratch(n: number): Uint8Array {
    if (n >= OWNED_FROM) return new Uint8Array(n);
    this.turn ^= 1;
    return this.scratches[this.turn];
  }

  private checkLength(n: number, at: number): void {
    if (n > STRING_MAX) throw this.error(`a string of ${n} bytes, more than 512 MiB`, at);
  }
}
