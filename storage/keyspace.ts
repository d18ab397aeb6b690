/**
 * Keyspace: the entries of one database. An entry is one arena block that holds the key and, for a short string, the value too.
 *
 *   word 0   length of the key
 *   word 1   string: its length | packed, intset: reference of that block | else: handle into `larges`
 *   word 2   [ access clock : 24 ][ big : 1 ][ ttl : 1 ][ encoding : 3 ][ type : 3 ]
 *   key, then a short string's bytes, then (padded to a word) eight bytes of expiry time when the ttl bit is set
 *
 * A key without a TTL pays nothing for expiry. Every look-up goes through `find`, where expired keys die. Knows how an entry
 * is kept, not what an engine puts behind it. Read next: expiry.ts, database.ts (typed access), string.ts.
 */
import type { KeyspaceCapture } from './capture-keyspace.js';
import { CompressionStats } from './compression.js';
import { TOO_LONG } from './fault.js';
import type { FieldExpiry } from './field-expiry.js';
import { intsetBytes } from './intset.js';
import type { KeyspaceListener } from './keyspace-listener.js';
import { type Large, LargeValues } from './large.js';
import { Arena, blockBytes, GRANULE_MASK, MAX_BLOCK, SEGMENT_BITS } from './memory/arena.js';
import { type Bytes, copyBytes } from './memory/bytes.js';
import { packedBytes } from './memory/packed.js';
import { Table } from './memory/table.js';
import { COMPRESSED, HASH, INTSET, isOwn, OBJECT } from './types.js';
import { adoptValue, leaveValue } from './value-due.js';

export const KEY_OFFSET = 12;
const TYPE_MASK = 7;
const ENCODING_SHIFT = 3;
const TTL_BIT = 1 << 6;
/** The value is a string kept in a buffer of its own, behind a handle. */
const BIG_BIT = 1 << 7;
const COMPRESSED_BIT = COMPRESSED << ENCODING_SHIFT;
const CLOCK_SHIFT = 8;

/** LFU's counter for a new key, so that it is not evicted at once. */
const LFU_INITIAL = 5;
export class Keyspace {
  /** Milliseconds since the epoch; the owner sets it before every batch of commands. */
  now = 0;
  /** The time that access clocks are set to: seconds (24 bits), or with `lfu` minutes; the owner sets it. */
  clock = 0;
  /** Whether access clocks count frequency (an LFU maxmemory-policy) rather than time. */
  lfu = false;
  lfuLogFactor = 10;
  lfuDecayTime = 1;
  /** False while a client looks that asked not to be counted (CLIENT NO-TOUCH). */
  touching = true;
  /** Keys with a TTL. */
  expires = 0;
  /** Hashes that have fields with a TTL. */
  fieldExpires = 0;
  /** The entries that hold values of our own types: time passes in them, and they are listed. */
  readonly ownValues = new Set<number>();
  /** Set by the expiry cycle when it has gone on from a page in which something is still due; who goes by it clears it. */
  overdue = false;
  /** Set while a snapshot is being written: it is told before the entry of a key comes, changes or goes. */
  capture: KeyspaceCapture | undefined = undefined;
  /** Set by the hash engine when it is there. */
  fields: FieldExpiry | undefined = undefined;
  /** When false, expired keys are hidden but stay (CLIENT PAUSE, loading). */
  reaping = true;
  /** Whether the listener is told of new keys. */
  tellsNew = false;
  /** Whether the listener is told of look-ups that found nothing. */
  tellsMisses = false;
  readonly arena: Arena;
  readonly table: Table;
  readonly larges = new LargeValues();
  readonly compression = new CompressionStats();
  /** Numbers in [0, 1). */
  readonly random: () => number;
  readonly listener: KeyspaceListener;

  constructor(listener: KeyspaceListener, arena = new Arena(), random: () => number = Math.random) {
    this.listener = listener;
    this.random = random;
    this.arena = arena;
    this.table = new Table(arena, KEY_OFFSET);
  }

  get size(): number {
    return this.table.size;
  }

  /** Bytes taken by everything of this database; not by what was deleted and only a snapshot still needs. */
  get usedBytes(): number {
    return this.arena.used + this.arena.outside - this.larges.retainedBytes;
  }

  // ---- entries: `ref` is an entry's reference, as `find` gave it; any insertion or change of TTL may move it ---------------

  /** The entry of `key`, or 0 when there is none or it has expired. The place stays with the table for `create`. */
  find(key: Bytes): number {
    const ref = this.table.find(key);
    if (ref !== 0 && (this.arena.i32[ref >>> SEGMENT_BITS][((ref & GRANULE_MASK) << 2) + 2] & TTL_BIT) !== 0)
      return this.findMortal(ref, key);
    return ref;
  }

