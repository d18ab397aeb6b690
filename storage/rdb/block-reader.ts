/**
 * BlockReader: small collections that came as one block, a listpack or an intset. Checks the block, elements included; then it is taken
 * over whole when an engine might have made it under the server's limits, and else its elements are added one by one.
 *
 * Throws an RdbError before anything was made, or leaves what was made to who drops it. Read next: listpack-check.ts, old-blocks.ts.
 */
import { PAIR, TRIPLET } from '../hash-packed.js';
import { INTSET_MAX } from '../intset.js';
import { Bytes } from '../memory/bytes.js';
import { LP_HEADER, lpAtEnd, lpGet, lpInteger, lpIsInteger, lpNext, putInteger } from '../memory/listpack.js';
import { PACKED_MAX } from '../memory/packed.js';
import { HASH, INTSET, LIST, PACKED, PACKED_EX, SET, ZSET } from '../types.js';
import { ListpackCheck } from './listpack-check.js';
import { RdbError } from './rdb-error.js';
import type { ValueBuilder } from './value-builder.js';

const INTSET_HEADER = 8;
const TEXT_BYTES = 32;
/** The last time that a field may expire, ms since the epoch. */
export const FIELD_EXPIRY_MAX = Number.MAX_SAFE_INTEGER;

export class BlockReader {
  private readonly builder: ValueBuilder;
  private readonly check = new ListpackCheck();
  private readonly first = new Bytes();
  private readonly second = new Bytes();
  private readonly firstText = new Uint8Array(TEXT_BYTES);
  private readonly secondText = new Uint8Array(TEXT_BYTES);
  // The listpack that is read.
  private u8: Uint8Array = this.firstText;
  private at = 0;
  private size = 0;

  constructor(builder: ValueBuilder) {
    this.builder = builder;
  }

  /** Number of elements of the listpack that was opened last. */
  get count(): number {
    return this.check.count;
  }

  /** Opens the listpack `u8[at, end)`. @throws RdbError when it is none, or its elements do not come in groups of `step` */
  private open(u8: Uint8Array, at: number, end: number, step: number): void {
    this.u8 = u8;
    this.at = at;
    this.size = end - at;
    if (!this.check.check(u8, at, end - at)) throw new RdbError('a listpack that is damaged');
    if (this.check.count % step !== 0) throw new RdbError('a listpack that ends in the middle of an element');
  }

  /** Whether the open block, whose first of each `step` elements must differ, may be taken over: not in number, but in form. */
  private adoptable(step: number): boolean {
    const { check } = this;
    if (!check.distinct(this.u8, this.at, step)) throw new RdbError('a listpack in which an element repeats');
    return check.canonical && this.size <= PACKED_MAX;
  }

  private element(p: number): Bytes {
    return lpGet(this.u8, this.at, p, this.first, this.firstText);
  }

  private other(p: number): Bytes {
    return lpGet(this.u8, this.at, p, this.second, this.secondText);
  }

  // ---- lists ----------------------------------------------------------------------------------------------------------------------

  /** A list that is all in one listpack; false when it has no elements. O(bytes) */
  list(u8: Uint8Array, at: number, end: number): boolean {
    this.open(u8, at, end, 1);
    const { builder, check } = this;
    if (check.count === 0) return false;
    if (check.canonical && builder.fitsOneNode(this.size, check.count)) {
      builder.setBlock(LIST, PACKED, u8, at, this.size);
      return true;
    }
    builder.beginList(true);
    this.addNode();
    builder.finishList();
    return true;
  }

  /** One node of a list that `builder.beginList(true)` has begun. O(bytes) */
  node(u8: Uint8Array, at: number, end: number): void {
    this.open(u8, at, end, 1);
    if (this.check.count > 0) this.addNode();
  }

