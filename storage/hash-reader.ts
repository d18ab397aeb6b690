/**
 * HashReader: the reading half of the view on hashes (hash.ts): one field by name, all of them, a page of SCAN, picks at random.
 *
 *   begin() | sample() | scan()   then   while (hash.next()) ... hash.field, hash.value, hash.expireAt
 *
 * A field that has expired is invisible from that moment on, whether it has been deleted yet or not. What is given are views that
 * hold until the next call; nothing may be written to the hash between two calls of `next`. Never changes anything.
 */
import { PAIR, TRIPLET, tripletExpiry, tripletsDue } from './hash-packed.js';
import type { HashTable } from './hash-table.js';
import type { Keyspace } from './keyspace.js';
import { GRANULE_MASK, SEGMENT_BITS } from './memory/arena.js';
import { Bytes } from './memory/bytes.js';
import { LP_HEADER, lpAtEnd, lpFind, lpGet, lpNext, lpSeek } from './memory/listpack.js';
import { packedLength } from './memory/packed.js';
import type { Page } from './memory/table.js';
import { OBJECT, PACKED, PACKED_EX } from './types.js';

/** There is no such field: what `expiry` says then. */
export const NO_FIELD = -2;

// What `next` goes through: everything, some of it by lot, or the list of blocks in `listed`.
const EVERYTHING = 0;
const LOT = 1;
const LISTED = 2;
/** Tries to meet a living field of a large hash by luck before all are counted. */
const TRIES = 64;

export class HashReader {
  /** The field and the value that `next` or `pick` has arrived at. */
  readonly field = new Bytes();
  readonly value = new Bytes();
  /** When the field that was looked at last expires, ms since the epoch; -1 for never. */
  expireAt = -1;
  protected readonly space: Keyspace;
  protected entry = 0;
  protected encoding = PACKED;
  /** The block of a small hash. */
  protected block = 0;
  protected large: HashTable | undefined = undefined;
  /** Where `locate` found a field: its position in the block, or its own block. */
  protected at = 0;
  private readonly fieldDigits = new Uint8Array(24);
  private readonly valueDigits = new Uint8Array(24);

  // The way of `next`.
  private way = EVERYTHING;
  /** Position in the block, slot of `page`, or index into `listed`. */
  private position = 0;
  private page: Page | undefined = undefined;
  private pageIndex = 0;
  /** How many fields the lot must still fall on, and among how many. */
  private wanted = 0;
  private left = 0;
  private random: () => number;
  private readonly listed: number[] = [];
  private readonly list: (ref: number) => void;

  constructor(space: Keyspace) {
    this.space = space;
    this.random = space.random;
    this.list = (ref) => {
      this.listed.push(ref);
    };
  }

  /** Looks at `entry`, which holds a hash. */
  bind(entry: number): this {
    const { space } = this;
    this.entry = entry;
    this.encoding = space.encoding(entry);
    this.block = space.word(entry);
    this.large = this.encoding === OBJECT ? (space.large(entry) as HashTable) : undefined;
    return this;
  }

  /** OBJECT ENCODING's word. */
  get encodingName(): string {
    return this.encoding === PACKED ? 'listpack' : this.encoding === PACKED_EX ? 'listpackex' : 'hashtable';
  }

  /** Number of fields that are kept; some may have expired and not been deleted yet. O(1). */
  get size(): number {
    if (this.large !== undefined) return this.large.table.size;
    return packedLength(this.space.arena, this.block) / this.step;
  }

  /** Number of fields that have not expired. O(1), but O(n) while expired ones are kept. */
  get living(): number {
    if (this.due > this.space.now) return this.size;
    let n = 0;
    this.begin();
    while (this.next()) n++;
    return n;
  }

  /** No field expires before this time, ms since the epoch; Infinity when none has a TTL. O(1). */
  get due(): number {
    if (this.large !== undefined) return this.large.due;
    return this.encoding === PACKED ? Number.POSITIVE_INFINITY : tripletsDue(this.space.arena, this.block);
  }

  /** Elements a field takes in the listpack. */
  protected get step(): number {
    return this.encoding === PACKED ? PAIR : TRIPLET;
  }

  /** The listpack: its segment and where it begins there. */
  protected get u8(): Uint8Array {
    return this.space.arena.u8[this.block >>> SEGMENT_BITS];
  }

  protected get base(): number {
    return (this.block & GRANULE_MASK) << 4;
  }

  // ---- one field ----------------------------------------------------------------------------------------------------------------

  /** Finds `field`, expired or not: sets `at` and `expireAt`. */
  protected locate(field: Bytes): boolean {
    this.expireAt = -1;
    if (this.large !== undefined) {
      this.at = this.large.table.find(field);
      if (this.at === 0) return false;
      this.expireAt = this.large.expireAt(this.at);
      return true;
    }
    this.at = lpFind(this.u8, this.base, LP_HEADER, field, this.step);
    if (this.at === 0) return false;
    if (this.encoding === PACKED_EX) this.expireAt = tripletExpiry(this.u8, this.base, this.at);
    return true;
  }

  /** Whether the field that was looked at last has expired. */
  protected get expired(): boolean {
    return this.expireAt >= 0 && this.expireAt <= this.space.now;
  }

  has(field: Bytes): boolean {
    return this.locate(field) && !this.expired;
  }