  private findMortal(ref: number, key: Bytes): number {
    if (this.expireAt(ref) > this.now) return ref;
    if (!this.reaping) return 0;
    this.removeFound(ref);
    this.listener.expired(this, key);
    return this.table.find(key); // 0, with the place for an insertion
  }

  type(ref: number): number {
    return this.arena.i32[ref >>> SEGMENT_BITS][((ref & GRANULE_MASK) << 2) + 2] & TYPE_MASK;
  }

  encoding(ref: number): number {
    return (this.arena.i32[ref >>> SEGMENT_BITS][((ref & GRANULE_MASK) << 2) + 2] >> ENCODING_SHIFT) & 7;
  }

  setEncoding(ref: number, encoding: number): void {
    const m = this.arena.i32[ref >>> SEGMENT_BITS];
    const w = ((ref & GRANULE_MASK) << 2) + 2;
    m[w] = (m[w] & ~(7 << ENCODING_SHIFT)) | (encoding << ENCODING_SHIFT);
  }

  /** Word 1: what it means depends on type and encoding. */
  word(ref: number): number {
    return this.arena.i32[ref >>> SEGMENT_BITS][((ref & GRANULE_MASK) << 2) + 1];
  }

  setWord(ref: number, word: number): void {
    this.arena.i32[ref >>> SEGMENT_BITS][((ref & GRANULE_MASK) << 2) + 1] = word;
  }

  /** Whether the value is a string in a buffer of its own. */
  isBig(ref: number): boolean {
    return (this.arena.i32[ref >>> SEGMENT_BITS][((ref & GRANULE_MASK) << 2) + 2] & BIG_BIT) !== 0;
  }

  /** Whether a string's bytes stand behind its key as they are: neither in a buffer of their own nor compressed. */
  isPlain(ref: number): boolean {
    return (this.arena.i32[ref >>> SEGMENT_BITS][((ref & GRANULE_MASK) << 2) + 2] & (BIG_BIT | COMPRESSED_BIT)) === 0;
  }

  /** The entry was looked at: moves its access clock. LFU counts with a probability that falls with the count (Redis 4.0). */
  touch(ref: number): void {
    if (!this.touching) return;
    if (!this.lfu) return this.setAccessClock(ref, this.clock);
    const count = this.frequency(ref);
    const base = count > LFU_INITIAL ? count - LFU_INITIAL : 0;
    const up = count < 255 && this.random() < 1 / (base * this.lfuLogFactor + 1);
    this.setAccessClock(ref, ((this.clock & 0xffff) << 8) | (up ? count + 1 : count));
  }

  /** The LFU counter (0 to 255), decayed by the minutes since the last access. */
  frequency(ref: number): number {
    const access = this.accessClock(ref);
    const minutes = ((this.clock & 0xffff) - (access >>> 8)) & 0xffff;
    const decay = this.lfuDecayTime > 0 ? Math.floor(minutes / this.lfuDecayTime) : 0;
    return Math.max(0, (access & 0xff) - decay);
  }

  /** The access clock that `touch` last wrote: LRU seconds, or LFU minutes (16 bits) and counter (8 bits). */
  accessClock(ref: number): number {
    return this.arena.i32[ref >>> SEGMENT_BITS][((ref & GRANULE_MASK) << 2) + 2] >>> CLOCK_SHIFT;
  }

  setAccessClock(ref: number, clock: number): void {
    const m = this.arena.i32[ref >>> SEGMENT_BITS];
    const w = ((ref & GRANULE_MASK) << 2) + 2;
    m[w] = (m[w] & 0xff) | (clock << CLOCK_SHIFT);
  }

  /** Points `view` at the entry's key. */
  key(ref: number, view: Bytes): Bytes {
    const segment = ref >>> SEGMENT_BITS;
    const at = (ref & GRANULE_MASK) << 4;
    const start = at + KEY_OFFSET;
    return view.set(this.arena.u8[segment], start, start + this.arena.i32[segment][at >> 2]);
  }

  /** The large value behind an entry whose encoding is OBJECT, or a big string's. */
  large(ref: number): Large {
    return this.larges.at(this.word(ref));
  }

  // ---- creating and removing ------------------------------------------------------------------------------------------------

