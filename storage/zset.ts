/**
 * SortedSet: the engine of sorted sets, a reusable view on one entry. Small ones are a listpack (zset-packed.ts), big ones a hash
 * table and an ordered tree (zset-table.ts); who uses the view never sees which. It grows from one to the other inside, at the
 * limits of Redis 7.2.
 *
 * This half makes and changes; what reads is inherited (zset-reader.ts). A sorted set without members must not stay: the caller
 * deletes its key.
 */
import { TOO_LONG } from './fault.js';
import type { Keyspace } from './keyspace.js';
import type { Limits } from './limits.js';
import { MAX_BLOCK } from './memory/arena.js';
import type { Bytes } from './memory/bytes.js';
import { PACKED_MAX, packedBytes, packedCopy, packedFree, packedNew } from './memory/packed.js';
import { OBJECT, PACKED, ZSET } from './types.js';
import type { DoubleText } from './zset-packed.js';
import { SortedSetReader } from './zset-reader.js';
import { ZsetTable } from './zset-table.js';

// Conditions of `add`, as ZADD names them.
/** Only add. */
export const NX = 1;
/** Only update. */
export const XX = 2;
/** Update only to a greater score. */
export const GT = 4;
/** Update only to a lower score. */
export const LT = 8;
/** Add to the score. */
export const INCR = 16;

// What `add` has done.
/** The score was equal already. */
export const SAME = 0;
export const ADDED = 1;
export const UPDATED = 2;
/** A condition did not hold. */
export const REFUSED = 3;
/** The score would not be a number; nothing has changed. */
export const NOT_A_NUMBER = 4;

const MEMBER_MAX = MAX_BLOCK - 64;

export class SortedSet extends SortedSetReader {
  private readonly limits: Limits;

  constructor(space: Keyspace, limits: Limits, text: DoubleText) {
    super(space, text);
    this.limits = limits;
  }

  /**
   * Makes an empty sorted set at `key`, which `space.find` has just missed, and turns the view to it.
   * @param size how many members are to be expected, and `longest` the bytes of the longest: they choose the form at once
   * @returns its entry
   */
  create(key: Bytes, size = 1, longest = 0): number {
    const { space, limits } = this;
    const small = size <= limits.zsetMaxListpackEntries && longest <= limits.zsetMaxListpackValue;
    const entry = small
      ? space.create(key, ZSET, PACKED, packedNew(space.arena))
      : space.create(key, ZSET, OBJECT, space.larges.put(new ZsetTable(space.arena)));
    this.bind(entry);
    return entry;
  }

  /**
   * Makes `table`, which has members and is in order, the sorted set at `key`, in place of whatever is there, its TTL included. A
   * small one is packed and freed.
   * @returns its entry. O(1), or O(n²) in the few members of a small one
   */
  adopt(key: Bytes, table: ZsetTable): number {
    const { space, limits, packed } = this;
    if (table.size > limits.zsetMaxListpackEntries || table.longest > limits.zsetMaxListpackValue) {
      const entry = this.replace(key, OBJECT, space.larges.put(table));
      this.bind(entry);
      return entry;
    }
    const entry = this.replace(key, PACKED, packedNew(space.arena));
    this.bind(entry);
    const { tree } = table;
    for (let leaf = tree.head; leaf !== 0; leaf = tree.next(leaf))
      for (let i = 0; i < tree.count(leaf); i++)
        packed.insert(table.member(tree.refAt(leaf, i), this.member), tree.scoreAt(leaf, i));
    space.setWord(entry, packed.block);
    table.free(Number.POSITIVE_INFINITY);
    return entry;
  }

  private replace(key: Bytes, encoding: number, word: number): number {
    const { space } = this;
    const old = space.find(key);
    return old === 0 ? space.create(key, ZSET, encoding, word) : space.recreate(old, key, ZSET, encoding, word);
  }

  // ---- members ------------------------------------------------------------------------------------------------------------------

