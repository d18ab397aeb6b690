/**
 * RequestDecoder: bytes from a client become commands: multibulk (`*2\r\n$3\r\nGET\r\n$1\r\nk\r\n`) or inline (`GET k\r\n`).
 * Resumable at every byte. Arguments are views onto the input; only a bulk of 32 KiB and more gets a buffer of its own, of
 * exactly its size, which who stores it may adopt. Nothing is parsed or copied twice, however the bytes are cut.
 *
 *   feed(input) -> next() true: a command is in argv[0..argc) -> ... -> next() false: input used up, an unfinished command's
 *   bytes are kept in `tail` (call keep() before the input buffer is used for something else)
 *
 * Limits and error texts are those of Redis 7.0 (networking.c's behaviour). A ProtocolError is final: answer and close.
 */
import { splitWords } from './inline.js';
import { firstKeys } from './look-ahead.js';
import type { ByteView } from './view.js';

export class ProtocolError extends Error {}

/** Bulks from this length on are collected in a buffer of their own. */
export const BIG_BULK = 32 * 1024;
const LINE_MAX = 64 * 1024;
const FIRST_PIECE = 1 << 20;
const EMPTY = new Uint8Array(0);

export class RequestDecoder {
  readonly argv: ByteView[] = [];
  /** Number of arguments of the command that `next` completed. */
  argc = 0;
  /** Longest bulk accepted, in bytes. */
  maxBulk = 512 * 1024 * 1024;
  /** While true, only what a login needs is accepted: 10 arguments of 16 KiB. */
  unauthenticated = false;
  private readonly make: () => ByteView;
  private buf: Uint8Array = EMPTY;
  private pos = 0;
  private end = 0;
  /** Where the unfinished command begins in `buf`. */
  private begin = 0;
  /** Arguments that the current multibulk announced; -1 between commands. */
  private multi = -1;
  /** Arguments complete so far. */
  private got = 0;
  /** Announced length of the current bulk; -1 before its header. */
  private bulk = -1;
  /** The current big bulk's own buffer and how much of it is there. */
  private own: Uint8Array | undefined = undefined;
  private ownLength = 0;
  /** Unfinished input in memory of our own; `buf` is this while it is used. */
  private tail: Uint8Array = EMPTY;
  /** The current command was begun in another buffer: its views must be pointed at this one. */
  private moved = false;

  /** @param make creates the views of argv */
  constructor(make: () => ByteView) {
    this.make = make;
  }

  /** Bytes held for an unfinished command or not yet executed. */
  get pending(): number {
    return this.end - this.begin + this.ownLength;
  }

  /** Bytes of memory of our own that are held beyond those. */
  get free(): number {
    const own = this.own === undefined ? 0 : this.own.length - this.ownLength;
    return this.tail.length - (this.buf === this.tail ? this.end - this.begin : 0) + own;
  }

  /** Gives `n` more bytes of `input`, which must stay as they are until `keep()`. */
  feed(input: Uint8Array, n: number): void {
    if (this.begin === this.end && this.own === undefined && this.multi < 0) {
      this.buf = input;
      this.begin = this.pos = 0;
      this.end = n;
      return;
    }
    let from = 0;
    if (this.own !== undefined && this.pos === this.end) from = this.fillOwn(input, 0, n);
    if (from < n) this.append(input, from, n);
  }

  /** Moves what is left of the input into memory of our own. */
  keep(): void {
    if (this.multi < 0) {
      this.begin = this.pos;
      this.got = 0;
    }
    const left = this.end - this.begin;
    if (left === 0 && this.multi < 0) {
      if (this.buf === this.tail && this.tail.length > LINE_MAX) this.tail = EMPTY;
      this.buf = this.tail;
      this.begin = this.pos = this.end = 0;
      return;
    }
    if (this.buf === this.tail) {
      if (this.begin > 0) this.shift(this.tail, left);
      return;
    }
    const to = left <= this.tail.length ? this.tail : new Uint8Array(Math.max(1024, left));
    this.shift(to, left);
    this.tail = to;
  }

