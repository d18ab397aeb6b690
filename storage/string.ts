/**
 * Strings: values of up to 512 MiB. A short one lies in its entry's block behind the key; from 32 KiB on it has a buffer of its
 * own, adopted from the request where that collected one, so that a large value is never copied on its way in.
 *
 * The encodings int, embstr and raw exist only as names: what OBJECT ENCODING says follows from the content and from whether a
 * command that edits in place made it. Read next: database.ts, commands/string.ts.
 */
import { TOO_LONG } from './fault.js';
import type { Keyspace } from './keyspace.js';
import type { Large } from './large.js';
import { type Arena, GRANULE_MASK, SEGMENT_BITS } from './memory/arena.js';
import { Bytes, copyBytes } from './memory/bytes.js';
import { NATURAL, NOT_INT, RAW, STRING } from './types.js';

/** Strings from this length on have a buffer of their own. */
export const BIG_STRING = 32 * 1024;
/** Keep whatever expiry time the key has. */
export const KEEP_TTL = -2;
const MAX_STRING = 512 * 1024 * 1024;

/** A string in its own buffer, which may have room behind the `length` bytes in use. */
export class BigString implements Large {
  readonly pieces = 1;

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

  constructor(private readonly space: Keyspace) {}

  /** The string of entry `ref`, as a view that holds until the next change of any value. O(1). */
  get(ref: number): Bytes {
    const { space } = this;
    if (space.isBig(ref)) {
      const big = space.large(ref) as BigString;
      return this.view.set(big.buf, 0, big.length);
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
    return this.space.isBig(ref) ? (this.space.large(ref) as BigString).length : this.space.word(ref);
  }

  /**
   * Stores `value` at `key`, replacing whatever was there, of any type.
   * @param encoding NATURAL, RAW or NOT_INT
   * @param at expiry in ms since the epoch, -1 for none, KEEP_TTL for the key's present one
   * @returns the entry's reference. O(length)
   */
  set(key: Bytes, value: Bytes, encoding = NATURAL, at = -1): number {
    const { space } = this;
    const ref = space.find(key);
    const n = value.end - value.start;
    if (at === KEEP_TTL) at = ref === 0 ? -1 : space.expireAt(ref);
    if (n >= BIG_STRING) return this.setBig(ref, key, value, encoding, at);
    if (ref !== 0 && space.overwrite(ref, value.buf, value.start, n, encoding, at)) {
      space.touch(ref);
      return ref;
    }
    const made =
      ref === 0 ? space.create(key, STRING, encoding, n, n, at) : space.recreate(ref, key, STRING, encoding, n, n, at);
    const view = this.get(made);
    copyBytes(view.buf, view.start, value.buf, value.start, n);
    return made;
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
   * Copies the string of entry `ref` to `key` of keyspace `to` (this one or another), where `to.find(key)` has just missed.
   * @returns the new entry, without a TTL. O(length)
   */
  copyTo(ref: number, to: Keyspace, key: Bytes): number {
    const { space } = this;
    const encoding = space.encoding(ref);
    const { buf, start, end } = this.get(ref);
    if (space.isBig(ref)) {
      const copy = new BigString(to.arena, buf.slice(start, end), end - start);
      return to.create(key, STRING, encoding, to.larges.put(copy), 0, -1, true);
    }
    const n = end - start;
    const made = to.create(key, STRING, encoding, n, n);
    const target = to.key(made, this.view);
    copyBytes(target.buf, target.end, buf, start, n);
    return made;
  }

  private setBig(ref: number, key: Bytes, value: Bytes, encoding: number, at: number): number {
    const { space } = this;
    const n = value.end - value.start;
    if (n > MAX_STRING) throw TOO_LONG;
    const buf = value.owned ? value.buf : value.buf.slice(value.start, value.end);
    value.owned = false;
    const handle = space.larges.put(new BigString(space.arena, buf, n));
    return ref === 0
      ? space.create(key, STRING, encoding, handle, 0, at, true)
      : space.recreate(ref, key, STRING, encoding, handle, 0, at, true);
  }

  /**
   * Writes `value` at byte `offset` of the string at `key`, which grows (with zero bytes where there is a gap) or comes into
   * being; the result is raw. Type is the caller's to check.
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
    if (ref !== 0 && space.isBig(ref)) {
      const big = space.large(ref) as BigString;
      big.reserve(size);
      if (offset > old) big.buf.fill(0, old, offset);
      big.buf.set(value.buf.subarray(value.start, value.end), offset);
      big.length = size;
      space.setEncoding(ref, RAW);
      return size;
    }
    // A short string: compose the new one; a copy of less than 32 KiB, or the last one before it gets its own buffer.
    const next = new Uint8Array(size);
    if (old > 0) {
      const view = this.get(ref);
      next.set(view.buf.subarray(view.start, view.end));
    }
    next.set(value.buf.subarray(value.start, value.end), offset);
    const view = new Bytes().set(next, 0, size);
    view.owned = true;
    this.set(key, view, RAW, KEEP_TTL);
    return size;
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
