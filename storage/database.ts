/**
 * Database: one numbered keyspace with typed access to it: `string(key)` to read (counts a hit or a miss, and an access),
 * `stringForWrite(key)` to change what exists. Both give undefined when the key does not exist and throw WRONG_TYPE, before anything
 * changes, when it holds another type.
 */
import { WRONG_TYPE } from './fault.js';
import { Keyspace, type KeyspaceListener } from './keyspace.js';
import { Arena } from './memory/arena.js';
import type { Bytes } from './memory/bytes.js';
import { Strings } from './string.js';
import { STRING } from './types.js';

/** Where look-ups are counted; the server's Stats is one. */
export interface LookupStats {
  keyspaceHits: number;
  keyspaceMisses: number;
}

export class Database {
  /** SELECT's number; SWAPDB exchanges them. */
  index: number;
  space: Keyspace;
  strings: Strings;
  private readonly listener: KeyspaceListener;
  private readonly stats: LookupStats;
  private readonly random: () => number;

  constructor(index: number, listener: KeyspaceListener, stats: LookupStats, random: () => number) {
    this.index = index;
    this.listener = listener;
    this.stats = stats;
    this.random = random;
    this.space = new Keyspace(listener, new Arena(), random);
    this.strings = new Strings(this.space);
  }

  /** Number of keys, expired ones that nobody has met yet included. */
  get size(): number {
    return this.space.size;
  }

  /** Forgets everything at once: the memory goes as a whole, whatever it held. O(1). */
  clear(): void {
    const old = this.space;
    this.space = new Keyspace(this.listener, new Arena(), this.random);
    this.space.now = old.now;
    this.space.clock = old.clock;
    this.space.lfu = old.lfu;
    this.space.lfuLogFactor = old.lfuLogFactor;
    this.space.lfuDecayTime = old.lfuDecayTime;
    this.space.reaping = old.reaping;
    this.strings = new Strings(this.space);
  }

  /** The entry of `key` for reading, 0 when there is none: counts a hit or a miss, and an access. */
  lookup(key: Bytes): number {
    const ref = this.space.find(key);
    if (ref === 0) {
      this.stats.keyspaceMisses++;
      return 0;
    }
    this.stats.keyspaceHits++;
    this.space.touch(ref);
    return ref;
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
}
