/**
 * SortedSetReader: the half of a sorted set's view that changes nothing (zset.ts is the other). Everything about order goes by rank:
 * bounds are turned into ranks (`rankOfScore`, `lexRange`), and ranks are walked:
 *
 *   begin()                 all members, ascending
 *   from(rank, backward)    from a rank on
 *   scan(cursor, n)         about n members from a cursor on; a small set gives all of them at once
 *   while (x.next()) ... x.member, x.score
 *
 * The set must not change during a walk. `member` holds until the next call.
 */
import type { Keyspace } from './keyspace.js';
import { GRANULE_MASK, SEGMENT_BITS } from './memory/arena.js';
import { Bytes } from './memory/bytes.js';
import { MEMBER_OFFSET } from './ordered-tree.js';
import { REFS, SCORES } from './ordered-tree-shape.js';
import { PACKED } from './types.js';
import { type DoubleText, PackedZset } from './zset-packed.js';
import type { ZsetTable } from './zset-table.js';

const NO_REFS = new Int32Array(0);
const NO_SCORES = new Float64Array(0);

export class SortedSetReader {
  /** The score that `add`, `find`, `rank` or `next` met last. */
  score = 0;
  /** The member that `next` met last; holds until the next call. */
  readonly member = new Bytes();
  /** The ranks that `lexRange` found: from the first up to the second, exclusive. */
  first = 0;
  end = 0;
  protected readonly space: Keyspace;
  protected readonly packed: PackedZset;
  /** The entry that this view is bound to; 0 for none. */
  entry = 0;
  /** The big form; undefined while the set is packed. */
  protected table: ZsetTable | undefined = undefined;
  /** The place of the walk: the next position of a listpack, or the present leaf; 0 at the end. */
  private place = 0;
  private step = 1;
  // Within a leaf: its columns, the next entry's index in either, and how many entries are left.
  private refs: Int32Array = NO_REFS;
  private scores: Float64Array = NO_SCORES;
  private refAt = 0;
  private scoreAt = 0;
  private left = 0;
  /** Blocks that `scan` chose, and which is next; -1 while the walk is not over them. */
  private chosen = new Int32Array(16);
  private chosenCount = 0;
  private turn = -1;
  private readonly choose = (ref: number): void => {
    if (this.chosenCount === this.chosen.length) {
      const { chosen } = this;
      this.chosen = new Int32Array(chosen.length * 2);
      this.chosen.set(chosen);
    }
    this.chosen[this.chosenCount++] = ref;
  };

  /** @param text how scores look as text in a listpack */
  constructor(space: Keyspace, text: DoubleText) {
    this.space = space;
    this.packed = new PackedZset(space.arena, text);
  }

  /** Turns the view to the sorted set of entry `entry`. O(1). */
  bind(entry: number): this {
    const { space } = this;
    this.entry = entry;
    if (space.encoding(entry) === PACKED) {
      this.table = undefined;
      this.packed.block = space.word(entry);
    } else this.table = space.large(entry) as ZsetTable;
    return this;
  }

  /** Turns the view to `table`, which no entry holds: for reading only. */
  bindTable(table: ZsetTable): this {
    this.entry = 0;
    this.table = table;
    return this;
  }

  /** What OBJECT ENCODING says. */
  get encodingName(): string {
    return this.table === undefined ? 'listpack' : 'skiplist';
  }

  /** Whether the set is a listpack: replies differ by it in one place (ZSCAN's scores). */
  get isPacked(): boolean {
    return this.table === undefined;
  }

  get size(): number {
    return this.table === undefined ? this.packed.size : this.table.size;
  }

  // ---- members ------------------------------------------------------------------------------------------------------------------

  /** Whether `member` is there; its score is in `score` then. Expected O(1), O(n) when packed. */
  find(member: Bytes): boolean {
    const { table, packed } = this;
    if (table === undefined) {
      const p = packed.find(member);
      if (p !== 0) this.score = packed.score(p);
      return p !== 0;
    }
    const ref = table.find(member);
    if (ref !== 0) this.score = table.score(ref);
    return ref !== 0;
  }

  // ---- ranks --------------------------------------------------------------------------------------------------------------------

  /** The ascending rank of `member`, -1 when it is not there; its score is in `score`. O(log n). */
  rank(member: Bytes): number {
    const { table, packed } = this;
    if (table === undefined) {
      const p = packed.find(member);
      if (p === 0) return -1;
      this.score = packed.score(p);
      return packed.rank(p);
    }
    const ref = table.find(member);
    if (ref === 0) return -1;
    this.score = table.score(ref);
    return table.tree.rank(this.score, member);
  }

  /** Number of members with a score below `score`, or up to it when `inclusive`: the rank of the first one behind. O(log n). */
  rankOfScore(score: number, inclusive: boolean): number {
    const { table, packed } = this;
    return table === undefined ? packed.countScores(score, inclusive) : table.tree.countScores(score, inclusive);
  }

