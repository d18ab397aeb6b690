/**
 * Hash: fields with values, each of which may have its own time to live. This is the one view on hashes: bind it to an entry and
 * it sees whichever form that is kept in.
 *
 *   PACKED      one listpack of pairs                      \  hash-packed.ts
 *   PACKED_EX   one listpack of triplets with the expiry   /
 *   OBJECT      a HashTable                                   hash-table.ts
 *
 * Reading is in hash-reader.ts. Values passed in may lie anywhere but in this very hash. A hash may be left empty: who empties it
 * deletes the key. Knows no command. Read next: hash-reader.ts, hash-expiry.ts, database.ts, commands/hash.ts.
 */
import { TOO_LONG } from './fault.js';
import { fieldsMoved, HashExpiry } from './hash-expiry.js';
import { PAIR, pairAppend, pairsToTriplets, TRIPLET, tripletInsert, tripletMove } from './hash-packed.js';
import { HashReader } from './hash-reader.js';
import { HashTable } from './hash-table.js';
import type { Keyspace } from './keyspace.js';
import type { Limits } from './limits.js';
import { MAX_BLOCK } from './memory/arena.js';
import type { Bytes } from './memory/bytes.js';
import { LP_HEADER, lpAtEnd, lpFind, lpNext } from './memory/listpack.js';
import {
  PACKED_MAX,
  packedBytes,
  packedCopy,
  packedDelete,
  packedFree,
  packedNew,
  packedReplace,
} from './memory/packed.js';
import { KEEP_TTL } from './string.js';
import { HASH, OBJECT, PACKED, PACKED_EX } from './types.js';

/** The longest field: it lies in a block of the arena, with a value of up to 32 KiB behind it. */
export const MAX_FIELD = MAX_BLOCK - 64 * 1024;
/** Bytes that an expiry and the heads of a field's elements take at most. */
const ELEMENTS = 64;

export class Hash extends HashReader {
  private readonly limits: Limits;

  constructor(space: Keyspace, limits: Limits) {
    super(space);
    this.limits = limits;
    space.fields ??= new HashExpiry(space);
  }

  /** Makes an empty hash at the place where `space.find(key)` has just missed, and looks at it. @returns its entry */
  create(key: Bytes): number {
    const { space } = this;
    const entry = space.create(key, HASH, PACKED, packedNew(space.arena));
    this.bind(entry);
    return entry;
  }

  /**
   * Makes a copy, with all expiries of fields, at the place where `to.find(key)` has just missed. The view stays where it is. O(n)
   * @returns the copy's entry
   */
  copyTo(to: Keyspace, key: Bytes): number {
    if (this.large === undefined)
      return to.create(key, HASH, this.encoding, packedCopy(this.space.arena, this.block, to.arena));
    const copy = new HashTable(to.arena);
    this.large.copyTo(copy);
    return to.create(key, HASH, OBJECT, to.larges.put(copy));
  }

  // ---- fields ---------------------------------------------------------------------------------------------------------------------

  /**
   * Sets `field` to `value`, and with that its expiry. Expected O(1); O(n) in a small hash.
   * @param when ms since the epoch (1 to 2^53), -1 for never, KEEP_TTL for what it is
   * @returns whether the field is new
   * @throws TOO_LONG when the field is longer than MAX_FIELD; nothing has changed then
   */
  set(field: Bytes, value: Bytes, when = -1): boolean {
    if (field.end - field.start > MAX_FIELD) throw TOO_LONG;
    if (this.large === undefined && !this.fits(field, value)) this.enlarge();
    if (this.encoding === PACKED) {
      if (when < 0) return this.setPair(field, value);
      this.widen();
    }
    const before = this.due;
    const found = this.locate(field);
    const fresh = !found || this.expired;
    if (when === KEEP_TTL) when = fresh ? -1 : this.expireAt;
    if (this.large !== undefined) this.large.put(this.at, field, value, when);
    else this.setTriplet(found, field, value, when);
    fieldsMoved(this.space, this.entry, before, this.due);
    if (!found) this.limitEntries();
    return fresh;
  }

