/**
 * A message of a queue as one block of the arena. Everything of it lies here, so that a message costs no JavaScript object; indexes name
 * it by its block (queue.ts).
 *
 *   word 0    8, the length of the id               bytes 12-19  the id, the highest byte first: a key of a Table, a member of a tree
 *   word 1    length of the payload                 word 5       deliveries so far
 *   word 2    [ reason : 2 ][ state : 2 ][ priority : 4 ]
 *   bytes 24  published, 32 time, 40 expires: doubles, ms since the epoch
 *   word 12   retries     word 13  number of the holder, in flight     word 14  length of the headers
 *   byte 60   headers: [ length : 4 ][ name ][ length : 4 ][ value ] ...   then the payload
 *
 * `time` is, by state: until when the message waits (0: it need not) | until when it must be acknowledged | when it died.
 */
import { type Arena, GRANULE_MASK, MAX_BLOCK, SEGMENT_BITS } from './memory/arena.js';
import { type Bytes, copyBytes } from './memory/bytes.js';

/** Bytes from a block's start to its id. */
export const ID_OFFSET = 12;
const ID_BYTES = 8;
const FIXED = 60;
/** The longest payload with its headers, bytes. */
export const MESSAGE_MAX = MAX_BLOCK - FIXED - 16;
/** Ids are below this, so that a priority fits above them in a double. */
export const ID_LIMIT = 2 ** 49;
const WORD = 2 ** 32;

// States, which are also the numbers of the indexes that hold them.
export const READY = 0;
export const DELAYED = 1;
export const IN_FLIGHT = 2;
export const DEAD = 3;

// Why a message is dead.
export const BY_RETRIES = 0;
export const BY_NACK = 1;

/** A message that is about to come. The views hold only during the call that takes it. */
export interface NewMessage {
  /** 1 to ID_LIMIT, exclusive. */
  id: number;
  /** 0 to 9, the highest first. */
  priority: number;
  /** Deliveries that may follow the first, 0 to 2^31 - 1. */
  retries: number;
  /** ms since the epoch. */
  published: number;
  /** ms since the epoch; 0: it can be delivered at once. */
  due: number;
  /** ms since the epoch; 0: never. */
  expires: number;
  payload: Bytes;
  /** As in the block; no bytes for none. */
  headers: Bytes;
}

/** Bytes of a message's block. */
function messageBytes(payload: number, headers: number): number {
  return FIXED + headers + payload;
}

/** Writes `id` into `buf[0, 8)`. */
export function putId(buf: Uint8Array, at: number, id: number): void {
  let high = Math.floor(id / WORD);
  let low = id >>> 0;
  for (let i = 3; i >= 0; i--) {
    buf[at + i] = high & 255;
    buf[at + 4 + i] = low & 255;
    high >>>= 8;
    low >>>= 8;
  }
}

/** Makes the block of a message that waits; its state is READY, its time `due`. */
export function buildMessage(arena: Arena, m: NewMessage): number {
  const headers = m.headers.end - m.headers.start;
  const payload = m.payload.end - m.payload.start;
  const ref = arena.alloc(messageBytes(payload, headers));
  const at = (ref & GRANULE_MASK) << 4;
  const u8 = arena.u8[ref >>> SEGMENT_BITS];
  const i32 = arena.i32[ref >>> SEGMENT_BITS];
  const f64 = arena.f64[ref >>> SEGMENT_BITS];
  const w = at >> 2;
  i32[w] = ID_BYTES;
  i32[w + 1] = payload;
  i32[w + 2] = m.priority;
  putId(u8, at + ID_OFFSET, m.id);
  i32[w + 5] = 0;
  f64[(at >> 3) + 3] = m.published;
  f64[(at >> 3) + 4] = m.due;
  f64[(at >> 3) + 5] = m.expires;
  i32[w + 12] = m.retries;
  i32[w + 13] = 0;
  i32[w + 14] = headers;
  copyBytes(u8, at + FIXED, m.headers.buf, m.headers.start, headers);
  copyBytes(u8, at + FIXED + headers, m.payload.buf, m.payload.start, payload);
  return ref;
}

/** The fields of messages in one arena: `ref` is a message's block. All O(1). */
export class MessageFields {
  readonly arena: Arena;

  constructor(arena: Arena) {
    this.arena = arena;
  }

  private word(ref: number, i: number): number {
    return this.arena.i32[ref >>> SEGMENT_BITS][((ref & GRANULE_MASK) << 2) + i];
  }

