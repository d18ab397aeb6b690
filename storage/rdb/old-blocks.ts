/**
 * OldBlocks: the blocks in which Redis kept small collections before version 7: ziplists (2.2 to 6.2) and zipmaps (2.4), read into a
 * listpack, so that nothing else knows them. Checks them whole on the way: lengths, links, end.
 *
 *   ziplist   [ bytes : u32 ][ offset of the last : u32 ][ entries : u16 ][ entry ] ... [ 0xff ]
 *   entry     [ bytes of the one before : 1, or 0xfe and 4 ][ encoding ][ data ]
 *   encoding  00nnnnnn | 01nnnnnn n | 10...... n n n n: string of n bytes (highest byte first)
 *             c0 d0 e0 f0 fe: integer of 16, 32, 64, 24, 8 bits | f1 to fd: the integers 0 to 12
 *   zipmap    [ fields : 1, 254 for "count them" ][ [ n ][ field ][ n ][ free : 1 ][ value ][ free bytes ] ] ... [ 0xff ]
 *             n is one byte below 254, or 254 and 4
 *
 * Source: the formats as publicly described (rdb_file_format, Redis 2.6).
 */
import { Bytes } from '../memory/bytes.js';
import { LP_EMPTY, LP_HEADER, lpEncodedBytes, lpPut, lpSetHeader, putInteger } from '../memory/listpack.js';

const ZIPLIST_HEADER = 10;
const END_MARK = 0xff;
const LONG_LENGTH = 254;
const UNCOUNTED = 65535;
const ZIPMAP_UNCOUNTED = 254;
const FIRST_SIZE = 1024;
/** A result that took more (bytes) is let go before the next. */
const KEPT = 1 << 20;

export class OldBlocks {
  /** The listpack that was made: `buf[0, size)`. */
  buf = new Uint8Array(FIRST_SIZE);
  size = LP_EMPTY;
  private count = 0;
  private readonly view = new Bytes();
  private readonly digits = new Uint8Array(24);

  /** Makes a listpack of the ziplist `from[start, end)`; false when that is none. O(bytes) */
  fromZiplist(from: Uint8Array, start: number, end: number): boolean {
    const n = end - start;
    if (n < ZIPLIST_HEADER + 1 || u32(from, start) !== n || from[end - 1] !== END_MARK) return false;
    this.begin();
    let before = 0;
    let p = start + ZIPLIST_HEADER;
    let last = p;
    while (p < end - 1) {
      last = p;
      p = linkEnd(from, p, end - 1, before);
      if (p < 0) return false;
      p = this.ziplistData(from, p, end - 1);
      if (p < 0) return false;
      before = p - last;
    }
    const told = from[start + 8] | (from[start + 9] << 8);
    if (u32(from, start + 4) !== last - start || (told !== this.count && told !== UNCOUNTED)) return false;
    this.finish();
    return true;
  }

  /** Reads encoding and data at `p`; returns the position behind them, -1 when they do not end before `end`. */
  private ziplistData(from: Uint8Array, p: number, end: number): number {
    if (p >= end) return -1;
    const b = from[p];
    if (b < 0xc0) {
      const head = b < 0x40 ? 1 : b < 0x80 ? 2 : 5;
      if (head > end - p) return -1;
      let n = b & 0x3f;
      if (head === 2) n = (n << 8) | from[p + 1];
      else if (head === 5) n = ((from[p + 1] << 24) | (from[p + 2] << 16) | (from[p + 3] << 8) | from[p + 4]) >>> 0;
      p += head;
      if (n > end - p) return -1;
      this.put(this.view.set(from, p, p + n));
      return p + n;
    }
    if (b >= 0xf1 && b <= 0xfd) {
      this.putNumber(0, b - 0xf1);
      return p + 1;
    }
    const size = b === 0xc0 ? 2 : b === 0xd0 ? 4 : b === 0xe0 ? 8 : b === 0xf0 ? 3 : b === 0xfe ? 1 : 0;
    p++;
    if (size === 0 || size > end - p) return -1;
    let low = 0;
    for (let i = Math.min(size, 4) - 1; i >= 0; i--) low = (low << 8) | from[p + i];
    if (size < 4) low = (low << (32 - 8 * size)) >> (32 - 8 * size);
    this.putNumber(size === 8 ? u32(from, p + 4) | 0 : low >> 31, low);
    return p + size;
  }

  /** Makes a listpack of the zipmap `from[start, end)`, fields and values in turn; false when that is none. O(bytes) */
  fromZipmap(from: Uint8Array, start: number, end: number): boolean {
    if (end - start < 2 || from[end - 1] !== END_MARK) return false;
    this.begin();
    let p = start + 1;
    while (p < end - 1) {
      for (const free of [0, 1]) {
        let n = from[p++];
        if (n === END_MARK) return false;
        if (n === LONG_LENGTH) {
          if (4 > end - 1 - p) return false;
          n = u32(from, p);
          p += 4;
        }
        if (n + free > end - 1 - p) return false;
        const unused = free === 0 ? 0 : from[p];
        p += free;
        this.put(this.view.set(from, p, p + n));
        p += n + unused;
        if (free === 0 ? p >= end - 1 : p > end - 1) return false;
      }
    }
    const told = from[start];
    if (told < ZIPMAP_UNCOUNTED && told !== this.count >> 1) return false;
    this.finish();
    return true;
  }

  private begin(): void {
    if (this.buf.length > KEPT) this.buf = new Uint8Array(FIRST_SIZE);
    this.size = LP_HEADER;
    this.count = 0;
  }

  private finish(): void {
    this.reserve(1);
    this.buf[this.size++] = END_MARK;
    lpSetHeader(this.buf, 0, this.size, this.count);
  }

  private put(value: Bytes): void {
    this.reserve(lpEncodedBytes(value));
    this.size += lpPut(this.buf, this.size, value);
    this.count++;
  }

  private putNumber(high: number, low: number): void {
    this.put(this.view.set(this.digits, 0, putInteger(this.digits, 0, high, low)));
  }

  private reserve(n: number): void {
    if (this.size + n <= this.buf.length) return;
    const bigger = new Uint8Array(Math.max(2 * this.buf.length, this.size + n));
    bigger.set(this.buf.subarray(0, this.size));
    this.buf = bigger;
  }
}

/** The length of the entry before, at `p`: must be `before`. @returns the position behind it, -1 when it is not */
function linkEnd(from: Uint8Array, p: number, end: number, before: number): number {
  if (from[p] < LONG_LENGTH) return from[p] === before ? p + 1 : -1;
  if (from[p] !== LONG_LENGTH || 5 > end - p) return -1;
  return u32(from, p + 1) === before ? p + 5 : -1;
}

function u32(buf: Uint8Array, p: number): number {
  return (buf[p] | (buf[p + 1] << 8) | (buf[p + 2] << 16) | (buf[p + 3] << 24)) >>> 0;
}