  /** The value of `field`, undefined when there is none. Expected O(1); O(n) in a small hash. */
  get(field: Bytes): Bytes | undefined {
    if (!this.locate(field) || this.expired) return undefined;
    if (this.large !== undefined) return this.large.value(this.at, this.value);
    const { u8, base } = this;
    return lpGet(u8, base, lpNext(u8, base, this.at), this.value, this.valueDigits);
  }

  /** When `field` expires, ms since the epoch; -1 for never, NO_FIELD when there is no such field. Cost as `get`. */
  expiry(field: Bytes): number {
    return this.has(field) ? this.expireAt : NO_FIELD;
  }

  // ---- many fields --------------------------------------------------------------------------------------------------------------

  /** Before the first field; `next` then goes through all of them, a small hash's in their order. */
  begin(): void {
    this.way = EVERYTHING;
    this.pageIndex = 0;
    this.page = this.large?.table.pageAt(0);
    this.position = this.large === undefined ? LP_HEADER : 1;
  }

  /** Moves on to the next living field; false when there is none. */
  next(): boolean {
    if (this.way === LISTED) return this.nextListed();
    if (this.way === LOT && this.wanted === 0) return false;
    while (this.advance()) {
      if (this.expired) continue;
      if (this.way === EVERYTHING) return true;
      if (this.random() * this.left-- >= this.wanted) continue;
      this.wanted--;
      return true;
    }
    return false;
  }

  private advance(): boolean {
    if (this.large === undefined) {
      if (lpAtEnd(this.u8, this.base, this.position)) return false;
      this.position = this.load(this.position);
      return true;
    }
    const { table } = this.large;
    while (this.page !== undefined) {
      const { slots } = this.page;
      while (this.position < slots.length) {
        const ref = slots[this.position];
        this.position += 2;
        if (ref === 0) continue;
        this.show(this.large, ref);
        return true;
      }
      this.pageIndex += table.pageSpan(this.page);
      this.page = table.pageAt(this.pageIndex);
      this.position = 1;
    }
    return false;
  }

  private nextListed(): boolean {
    while (this.position < this.listed.length) {
      this.show(this.large!, this.listed[this.position++]);
      if (!this.expired) return true;
    }
    return false;
  }

  /** Looks at the field of a large hash in block `ref`. */
  private show(large: HashTable, ref: number): void {
    large.field(ref, this.field);
    large.value(ref, this.value);
    this.expireAt = large.expireAt(ref);
  }

  /** Looks at the field at position `p` of a small hash. @returns the position after it */
  protected load(p: number): number {
    const { u8, base } = this;
    lpGet(u8, base, p, this.field, this.fieldDigits);
    const v = lpNext(u8, base, p);
    lpGet(u8, base, v, this.value, this.valueDigits);
    const next = lpNext(u8, base, v);
    this.expireAt = -1;
    if (this.encoding === PACKED) return next;
    this.expireAt = tripletExpiry(u8, base, p);
    return lpNext(u8, base, next);
  }

  /**
   * Begins a page of SCAN: `next` then gives what it found.
   * @param cursor 0 to begin, else what the call before returned
   * @param count how much to look at, roughly; a small hash comes whole
   * @returns the next cursor (32 bits, unsigned), 0 at the end
   */
  scan(cursor: number, count: number): number {
    this.begin();
    if (this.large === undefined) return 0;
    this.listNothing();
    return this.large.table.scan(cursor >>> 0, count, this.list);
  }

  private listNothing(): void {
    this.way = LISTED;
    this.position = 0;
    this.listed.length = 0;
  }

  /**
   * Arrives at a living field picked at random; false when there is none. Expected O(1), O(n) in a small hash.
   * @param random gives numbers in [0, 1)
   */
  pick(random: () => number): boolean {
    if (this.large === undefined) return this.pickSmall(random);
    for (let i = this.size === 0 ? TRIES : 0; i < TRIES; i++) {
      this.show(this.large, this.large.table.random(random));
      if (!this.expired) return true;
    }
    const { living } = this;
    this.begin();
    for (let skip = Math.floor(random() * living); skip > 0; skip--) this.next();
    return this.next();
  }

  private pickSmall(random: () => number): boolean {
    const { living } = this;
    if (living === 0) return false;
    // The expired ones stand in front.
    const i = this.size - living + Math.floor(random() * living);
    this.load(lpSeek(this.u8, this.base, i * this.step));
    return true;
  }

  /**
   * Begins a random choice of `count` different living fields, of all when there are no more: `next` then gives them.
   * O(n), but expected O(count) in a large hash of which less than a third is wanted.
   * @param random gives numbers in [0, 1)
   */
  sample(count: number, random: () => number): void {
    const { living } = this;
    if (this.large !== undefined && count * 3 < living && living === this.size)
      return this.draw(this.large, count, random);
    this.begin();
    if (count >= living) return;
    this.way = LOT;
    this.random = random;
    this.wanted = count;
    this.left = living;
  }

  /** Lists `count` different blocks, drawn one by one; a drawn one is remembered in an open-addressed set. */
  private draw(large: HashTable, count: number, random: () => number): void {
    this.listNothing();
    const bits = 33 - Math.clz32(count);
    const seen = new Int32Array(1 << bits);
    while (this.listed.length < count) {
      const ref = large.table.random(random);
      let i = Math.imul(ref, 0x9e3779b1) >>> (32 - bits);
      while (seen[i] !== 0 && seen[i] !== ref) i = (i + 1) & (seen.length - 1);
      if (seen[i] === ref) continue;
      seen[i] = ref;
      this.listed.push(ref);
    }
  }
}
