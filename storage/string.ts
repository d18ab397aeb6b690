/**
 * Strings: values of up to 512 MiB. A short one lies in its entry's block behind the key; from 32 KiB on it has a buffer of its
 * own, adopted from the request where that collected one, so that a large value is never copied on its way in. Either may be
 * kept compressed instead (compression.ts): then it is the compressed form that lies here or there, by its own length.
 *
 * The encodings int, embstr and raw exist only as names: what OBJECT ENCODING says follows from the content and from whether a
 * command that edits in place made it. Read next: database.ts, commands/string.ts.
 */
import type { StringCapture } from './capture-string.js';
import {
  COMPRESSION_MIN,
  CompressedString,
  Compressor,
  decompress,
  originalLength,
  storedString,
} from './compression.js';
import { TOO_LONG } from './fault.js';
import type { Keyspace } from './keyspace.js';
import type { Large } from './large.js';
import { Limits } from './limits.js';
import { type Arena, GRANULE_MASK, SEGMENT_BITS } from './memory/arena.js';
import { Bytes, copyBytes, EMPTY } from './memory/bytes.js';
import { COMPRESSED, NATURAL, NOT_INT, RAW, STRING } from './types.js';

/** Strings that take this many bytes or more have a buffer of their own. */
export const BIG_STRING = 32 * 1024;
/** Keep whatever expiry time the key has. */
export const KEEP_TTL = -2;
const MAX_STRING = 512 * 1024 * 1024;

/** A string in its own buffer, which may have room behind the `length` bytes in use. */
export class BigString implements Large {
  readonly pieces = 1;
  capture: StringCapture | undefined = undefined;

  constructor(
    private readonly arena: Arena,
    public buf: Uint8Array,
    public length: number,
  ) {
    arena.outside += buf.length;
  }

  get bytes(): number {
    return this.buf.length + 96;
  }

  /** Makes room for `n` bytes in all, keeping the content; grows by half so that many APPENDs stay linear. */
  reserve(n: number): void {
    if (n <= this.buf.length) return;
    const bigger = new Uint8Array(Math.min(MAX_STRING, Math.max(n, Math.floor(this.buf.length * 1.5))));
    bigger.set(this.buf.subarray(0, this.length));
    this.arena.outside += bigger.length - this.buf.length;
    this.buf = bigger;
  }

  free(): boolean {
    this.arena.outside -= this.buf.length;
    this.buf = new Uint8Array(0);
    return true;
  }
}

export class Strings {
  private readonly view = new Bytes();
  private readonly compressor = new Compressor();

  constructor(
    private readonly space: Keyspace,
    private readonly limits = new Limits(),
  ) {}

  /** The string of entry `ref`, as a view that holds until the next `get` or change of any value. O(1), restoring one: O(length). */
  get(ref: number): Bytes {
    const { space } = this;
    if (!space.isPlain(ref)) {
      const stored = storedString(space, ref, this.view);
      return space.encoding(ref) === COMPRESSED ? this.compressor.restore(stored) : stored;
    }
    const { arena } = space;
    const segment = ref >>> SEGMENT_BITS;
    const at = (ref & GRANULE_MASK) << 4;
    const m = arena.i32[segment];
    const start = at + 12 + m[at >> 2];
    return this.view.set(arena.u8[segment], start, start + m[(at >> 2) + 1]);
  }

  /** Length in bytes of the string of entry `ref`. O(1). */
  length(ref: number): number {
    const { space } = this;
    if (space.isPlain(ref)) return space.word(ref);
    const stored = storedString(space, ref, this.view);
    return space.encoding(ref) === COMPRESSED ? originalLength(stored) : stored.length;
  }

  /**
   * Stores `value` at `key`, replacing whatever was there, of any type.
   * @param value bytes outside of the arena: never what `get` returned of a string that is not compressed
   * @param encoding NATURAL, RAW or NOT_INT
   * @param at expiry in ms since the epoch, -1 for none, KEEP_TTL for the key's present one
   * @returns the entry's reference. O(length)
   */
  set(key: Bytes, value: Bytes, encoding = NATURAL, at = -1): number {
    const { space } = this;
    const ref = space.find(key);
    if (at === KEEP_TTL) at = ref === 0 ? -1 : space.expireAt(ref);
    if (value.end - value.start >= COMPRESSION_MIN && this.limits.valueCompressionThreshold !== 0) {
      const compressed = this.compressed(value);
      if (compressed !== undefined) {
        const made = this.put(ref, key, compressed, COMPRESSED, at);
        space.compression.count(space, made, 1);
        return made;
      }
    }
    return this.put(ref, key, value, encoding, at);
  }

  /** `value` compressed; undefined when it is shorter than the threshold, or that saves too little. */
  private compressed(value: Bytes): Bytes | undefined {
    const n = value.end - value.start;
    return n >= this.limits.valueCompressionThreshold && n <= MAX_STRING ? this.compressor.compress(value) : undefined;
  }

  /** Stores the bytes of `value`, which may be a compressed form, in place of entry `ref`, which `find(key)` has just given, or 0. */
  private put(ref: number, key: Bytes, value: Bytes, encoding: number, at: number): number {
    const { space } = this;
    const n = value.end - value.start;
    if (n >= BIG_STRING) return this.putBig(ref, key, value, encoding, at);
    if (ref !== 0 && space.overwrite(ref, value.buf, value.start, n, encoding, at)) {
      space.touch(ref);
      return ref;
    }
    const made =
      ref === 0 ? space.create(key, STRING, encoding, n, n, at) : space.recreate(ref, key, STRING, encoding, n, n, at);
    const target = space.key(made, this.view);
    copyBytes(target.buf, target.end, value.buf, value.start, n);
    return made;
  }

