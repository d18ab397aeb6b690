/**
 * Reply: an output buffer with a verb for everything that RESP2 and RESP3 can say. The verbs know the difference between the
 * two; handlers never ask. Appends only; never writes to a socket: the connection takes `buf[0, pos)` and calls `taken()`.
 *
 * Buffers of the usual size come from a pool that all replies of a server share, so an idle client holds none.
 * Source: the RESP3 specification (redis/redis-specifications, 2018) and Redis 7's choice of type for each reply.
 */
import { DOUBLE_BYTES, putDouble } from './double.js';
import type { ByteView } from './view.js';

const CHUNK = 64 * 1024;

/** A buffer, with the view through which four bytes are written by one store. */
class Chunk {
  readonly bytes: Uint8Array;
  readonly view: DataView;

  constructor(size: number) {
    this.bytes = new Uint8Array(size);
    this.view = new DataView(this.bytes.buffer);
  }
}

const NO_CHUNK = new Chunk(0);

/** Buffers that are free for the next reply. */
export class ReplyPool {
  private readonly free: Chunk[] = [];

  take(): Chunk {
    return this.free.pop() ?? new Chunk(CHUNK);
  }

  give(chunk: Chunk): void {
    if (chunk.bytes.length === CHUNK && this.free.length < 64) this.free.push(chunk);
  }
}

export class Reply {
  buf: Uint8Array = NO_CHUNK.bytes;
  pos = 0;
  /** The protocol spoken: 2 or 3. */
  resp: 2 | 3 = 2;
  private readonly pool: ReplyPool;
  private chunk = NO_CHUNK;
  /** Buffers that the socket has not sent on yet. */
  private readonly kept: Chunk[] = [];

  constructor(pool: ReplyPool) {
    this.pool = pool;
  }

  // ---- simple replies ---------------------------------------------------------------------------------------------------------

  ok(): void {
    if (this.pos + 5 > this.buf.length) this.grow(5);
    const b = this.buf;
    const p = this.pos;
    b[p] = 43;
    b[p + 1] = 79;
    b[p + 2] = 75;
    b[p + 3] = 13;
    b[p + 4] = 10;
    this.pos = p + 5;
  }

  /** `+text`, one byte a character. */
  simple(text: string): void {
    this.line(43, text);
  }

  /** `-text`: the text carries its own code ("ERR ..."). Line breaks at its end go, others become blanks, as in Redis. */
  error(text: string): void {
    this.line(45, /[\r\n]/.test(text) ? text.replace(/[\r\n]+$/, '').replace(/[\r\n]/g, ' ') : text);
  }

  /** An integer that is exact as a number (up to 2^53). */
  int(n: number): void {
    this.header(58, n);
  }

  /** A 64-bit integer given as its decimal text. */
  intText(text: string): void {
    this.line(58, text);
  }

  /** A double: `,` in RESP3, a bulk string in RESP2. */
  double(value: number): void {
    if (this.resp === 2) return this.bulkDouble(value);
    const n = putDouble(DOUBLE, 0, value);
    if (this.pos + n + 3 > this.buf.length) this.grow(n + 3);
    const b = this.buf;
    let p = this.pos;
    b[p++] = 44;
    for (let i = 0; i < n; i++) b[p++] = DOUBLE[i];
    b[p] = 13;
    b[p + 1] = 10;
    this.pos = p + 2;
  }

  bool(value: boolean): void {
    if (this.resp === 3) this.line(35, value ? 't' : 'f');
    else this.header(58, value ? 1 : 0);
  }

  /** "No value": `$-1` or, in RESP3, `_`. */
  nil(): void {
    if (this.resp === 3) return this.line(95, '');
    this.line(36, '-1');
  }

  /** "No array": `*-1` or, in RESP3, `_`. */
  nilArray(): void {
    if (this.resp === 3) return this.line(95, '');
    this.line(42, '-1');
  }

  // ---- strings ------------------------------------------------------------------------------------------------------------------

  bulk(view: ByteView): void {
    this.bulkBytes(view.buf, view.start, view.end);
  }

