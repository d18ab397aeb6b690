/**
 * BlockReader: collections that came as one block, a listpack or an intset. Checks the block, elements included; then it is taken over
 * whole when an engine might have made it under the server's limits, and else its elements are added one by one: of a large block, which
 * only unusual limits bring about, some at a time.
 *
 *   blocks.hash(...)     EMPTY | DONE | MORE        while MORE: blocks.more()
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

/** There is more to be read. */
export const MORE = 0;
/** The value is there. */
export const DONE = 1;
/** A collection without elements, which no key holds. Nothing was made. */
export const EMPTY = 2;
/** All fields of a hash have expired. What was made is to be dropped. */
export const EXPIRED = 3;

const INTSET_HEADER = 8;
/** So many elements are added at a time. */
const SOME = 2000;
/** Elements are integers of an intset, of as many bytes; else they are a listpack's. */
const NO_WIDTH = 0;
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
  // How far its elements were added: what they are, and where the next one stands.
  private type = LIST;
  private step = 1;
  private width = NO_WIDTH;
  private p = 0;
  private now = 0;
  /** Whether a block is not added to its end. */
  pending = false;

  constructor(builder: ValueBuilder) {
    this.builder = builder;
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

  /** A list that is all in one listpack. O(bytes) */
  list(u8: Uint8Array, at: number, end: number): number {
    this.open(u8, at, end, 1);
    const { builder, check } = this;
    if (check.count === 0) return EMPTY;
    if (check.canonical && builder.fitsOneNode(this.size, check.count)) {
      builder.setBlock(LIST, PACKED, u8, at, this.size);
      return DONE;
    }
    builder.beginList(true);
    return this.addNode();
  }

  /** One node of a list that `builder.beginList(true)` has begun: DONE, or MORE. O(bytes) */
  node(u8: Uint8Array, at: number, end: number): number {
    this.open(u8, at, end, 1);
    return this.check.count === 0 ? DONE : this.addNode();
  }

  private addNode(): number {
    const { u8, at, size, check, builder } = this;
    if (!check.canonical || size > PACKED_MAX) return this.addAll(LIST, 1);
    builder.addNode(u8, at, size, check.count);
    return DONE;
  }

  // ---- sets -----------------------------------------------------------------------------------------------------------------------

  /** A set in a listpack. O(bytes) */
  set(u8: Uint8Array, at: number, end: number): number {
    this.open(u8, at, end, 1);
    const { builder, check } = this;
    if (check.count === 0) return EMPTY;
    if (this.adoptable(1) && check.count <= builder.db.limits.setMaxListpackEntries) {
      builder.setBlock(SET, PACKED, u8, at, this.size);
      return DONE;
    }
    builder.beginSet(this.element(LP_HEADER), check.count);
    return this.addAll(SET, 1);
  }

  /** A set in an intset. O(bytes) */
  intset(u8: Uint8Array, at: number, end: number): number {
    const n = end - at;
    const width = n < INTSET_HEADER ? 0 : u32(u8, at);
    const count = n < INTSET_HEADER ? 0 : u32(u8, at + 4);
    if ((width !== 2 && width !== 4 && width !== 8) || n !== INTSET_HEADER + width * count)
      throw new RdbError('an intset that is damaged');
    if (count === 0) return EMPTY;
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
    if (count <= Math.min(builder.db.limits.setMaxIntsetEntries, INTSET_MAX)) {
      builder.setBlock(SET, INTSET, u8, at, n);
      return DONE;
    }
    this.u8 = u8;
    this.at = at;
    this.size = n;
    this.width = width;
    builder.beginSet(this.integer(INTSET_HEADER), count);
    return this.addAll(SET, 1, width);
  }

  /** The integer at position `p` of the open intset, as text. */
  private integer(p: number): Bytes {
    const { u8, at, width, first, firstText } = this;
    const low = lowWord(u8, at + p, width);
    const high = width === 8 ? u32(u8, at + p + 4) | 0 : low >> 31;
    return first.set(firstText, 0, putInteger(firstText, 0, high, low));
  }

  // ---- sorted sets ----------------------------------------------------------------------------------------------------------------

  /** A sorted set in a listpack of members and scores. O(bytes), or O(n log n) when not in order */
  zset(u8: Uint8Array, at: number, end: number): number {
    this.open(u8, at, end, PAIR);
    const { builder, check } = this;
    if (check.count === 0) return EMPTY;
    const ordered = this.checkScores();
    if (this.adoptable(PAIR) && ordered && check.count / PAIR <= builder.db.limits.zsetMaxListpackEntries) {
      builder.setBlock(ZSET, PACKED, u8, at, this.size);
      return DONE;
    }
    builder.beginZset(check.count / PAIR);
    return this.addAll(ZSET, PAIR);
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

  /** A hash in a listpack of fields and values. O(bytes) */
  hash(u8: Uint8Array, at: number, end: number): number {
    this.open(u8, at, end, PAIR);
    const { builder, check } = this;
    if (check.count === 0) return EMPTY;
    const fields = check.count / PAIR;
    if (this.adoptable(PAIR) && fields <= builder.db.limits.hashMaxListpackEntries) {
      builder.setBlock(HASH, PACKED, u8, at, this.size);
      return DONE;
    }
    builder.beginHash(fields);
    return this.addAll(HASH, PAIR);
  }

  /**
   * A hash in a listpack of fields, values and times at which they expire.
   * @param now fields that have expired by then are left out; 0: none
   * @returns EXPIRED when none is left
   */
  triplets(u8: Uint8Array, at: number, end: number, now: number): number {
    this.open(u8, at, end, TRIPLET);
    const { builder, check } = this;
    if (check.count === 0) return EMPTY;
    const fields = check.count / TRIPLET;
    const lasting = this.checkExpiries(now);
    if (this.adoptable(TRIPLET) && lasting && fields <= builder.db.limits.hashMaxListpackEntries) {
      builder.setBlock(HASH, PACKED_EX, u8, at, this.size);
      return DONE;
    }
    builder.beginHash(fields);
    this.now = now;
    return this.addAll(HASH, TRIPLET);
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

  // ---- one by one -----------------------------------------------------------------------------------------------------------------

  /** Adds the elements of the open block to what the builder has begun. A large block is kept, for what held it may change meanwhile. */
  private addAll(type: number, step: number, width = NO_WIDTH): number {
    this.type = type;
    this.step = step;
    this.width = width;
    this.p = width === NO_WIDTH ? LP_HEADER : INTSET_HEADER;
    this.pending = true;
    if (this.size > SOME) {
      this.u8 = this.u8.slice(this.at, this.at + this.size);
      this.at = 0;
    }
    return this.more();
  }

  /** Adds some more elements of a block. @returns MORE, DONE or EXPIRED */
  more(): number {
    for (let n = SOME; n > 0; n--) {
      if (this.width === NO_WIDTH ? lpAtEnd(this.u8, this.at, this.p) : this.p === this.size) return this.end();
      if (this.width === NO_WIDTH) this.addElement();
      else {
        this.builder.addMember(this.integer(this.p));
        this.p += this.width;
      }
    }
    return MORE;
  }

  private end(): number {
    this.forget();
    return this.step === TRIPLET && this.builder.fields === 0 ? EXPIRED : DONE;
  }

  /** Lets go of a block that is not added to its end. */
  forget(): void {
    this.pending = false;
    this.u8 = this.firstText;
  }

  private addElement(): void {
    const { u8, at, p, builder, step } = this;
    const second = lpNext(u8, at, p);
    this.p = second;
    if (step === 1)
      return this.type === LIST ? builder.addElement(this.element(p)) : builder.addMember(this.element(p));
    const third = lpNext(u8, at, second);
    this.p = third;
    if (this.type === ZSET) return builder.addScored(this.element(p), this.score(second));
    let when = -1;
    if (step === TRIPLET) {
      when = lpInteger(u8, at, third);
      this.p = lpNext(u8, at, third);
      if (when !== 0 && when <= this.now) return;
    }
    builder.addField(this.element(p), this.other(second), when === 0 ? -1 : when);
  }
}

function u32(buf: Uint8Array, p: number): number {
  return (buf[p] | (buf[p + 1] << 8) | (buf[p + 2] << 16) | (buf[p + 3] << 24)) >>> 0;
}

/** The low 32 bits of an integer of `width` bytes. */
function lowWord(u8: Uint8Array, p: number, width: number): number {
  return width === 2 ? ((u8[p] | (u8[p + 1] << 8)) << 16) >> 16 : u32(u8, p) | 0;
}