  private addNode(): void {
    const { u8, at, size, check, builder } = this;
    if (check.canonical && size <= PACKED_MAX) return builder.addNode(u8, at, size, check.count);
    for (let p = LP_HEADER; !lpAtEnd(u8, at, p); p = lpNext(u8, at, p)) builder.addElement(this.element(p));
  }

  // ---- sets -----------------------------------------------------------------------------------------------------------------------

  /** A set in a listpack; false when it has no members. O(bytes) */
  set(u8: Uint8Array, at: number, end: number): boolean {
    this.open(u8, at, end, 1);
    const { builder, check } = this;
    if (check.count === 0) return false;
    if (this.adoptable(1) && check.count <= builder.db.limits.setMaxListpackEntries) {
      builder.setBlock(SET, PACKED, u8, at, this.size);
      return true;
    }
    builder.beginSet(this.element(LP_HEADER), check.count);
    for (let p = LP_HEADER; !lpAtEnd(u8, at, p); p = lpNext(u8, at, p)) builder.addMember(this.element(p));
    return true;
  }

  /** A set in an intset; false when it has no members. O(bytes) */
  intset(u8: Uint8Array, at: number, end: number): boolean {
    const n = end - at;
    const width = n < INTSET_HEADER ? 0 : u32(u8, at);
    const count = n < INTSET_HEADER ? 0 : u32(u8, at + 4);
    if ((width !== 2 && width !== 4 && width !== 8) || n !== INTSET_HEADER + width * count)
      throw new RdbError('an intset that is damaged');
    if (count === 0) return false;
    const { builder } = this;
    let before = 0;
    let beforeLow = 0;
    for (let i = 0, p = at + INTSET_HEADER; i < count; i++, p += width) {
      const low = lowWord(u8, p, width);
      const high = width === 8 ? u32(u8, p + 4) | 0 : low >> 31;
      if (i > 0 && (high < before || (high === before && low >>> 0 <= beforeLow)))
        throw new RdbError('an intset that is not in order');
      before = high;
      beforeLow = low >>> 0;
    }
    if (count <= Math.min(builder.db.limits.setMaxIntsetEntries, INTSET_MAX)) builder.setBlock(SET, INTSET, u8, at, n);
    else this.addIntegers(u8, at + INTSET_HEADER, width, count);
    return true;
  }

  private addIntegers(u8: Uint8Array, p: number, width: number, count: number): void {
    const { builder, firstText, first } = this;
    for (let i = 0; i < count; i++, p += width) {
      const low = lowWord(u8, p, width);
      const high = width === 8 ? u32(u8, p + 4) | 0 : low >> 31;
      first.set(firstText, 0, putInteger(firstText, 0, high, low));
      if (i === 0) builder.beginSet(first, count);
      builder.addMember(first);
    }
  }

  // ---- sorted sets ----------------------------------------------------------------------------------------------------------------

  /** A sorted set in a listpack of members and scores; false when it has no members. O(bytes), or O(n log n) when not in order */
  zset(u8: Uint8Array, at: number, end: number): boolean {
    this.open(u8, at, end, PAIR);
    const { builder, check } = this;
    if (check.count === 0) return false;
    const ordered = this.checkScores();
    if (this.adoptable(PAIR) && ordered && check.count / PAIR <= builder.db.limits.zsetMaxListpackEntries) {
      builder.setBlock(ZSET, PACKED, u8, at, this.size);
      return true;
    }
    builder.beginZset(check.count / PAIR);
    for (let p = LP_HEADER; !lpAtEnd(u8, at, p); ) {
      const score = lpNext(u8, at, p);
      builder.addScored(this.element(p), this.score(score));
      p = lpNext(u8, at, score);
    }
    return true;
  }

