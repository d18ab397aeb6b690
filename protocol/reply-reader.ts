/**
 * ReplyReader: replies in RESP2 and RESP3, as a client reads them. The other direction of reply.ts, for what is a client of a server:
 * the gateway, synap-cli.
 *
 *   $5 world   Uint8Array (a view onto what was fed)   +OK    string            :1     number, or bigint beyond 2^53
 *   *2 ...     array                                   -ERR   ReplyError        ,1.5   Double
 *   %1 ...     Map                                     _ $-1  null              #t     boolean
 *   ~2 ...     Set                                     (123   bigint            =15    Verbatim
 *   >2 ...     Push
 *
 * Fed with pieces of any size, it never looks at a byte twice; a bulk string that comes in many pieces is collected in one buffer of
 * its size. Attributes are read and dropped. Source: the RESP3 specification (redis/redis-specifications, 2018).
 */

/** An error reply: a value, not an exception, because within EXEC it is an answer like any other. */
export class ReplyError {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }

  /** Its first word: `ERR`, `WRONGTYPE`. */
  get code(): string {
    const end = this.text.indexOf(' ');
    return end < 0 ? this.text : this.text.slice(0, end);
  }
}

/** A double, kept apart from an integer. */
export class Double {
  readonly value: number;
  /** As the server wrote it. */
  readonly text: string;

  constructor(value: number, text = String(value)) {
    this.value = value;
    this.text = text;
  }
}

/** Text with a format (`txt`, `mkd`). */
export class Verbatim {
  readonly format: string;
  readonly text: Uint8Array;

  constructor(format: string, text: Uint8Array) {
    this.format = format;
    this.text = text;
  }
}

/** An out-of-band message. */
export class Push {
  readonly items: readonly ReplyValue[];

  constructor(items: readonly ReplyValue[]) {
    this.items = items;
  }
}

export type ReplyValue =
  | Uint8Array
  | string
  | number
  | bigint
  | boolean
  | null
  | ReplyError
  | Double
  | Verbatim
  | Push
  | readonly ReplyValue[]
  | ReadonlyMap<ReplyValue, ReplyValue>
  | ReadonlySet<ReplyValue>;

/** What was read is no reply: the connection cannot go on. */
export class ReplyFault extends Error {
  override readonly name = 'ReplyFault';
}

/** Aggregates within aggregates, at most. */
const DEPTH_MAX = 128;
/** The longest line without its type (bytes): MONITOR tells commands of megabytes in one, and a script may answer with a status. */
const LINE_MAX = 16 * 1024 * 1024;
const EMPTY: Uint8Array = new Uint8Array(0);

// What follows a type.
const ARRAY = 42;
const MAP = 37;
const SET = 126;
const PUSH = 62;
const ATTRIBUTE = 124;

interface Aggregate {
  readonly type: number;
  readonly items: ReplyValue[];
  /** Items to come. */
  left: number;
}

export class ReplyReader {
  private buf = EMPTY;
  private at = 0;
  private readonly open: Aggregate[] = [];
  /** A bulk string whose bytes are not all here, and how many are; its line end counts. */
  private bulk: Uint8Array | undefined = undefined;
  private filled = 0;
  private bulkType = 36;

  /** Takes the next piece of what the server sent. The bytes must stay as they are: replies are views onto them. */
  feed(chunk: Uint8Array): void {
    if (this.at === this.buf.length) this.buf = chunk;
    else {
      const both = new Uint8Array(this.buf.length - this.at + chunk.length);
      both.set(this.buf.subarray(this.at), 0);
      both.set(chunk, this.buf.length - this.at);
      this.buf = both;
    }
    this.at = 0;
  }

  /**
   * @returns the next reply; undefined when it is not complete yet
   * @throws ReplyFault on what is no RESP: nothing can be read any more then
   */
  next(): ReplyValue | undefined {
    for (;;) {
      const value = this.bulk === undefined ? this.step() : this.fill();
      if (value === undefined) return undefined;
      const whole = this.put(value);
      if (whole !== undefined) return whole;
    }
  }

  /** The next value that is no aggregate, or an empty one; opens those that are none. Undefined: more bytes are needed. */
  private step(): ReplyValue | undefined {
    for (;;) {
      const { buf, at } = this;
      if (at === buf.length) return undefined;
      const end = buf.indexOf(13, at);
      if (end < 0 || end + 1 === buf.length) {
        if (buf.length - at > LINE_MAX) throw new ReplyFault('a line without an end');
        return undefined;
      }
      if (buf[end + 1] !== 10) throw new ReplyFault('a line that does not end in CR LF');
      this.at = end + 2;
      const value = this.line(buf[at], at + 1, end);
      if (value !== undefined) return value;
      if (this.bulk !== undefined) return this.fill();
    }
  }

