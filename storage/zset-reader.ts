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
import { Bytes } from './memory/bytes.js';
import { PACKED } from './types.js';
import { type DoubleText, PackedZset } from './zset-packed.js';
import type { ZsetTable } from './zset-table.js';

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
  protected entry = 0;
  /** The big form; undefined while the set is packed. */
  protected table: ZsetTable | undefined = undefined;
  // The place of the walk: a position, or a leaf and an index in it. 0 is the end.
  private place = 0;
  private slot = 0;
  private backward = false;
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

  /** What OBJECT ENCODING says of an entry. */
  encodingName(entry: number): string {
    return this.space.encoding(entry) === PACKED ? 'listpack' : 'skiplist';
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
    this.backward = backward;
    this.turn = -1;
    if (rank < 0 || rank >= this.size) this.place = 0;
    else if (table === undefined) this.place = this.packed.seek(rank);
    else {
      table.tree.seekRank(rank);
      this.place = table.tree.leaf;
      this.slot = table.tree.slot;
    }
  }

  /** Steps to the next member: it is in `member` and `score` then. False at the end. O(1). */
  next(): boolean {
    const { place, table, packed } = this;
    if (this.turn >= 0) return this.nextChosen();
    if (place === 0) return false;
    if (table !== undefined) {
      table.member(table.tree.refAt(place, this.slot), this.member);
      this.score = table.tree.scoreAt(place, this.slot);
      this.advance(table);
      return true;
    }
    packed.member(place, this.member);
    this.score = packed.score(place);
    this.place = this.backward ? packed.previous(place) : packed.next(place);
    return true;
  }

  private advance({ tree }: ZsetTable): void {
    const { place, slot } = this;
    if (!this.backward) {
      if (slot + 1 < tree.count(place)) this.slot = slot + 1;
      else {
        this.place = tree.next(place);
        this.slot = 0;
      }
    } else if (slot > 0) this.slot = slot - 1;
    else {
      this.place = tree.previous(place);
      if (this.place !== 0) this.slot = tree.count(this.place) - 1;
    }
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
    this.chosenCount = 0;
    this.turn = 0;
    return this.table.table.scan(cursor, count, this.choose);
  }
}
