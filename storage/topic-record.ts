/**
 * Records: the events of a topic as they stand one behind the other in a block. A record says nothing of its offset or of its neighbours,
 * so how many bytes it takes depends on the event alone, wherever it stands.
 *
 *   record    length of what follows, then [ flags : 1 ][ time : 6 ][ key ][ type ][ data ][ headers ]
 *   key, type length, bytes          each only with its flag
 *   data      what is left of the record; with headers length, bytes
 *   headers   number of pairs, then name and value of each in turn, as a key stands     only with its flag
 *
 * Lengths and counts: seven bits a byte, the lowest first, the top bit set on all but the last. Times: ms since the epoch, little endian.
 */
import { type Bytes, copyBytes } from './memory/bytes.js';

const HAS_KEY = 1;
const HAS_TYPE = 2;
const HAS_HEADERS = 4;
const FLAGS = HAS_KEY | HAS_TYPE | HAS_HEADERS;
const TIME_BYTES = 6;
const FIXED = 1 + TIME_BYTES;
/** Times are below this: the year 10889. */
export const MAX_TIME = 2 ** 48;

/** An event that is about to be appended: views, which need to hold only until then. */
export class EventDraft {
  key: Bytes | undefined = undefined;
  type: Bytes | undefined = undefined;
  data!: Bytes;
  /** Names and values in turn: `headers[from..to)`. */
  headers: readonly Bytes[] = [];
  from = 0;
  to = 0;
}

function countBytes(n: number): number {
  return n < 0x80 ? 1 : n < 0x4000 ? 2 : n < 0x200000 ? 3 : n < 0x10000000 ? 4 : 5;
}

function fieldBytes(field: Bytes): number {
  const n = field.end - field.start;
  return countBytes(n) + n;
}

function bodyBytes(draft: EventDraft): number {
  let n = FIXED + (draft.to > draft.from ? fieldBytes(draft.data) : draft.data.length);
  if (draft.key !== undefined) n += fieldBytes(draft.key);
  if (draft.type !== undefined) n += fieldBytes(draft.type);
  if (draft.to > draft.from) n += countBytes((draft.to - draft.from) >> 1);
  for (let i = draft.from; i < draft.to; i++) n += fieldBytes(draft.headers[i]);
  return n;
}

/** Bytes of the record that `draft` becomes. O(headers) */
export function recordBytes(draft: EventDraft): number {
  const body = bodyBytes(draft);
  return countBytes(body) + body;
}

function putCount(u8: Uint8Array, p: number, n: number): number {
  for (; n >= 0x80; n >>>= 7) u8[p++] = (n & 0x7f) | 0x80;
  u8[p++] = n;
  return p;
}

function putField(u8: Uint8Array, p: number, field: Bytes): number {
  const n = field.end - field.start;
  p = putCount(u8, p, n);
  copyBytes(u8, p, field.buf, field.start, n);
  return p + n;
}

/** Writes `draft` at `p`, where `recordBytes` of it are free. @param time ms since the epoch, below MAX_TIME */
export function writeRecord(u8: Uint8Array, p: number, draft: EventDraft, time: number): void {
  const { key, type, data, headers, from, to } = draft;
  p = putCount(u8, p, bodyBytes(draft));
  u8[p++] = (key === undefined ? 0 : HAS_KEY) | (type === undefined ? 0 : HAS_TYPE) | (to > from ? HAS_HEADERS : 0);
  const high = Math.floor(time / 4294967296);
  for (let i = 0; i < 4; i++) u8[p++] = time >>> (8 * i);
  u8[p++] = high;
  u8[p++] = high >>> 8;
  if (key !== undefined) p = putField(u8, p, key);
  if (type !== undefined) p = putField(u8, p, type);
  if (to === from) return copyBytes(u8, p, data.buf, data.start, data.end - data.start);
  p = putField(u8, p, data);
  p = putCount(u8, p, (to - from) >> 1);
  for (let i = from; i < to; i++) p = putField(u8, p, headers[i]);
}

/** Where the count at `p` ends. */
function countEnd(u8: Uint8Array, p: number): number {
  while (u8[p] >= 0x80) p++;
  return p + 1;
}

function countAt(u8: Uint8Array, p: number): number {
  let n = 0;
  let shift = 0;
  for (; u8[p] >= 0x80; shift += 7) n |= (u8[p++] & 0x7f) << shift;
  return n | (u8[p] << shift);
}

