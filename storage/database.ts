/**
 * Database: one numbered keyspace with typed access to it. For each type the ways in, all of which throw WRONG_TYPE before anything
 * changes when the key holds another type:
 *
 *   set(key)          to read: counts a hit or a miss, and an access; undefined when the key does not exist
 *   setForWrite(key)  to change what exists: counts an access only; undefined when the key does not exist
 *   setOrNew(key, …)  to add: makes the empty value. Who calls it adds to it.
 *
 * What they return is one view per type and database, bound again by the next call. A collection that a command has emptied is
 * no key any more: the command deletes it (`deleteEmpty`).
 */
import { letTimePass, reapFields } from './expiry.js';
import { WRONG_TYPE } from './fault.js';
import { Hash } from './hash.js';
import { Keyspace } from './keyspace.js';
import type { KeyspaceListener } from './keyspace-listener.js';
import type { Limits } from './limits.js';
import { List } from './list.js';
import { Arena } from './memory/arena.js';
import type { Bytes } from './memory/bytes.js';
import type { OwnValue } from './own-value.js';
import { SetValue } from './set.js';
import { SetReader } from './set-reader.js';
import { Strings } from './string.js';
import { HASH, LIST, OBJECT, QUEUE, SET, STRING, TOPIC, ZSET } from './types.js';
import { SortedSet } from './zset.js';
import type { DoubleText } from './zset-packed.js';

/** Expired fields that a command deletes on its way to a hash; more stay hidden until the next, or the expiry cycle. */
const FIELDS_ON_ACCESS = 256;

/** Where look-ups are counted; the server's Stats is one. */
export interface LookupStats {
  keyspaceHits: number;
  keyspaceMisses: number;
}

export class Database {
  /** SELECT's number. */
  readonly index: number;
  space!: Keyspace;
  strings!: Strings;
  sets!: SetValue;
  /** Two more views, for commands that look at several sets at once and compose a result. */
  otherSets!: SetValue;
  resultSets!: SetValue;
  // As many views as one command ever needed at once.
  private sortedSets: SortedSet[] = [];
  private setReaders: SetReader[] = [];
  /** How scores look as text. */
  readonly doubles: DoubleText;
  private hashes!: Hash;
  lists!: List;
  private readonly listener: KeyspaceListener;
  readonly limits: Limits;
  private readonly stats: LookupStats;
  private readonly random: () => number;

  /**
   * @param limits read by the engines whenever they decide on an encoding
   * @param doubles how scores look as text
   */
  constructor(
    index: number,
    listener: KeyspaceListener,
    limits: Limits,
    stats: LookupStats,
    random: () => number,
    doubles: DoubleText,
  ) {
    this.index = index;
    this.listener = listener;
    this.limits = limits;
    this.stats = stats;
    this.random = random;
    this.doubles = doubles;
    this.hold(new Keyspace(listener, new Arena(), random));
  }

  /** Number of keys, expired ones that nobody has met yet included. */
  get size(): number {
    return this.space.size;
  }

  /** Forgets everything at once: the memory goes as a whole, whatever it held. O(1). */
  clear(): void {
    const old = this.space;
    if (old.size === 0 && old.arena.reserved === 0 && old.usedBytes === old.table.bytes) return; // nothing was ever here
    const space = new Keyspace(this.listener, new Arena(), this.random);
    space.now = old.now;
    space.clock = old.clock;
    space.lfu = old.lfu;
    space.lfuLogFactor = old.lfuLogFactor;
    space.lfuDecayTime = old.lfuDecayTime;
    space.reaping = old.reaping;
    space.tellsNew = old.tellsNew;
    space.tellsMisses = old.tellsMisses;
    space.larges.freed = old.larges.freed + old.larges.pending;
    this.hold(space);
  }

  /** Looks at `space` from now on, through new views. */
  protected hold(space: Keyspace): void {
    const { limits } = this;
    this.space = space;
    this.strings = new Strings(space, limits);
    this.sets = new SetValue(space, limits);
    this.otherSets = new SetValue(space, limits);
    this.resultSets = new SetValue(space, limits);
    this.sortedSets = [];
    this.setReaders = [];
    this.hashes = new Hash(space, limits);
    this.lists = new List(space, limits);
  }

  /**
   * The two databases exchange what they hold, and keep their numbers: who has selected one sees the other's keys. Nothing may hold an
   * entry or a view of either. O(1).
   */
  exchange(other: Database): void {
    const { space } = this;
    const { touching } = space;
    this.hold(other.space);
    other.hold(space);
    // That belongs to the client whose command runs, not to the keys.
    other.space.touching = this.space.touching;
    this.space.touching = touching;
  }