  /** Whether all stand in the order of sorted sets. @throws RdbError when a score is no number */
  private checkScores(): boolean {
    const { u8, at } = this;
    let ordered = true;
    let before = 0;
    let member = 0;
    for (let p = LP_HEADER; !lpAtEnd(u8, at, p); ) {
      const q = lpNext(u8, at, p);
      const score = this.score(q);
      if (Number.isNaN(score)) throw new RdbError('a sorted set with a score that is not a number');
      if (member !== 0 && (score < before || (score === before && this.element(p).compare(this.other(member)) <= 0)))
        ordered = false;
      before = score;
      member = p;
      p = lpNext(u8, at, q);
    }
    return ordered;
  }

  private score(p: number): number {
    const { u8, at } = this;
    if (lpIsInteger(u8, at, p)) return lpInteger(u8, at, p);
    const { buf, start, end } = this.other(p);
    return this.builder.db.doubles.parse(buf, start, end);
  }

  // ---- hashes ---------------------------------------------------------------------------------------------------------------------

  /** A hash in a listpack of fields and values; false when it has no fields. O(bytes) */
  hash(u8: Uint8Array, at: number, end: number): boolean {
    this.open(u8, at, end, PAIR);
    const { builder, check } = this;
    if (check.count === 0) return false;
    const fields = check.count / PAIR;
    if (this.adoptable(PAIR) && fields <= builder.db.limits.hashMaxListpackEntries) {
      builder.setBlock(HASH, PACKED, u8, at, this.size);
      return true;
    }
    builder.beginHash(fields);
    for (let p = LP_HEADER; !lpAtEnd(u8, at, p); ) {
      const value = lpNext(u8, at, p);
      builder.addField(this.element(p), this.other(value), -1);
      p = lpNext(u8, at, value);
    }
    return true;
  }

  /**
   * A hash in a listpack of fields, values and times at which they expire; false when it has no fields.
   * @param now fields that have expired by then are left out, so that a hash may have none at the end (`builder.fields`); 0: none
   */
  triplets(u8: Uint8Array, at: number, end: number, now: number): boolean {
    this.open(u8, at, end, TRIPLET);
    const { builder, check } = this;
    if (check.count === 0) return false;
    const fields = check.count / TRIPLET;
    const lasting = this.checkExpiries(now);
    if (this.adoptable(TRIPLET) && lasting && fields <= builder.db.limits.hashMaxListpackEntries) {
      builder.setBlock(HASH, PACKED_EX, u8, at, this.size);
      return true;
    }
    builder.beginHash(fields);
    for (let p = LP_HEADER; !lpAtEnd(u8, at, p); ) {
      const value = lpNext(u8, at, p);
      const third = lpNext(u8, at, value);
      const when = lpInteger(u8, at, third);
      if (when === 0 || when > now) builder.addField(this.element(p), this.other(value), when === 0 ? -1 : when);
      p = lpNext(u8, at, third);
    }
    return builder.fields > 0;
  }

  /** Whether no field has expired and all stand in the order of triplets. @throws RdbError when an expiry is no time */
  private checkExpiries(now: number): boolean {
    const { u8, at } = this;
    let lasting = true;
    let before = 0;
    for (let p = LP_HEADER; !lpAtEnd(u8, at, p); ) {
      const third = lpNext(u8, at, lpNext(u8, at, p));
      const when = lpIsInteger(u8, at, third) ? lpInteger(u8, at, third) : -1;
      if (when < 0 || when > FIELD_EXPIRY_MAX) throw new RdbError('a hash with a field that expires at no time');
      const place = when === 0 ? Number.POSITIVE_INFINITY : when;
      if (place < before || place <= now) lasting = false;
      before = place;
      p = lpNext(u8, at, third);
    }
    return lasting;
  }
}

function u32(buf: Uint8Array, p: number): number {
  return (buf[p] | (buf[p + 1] << 8) | (buf[p + 2] << 16) | (buf[p + 3] << 24)) >>> 0;
}

/** The low 32 bits of an integer of `width` bytes. */
function lowWord(u8: Uint8Array, p: number, width: number): number {
  return width === 2 ? ((u8[p] | (u8[p + 1] << 8)) << 16) >> 16 : u32(u8, p) | 0;
}