/** Where the record at `p` ends, and the next one begins. O(1) */
export function recordEnd(u8: Uint8Array, p: number): number {
  return countEnd(u8, p) + countAt(u8, p);
}

/** The time of the record at `p`. O(1) */
export function recordTime(u8: Uint8Array, p: number): number {
  const q = countEnd(u8, p) + 1;
  const low = u8[q] | (u8[q + 1] << 8) | (u8[q + 2] << 16) | (u8[q + 3] << 24);
  return (low >>> 0) + (u8[q + 4] | (u8[q + 5] << 8)) * 4294967296;
}

/** Reads the parts of a record one after the other. Its views hold as long as the record does. */
export class RecordReader {
  time = 0;
  hasKey = false;
  hasType = false;
  private hasHeaders = false;
  private u8!: Uint8Array;
  private start = 0;
  private p = 0;
  private end = 0;

  /** Turns to the record at `p`. */
  begin(u8: Uint8Array, p: number): this {
    this.u8 = u8;
    this.start = p;
    this.time = recordTime(u8, p);
    this.end = recordEnd(u8, p);
    const at = countEnd(u8, p);
    const flags = u8[at];
    this.p = at + FIXED;
    this.hasKey = (flags & HAS_KEY) !== 0;
    this.hasType = (flags & HAS_TYPE) !== 0;
    this.hasHeaders = (flags & HAS_HEADERS) !== 0;
    return this;
  }

  /** The next of key (when there is one), type (when there is one), and, after the data, of each header the name and the value. */
  field(view: Bytes): Bytes {
    const n = countAt(this.u8, this.p);
    const start = countEnd(this.u8, this.p);
    this.p = start + n;
    return view.set(this.u8, start, this.p);
  }

  /** After key and type: the data. */
  data(view: Bytes): Bytes {
    return this.hasHeaders ? this.field(view) : view.set(this.u8, this.p, this.end);
  }

  /** After the data: how many headers follow. */
  headers(): number {
    if (!this.hasHeaders) return 0;
    const n = countAt(this.u8, this.p);
    this.p = countEnd(this.u8, this.p);
    return n;
  }

  /** The record as it stands. */
  whole(view: Bytes): Bytes {
    return view.set(this.u8, this.start, this.end);
  }
}

/**
 * Checks bytes that come from outside: whether `u8[p..end)` are exactly `count` whole records whose times never go back.
 * @param earliest no time may be before this
 * @returns the last time; -1 when something is wrong. O(bytes of headers + records)
 */
export function checkRecords(u8: Uint8Array, p: number, end: number, count: number, earliest: number): number {
  let time = earliest;
  for (; count > 0; count--) {
    const next = checkRecord(u8, p, end);
    if (next < 0 || recordTime(u8, p) < time) return -1;
    time = recordTime(u8, p);
    p = next;
  }
  return p === end ? time : -1;
}

/** The count at `p`, when it is whole and as short as can be; else -1. */
function checkedCount(u8: Uint8Array, p: number, end: number): number {
  const most = Math.min(end, p + 4); // 28 bits: no record is longer than a block
  for (let q = p; q < most; q++) if (u8[q] < 0x80) return q > p && u8[q] === 0 ? -1 : countAt(u8, p);
  return -1;
}

/** Where the record at `p` ends; -1 when it is none. */
function checkRecord(u8: Uint8Array, p: number, limit: number): number {
  const body = checkedCount(u8, p, limit);
  if (body < FIXED) return -1;
  p = countEnd(u8, p);
  const end = p + body;
  if (end > limit) return -1;
  const flags = u8[p];
  if ((flags & ~FLAGS) !== 0) return -1;
  p += FIXED;
  let fields = ((flags & HAS_KEY) !== 0 ? 1 : 0) + ((flags & HAS_TYPE) !== 0 ? 1 : 0);
  for (; fields > 0; fields--) if ((p = checkedField(u8, p, end)) < 0) return -1;
  if ((flags & HAS_HEADERS) === 0) return end;
  if ((p = checkedField(u8, p, end)) < 0) return -1;
  const pairs = checkedCount(u8, p, end);
  if (pairs <= 0) return -1;
  p = countEnd(u8, p);
  for (let i = 0; i < 2 * pairs; i++) if ((p = checkedField(u8, p, end)) < 0) return -1;
  return p === end ? end : -1;
}

function checkedField(u8: Uint8Array, p: number, end: number): number {
  const n = checkedCount(u8, p, end);
  if (n < 0) return -1;
  const next = countEnd(u8, p) + n;
  return next <= end ? next : -1;
}