  /** The value of a line; undefined when it has begun something longer. */
  private line(type: number, start: number, end: number): ReplyValue | undefined {
    switch (type) {
      case 43: // +
        return this.text(start, end);
      case 45: // -
        return new ReplyError(this.text(start, end));
      case 58: // :
        return this.integer(start, end);
      case 36: // $
      case 61: // =
      case 33: // !
        return this.beginBulk(type, start, end);
      case 95: // _
        return null;
      case 35: // #
        return this.buf[start] === 116;
      case 44: // ,
        return double(this.text(start, end));
      case 40: // (
        return this.big(start, end);
      case ARRAY:
      case MAP:
      case SET:
      case PUSH:
      case ATTRIBUTE:
        return this.begin(type, this.length(start, end));
      default:
        throw new ReplyFault(`an unknown type: byte ${type}`);
    }
  }

  private text(start: number, end: number): string {
    return Buffer.from(this.buf.buffer, this.buf.byteOffset + start, end - start).toString('utf8');
  }

  private integer(start: number, end: number): number | bigint {
    const { buf } = this;
    if (end === start) throw new ReplyFault('an integer that is none');
    if (end - start > 15) {
      const big = this.big(start, end);
      const small = Number(big);
      return Number.isSafeInteger(small) ? small : big;
    }
    const negative = buf[start] === 45;
    let n = 0;
    for (let i = negative ? start + 1 : start; i < end; i++) {
      const digit = buf[i] - 48;
      if (digit < 0 || digit > 9) throw new ReplyFault('an integer that is none');
      n = n * 10 + digit;
    }
    return negative ? -n : n;
  }

  private big(start: number, end: number): bigint {
    const text = this.text(start, end);
    if (!/^[+-]?\d+$/.test(text)) throw new ReplyFault('an integer that is none');
    return BigInt(text);
  }

  /** A length; -1: there is no value. */
  private length(start: number, end: number): number {
    const n = this.integer(start, end);
    if (typeof n !== 'number' || n < -1) throw new ReplyFault('a length that is none');
    return n;
  }

  // ---- bulk strings -------------------------------------------------------------------------------------------------------------

  private beginBulk(type: number, start: number, end: number): ReplyValue | undefined {
    const n = this.length(start, end);
    if (n < 0) return null;
    this.bulkType = type;
    const { buf, at } = this;
    if (buf.length - at >= n + 2) {
      this.at = at + n + 2;
      return this.bulkValue(buf.subarray(at, at + n), buf[at + n], buf[at + n + 1]);
    }
    this.bulk = new Uint8Array(n + 2);
    this.filled = 0;
    return undefined;
  }

  private fill(): ReplyValue | undefined {
    const { buf, at } = this;
    const bulk = this.bulk!;
    const n = Math.min(bulk.length - this.filled, buf.length - at);
    bulk.set(buf.subarray(at, at + n), this.filled);
    this.filled += n;
    this.at += n;
    if (this.filled < bulk.length) return undefined;
    this.bulk = undefined;
    const end = bulk.length - 2;
    return this.bulkValue(bulk.subarray(0, end), bulk[end], bulk[end + 1]);
  }

  private bulkValue(bytes: Uint8Array, cr: number, lf: number): ReplyValue {
    if (cr !== 13 || lf !== 10) throw new ReplyFault('a bulk string that does not end in CR LF');
    if (this.bulkType === 36) return bytes;
    const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
    if (this.bulkType === 33) return new ReplyError(text.toString('utf8'));
    return new Verbatim(text.toString('latin1', 0, 3), bytes.subarray(4));
  }

  // ---- aggregates -----------------------------------------------------------------------------------------------------------------

  private begin(type: number, n: number): ReplyValue | undefined {
    if (n < 0) return null;
    const left = type === MAP || type === ATTRIBUTE ? 2 * n : n;
    if (left === 0 && type !== ATTRIBUTE) return whole(type, []);
    if (left === 0) return undefined;
    if (this.open.length === DEPTH_MAX) throw new ReplyFault('too many aggregates within each other');
    this.open.push({ type, items: [], left });
    return undefined;
  }

  /** Puts a value into the aggregate that is open. @returns the value itself, or the outermost aggregate that it has completed */
  private put(value: ReplyValue): ReplyValue | undefined {
    const { open } = this;
    let done = value;
    while (open.length > 0) {
      const last = open[open.length - 1];
      last.items.push(done);
      if (--last.left > 0) return undefined;
      open.pop();
      if (last.type === ATTRIBUTE) return undefined;
      done = whole(last.type, last.items);
    }
    return done;
  }
}

function whole(type: number, items: ReplyValue[]): ReplyValue {
  if (type === ARRAY) return items;
  if (type === SET) return new Set(items);
  if (type === PUSH) return new Push(items);
  const map = new Map<ReplyValue, ReplyValue>();
  for (let i = 0; i < items.length; i += 2) map.set(items[i], items[i + 1]);
  return map;
}

const WORDS: Readonly<Record<string, number>> = {
  inf: Number.POSITIVE_INFINITY,
  '-inf': Number.NEGATIVE_INFINITY,
  nan: Number.NaN,
  '-nan': Number.NaN,
};

function double(text: string): Double {
  return new Double(WORDS[text] ?? Number(text), text);
}