  /** A bulk string of `from[start, end)`. */
  bulkBytes(from: Uint8Array, start: number, end: number): void {
    const n = end - start;
    if (n > 64) return this.longBulk(from, start, end);
    if (this.pos + 96 > this.buf.length) this.grow(96);
    const b = this.buf;
    const { view } = this.chunk;
    let p = this.pos;
    if (n < 10) {
      view.setInt32(p, 0x0a0d3024 + (n << 8), true); // "$0" CR LF
      p += 4;
    } else {
      const tens = (n * 205) >> 11; // n / 10, exact below 1,029
      view.setInt32(p, 0x0d303024 + (tens << 8) + ((n - tens * 10) << 16), true); // "$00" CR
      b[p + 4] = 10;
      p += 5;
    }
    // Four bytes a step: stores cost more than loads here.
    let i = start;
    for (; i + 3 < end; i += 4, p += 4)
      view.setInt32(p, from[i] | (from[i + 1] << 8) | (from[i + 2] << 16) | (from[i + 3] << 24), true);
    for (; i < end; i++) b[p++] = from[i];
    b[p] = 13;
    b[p + 1] = 10;
    this.pos = p + 2;
  }

  private longBulk(from: Uint8Array, start: number, end: number): void {
    const n = end - start;
    if (this.pos + n + 32 > this.buf.length) this.grow(n + 32);
    this.header(36, n);
    this.buf.set(start === 0 && end === from.length ? from : from.subarray(start, end), this.pos);
    this.pos += n;
    this.crlf();
  }

  /** A bulk string of `text`, one byte a character (latin1). */
  bulkText(text: string): void {
    const n = text.length;
    if (this.pos + n + 32 > this.buf.length) this.grow(n + 32);
    this.header(36, n);
    this.put(text);
    this.crlf();
  }

  /** A bulk string of an integer's digits. */
  bulkInt(n: number): void {
    this.bulkText(String(n));
  }

  /** A bulk string of a double, whatever the protocol. */
  bulkDouble(value: number): void {
    this.bulkBytes(DOUBLE, 0, putDouble(DOUBLE, 0, value));
  }

  /** Text with a format ("txt", "mkd"): `=` in RESP3, a bulk string in RESP2. */
  verbatim(format: string, text: string): void {
    if (this.resp === 2) return this.bulkText(text);
    const n = text.length + 4;
    if (this.pos + n + 32 > this.buf.length) this.grow(n + 32);
    this.header(61, n);
    this.put(format);
    this.put(':');
    this.put(text);
    this.crlf();
  }

  /** A number of any size: `(` in RESP3, a bulk string in RESP2. */
  bigNumber(digits: string): void {
    if (this.resp === 3) this.line(40, digits);
    else this.bulkText(digits);
  }

  // ---- aggregates: the header, then the caller writes the elements ----------------------------------------------------------

  array(n: number): void {
    this.header(42, n);
  }

  /** `pairs` keys and values: `%` in RESP3, a flat array in RESP2. */
  map(pairs: number): void {
    if (this.resp === 3) this.header(37, pairs);
    else this.header(42, pairs * 2);
  }

  /** `~` in RESP3, an array in RESP2. */
  set(n: number): void {
    this.header(this.resp === 3 ? 126 : 42, n);
  }

  /** An out-of-band message: `>` in RESP3, an array in RESP2. */
  push(n: number): void {
    this.header(this.resp === 3 ? 62 : 42, n);
  }

  /** Attributes before a reply: RESP3 only. */
  attribute(pairs: number): void {
    this.header(124, pairs);
  }

  /** Begins an aggregate whose length is not known yet; pass the mark to `endArray`, `endMap` or `endSet`. */
  defer(): number {
    return this.pos;
  }

  /** Puts the header of an array of `n` elements before what was written since `mark`. O(bytes since). */
  endArray(mark: number, n: number): void {
    this.insertHeader(mark, 42, n);
  }

  endMap(mark: number, pairs: number): void {
    if (this.resp === 3) this.insertHeader(mark, 37, pairs);
    else this.insertHeader(mark, 42, pairs * 2);
  }

  endSet(mark: number, n: number): void {
    this.insertHeader(mark, this.resp === 3 ? 126 : 42, n);
  }

