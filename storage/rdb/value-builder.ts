/**
 * ValueBuilder: a value that is being read and has no key yet. Its elements go through the engines, so that its form follows the
 * server's limits; a block that is just what an engine would have made is taken over whole. Then it gets its key, or is dropped:
 *
 *   text | block | begin..., add... ; finish   ->   attach(key, ...)   or   drop()
 *
 * Nobody sees the value before `attach`, so whatever is thrown on the way (damage, elements that repeat) costs no more than `drop`.
 * Read next: value-reader.ts.
 */
import type { Database } from '../database.js';
import { createDetached, dropDetached } from '../detached.js';
import { Hash } from '../hash.js';
import type { HashTable } from '../hash-table.js';
import { INTSET_MAX, intsetBytes } from '../intset.js';
import type { Keyspace } from '../keyspace.js';
import { List, TAIL } from '../list.js';
import { GRANULE_MASK, SEGMENT_BITS } from '../memory/arena.js';
import { Bytes, copyBytes } from '../memory/bytes.js';
import { parseInteger } from '../memory/listpack.js';
import { PACKED_MAX, packedBytes, packedNew } from '../memory/packed.js';
import type { Table } from '../memory/table.js';
import type { OwnLoader, OwnType } from '../own-value.js';
import { countLimit, Quicklist, sizeLimit } from '../quicklist.js';
import { SetValue } from '../set.js';
import type { SetTable } from '../set-table.js';
import { HASH, INTSET, LIST, NATURAL, OBJECT, PACKED, ZSET } from '../types.js';
import { leaveValue } from '../value-due.js';
import { ADDED, NOT_A_NUMBER, SortedSet } from '../zset.js';
import { ZsetTable } from '../zset-table.js';
import { RdbError } from './rdb-error.js';

// What the builder holds.
const NOTHING = 0;
const TEXT = 1;
/** A block of the arena with a small collection. */
const BLOCK = 2;
/** An entry without a key. */
const ENTRY = 3;

/** A packed list has fewer elements than this. */
const PACKED_COUNT = 65535;
const CLOCK_MASK = 0xffffff;

export class ValueBuilder {
  readonly db: Database;
  /** The keyspace that the views below look at: that of `db`, while nobody empties it. */
  private readonly space: Keyspace;
  private readonly list: List;
  private readonly set: SetValue;
  private readonly zset: SortedSet;
  private readonly hash: Hash;
  private holds = NOTHING;
  private readonly text = new Bytes();
  private type = 0;
  private encoding = 0;
  private word = 0;
  private entry = 0;
  private nodes: Quicklist | undefined = undefined;

  constructor(db: Database) {
    const { space, limits } = db;
    this.db = db;
    this.space = space;
    this.list = new List(space, limits);
    this.set = new SetValue(space, limits);
    this.zset = new SortedSet(space, limits, db.doubles);
    this.hash = new Hash(space, limits);
  }

  /** Whether this still builds for the keyspace that the database holds. */
  get current(): boolean {
    return this.db.space === this.space;
  }

  /** The table of a large set, sorted set or hash that is being read; undefined while it is small, or something else. */
  get table(): Table | undefined {
    const { space, entry } = this;
    if (this.holds !== ENTRY || space.encoding(entry) !== OBJECT || space.type(entry) === LIST) return undefined;
    return (space.large(entry) as SetTable | ZsetTable | HashTable).table;
  }

  // ---- whole values ---------------------------------------------------------------------------------------------------------------

  /** The value is this string, which must stay where it is until `attach`. */
  setText(value: Bytes): void {
    this.text.assign(value);
    this.holds = TEXT;
  }

  /** The value is a small collection, whose block is `buf[start, start + n)`: copied. @param n at most PACKED_MAX, or INTSET_MAX integers */
  setBlock(type: number, encoding: number, buf: Uint8Array, start: number, n: number): void {
    this.type = type;
    this.encoding = encoding;
    this.word = this.copyBlock(buf, start, n);
    this.holds = BLOCK;
  }

  private copyBlock(buf: Uint8Array, start: number, n: number): number {
    const { arena } = this.space;
    const block = arena.alloc(n);
    copyBytes(arena.u8[block >>> SEGMENT_BITS], (block & GRANULE_MASK) << 4, buf, start, n);
    return block;
  }

  private begin(type: number, encoding: number, word: number): void {
    this.entry = createDetached(this.space, type, encoding, word);
    this.holds = ENTRY;
  }

  // ---- lists ----------------------------------------------------------------------------------------------------------------------

  /** The value is a list. @param nodes whether it will come in nodes */
  beginList(nodes: boolean): void {
    const { space } = this;
    this.nodes = nodes ? new Quicklist(space.arena, this.db.limits) : undefined;
    if (this.nodes === undefined) this.begin(LIST, PACKED, packedNew(space.arena));
    else this.begin(LIST, OBJECT, space.larges.put(this.nodes));
    this.list.bind(this.entry);
  }

  /** Whether a list of these elements alone would be kept as one listpack. */
  fitsOneNode(bytes: number, count: number): boolean {
    const { limits } = this.db;
    return count <= countLimit(limits) && count < PACKED_COUNT && bytes <= Math.min(sizeLimit(limits), PACKED_MAX);
  }

  addElement(value: Bytes): void {
    this.list.grow(1, value.end - value.start);
    this.list.push(TAIL, value);
  }

