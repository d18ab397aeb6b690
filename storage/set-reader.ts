/**
 * SetReader: the half of a set's view that changes nothing. It is bound to one set of the keyspace at a time and knows its three
 * forms (see set.ts); callers never do.
 *
 * Members are read by a selection, then a loop:
 *
 *   begin()            all members, in the form's order
 *   scan(cursor, n)    about n members from a cursor on; a small set gives all of them at once
 *   sample(n)          n different members at random
 *   beginDraw()        then `draw()`: one member at random, as often as wanted
 *   while (set.next()) ... set.member
 *
 * The set must not change while a selection is read. `member` holds until the next call. Must never write to a set.
 */
import { intsetFind, intsetHigh, intsetLength, intsetLow } from './intset.js';
import type { Keyspace } from './keyspace.js';
import { GRANULE_MASK, SEGMENT_BITS } from './memory/arena.js';
import { Bytes } from './memory/bytes.js';
import {
  high,
  LP_HEADER,
  low,
  lpAtEnd,
  lpFind,
  lpGet,
  lpNext,
  lpSeek,
  parseInteger,
  putInteger,
} from './memory/listpack.js';
import { packedLength } from './memory/packed.js';
import { TableWalk } from './memory/table-walk.js';
import type { SetTable } from './set-table.js';
import { INTSET, OBJECT, PACKED } from './types.js';

/** `sample` of more than one member in this many looks at every member rather than pick and compare. */
const SPARSE = 4;

export class SetReader {
  readonly space: Keyspace;
  /** The entry that this view is bound to. */
  entry = 0;
  /** INTSET, PACKED or OBJECT. */
  encoding = PACKED;
  /** The block of a small set. */
  protected block = 0;
  /** The table of a large set. */
  protected large: SetTable | undefined = undefined;

  /** What `sample` or `scan` chose: indexes of an intset, positions in a listpack (both ascending), blocks of a table's elements. */
  protected chosen = new Int32Array(16);
  protected chosenCount = 0;
  private readonly view = new Bytes();
  private readonly digits = new Uint8Array(32);
  /** The current member is the integer (hi, lo), and not yet written out as text. */
  integer = false;
  hi = 0;
  lo = 0;
  /** Index of the next one of `chosen`; -1 while everything is visited. */
  private turn = -1;
  /** Where a visit of everything stands: the next index of an intset, the next position of a listpack. */
  private at = 0;
  /** What `advance` came to: an index, a position, or a block. */
  private place = 0;
  private readonly walk = new TableWalk();
  private readonly collect = (ref: number): void => this.choose(ref);

  constructor(space: Keyspace) {
    this.space = space;
  }

  /** Points this view at the set of `entry`, an entry of type SET. */
  bind(entry: number): this {
    const { space } = this;
    this.entry = entry;
    this.encoding = space.encoding(entry);
    if (this.encoding === OBJECT) this.large = space.large(entry) as SetTable;
    else this.block = space.word(entry);
    return this;
  }

  /** Number of members. O(1), but for listpacks of 65,535 members and more. */
  get length(): number {
    if (this.encoding === OBJECT) return this.large!.table.size;
    const { arena } = this.space;
    return this.encoding === INTSET ? intsetLength(arena, this.block) : packedLength(arena, this.block);
  }

  /** What OBJECT ENCODING says. */
  get encodingName(): string {
    return this.encoding === INTSET ? 'intset' : this.encoding === PACKED ? 'listpack' : 'hashtable';
  }

  /** Whether `member` is in the set. O(1) expected for a table, O(log n) for an intset, O(n) for a listpack. */
  has(member: Bytes): boolean {
    if (this.encoding === OBJECT) return this.large!.table.find(member) !== 0;
    const { arena } = this.space;
    const { block } = this;
    if (this.encoding === INTSET)
      return parseInteger(member.buf, member.start, member.end) && intsetFind(arena, block, high, low) >= 0;
    return lpFind(arena.u8[block >>> SEGMENT_BITS], (block & GRANULE_MASK) << 4, LP_HEADER, member, 1) !== 0;
  }

  /** Whether the current member of `other`, a view on another set, is in this one. */
  hasCurrent(other: SetReader): boolean {
    if (other.integer && this.encoding === INTSET)
      return intsetFind(this.space.arena, this.block, other.hi, other.lo) >= 0;
    return this.has(other.member);
  }

  // ---- the current member -------------------------------------------------------------------------------------------------------

  /** The member that `next` or `draw` has come to. */
  get member(): Bytes {
    if (this.integer) {
      this.integer = false;
      this.view.set(this.digits, 0, putInteger(this.digits, 0, this.hi, this.lo));
    }
    return this.view;
  }