  private putBig(ref: number, key: Bytes, value: Bytes, encoding: number, at: number): number {
    const { space } = this;
    const n = value.end - value.start;
    if (n > MAX_STRING) throw TOO_LONG;
    const buf = value.owned ? value.buf : value.buf.slice(value.start, value.end);
    value.owned = false;
    const handle = space.larges.put(
      encoding === COMPRESSED ? new CompressedString(space.arena, buf) : new BigString(space.arena, buf, n),
    );
    return ref === 0
      ? space.create(key, STRING, encoding, handle, 0, at, true)
      : space.recreate(ref, key, STRING, encoding, handle, 0, at, true);
  }

  /**
   * Puts `value` in the place of the string of entry `ref`, which `find` has just found, keeping its TTL.
   * @returns false, and nothing is done, when that takes another block. O(length)
   */
  overwrite(ref: number, value: Bytes): boolean {
    const { space } = this;
    return space.overwrite(ref, value.buf, value.start, value.end - value.start, NATURAL, space.expireAt(ref));
  }

  /**
   * Copies the string of entry `ref` to `key` of keyspace `to` (this one or another), where `to.find(key)` has just missed. One that
   * is compressed stays so.
   * @returns the new entry, without a TTL. O(length)
   */
  copyTo(ref: number, to: Keyspace, key: Bytes): number {
    const { space } = this;
    const encoding = space.encoding(ref);
    const { buf, start, end } = storedString(space, ref, this.view);
    const n = end - start;
    let made: number;
    if (space.isBig(ref)) {
      const own = buf.slice(start, end);
      const copy = encoding === COMPRESSED ? new CompressedString(to.arena, own) : new BigString(to.arena, own, n);
      made = to.create(key, STRING, encoding, to.larges.put(copy), 0, -1, true);
    } else {
      made = to.create(key, STRING, encoding, n, n);
      const target = to.key(made, this.view);
      copyBytes(target.buf, target.end, buf, start, n);
    }
    if (encoding === COMPRESSED) to.compression.count(to, made, 1);
    return made;
  }

  /**
   * Writes `value` at byte `offset` of the string at `key`, which grows (with zero bytes where there is a gap) or comes into
   * being; the result is raw. Type is the caller's to check. What is 32 KiB or longer then is not compressed (again) before it is
   * set as a whole: many small edits of it would each pay for its length.
   * @param ref the entry that `find(key)` has just given, or 0
   * @returns the new length. O(length of value), amortised
   * @throws TOO_LONG beyond 512 MiB
   */
  setRange(ref: number, key: Bytes, offset: number, value: Bytes): number {
    const { space } = this;
    const n = value.end - value.start;
    const old = ref === 0 ? 0 : this.length(ref);
    const size = Math.max(old, offset + n);
    if (size > MAX_STRING) throw TOO_LONG;
    if (ref !== 0 && space.isBig(ref) && space.encoding(ref) !== COMPRESSED) {
      const big = space.large(ref) as BigString;
      big.reserve(size);
      if (big.capture !== undefined) big.capture.changing(big.buf, Math.min(offset, old), offset + n);
      if (offset > old) big.buf.fill(0, old, offset);
      big.buf.set(value.buf.subarray(value.start, value.end), offset);
      big.length = size;
      space.setEncoding(ref, RAW);
      return size;
    }
    // Compose the new one: of less than 32 KiB, or for the last time before it gets a buffer to be edited in.
    const next = new Uint8Array(size);
    if (ref !== 0) this.copyOut(ref, next);
    next.set(value.buf.subarray(value.start, value.end), offset);
    const whole = new Bytes().set(next, 0, size);
    whole.owned = true;
    if (size < BIG_STRING) this.set(key, whole, RAW, KEEP_TTL);
    else this.putBig(ref, key, whole, RAW, ref === 0 ? -1 : space.expireAt(ref));
    return size;
  }

  /** Writes the string of entry `ref` to the beginning of `to`. */
  private copyOut(ref: number, to: Uint8Array): void {
    const stored = storedString(this.space, ref, this.view);
    if (this.space.encoding(ref) === COMPRESSED) decompress(stored, to);
    else to.set(stored.buf.subarray(stored.start, stored.end));
  }

  /** Lets go of the working memory that restoring a long string has taken. For the server's cron. */
  rest(): void {
    if (this.compressor.rest()) this.view.set(EMPTY, 0, 0);
  }

  /** What OBJECT ENCODING says of entry `ref`: int, embstr or raw, as Redis 7 would. O(1). */
  encodingName(ref: number): string {
    const encoding = this.space.encoding(ref);
    const n = this.length(ref);
    if (encoding === RAW || (n > 44 && encoding === NOT_INT)) return 'raw';
    if (encoding === NATURAL && n <= 20 && isInt64(this.get(ref))) return 'int';
    return n <= 44 ? 'embstr' : 'raw';
  }
}

/** Whether the view is the canonical decimal text of a 64-bit integer. */
function isInt64(view: Bytes): boolean {
  const text = view.toString();
  if (!/^(0|-?[1-9][0-9]{0,18})$/.test(text)) return false;
  const value = BigInt(text);
  return BigInt.asIntN(64, value) === value;
}