  /**
   * Adds `member`, or gives it another score, as far as the conditions let it; the score it has then is in `score`. O(log n).
   * @param conditions bits NX, XX, GT, LT, INCR
   * @returns SAME, ADDED, UPDATED, REFUSED or NOT_A_NUMBER
   * @throws TOO_LONG for a member of 128 MiB
   */
  add(member: Bytes, score: number, conditions = 0): number {
    const { table } = this;
    if (Number.isNaN(score)) return NOT_A_NUMBER;
    if (table === undefined) return this.addPacked(member, score, conditions);
    const ref = table.find(member);
    if (ref === 0) {
      if ((conditions & XX) !== 0) return REFUSED;
      if (member.end - member.start > MEMBER_MAX) throw TOO_LONG;
      table.insert(member, score);
      this.score = score;
      return ADDED;
    }
    const outcome = this.judge(table.score(ref), score, conditions);
    if (outcome === UPDATED) table.update(ref, member, this.score);
    return outcome;
  }

  /** What becomes of a member whose score is `old`; the result is in `score`. */
  private judge(old: number, score: number, conditions: number): number {
    this.score = old;
    if (conditions !== 0) {
      if ((conditions & NX) !== 0) return REFUSED;
      if ((conditions & INCR) !== 0) score += old;
      if (Number.isNaN(score)) return NOT_A_NUMBER;
      if (((conditions & GT) !== 0 && score <= old) || ((conditions & LT) !== 0 && score >= old)) return REFUSED;
    }
    if (score === old) return SAME;
    this.score = score;
    return UPDATED;
  }

  private addPacked(member: Bytes, score: number, conditions: number): number {
    const { packed, space, limits } = this;
    const p = packed.find(member);
    if (p !== 0) {
      const outcome = this.judge(packed.score(p), score, conditions);
      if (outcome !== UPDATED) return outcome;
      packed.remove(p, 1);
      packed.insert(member, this.score);
      space.setWord(this.entry, packed.block);
      return UPDATED;
    }
    if ((conditions & XX) !== 0) return REFUSED;
    const n = member.end - member.start;
    const full =
      packed.size >= limits.zsetMaxListpackEntries ||
      n > limits.zsetMaxListpackValue ||
      packedBytes(space.arena, packed.block) + n + 64 > PACKED_MAX;
    if (full) {
      if (n > MEMBER_MAX) throw TOO_LONG;
      this.unpack();
      return this.add(member, score, conditions);
    }
    packed.insert(member, score);
    space.setWord(this.entry, packed.block);
    this.score = score;
    return ADDED;
  }

  /** Prepares for `size` members in all: converts at once when they will not fit the packed form (Redis 7.2's hint of ZADD). */
  expect(size: number): void {
    if (this.table === undefined && size > this.limits.zsetMaxListpackEntries) this.unpack();
  }

  /** From the packed form to the big one. O(n). */
  private unpack(): void {
    const { space, packed } = this;
    const table = new ZsetTable(space.arena);
    for (let p = packed.first(); p !== 0; p = packed.next(p)) {
      const member = packed.member(p, this.member);
      table.find(member);
      table.insert(member, packed.score(p));
    }
    packedFree(space.arena, packed.block);
    space.setWord(this.entry, space.larges.put(table));
    space.setEncoding(this.entry, OBJECT);
    this.table = table;
  }

  /** Removes `member`; false when it was not there. O(log n). */
  remove(member: Bytes): boolean {
    const { table, packed } = this;
    if (table === undefined) {
      const p = packed.find(member);
      if (p === 0) return false;
      packed.remove(p, 1);
      this.space.setWord(this.entry, packed.block);
      return true;
    }
    const ref = table.find(member);
    if (ref === 0) return false;
    table.removeFound(ref, member);
    return true;
  }

  // ---- ranks --------------------------------------------------------------------------------------------------------------------

  /** Removes the members of rank `from` up to `to`, exclusive (0 <= from, to <= size). O(log n + removed). */
  removeRange(from: number, to: number): void {
    if (from >= to) return;
    const { table, packed } = this;
    if (table !== undefined) return table.removeRange(from, to);
    packed.remove(packed.seek(from), to - from);
    this.space.setWord(this.entry, packed.block);
  }

  /**
   * Copies the sorted set to `key` of another keyspace (or of the same), where `find(key)` has just missed. O(n).
   * @returns the copy's entry there
   */
  copyTo(other: Keyspace, key: Bytes): number {
    if (this.table === undefined)
      return other.create(key, ZSET, PACKED, packedCopy(this.space.arena, this.packed.block, other.arena));
    const copy = new ZsetTable(other.arena);
    this.begin();
    while (this.next()) {
      copy.find(this.member);
      copy.insert(this.member, this.score);
    }
    return other.create(key, ZSET, OBJECT, other.larges.put(copy));
  }
}