  private setWord(ref: number, i: number, value: number): void {
    this.arena.i32[ref >>> SEGMENT_BITS][((ref & GRANULE_MASK) << 2) + i] = value;
  }

  private double(ref: number, i: number): number {
    return this.arena.f64[ref >>> SEGMENT_BITS][((ref & GRANULE_MASK) << 1) + i];
  }

  private setDouble(ref: number, i: number, value: number): void {
    this.arena.f64[ref >>> SEGMENT_BITS][((ref & GRANULE_MASK) << 1) + i] = value;
  }

  /** Points `view` at the id as the block has it: the key in the table, the member in trees. */
  key(ref: number, view: Bytes): Bytes {
    const at = ((ref & GRANULE_MASK) << 4) + ID_OFFSET;
    return view.set(this.arena.u8[ref >>> SEGMENT_BITS], at, at + ID_BYTES);
  }

  id(ref: number): number {
    const u8 = this.arena.u8[ref >>> SEGMENT_BITS];
    const at = ((ref & GRANULE_MASK) << 4) + ID_OFFSET;
    let id = 0;
    for (let i = 0; i < ID_BYTES; i++) id = id * 256 + u8[at + i];
    return id;
  }

  bytes(ref: number): number {
    return messageBytes(this.word(ref, 1), this.word(ref, 14));
  }

  priority(ref: number): number {
    return this.word(ref, 2) & 15;
  }

  state(ref: number): number {
    return (this.word(ref, 2) >> 4) & 3;
  }

  reason(ref: number): number {
    return (this.word(ref, 2) >> 6) & 3;
  }

  setState(ref: number, state: number, reason = 0): void {
    this.setWord(ref, 2, this.priority(ref) | (state << 4) | (reason << 6));
  }

  deliveries(ref: number): number {
    return this.word(ref, 5) >>> 0;
  }

  setDeliveries(ref: number, n: number): void {
    this.setWord(ref, 5, n);
  }

  retries(ref: number): number {
    return this.word(ref, 12);
  }

  holder(ref: number): number {
    return this.word(ref, 13);
  }

  setHolder(ref: number, holder: number): void {
    this.setWord(ref, 13, holder);
  }

  published(ref: number): number {
    return this.double(ref, 3);
  }

  time(ref: number): number {
    return this.double(ref, 4);
  }

  setTime(ref: number, time: number): void {
    this.setDouble(ref, 4, time);
  }

  /** 0: never. */
  expires(ref: number): number {
    return this.double(ref, 5);
  }

  setExpires(ref: number, at: number): void {
    this.setDouble(ref, 5, at);
  }

  headers(ref: number, view: Bytes): Bytes {
    const at = ((ref & GRANULE_MASK) << 4) + FIXED;
    return view.set(this.arena.u8[ref >>> SEGMENT_BITS], at, at + this.word(ref, 14));
  }

  payload(ref: number, view: Bytes): Bytes {
    const at = ((ref & GRANULE_MASK) << 4) + FIXED + this.word(ref, 14);
    return view.set(this.arena.u8[ref >>> SEGMENT_BITS], at, at + this.word(ref, 1));
  }
}

// ---- headers ----------------------------------------------------------------------------------------------------------------------

/** Bytes that one string takes in the headers. */
export function headerBytes(text: Bytes): number {
  return 4 + text.end - text.start;
}

/** Writes one string of the headers at `buf[at]`. @returns where the next one goes */
export function putHeader(buf: Uint8Array, at: number, text: Bytes): number {
  const n = text.end - text.start;
  for (let i = 0; i < 4; i++) buf[at + i] = n >>> (8 * i);
  copyBytes(buf, at + 4, text.buf, text.start, n);
  return at + 4 + n;
}

/** Points `view` at the string of the headers that begins at `at`, a position in `headers.buf`. @returns where the next one begins */
export function headerAt(headers: Bytes, at: number, view: Bytes): number {
  const { buf } = headers;
  const n = (buf[at] | (buf[at + 1] << 8) | (buf[at + 2] << 16) | (buf[at + 3] << 24)) >>> 0;
  view.set(buf, at + 4, at + 4 + n);
  return at + 4 + n;
}

/** The number of names in the headers; -1 when they are damaged. O(names) */
export function countHeaders(headers: Bytes, view: Bytes): number {
  let n = 0;
  let at = headers.start;
  for (; at + 4 <= headers.end; n++) at = headerAt(headers, at, view);
  return at === headers.end && n % 2 === 0 ? n / 2 : -1;
}