  private setPair(field: Bytes, value: Bytes): boolean {
    const { space, u8, base } = this;
    const p = lpFind(u8, base, LP_HEADER, field, PAIR);
    if (p !== 0) {
      this.moved(packedReplace(space.arena, this.block, lpNext(u8, base, p), value));
      return false;
    }
    this.moved(pairAppend(space.arena, this.block, field, value));
    this.limitEntries();
    return true;
  }

  private setTriplet(found: boolean, field: Bytes, value: Bytes, when: number): void {
    const { arena } = this.space;
    if (found && when === this.expireAt)
      return this.moved(packedReplace(arena, this.block, lpNext(this.u8, this.base, this.at), value));
    if (found) this.moved(packedDelete(arena, this.block, this.at, TRIPLET));
    this.moved(tripletInsert(arena, this.block, field, value, when));
  }

  /**
   * Sets when `field` expires. Cost as `set`.
   * @param when ms since the epoch (1 to 2^53), -1 for never
   * @returns whether there is such a field
   */
  setExpiry(field: Bytes, when: number): boolean {
    if (!this.has(field)) return false;
    if (when === this.expireAt) return true;
    if (this.encoding === PACKED) {
      this.widen();
      this.locate(field);
    }
    const before = this.due;
    if (this.large !== undefined) this.large.setExpiry(this.at, when);
    else this.moved(tripletMove(this.space.arena, this.block, this.at, when));
    fieldsMoved(this.space, this.entry, before, this.due);
    return true;
  }

  /** Deletes `field`. Cost as `set`. @returns whether there was one */
  delete(field: Bytes): boolean {
    if (!this.has(field)) return false;
    const before = this.due;
    if (this.large !== undefined) this.large.remove(this.at);
    else this.moved(packedDelete(this.space.arena, this.block, this.at, this.step));
    fieldsMoved(this.space, this.entry, before, this.due);
    return true;
  }

  // ---- forms ----------------------------------------------------------------------------------------------------------------------

  /** Prepares for `fields` fields being set: beyond hash-max-listpack-entries a hash is a table from the start (Redis 7.2). */
  reserve(fields: number): void {
    if (this.large === undefined && fields > this.limits.hashMaxListpackEntries) this.enlarge();
  }

  private fits(field: Bytes, value: Bytes): boolean {
    const most = this.limits.hashMaxListpackValue;
    const k = field.end - field.start;
    const n = value.end - value.start;
    return k <= most && n <= most && packedBytes(this.space.arena, this.block) + k + n + ELEMENTS <= PACKED_MAX;
  }

  private limitEntries(): void {
    if (this.large === undefined && this.size > this.limits.hashMaxListpackEntries) this.enlarge();
  }

  private moved(block: number): void {
    if (block === this.block) return;
    this.block = block;
    this.space.setWord(this.entry, block);
  }

  /** From pairs to triplets, or to a large hash if those could grow too long. O(n). */
  private widen(): void {
    const { arena } = this.space;
    if (packedBytes(arena, this.block) + this.size * ELEMENTS > PACKED_MAX) return this.enlarge();
    this.moved(pairsToTriplets(arena, this.block));
    this.encoding = PACKED_EX;
    this.space.setEncoding(this.entry, PACKED_EX);
  }

  /** From a small hash to a large one, with all expiries. O(n). */
  private enlarge(): void {
    const { space, u8, base, block } = this;
    const large = new HashTable(space.arena);
    for (let p = LP_HEADER; !lpAtEnd(u8, base, p); ) {
      p = this.load(p);
      large.put(large.table.find(this.field), this.field, this.value, this.expireAt);
    }
    this.large = large;
    this.block = space.larges.put(large);
    this.encoding = OBJECT;
    space.setWord(this.entry, this.block);
    space.setEncoding(this.entry, OBJECT);
    packedFree(space.arena, block);
  }
}