  /** Adds the elements of a listpack to a list that comes in nodes. */
  addNode(buf: Uint8Array, start: number, n: number, count: number): void {
    this.nodes!.adopt(this.copyBlock(buf, start, n), n, count);
  }

  /** All has come: a list that is small after all becomes one listpack. @returns false, and nothing is held, when it has no elements */
  finishList(): boolean {
    this.nodes = undefined;
    if (this.holds === BLOCK) return true;
    if (this.list.length > 0) this.list.settle(false);
    else this.drop();
    return this.holds === ENTRY;
  }

  // ---- sets -----------------------------------------------------------------------------------------------------------------------

  /** The value is a set. @param expected how many members are said to come */
  beginSet(first: Bytes, expected: number): void {
    const { limits } = this.db;
    let encoding = OBJECT;
    if (expected <= Math.min(limits.setMaxIntsetEntries, INTSET_MAX) && parseInteger(first.buf, first.start, first.end))
      encoding = INTSET;
    else if (expected <= limits.setMaxListpackEntries) encoding = PACKED;
    this.set.createDetached(encoding);
    this.entry = this.set.entry;
    this.holds = ENTRY;
  }

  /** @throws RdbError when it is there already */
  addMember(member: Bytes): void {
    if (!this.set.add(member)) throw new RdbError('a set in which a member repeats');
  }

  // ---- sorted sets ----------------------------------------------------------------------------------------------------------------

  /** The value is a sorted set. @param expected how many members are said to come */
  beginZset(expected: number): void {
    const { space } = this;
    if (expected <= this.db.limits.zsetMaxListpackEntries) this.begin(ZSET, PACKED, packedNew(space.arena));
    else this.begin(ZSET, OBJECT, space.larges.put(new ZsetTable(space.arena)));
    this.zset.bind(this.entry);
  }

  /** @throws RdbError when it is there already, or the score is no number */
  addScored(member: Bytes, score: number): void {
    const outcome = this.zset.add(member, score);
    if (outcome === NOT_A_NUMBER) throw new RdbError('a sorted set with a score that is not a number');
    if (outcome !== ADDED) throw new RdbError('a sorted set in which a member repeats');
  }

  // ---- hashes ---------------------------------------------------------------------------------------------------------------------

  /** The value is a hash. @param expected how many fields are said to come */
  beginHash(expected: number): void {
    this.begin(HASH, PACKED, packedNew(this.space.arena));
    this.hash.bind(this.entry).reserve(expected);
  }

  /** @param when ms since the epoch, -1 for never @throws RdbError when the field is there already */
  addField(field: Bytes, value: Bytes, when: number): void {
    const { hash } = this;
    const before = hash.size;
    hash.set(field, value, when);
    if (hash.size === before) throw new RdbError('a hash in which a field repeats');
  }

  /** Fields of the hash that is being read. */
  get fields(): number {
    return this.hash.size;
  }

  // ---- our own types --------------------------------------------------------------------------------------------------------------

  /** The value is of the type `kind`, written as `version`. @returns what reads its content, and has made it */
  beginOwn(kind: OwnType, version: number): OwnLoader {
    const { space } = this;
    const loader = kind.load(space.arena, this.db.limits, version);
    this.begin(kind.type, OBJECT, space.larges.put(loader.value));
    return loader;
  }

  // ---- the end --------------------------------------------------------------------------------------------------------------------

  /**
   * Gives the value to `key`, which must not exist.
   * @param at when it expires, ms since the epoch; -1 for never
   * @returns the entry; 0, and the value is dropped, when the key exists
   */
  attach(key: Bytes, at: number): number {
    const { space } = this;
    if (this.holds === TEXT) {
      const before = space.size;
      const made = this.db.strings.set(key, this.text, NATURAL, at);
      this.holds = NOTHING;
      return space.size === before ? 0 : made;
    }
    if (space.find(key) !== 0) {
      this.drop();
      return 0;
    }
    if (this.holds === ENTRY) this.takeApart();
    this.holds = NOTHING;
    return space.create(key, this.type, this.encoding, this.word, 0, at);
  }

  /** Keeps what the entry without a key has held, and frees the entry. */
  private takeApart(): void {
    const { space, entry } = this;
    this.type = space.type(entry);
    this.encoding = space.encoding(entry);
    this.word = space.word(entry);
    leaveValue(space, entry);
    space.arena.release(entry, space.entryBytes(entry));
  }

  /** Frees what was read. A large value is freed in slices. */
  drop(): void {
    const { space } = this;
    const { arena } = space;
    if (this.holds === BLOCK)
      arena.release(this.word, (this.encoding === INTSET ? intsetBytes : packedBytes)(arena, this.word));
    else if (this.holds === ENTRY) dropDetached(space, this.entry);
    this.holds = NOTHING;
    this.nodes = undefined;
  }
}

/**
 * Sets the access clock of entry `ref` by what a file or RESTORE told of it, as far as the policy in force has a use for that.
 * @param idle seconds since the last access, -1: not told
 * @param frequency LFU's counter (0 to 255), -1: not told
 */
export function setAccess(space: Keyspace, ref: number, idle: number, frequency: number): void {
  if (!space.lfu && idle >= 0) space.setAccessClock(ref, (space.clock - Math.min(idle, CLOCK_MASK)) & CLOCK_MASK);
  else if (space.lfu && frequency >= 0) space.setAccessClock(ref, ((space.clock & 0xffff) << 8) | frequency);
}