  private shift(to: Uint8Array, left: number): void {
    to.set(this.buf.subarray(this.begin, this.end), 0);
    const by = this.begin;
    for (let i = 0; i < this.got; i++) {
      const a = this.argv[i];
      if (a.owned) continue;
      a.start -= by;
      a.end -= by;
    }
    this.buf = to;
    this.pos -= by;
    this.begin = 0;
    this.end = left;
    this.moved = true;
  }

  private append(input: Uint8Array, from: number, n: number): void {
    this.keep();
    const need = this.end + n - from;
    if (need > this.tail.length) {
      const bigger = new Uint8Array(Math.max(need, this.tail.length * 2));
      bigger.set(this.buf.subarray(0, this.end));
      this.buf = this.tail = bigger;
    }
    this.buf.set(input.subarray(from, n), this.end);
    this.end = need;
    this.moved = true;
  }

  /**
   * Completes the next command.
   * @returns true when argv[0..argc) holds one; false when more input is needed
   * @throws ProtocolError with Redis's text behind "Protocol error: "
   */
  next(): boolean {
    for (;;) {
      if (this.multi < 0) {
        if (this.pos >= this.end) {
          this.begin = this.pos;
          return false;
        }
        this.begin = this.pos;
        this.moved = false;
        this.got = 0;
        if (this.buf[this.pos] !== 42) {
          const n = this.inline();
          if (n < 0) return false;
          if (n > 0) return true;
          continue;
        }
        if (!this.header()) return false;
        if (this.multi < 0) continue;
      }
      if (!this.arguments()) return false;
      this.argc = this.multi;
      this.multi = -1;
      if (this.moved) this.point();
      return true;
    }
  }

  /** The input that `ahead` tells positions of. */
  get input(): Uint8Array {
    return this.buf;
  }

  /** Finds the keys of the commands that are next; see `firstKeys`. @param bounds takes two numbers a command */
  ahead(bounds: Int32Array): number {
    return this.multi < 0 ? firstKeys(this.buf, this.pos, this.end, bounds) : 0;
  }

  /** Drops views that one huge command left behind; not those of a command of which only a part is here. */
  trim(): void {
    if (this.multi < 0 && this.argv.length > 1024) this.argv.length = 64;
  }

  private header(): boolean {
    const line = this.lineEnd('too big mbulk count string');
    if (line < 0) return false;
    const n = integer(this.buf, this.pos + 1, line);
    if (Number.isNaN(n) || n > 2147483647) throw new ProtocolError('invalid multibulk length');
    if (n > 10 && this.unauthenticated) throw new ProtocolError('unauthenticated multibulk length');
    this.pos = line + 2;
    if (n > 0) this.multi = n;
    return true;
  }

  private arguments(): boolean {
    while (this.got < this.multi) {
      if (this.bulk < 0 && !this.bulkHeader()) return false;
      const n = this.bulk;
      const argv = this.argv;
      if (this.got === argv.length) argv.push(this.make());
      if (
        n < BIG_BULK ||
        (this.own === undefined && this.end - this.pos >= n + 2 && this.end - this.pos < BIG_BULK * 3)
      ) {
        if (this.end - this.pos < n + 2) return false;
        argv[this.got++].set(this.buf, this.pos, this.pos + n);
        this.pos += n + 2;
      } else if (!this.bigBulk()) return false;
      this.bulk = -1;
    }
    return true;
  }

  private bulkHeader(): boolean {
    const buf = this.buf;
    let p = this.pos;
    // The common header, one to four digits, needs no search for its end.
    if (this.end - p > 7 && buf[p] === 36) {
      let n = buf[p + 1] - 48;
      if (n >= 0 && n <= 9) {
        p += 2;
        let d = 0;
        while (n < 1000 && (d = buf[p] - 48) >= 0 && d <= 9) {
          n = n * 10 + d;
          p++;
        }
        if (buf[p] === 13 && (buf[this.pos + 1] !== 48 || p === this.pos + 2)) {
          this.bulk = n;
          this.pos = p + 2;
          return true;
        }
      }
    }
    const line = this.lineEnd('too big bulk count string');
    if (line < 0) return false;
    if (buf[this.pos] !== 36) throw new ProtocolError(`expected '$', got '${String.fromCharCode(buf[this.pos])}'`);
    const n = integer(buf, this.pos + 1, line);
    if (Number.isNaN(n) || n < 0 || n > this.maxBulk) throw new ProtocolError('invalid bulk length');
    if (n > 16384 && this.unauthenticated) throw new ProtocolError('unauthenticated bulk length');
    this.bulk = n;
    this.pos = line + 2;
    return true;
  }