  /**
   * Finds the ranks `first` to `end`, exclusive, of the members between two bounds, all scores being equal; undefined is no bound.
   * Where scores differ, the packed form gives Redis's result: the run that begins with the first member (`backward`: the last)
   * which satisfies the near bound. O(log n).
   */
  lexRange(min: Bytes | undefined, minIn: boolean, max: Bytes | undefined, maxIn: boolean, backward: boolean): void {
    const { table, packed, size } = this;
    if (table !== undefined) {
      this.first = min === undefined ? 0 : table.tree.countMembers(min, !minIn);
      this.end = max === undefined ? size : table.tree.countMembers(max, maxIn);
    } else if (!packed.meets(min, minIn, max, maxIn)) this.first = this.end = 0;
    else if (backward) {
      this.end = max === undefined ? size : packed.runDown(size, max, !maxIn);
      this.first = min === undefined ? 0 : packed.runDown(this.end, min, minIn);
    } else {
      this.first = min === undefined ? 0 : packed.runUp(0, min, !minIn);
      this.end = max === undefined ? size : packed.runUp(this.first, max, maxIn);
    }
    if (this.end < this.first) this.end = this.first;
  }

  // ---- walking --------------------------------------------------------------------------------------------------------------------

  /** Begins a walk over all members in ascending order: `while (x.next())`. The set must not change meanwhile. */
  begin(): void {
    this.from(0, false);
  }

  /** Begins a walk at rank `rank` (none when it is out of range), towards higher ranks or `backward`. O(log n). */
  from(rank: number, backward: boolean): void {
    const { table } = this;
    this.step = backward ? -1 : 1;
    this.turn = -1;
    this.left = 0;
    if (rank < 0 || rank >= this.size) this.place = 0;
    else if (table === undefined) this.place = this.packed.seek(rank);
    else {
      table.tree.seekRank(rank);
      this.enter(table, table.tree.leaf, table.tree.slot);
    }
  }

  /** Stands before entry `slot` of `leaf`. */
  private enter({ arena, tree }: ZsetTable, leaf: number, slot: number): void {
    const w = (leaf & GRANULE_MASK) << 2;
    this.place = leaf;
    this.refs = arena.i32[leaf >>> SEGMENT_BITS];
    this.scores = arena.f64[leaf >>> SEGMENT_BITS];
    this.refAt = w + REFS + slot;
    this.scoreAt = (w >> 1) + SCORES + slot;
    this.left = this.step > 0 ? tree.count(leaf) - slot : slot + 1;
  }

  /** Steps to the next member: it is in `member` and `score` then. False at the end. O(1). */
  next(): boolean {
    if (this.left === 0) return this.nextElsewhere();
    const { arena } = this.space;
    const ref = this.refs[this.refAt];
    const segment = ref >>> SEGMENT_BITS;
    const at = (ref & GRANULE_MASK) << 4;
    const start = at + MEMBER_OFFSET;
    this.member.set(arena.u8[segment], start, start + arena.i32[segment][at >> 2]);
    this.score = this.scores[this.scoreAt];
    this.refAt += this.step;
    this.scoreAt += this.step;
    this.left--;
    return true;
  }

  /** `next` where the leaf has ended, or where there is none. */
  private nextElsewhere(): boolean {
    const { place, table, packed } = this;
    if (this.turn >= 0) return this.nextChosen();
    if (place === 0) return false;
    if (table === undefined) {
      packed.member(place, this.member);
      this.score = packed.score(place);
      this.place = this.step > 0 ? packed.next(place) : packed.previous(place);
      return true;
    }
    const { tree } = table;
    const leaf = this.step > 0 ? tree.next(place) : tree.previous(place);
    this.place = leaf;
    if (leaf === 0) return false;
    this.enter(table, leaf, this.step > 0 ? 0 : tree.count(leaf) - 1);
    return this.next();
  }

  /** Puts a member picked at random into `member` and `score`; every one is as likely. The set must not be empty. O(log n). */
  pick(random: () => number): void {
    this.from(Math.floor(random() * this.size), false);
    this.next();
  }

  private nextChosen(): boolean {
    if (this.turn === this.chosenCount) return false;
    const ref = this.chosen[this.turn++];
    const table = this.table!;
    table.member(ref, this.member);
    this.score = table.score(ref);
    return true;
  }

  /**
   * Begins a walk over the members from `cursor` on (0 to begin), at least `count` where there are so many; over all of a packed
   * set. In no order. Expected O(count).
   * @returns the next cursor, 0 at the end
   */
  scan(cursor: number, count: number): number {
    this.begin();
    if (this.table === undefined) return 0;
    this.left = 0;
    this.chosenCount = 0;
    this.turn = 0;
    return this.table.table.scan(cursor, count, this.choose);
  }
}