  /** Bytes that are a reply already. */
  raw(from: Uint8Array, start: number, end: number): void {
    if (this.pos + end - start > this.buf.length) this.grow(end - start);
    this.buf.set(start === 0 && end === from.length ? from : from.subarray(start, end), this.pos);
    this.pos += end - start;
  }

  /** Takes back all but the first `n` bytes, and gives a copy of them. */
  split(n: number): Uint8Array {
    const rest = this.buf.slice(n, this.pos);
    this.pos = n;
    return rest;
  }

  // ---- the buffer -----------------------------------------------------------------------------------------------------------------

  /** The bytes were written out and are free again (`kept` false), or belong to the socket until `sent` (`kept` true). */
  taken(kept: boolean): void {
    if (kept) this.kept.push(this.chunk);
    else this.pool.give(this.chunk);
    this.use(NO_CHUNK);
    this.pos = 0;
  }

  /** The socket has sent all that it was given. */
  sent(): void {
    if (this.kept.length === 0) return;
    for (let i = 0; i < this.kept.length; i++) this.pool.give(this.kept[i]);
    this.kept.length = 0;
  }

  private header(type: number, n: number): void {
    if (this.pos + 24 > this.buf.length) this.grow(24);
    const b = this.buf;
    let p = this.pos;
    b[p++] = type;
    if (n >= 0 && n < 10) b[p++] = 48 + n;
    else if (n >= 10 && n < 100) {
      const tens = (n / 10) | 0;
      b[p++] = 48 + tens;
      b[p++] = 48 + n - tens * 10;
    } else p = putDigits(b, p, n);
    b[p] = 13;
    b[p + 1] = 10;
    this.pos = p + 2;
  }

  private insertHeader(mark: number, type: number, n: number): void {
    const end = this.pos;
    this.header(type, n);
    const size = this.pos - end;
    const b = this.buf;
    HEADER.set(b.subarray(end, end + size));
    b.copyWithin(mark + size, mark, end);
    b.set(HEADER.subarray(0, size), mark);
  }

  private line(type: number, text: string): void {
    if (this.pos + text.length + 3 > this.buf.length) this.grow(text.length + 3);
    this.buf[this.pos++] = type;
    this.put(text);
    this.crlf();
  }

  private put(text: string): void {
    const b = this.buf;
    let p = this.pos;
    for (let i = 0; i < text.length; i++) b[p++] = text.charCodeAt(i);
    this.pos = p;
  }

  private crlf(): void {
    this.buf[this.pos] = 13;
    this.buf[this.pos + 1] = 10;
    this.pos += 2;
  }

  private grow(n: number): void {
    if (this.buf.length === 0 && n <= CHUNK) return this.use(this.pool.take());
    const bigger = new Chunk(Math.max(this.pos + n, this.buf.length * 2, CHUNK));
    bigger.bytes.set(this.buf.subarray(0, this.pos));
    this.pool.give(this.chunk);
    this.use(bigger);
  }

  private use(chunk: Chunk): void {
    this.chunk = chunk;
    this.buf = chunk.bytes;
  }
}

const HEADER = new Uint8Array(32);
const DOUBLE = new Uint8Array(DOUBLE_BYTES);

/** Writes the decimal digits of an integer (exact up to 2^53); returns the position after them. */
function putDigits(b: Uint8Array, p: number, n: number): number {
  if (n < 0) {
    b[p++] = 45;
    n = -n;
  }
  if (n > 2147483647) {
    const high = Math.floor(n / 1e9);
    let rest = n - high * 1e9;
    p = putDigits(b, p, high);
    for (let i = 8; i >= 0; i--) {
      const q = (rest / 10) | 0;
      b[p + i] = 48 + rest - q * 10;
      rest = q;
    }
    return p + 9;
  }
  n |= 0;
  let size = 1;
  for (let t = n; t > 9; size++) t = (t / 10) | 0;
  for (let q = p + size - 1; q >= p; q--) {
    const t = (n / 10) | 0;
    b[q] = 48 + n - t * 10;
    n = t;
  }
  return p + size;
}