  /** Collects a big bulk in its own buffer, which grows with what really arrives. */
  private bigBulk(): boolean {
    if (this.own === undefined) {
      this.own = new Uint8Array(Math.min(this.bulk, FIRST_PIECE));
      this.ownLength = 0;
    }
    this.pos = this.fillOwn(this.buf, this.pos, this.end);
    if (this.ownLength < this.bulk || this.end - this.pos < 2) return false;
    const a = this.argv[this.got++];
    a.set(this.own, 0, this.bulk);
    a.owned = true;
    this.own = undefined;
    this.ownLength = 0;
    this.pos += 2;
    return true;
  }

  private fillOwn(input: Uint8Array, from: number, to: number): number {
    const n = Math.min(to - from, this.bulk - this.ownLength);
    let own = this.own!;
    if (this.ownLength + n > own.length) {
      const bigger = new Uint8Array(Math.min(this.bulk, Math.max(own.length * 2, this.ownLength + n)));
      bigger.set(own.subarray(0, this.ownLength));
      this.own = own = bigger;
    }
    own.set(input.subarray(from, from + n), this.ownLength);
    this.ownLength += n;
    return from + n;
  }

  /** Points the arguments' views at where the bytes now are. */
  private point(): void {
    for (let i = 0; i < this.argc; i++) {
      const a = this.argv[i];
      if (!a.owned) a.set(this.buf, a.start, a.end);
    }
  }

  /**
   * Position of the line's \r, when its \n is there too; -1 when more input is needed. Behind a NUL no line ends any more, as in
   * Redis, which searches with strchr: such a client gets its error once it has sent too much.
   */
  private lineEnd(tooLong: string): number {
    const { buf, end } = this;
    let p = this.pos;
    while (p < end && buf[p] !== 13 && buf[p] !== 0) p++;
    if (p < end && buf[p] === 13) return p + 1 < end ? p : -1;
    if (end - this.pos > LINE_MAX) throw new ProtocolError(tooLong);
    return -1;
  }

  /** An inline command: number of words, 0 for an empty line, -1 when more input is needed; NULs as in `lineEnd`. */
  private inline(): number {
    const { buf, end } = this;
    let p = this.pos;
    while (p < end && buf[p] !== 10 && buf[p] !== 0) p++;
    if (p === end || buf[p] === 0) {
      if (end - this.pos > LINE_MAX) throw new ProtocolError('too big inline request');
      return -1;
    }
    const lineEnd = p > this.pos && buf[p - 1] === 13 ? p - 1 : p;
    const words = splitWords(buf, this.pos, lineEnd);
    if (words === undefined) throw new ProtocolError('unbalanced quotes in request');
    this.pos = p + 1;
    for (let i = 0; i < words.length; i++) {
      if (i === this.argv.length) this.argv.push(this.make());
      this.argv[i].set(words[i], 0, words[i].length);
    }
    this.argc = words.length;
    return words.length;
  }
}

/**
 * Strict decimal integer in `buf[start, end)`; NaN when it is none or has more than 64 bits. Beyond 2^53 it is not exact, but no such
 * number is anything but too large.
 */
function integer(buf: Uint8Array, start: number, end: number): number {
  const negative = buf[start] === 45;
  let p = negative ? start + 1 : start;
  const digits = end - p;
  if (digits < 1 || digits > 19) return Number.NaN;
  if (buf[p] === 48 && (digits > 1 || negative)) return Number.NaN;
  let n = 0;
  for (; p < end; p++) {
    const d = buf[p] - 48;
    if (d < 0 || d > 9) return Number.NaN;
    n = n * 10 + d;
  }
  if (digits === 19) {
    const exact = BigInt(String.fromCharCode(...buf.subarray(start, end)));
    if (exact !== BigInt.asIntN(64, exact)) return Number.NaN;
  }
  return negative ? -n : n;
}