  /** The entry of `key` for reading, 0 when there is none: counts a hit or a miss, and an access. */
  lookup(key: Bytes): number {
    const ref = this.space.find(key);
    if (ref === 0) {
      this.missed(key);
      return 0;
    }
    this.stats.keyspaceHits++;
    this.space.touch(ref);
    return ref;
  }

  /** The entry of `key` for looking at what is not its value (TTL, TYPE, OBJECT): counts a hit or a miss, but no access. */
  peek(key: Bytes): number {
    const ref = this.space.find(key);
    if (ref === 0) this.missed(key);
    else this.stats.keyspaceHits++;
    return ref;
  }

  /** `peek` for OBJECT: a key that is not there is no event. */
  inspect(key: Bytes): number {
    const ref = this.space.find(key);
    if (ref === 0) this.stats.keyspaceMisses++;
    else this.stats.keyspaceHits++;
    return ref;
  }

  private missed(key: Bytes): void {
    this.stats.keyspaceMisses++;
    if (this.space.tellsMisses) this.listener.missed?.(this.space, key);
  }

  /** `lookup` that insists on a type. */
  lookupType(key: Bytes, type: number): number {
    const ref = this.lookup(key);
    if (ref !== 0 && this.space.type(ref) !== type) throw WRONG_TYPE;
    return ref;
  }

  /** The entry of `key` for writing, 0 when there is none. */
  findType(key: Bytes, type: number): number {
    const ref = this.space.find(key);
    if (ref === 0) return 0;
    if (this.space.type(ref) !== type) throw WRONG_TYPE;
    this.space.touch(ref);
    return ref;
  }

  /**
   * Copies the value of entry `ref` to `key` of database `to` (this one or another), where `to.space.find(key)` has just missed.
   * @returns the new entry, without a TTL. O(size of the value)
   */
  copy(ref: number, to: Database, key: Bytes): number {
    switch (this.space.type(ref)) {
      case LIST:
        return this.lists.bind(ref).copyTo(to.space, key);
      case SET:
        return this.sets.bind(ref).copyTo(to.space, key);
      case ZSET:
        return this.sortedSetView().bind(ref).copyTo(to.space, key);
      case HASH:
        return this.hashes.bind(ref).copyTo(to.space, key);
      case QUEUE:
      case TOPIC:
        return to.createOwn(key, (this.space.large(ref) as OwnValue).copyTo(to.space.arena));
      default:
        return this.strings.copyTo(ref, to.space, key);
    }
  }

  /** What OBJECT ENCODING says of entry `ref`. */
  encodingName(ref: number): string {
    switch (this.space.type(ref)) {
      case LIST:
        return this.lists.encodingName(ref);
      case SET:
        return this.sets.bind(ref).encodingName;
      case ZSET:
        return this.sortedSetView().bind(ref).encodingName;
      case HASH:
        return this.hashes.bind(ref).encodingName;
      case QUEUE:
      case TOPIC:
        return (this.space.large(ref) as OwnValue).kind.encodingName;
      default:
        return this.strings.encodingName(ref);
    }
  }

  /** Deletes `key`; false when it did not exist. A large value is freed in slices. */
  delete(key: Bytes): boolean {
    return this.space.delete(key);
  }

  // ---- strings ------------------------------------------------------------------------------------------------------------------

  /** The string at `key` for reading; undefined when the key does not exist. */
  string(key: Bytes): Bytes | undefined {
    const ref = this.lookupType(key, STRING);
    return ref === 0 ? undefined : this.strings.get(ref);
  }

  /** The string at `key` for changing it; undefined when the key does not exist. */
  stringForWrite(key: Bytes): Bytes | undefined {
    const ref = this.findType(key, STRING);
    return ref === 0 ? undefined : this.strings.get(ref);
  }

  // ---- sets ---------------------------------------------------------------------------------------------------------------------

  /** The set at `key` for reading; undefined when the key does not exist. */
  set(key: Bytes): SetValue | undefined {
    const ref = this.lookupType(key, SET);
    return ref === 0 ? undefined : this.sets.bind(ref);
  }

  /** The set at `key` for changing it; undefined when the key does not exist. */
  setForWrite(key: Bytes): SetValue | undefined {
    const ref = this.findType(key, SET);
    return ref === 0 ? undefined : this.sets.bind(ref);
  }

  /**
   * The set at `key`, made in the form that suits `first` when the key does not exist.
   * @param expected how many members are about to be added
   */
  setOrNew(key: Bytes, first: Bytes, expected: number): SetValue {
    const ref = this.findType(key, SET);
    if (ref === 0) this.sets.create(key, first, expected);
    else this.sets.bind(ref).expect(expected);
    return this.sets;
  }