  /** Whether the current member is an integer of 64 bits in its canonical form. */
  get memberIsInteger(): boolean {
    if (this.integer) return true;
    const { view } = this;
    return parseInteger(view.buf, view.start, view.end);
  }

  /** Makes what stands at `place` (as in `chosen`) the current member. */
  private show(place: number): void {
    const { arena } = this.space;
    const { block } = this;
    if (this.encoding === INTSET) {
      this.integer = true;
      this.hi = intsetHigh(arena, block, place);
      this.lo = intsetLow(arena, block, place);
      return;
    }
    this.integer = false;
    if (this.encoding === OBJECT) this.large!.member(place, this.view);
    else lpGet(arena.u8[block >>> SEGMENT_BITS], (block & GRANULE_MASK) << 4, place, this.view, this.digits);
  }

  // ---- selections ---------------------------------------------------------------------------------------------------------------

  /** Selects all members: ascending from an intset, oldest first from a listpack, in no order from a table. */
  begin(): void {
    this.turn = -1;
    if (this.encoding === OBJECT) this.walk.begin(this.large!.table);
    else this.at = this.encoding === INTSET ? 0 : LP_HEADER;
  }

  /**
   * Selects at least `count` members from `cursor` on, where there are so many; a small set's all.
   * @param cursor 0 to begin, else what the last call returned (an unsigned 32-bit number)
   * @returns the cursor to go on from, 0 at the end
   */
  scan(cursor: number, count: number): number {
    if (this.encoding !== OBJECT) {
      this.begin();
      return 0;
    }
    this.chosenCount = 0;
    this.turn = 0;
    return this.large!.table.scan(cursor, count, this.collect);
  }

  /**
   * Selects `count` (at least 1) different members at random, each choice as likely as any other (nearly so in a large set, as
   * Table.random has it); all of them when there are no more. O(count) from a table when count is small, else O(length).
   */
  sample(count: number): void {
    const n = this.length;
    if (count >= n) return this.begin();
    this.chosenCount = 0;
    if (count === 1) this.choose(this.randomPlace());
    else if (this.encoding === OBJECT && count * SPARSE < n) this.pickDifferent(count);
    else this.pickInPassing(count, n);
    this.turn = 0;
  }

  /** Selection sampling (Knuth 3.4.2, algorithm S): one pass, every element with the probability that is left to it. */
  private pickInPassing(count: number, n: number): void {
    const { random } = this.space;
    for (this.begin(); count > 0; n--) {
      this.advance();
      if (random() * n >= count) continue;
      this.choose(this.place);
      count--;
    }
  }

  private pickDifferent(count: number): void {
    const seen = new Set<number>();
    while (seen.size < count) {
      const ref = this.randomPlace();
      if (seen.has(ref)) continue;
      seen.add(ref);
      this.choose(ref);
    }
  }

  private randomPlace(): number {
    const { random, arena } = this.space;
    if (this.encoding === OBJECT) return this.large!.table.random(random);
    const i = Math.floor(random() * this.length);
    if (this.encoding === INTSET) return i;
    return lpSeek(arena.u8[this.block >>> SEGMENT_BITS], (this.block & GRANULE_MASK) << 4, i);
  }

  /** Prepares for `draw`. */
  beginDraw(): void {
    if (this.encoding !== PACKED) return;
    this.chosenCount = 0;
    for (this.begin(); this.advance(); ) this.choose(this.place);
  }

  /** Makes any member the current one, whatever was drawn before; the set must not be empty. O(1). */
  draw(): void {
    if (this.encoding === PACKED) this.show(this.chosen[Math.floor(this.space.random() * this.chosenCount)]);
    else this.show(this.randomPlace());
  }

  /** Goes on to the selection's next member; false after the last. */
  next(): boolean {
    if (this.turn < 0) {
      if (!this.advance()) return false;
      this.show(this.place);
      return true;
    }
    if (this.turn === this.chosenCount) return false;
    this.show(this.chosen[this.turn++]);
    return true;
  }

  /** Moves `place` on in a visit of everything; false after the last. */
  private advance(): boolean {
    if (this.encoding === OBJECT) return (this.place = this.walk.next()) !== 0;
    const { arena } = this.space;
    const { block, at } = this;
    this.place = at;
    if (this.encoding === INTSET) {
      this.at = at + 1;
      return at < intsetLength(arena, block);
    }
    const u8 = arena.u8[block >>> SEGMENT_BITS];
    const start = (block & GRANULE_MASK) << 4;
    if (lpAtEnd(u8, start, at)) return false;
    this.at = lpNext(u8, start, at);
    return true;
  }

  private choose(place: number): void {
    if (this.chosenCount === this.chosen.length) {
      const more = new Int32Array(this.chosenCount * 2);
      more.set(this.chosen);
      this.chosen = more;
    }
    this.chosen[this.chosenCount++] = place;
  }
}
