/**
 * SetValue: a view on one set of the keyspace, bound again for each use. Its three forms, and when one becomes another, are those
 * of Redis 7.2; callers never see which it is:
 *
 *   intset (INTSET)       all members are 64-bit integers    -> listpack when another member comes and all is small, else hashtable
 *   listpack (PACKED)     few and short members              -> hashtable
 *   hashtable (OBJECT)    a SetTable behind a handle
 *
 * This half changes sets; set-reader.ts is the half that reads. A set's entry never moves by what happens here. A set that has
 * become empty is the caller's to delete.
 */
import { createDetached } from './detached.js';
import { TOO_LONG } from './fault.js';
import {
  INTSET_MAX,
  intsetCopy,
  intsetDelete,
  intsetDeleteAll,
  intsetFind,
  intsetHigh,
  intsetInsert,
  intsetLength,
  intsetLow,
  intsetNew,
} from './intset.js';
import type { Keyspace } from './keyspace.js';
import type { Limits } from './limits.js';
import { GRANULE_MASK, MAX_BLOCK, SEGMENT_BITS } from './memory/arena.js';
import { Bytes } from './memory/bytes.js';
import { high, LP_HEADER, low, lpEncodedBytes, lpFind, parseInteger, putInteger } from './memory/listpack.js';
import {
  PACKED_MAX,
  packedAppend,
  packedBytes,
  packedCopy,
  packedDelete,
  packedDeleteAll,
  packedLength,
  packedNew,
} from './memory/packed.js';
import { SetReader } from './set-reader.js';
import { SetTable } from './set-table.js';
import { INTSET, OBJECT, PACKED, SET } from './types.js';

/** The longest member, in bytes. */
export const MEMBER_MAX = MAX_BLOCK - 64;
/** Elements of a table are copied and removed through this view. */
const MEMBER = new Bytes();
const DIGITS = new Uint8Array(32);

export class SetValue extends SetReader {
  private readonly limits: Limits;

  constructor(space: Keyspace, limits: Limits) {
    super(space);
    this.limits = limits;
  }

  // ---- coming into being --------------------------------------------------------------------------------------------------------

  /**
   * Makes an empty set at `key`, which `space.find` has just missed, and binds this view to it. The form suits the first member
   * and the number of members to come (setTypeCreate of Redis 7.2).
   * @returns the entry
   */
  create(key: Bytes, first: Bytes, expected: number): number {
    const { limits } = this;
    let encoding = OBJECT;
    if (expected <= limits.setMaxIntsetEntries && parseInteger(first.buf, first.start, first.end)) encoding = INTSET;
    else if (expected <= limits.setMaxListpackEntries) encoding = PACKED;
    const entry = this.space.create(key, SET, encoding, this.emptyWord(encoding));
    this.bind(entry);
    return entry;
  }

  /** Makes an empty set of a form that no key leads to (detached.ts), and binds this view to it. */
  createDetached(encoding: number): void {
    this.bind(createDetached(this.space, SET, encoding, this.emptyWord(encoding)));
  }

  /** What stands in the word of an empty set's entry. */
  private emptyWord(encoding: number): number {
    const { space } = this;
    if (encoding === OBJECT) return space.larges.put(new SetTable(space.arena));
    return encoding === INTSET ? intsetNew(space.arena) : packedNew(space.arena);
  }

  /** A small set that is about to get `expected` more members becomes a table at once when those alone would make it one. */
  expect(expected: number): void {
    const { encoding, limits } = this;
    if (encoding === OBJECT) return;
    if (expected > (encoding === INTSET ? limits.setMaxIntsetEntries : limits.setMaxListpackEntries)) this.toTable();
  }

  /**
   * Copies the whole set to `key` of keyspace `to` (this one or another), where `to.find(key)` has just missed.
   * @returns the new entry, without a TTL. O(length)
   */
  copyTo(to: Keyspace, key: Bytes): number {
    const { arena } = this.space;
    let word: number;
    if (this.encoding === OBJECT) {
      const copy = new SetTable(to.arena);
      this.begin();
      while (this.next()) copy.add(this.member);
      word = to.larges.put(copy);
    } else
      word =
        this.encoding === INTSET ? intsetCopy(arena, this.block, to.arena) : packedCopy(arena, this.block, to.arena);
    return to.create(key, SET, this.encoding, word);
  }

  // ---- adding -------------------------------------------------------------------------------------------------------------------

  /**
   * Adds `member`, which must not lie in this set's own blocks; false when it is there already.
   * @throws TOO_LONG beyond MEMBER_MAX; nothing has changed then
   */
  add(member: Bytes): boolean {
    if (member.end - member.start > MEMBER_MAX) throw TOO_LONG;
    if (this.encoding === OBJECT) return this.large!.add(member);
    if (this.encoding === PACKED) return this.addToPacked(member);
    if (parseInteger(member.buf, member.start, member.end)) return this.addInteger(high, low);
    if (this.fitsListpack(member)) this.toPacked();
    else this.toTable();
    return this.add(member);
  }

  /** Adds the current member of `other`, a view on another set. */
  addCurrent(other: SetReader): boolean {
    return this.encoding === INTSET && other.integer ? this.addInteger(other.hi, other.lo) : this.add(other.member);
  }