  /** View number `i` on sets, not turned to any: for commands that take sets among sorted sets. */
  setReader(i: number): SetReader {
    while (this.setReaders.length <= i) this.setReaders.push(new SetReader(this.space));
    return this.setReaders[i];
  }

  // ---- sorted sets --------------------------------------------------------------------------------------------------------------

  /** View number `i` on sorted sets, not turned to any: to make one, or for a command that needs several at once. */
  sortedSetView(i = 0): SortedSet {
    while (this.sortedSets.length <= i) this.sortedSets.push(new SortedSet(this.space, this.limits, this.doubles));
    return this.sortedSets[i];
  }

  /** The sorted set at `key` for reading; undefined when the key does not exist. */
  sortedSet(key: Bytes): SortedSet | undefined {
    const ref = this.lookupType(key, ZSET);
    return ref === 0 ? undefined : this.sortedSetView().bind(ref);
  }

  /** The sorted set at `key` for changing it; undefined when the key does not exist. */
  sortedSetForWrite(key: Bytes): SortedSet | undefined {
    const ref = this.findType(key, ZSET);
    return ref === 0 ? undefined : this.sortedSetView().bind(ref);
  }

  // ---- hashes -------------------------------------------------------------------------------------------------------------------

  /** The hash at `key` for reading; undefined when the key does not exist. */
  hash(key: Bytes): Hash | undefined {
    return this.liveHash(this.lookupType(key, HASH), key);
  }

  /** The hash at `key` for changing it; undefined when the key does not exist. */
  hashForWrite(key: Bytes): Hash | undefined {
    return this.liveHash(this.findType(key, HASH), key);
  }

  /** The hash at `key`, made empty when the key does not exist. */
  hashOrNew(key: Bytes): Hash {
    const hash = this.hashForWrite(key);
    if (hash !== undefined) return hash;
    this.space.find(key); // the place for the insertion
    this.hashes.create(key);
    return this.hashes;
  }

  /** The view on the hash at `entry`, without the fields that have expired; undefined when there is none or none is left. */
  liveHash(entry: number, key: Bytes): Hash | undefined {
    if (entry === 0) return undefined;
    const hash = this.hashes.bind(entry);
    if (hash.due > this.space.now) return hash;
    return reapFields(this.space, entry, key, FIELDS_ON_ACCESS) === 0 ? undefined : hash.bind(entry);
  }

  // ---- our own types ------------------------------------------------------------------------------------------------------------

  /**
   * The value of our own type `type` at `key` for reading, at the present time: what is due in it is done first, a bounded part of it.
   * Undefined when the key does not exist.
   */
  own(key: Bytes, type: number): OwnValue | undefined {
    return this.present(this.lookupType(key, type), key);
  }

  /** As `own`, for changing it: counts an access only. */
  ownForWrite(key: Bytes, type: number): OwnValue | undefined {
    return this.present(this.findType(key, type), key);
  }

  private present(ref: number, key: Bytes): OwnValue | undefined {
    if (ref === 0) return undefined;
    letTimePass(this.space, ref, key);
    return this.space.large(ref) as OwnValue;
  }

  /** Puts `value`, of which all lies in this database's arena, at `key`, where `space.find(key)` has just missed. @returns the entry */
  createOwn(key: Bytes, value: OwnValue): number {
    const { space } = this;
    return space.create(key, value.kind.type, OBJECT, space.larges.put(value));
  }

  /** Puts `value`, of which all lies in this database's arena, in the place of another one of its type at `key`, which is there. */
  replaceOwn(key: Bytes, value: OwnValue): void {
    const { space } = this;
    space.larges.replace(space.word(space.find(key)), value);
  }

  // ---- collections --------------------------------------------------------------------------------------------------------------

  /** Deletes `key` when the collection there, which has just been changed, is empty: no key holds an empty one. */
  deleteEmpty(key: Bytes, collection: { readonly size: number }): void {
    if (collection.size === 0) this.space.delete(key);
  }

  // ---- lists --------------------------------------------------------------------------------------------------------------------

  /** The list at `key` for reading; undefined when the key does not exist. */
  list(key: Bytes): List | undefined {
    const ref = this.lookupType(key, LIST);
    return ref === 0 ? undefined : this.lists.bind(ref);
  }

  /** The list at `key` for changing it; undefined when the key does not exist. */
  listForWrite(key: Bytes): List | undefined {
    const ref = this.findType(key, LIST);
    return ref === 0 ? undefined : this.lists.bind(ref);
  }

  /** The list at `key`, made empty when the key does not exist. */
  listOrNew(key: Bytes): List {
    const ref = this.findType(key, LIST);
    if (ref === 0) this.lists.create(key);
    else this.lists.bind(ref);
    return this.lists;
  }
}