  /**
   * Makes an entry at the place where `find(key)` has just missed. `inline` bytes are left behind the key for a short string.
   * @param at when it expires, ms since the epoch; -1 for never
   * @returns its reference
   */
  create(key: Bytes, type: number, encoding: number, word: number, inline = 0, at = -1, big = false): number {
    if (this.table.taken !== 0) {
      this.removeFound(this.table.taken); // it has expired and must not be reaped, so `find` has hidden it
      this.table.find(key);
    }
    const ref = this.build(key, type | (encoding << ENCODING_SHIFT) | (big ? BIG_BIT : 0), word, inline, at);
    this.setAccessClock(ref, this.lfu ? LFU_INITIAL | ((this.clock & 0xffff) << 8) : this.clock);
    this.table.insert(key.hash(), ref);
    if (type >= HASH) adoptValue(this, ref, key);
    if (this.tellsNew) this.listener.created?.(this, key);
    return ref;
  }

  /** Makes an entry's block, which the table does not know yet; `meta`: word 2 without clock and TTL. @throws TOO_LONG near 128 MiB */
  build(key: Bytes, meta: number, word: number, inline: number, expireAt: number): number {
    const n = key.end - key.start;
    const size = KEY_OFFSET + n + inline;
    if (size > MAX_BLOCK - 16) throw TOO_LONG;
    const ref = this.arena.alloc(expireAt < 0 ? size : ((size + 3) & ~3) + 8);
    const segment = ref >>> SEGMENT_BITS;
    const at = (ref & GRANULE_MASK) << 4;
    const m = this.arena.i32[segment];
    m[at >> 2] = n;
    m[(at >> 2) + 1] = word;
    m[(at >> 2) + 2] = meta;
    copyBytes(this.arena.u8[segment], at + KEY_OFFSET, key.buf, key.start, n);
    if (isOwn(meta & TYPE_MASK)) this.ownValues.add(ref);
    if (expireAt >= 0) {
      m[(at >> 2) + 2] |= TTL_BIT;
      this.expires++;
      this.writeExpire(ref, expireAt);
    }
    return ref;
  }

  private writeExpire(ref: number, at: number): void {
    const m = this.arena.i32[ref >>> SEGMENT_BITS];
    const t = ((ref & GRANULE_MASK) << 2) + ((this.entryBytes(ref) - 8) >> 2);
    m[t] = at | 0;
    m[t + 1] = Math.floor(at / 4294967296);
    const page = this.table.page;
    if (at < page.due) page.due = at;
  }

  /**
   * Replaces the whole entry that `find(key)` has just found, its value and its TTL, by a new one.
   * @returns the new reference
   */
  recreate(
    old: number,
    key: Bytes,
    type: number,
    encoding: number,
    word: number,
    inline = 0,
    at = -1,
    big = false,
  ): number {
    const ref = this.build(key, type | (encoding << ENCODING_SHIFT) | (big ? BIG_BIT : 0), word, inline, at);
    this.setAccessClock(ref, this.accessClock(old));
    this.touch(ref);
    this.table.replace(ref);
    this.dropEntry(old);
    if (type >= HASH) adoptValue(this, ref, key);
    return ref;
  }

  /**
   * Deletes `key`. A value of many pieces is freed in slices later.
   * @returns whether it existed
   */
  delete(key: Bytes): boolean {
    const ref = this.find(key);
    if (ref === 0) return false;
    this.removeFound(ref);
    return true;
  }

  /** Takes the entry that the table has just found out of it and frees all that it held. */
  removeFound(ref: number): void {
    const { table } = this;
    if (this.capture !== undefined) this.capture.changing(table.page.slots[table.slot]);
    table.remove();
    this.dropEntry(ref);
  }

  /** Frees the block of an entry that the table no longer has, and its value. */
  dropEntry(ref: number): void {
    this.dropValue(ref);
    if (this.hasExpire(ref)) this.expires--;
    this.arena.release(ref, this.entryBytes(ref));
  }

  /** Frees what word 1 points to, and leaves the word dangling: for who puts another value there at once. */
  dropValue(ref: number): void {
    leaveValue(this, ref);
    if (this.encoding(ref) === COMPRESSED) this.compression.count(this, ref, -1);
    if (this.isBig(ref) || (this.type(ref) !== 0 && this.encoding(ref) === OBJECT)) {
      this.larges.discard(this.word(ref));
    } else if (this.type(ref) !== 0) {
      this.arena.release(this.word(ref), this.packedBlockBytes(ref));
    }
  }

  /** Bytes of the one block behind the small collection of entry `ref`. */
  packedBlockBytes(ref: number): number {
    return (this.encoding(ref) === INTSET ? intsetBytes : packedBytes)(this.arena, this.word(ref));
  }