  private addInteger(hi: number, lo: number): boolean {
    const { space } = this;
    const i = intsetFind(space.arena, this.block, hi, lo);
    if (i >= 0) return false;
    this.moved(intsetInsert(space.arena, this.block, ~i, hi, lo));
    if (intsetLength(space.arena, this.block) > this.intsetLimit) this.toTable();
    return true;
  }

  private addToPacked(member: Bytes): boolean {
    const { arena } = this.space;
    const { block, limits } = this;
    const u8 = arena.u8[block >>> SEGMENT_BITS];
    const at = (block & GRANULE_MASK) << 4;
    if (lpFind(u8, at, LP_HEADER, member, 1) !== 0) return false;
    if (
      packedLength(arena, block) < limits.setMaxListpackEntries &&
      member.end - member.start <= limits.setMaxListpackValue &&
      packedBytes(arena, block) + lpEncodedBytes(member) <= PACKED_MAX
    ) {
      this.moved(packedAppend(arena, block, member));
      return true;
    }
    this.toTable();
    return this.large!.add(member);
  }

  private get intsetLimit(): number {
    return Math.min(this.limits.setMaxIntsetEntries, INTSET_MAX);
  }

  /** Whether this intset may become a listpack with `member`, which is no integer (setTypeAddAux of Redis 7.2). */
  private fitsListpack(member: Bytes): boolean {
    const { arena } = this.space;
    const { block, limits } = this;
    const n = intsetLength(arena, block);
    const longest = Math.max(this.digitsAt(0), this.digitsAt(n - 1));
    return (
      n < limits.setMaxListpackEntries &&
      member.end - member.start <= limits.setMaxListpackValue &&
      longest <= limits.setMaxListpackValue &&
      (n + 1) * 11 + lpEncodedBytes(member) <= PACKED_MAX
    );
  }

  /** Length of the decimal text of the intset's integer with index `i`; 0 when there is none. */
  private digitsAt(i: number): number {
    const { arena } = this.space;
    if (i < 0 || i >= intsetLength(arena, this.block)) return 0;
    return putInteger(DIGITS, 0, intsetHigh(arena, this.block, i), intsetLow(arena, this.block, i));
  }

  // ---- removing -----------------------------------------------------------------------------------------------------------------

  /** Removes `member`, which must not lie in a small set's own block; false when it is not there. */
  remove(member: Bytes): boolean {
    if (this.encoding === OBJECT) return this.large!.remove(member);
    const { arena } = this.space;
    const { block } = this;
    if (this.encoding === INTSET)
      return parseInteger(member.buf, member.start, member.end) && this.removeInteger(high, low);
    const p = lpFind(arena.u8[block >>> SEGMENT_BITS], (block & GRANULE_MASK) << 4, LP_HEADER, member, 1);
    if (p === 0) return false;
    this.moved(packedDelete(arena, block, p, 1));
    return true;
  }

  /** Removes the current member of `other`, a view on another set. */
  removeCurrent(other: SetReader): boolean {
    return this.encoding === INTSET && other.integer
      ? this.removeInteger(other.hi, other.lo)
      : this.remove(other.member);
  }

  private removeInteger(hi: number, lo: number): boolean {
    const { arena } = this.space;
    const i = intsetFind(arena, this.block, hi, lo);
    if (i < 0) return false;
    this.moved(intsetDelete(arena, this.block, i));
    return true;
  }

  /**
   * Removes what `sample(count)` has selected, of a set that had more than `count` members and was not touched since.
   * O(length) for a small set, O(count) for a table.
   */
  removeSelected(): void {
    const { arena } = this.space;
    const { chosen, chosenCount } = this;
    if (this.encoding === INTSET) return this.moved(intsetDeleteAll(arena, this.block, chosen, chosenCount));
    if (this.encoding === PACKED) return this.moved(packedDeleteAll(arena, this.block, chosen, chosenCount));
    const large = this.large!;
    if (chosenCount === 1) return large.removeFound(chosen[0]); // the table's place is still that of the pick
    for (let i = 0; i < chosenCount; i++) large.remove(large.member(chosen[i], MEMBER));
  }

  // ---- becoming another form ----------------------------------------------------------------------------------------------------

  /** The small set's block is now `block`. */
  private moved(block: number): void {
    if (block === this.block) return;
    this.block = block;
    this.space.setWord(this.entry, block);
  }

  private become(encoding: number, word: number): void {
    const { space, entry } = this;
    space.dropValue(entry);
    space.setEncoding(entry, encoding);
    space.setWord(entry, word);
    this.bind(entry);
  }

  private toTable(): void {
    const { space } = this;
    const large = new SetTable(space.arena);
    for (this.begin(); this.next(); ) large.add(this.member);
    this.become(OBJECT, space.larges.put(large));
  }

  private toPacked(): void {
    const { arena } = this.space;
    let packed = packedNew(arena);
    for (this.begin(); this.next(); ) packed = packedAppend(arena, packed, this.member);
    this.become(PACKED, packed);
  }

  /** A set of nothing but integers, in whatever form, becomes an intset when it is small enough for one. O(length log length) */
  toIntset(): void {
    const { arena } = this.space;
    if (this.encoding === INTSET || this.length > this.intsetLimit) return;
    let ints = intsetNew(arena);
    for (this.begin(); this.next(); ) {
      const member = this.member;
      parseInteger(member.buf, member.start, member.end);
      const hi = high;
      const lo = low;
      ints = intsetInsert(arena, ints, ~intsetFind(arena, ints, hi, lo), hi, lo);
    }
    this.become(INTSET, ints);
  }
}