  /** Bytes of the entry's own block. */
  entryBytes(ref: number): number {
    const segment = ref >>> SEGMENT_BITS;
    const w = (ref & GRANULE_MASK) << 2;
    const m = this.arena.i32[segment];
    const meta = m[w + 2];
    const n = KEY_OFFSET + m[w] + ((meta & (TYPE_MASK | BIG_BIT)) === 0 ? m[w + 1] : 0);
    return (meta & TTL_BIT) === 0 ? n : ((n + 3) & ~3) + 8;
  }

  /**
   * Overwrites the string that `find` has just found, in its own block, when the new value of `n` bytes fits its size class and
   * both are short and plain. @returns whether that was possible; nothing has changed when not
   */
  overwrite(ref: number, from: Uint8Array, start: number, n: number, encoding: number, expireAt: number): boolean {
    const segment = ref >>> SEGMENT_BITS;
    const at = (ref & GRANULE_MASK) << 4;
    const w = at >> 2;
    const m = this.arena.i32[segment];
    const meta = m[w + 2];
    if ((meta & (TYPE_MASK | BIG_BIT | COMPRESSED_BIT)) !== 0) return false;
    const k = KEY_OFFSET + m[w];
    const old = k + m[w + 1];
    const size = k + n;
    const oldBytes = (meta & TTL_BIT) === 0 ? old : ((old + 3) & ~3) + 8;
    const bytes = expireAt < 0 ? size : ((size + 3) & ~3) + 8;
    if (oldBytes !== bytes && blockBytes(oldBytes) !== blockBytes(bytes)) return false;
    m[w + 1] = n;
    copyBytes(this.arena.u8[segment], at + k, from, start, n);
    if ((meta & TTL_BIT) === 0 && expireAt < 0) {
      m[w + 2] = (meta & ~(7 << ENCODING_SHIFT)) | (encoding << ENCODING_SHIFT);
      return true;
    }
    if ((meta & TTL_BIT) !== 0) this.expires--;
    m[w + 2] = (meta & ~(7 << ENCODING_SHIFT) & ~TTL_BIT) | (encoding << ENCODING_SHIFT);
    if (expireAt >= 0) {
      m[w + 2] |= TTL_BIT;
      this.expires++;
      this.writeExpire(ref, expireAt);
    }
    return true;
  }

  // ---- expiry ------------------------------------------------------------------------------------------------------------------

  hasExpire(ref: number): boolean {
    return (this.arena.i32[ref >>> SEGMENT_BITS][((ref & GRANULE_MASK) << 2) + 2] & TTL_BIT) !== 0;
  }

  /** When the entry expires, in ms since the epoch; -1 for never. */
  expireAt(ref: number): number {
    const m = this.arena.i32[ref >>> SEGMENT_BITS];
    const w = (ref & GRANULE_MASK) << 2;
    if ((m[w + 2] & TTL_BIT) === 0) return -1;
    const t = w + ((this.entryBytes(ref) - 8) >> 2);
    return m[t + 1] * 4294967296 + (m[t] >>> 0);
  }

  /**
   * Sets when the entry that `find(key)` has just found expires.
   * @param at ms since the epoch, an integer; -1 for never
   * @returns the entry's reference, which may be new
   */
  setExpire(ref: number, at: number): number {
    const had = this.hasExpire(ref);
    if (at < 0) return had ? this.clearExpire(ref) : ref;
    if (!had) {
      const old = this.entryBytes(ref);
      ref = this.resize(ref, old, ((old + 3) & ~3) + 8, old);
      this.arena.i32[ref >>> SEGMENT_BITS][((ref & GRANULE_MASK) << 2) + 2] |= TTL_BIT;
      this.expires++;
    }
    this.writeExpire(ref, at);
    return ref;
  }

  private clearExpire(ref: number): number {
    const old = this.entryBytes(ref);
    this.arena.i32[ref >>> SEGMENT_BITS][((ref & GRANULE_MASK) << 2) + 2] &= ~TTL_BIT;
    const size = this.entryBytes(ref);
    this.expires--;
    return this.resize(ref, old, size, size);
  }

  /** Gives the entry that was just found a block of another size. @returns its reference, which may be new */
  private resize(ref: number, from: number, to: number, kept: number): number {
    const moved = this.arena.resize(ref, from, to, kept);
    if (moved === ref) return ref;
    this.table.replace(moved);
    if (this.ownValues.delete(ref)) this.ownValues.add(moved);
    return moved;
  }

  // ---- expiry of fields -----------------------------------------------------------------------------------------------------------

  /** Before this time (ms since the epoch) no field of the value at `ref` expires; Infinity when none does, or it is no hash. */
  fieldDue(ref: number): number {
    const asked = this.fields !== undefined && this.type(ref) === HASH && this.encoding(ref) >= OBJECT;
    return asked ? this.fields!.due(ref) : Number.POSITIVE_INFINITY;
  }
}
