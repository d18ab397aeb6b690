/**
 * HashTable: the large form of a hash. One block per field holds its value too; the Table's pages are what SCAN and random picks
 * need.
 *
 *   word 0   length of the field
 *   word 1   [ ttl : 1 ][ big : 1 ][ length of the value : 30 ]
 *   field, then the value's bytes, or the number (4 bytes) of the buffer that holds a big one,
 *   then, with the ttl bit, (padded to a word) eight bytes: when the field expires, ms since the epoch
 *
 * A field without a TTL pays nothing for expiry. Pages and the whole know a time before which nothing in them expires.
 * Knows no limits, no clock and no key: hash.ts does. Read next: hash.ts, hash-expiry.ts.
 */
import type { HashCapture } from './capture-collection.js';
import type { Large } from './large.js';
import { type Arena, blockBytes, GRANULE_MASK, SEGMENT_BITS } from './memory/arena.js';
import { Bytes, copyBytes, EMPTY } from './memory/bytes.js';
import { type Page, Table } from './memory/table.js';
import { KEEP_TTL } from './string.js';

const FIELD_OFFSET = 8;
const TTL_BIT = 1 << 31;
const BIG_BIT = 1 << 30;
const LENGTH_MASK = BIG_BIT - 1;
/** Values from this length on have a buffer of their own. */
const BIG_VALUE = 32 * 1024;
/** Looking through a page for what has expired costs as much as deleting so many fields. */
const PAGE_COST = 16;

/** Is told of a field that has expired before it goes. */
export type FieldGone = (field: Bytes) => void;

export class HashTable implements Large {
  readonly table: Table;
  /** Number of fields with a TTL. */
  expires = 0;
  /** No field expires before this time; Infinity when none has a TTL. */
  due = Number.POSITIVE_INFINITY;
  capture: HashCapture | undefined = undefined;
  private readonly arena: Arena;
  /** Bytes of all blocks, and of all buffers of big values. */
  private blocks = 0;
  private big = 0;
  private readonly buffers: Uint8Array[] = [];
  private readonly freeBuffers: number[] = [];
  /** Where `free` goes on: directory index. */
  private freed = 0;
  private readonly view = new Bytes();

  constructor(arena: Arena) {
    this.arena = arena;
    this.table = new Table(arena, FIELD_OFFSET);
  }

  get bytes(): number {
    return this.table.bytes + this.blocks + this.big;
  }

  get pieces(): number {
    return (this.table.size >> 9) + 1;
  }

  /** Releases the blocks of about `budget` pages; true when nothing is left. */
  free(budget: number): boolean {
    for (; budget > 0; budget--) {
      const page = this.table.pageAt(this.freed);
      if (page === undefined) break;
      for (let i = 1; i < page.slots.length; i += 2) if (page.slots[i] !== 0) this.dropBlock(page.slots[i]);
      this.freed += this.table.pageSpan(page);
    }
    if (this.table.pageAt(this.freed) !== undefined) return false;
    this.table.drop();
    return true;
  }

  // ---- reading: `ref` is a field's block ------------------------------------------------------------------------------------

  field(ref: number, view: Bytes): Bytes {
    const segment = ref >>> SEGMENT_BITS;
    const at = (ref & GRANULE_MASK) << 4;
    return view.set(this.arena.u8[segment], at + FIELD_OFFSET, at + FIELD_OFFSET + this.arena.i32[segment][at >> 2]);
  }

  value(ref: number, view: Bytes): Bytes {
    const segment = ref >>> SEGMENT_BITS;
    const at = (ref & GRANULE_MASK) << 4;
    const m = this.arena.i32[segment];
    const meta = m[(at >> 2) + 1];
    const u8 = this.arena.u8[segment];
    const start = at + FIELD_OFFSET + m[at >> 2];
    if ((meta & BIG_BIT) !== 0) {
      const buf = this.buffers[bufferNumber(u8, start)];
      return view.set(buf, 0, buf.length);
    }
    return view.set(u8, start, start + (meta & LENGTH_MASK));
  }

  /** When the field expires, ms since the epoch; -1 for never. */
  expireAt(ref: number): number {
    const m = this.arena.i32[ref >>> SEGMENT_BITS];
    const w = (ref & GRANULE_MASK) << 2;
    const meta = m[w + 1];
    if ((meta & TTL_BIT) === 0) return -1;
    const t = w + ((blockEnd(m[w], meta) - 8) >> 2);
    return m[t + 1] * 4294967296 + (m[t] >>> 0);
  }

  // ---- writing ----------------------------------------------------------------------------------------------------------------

  /**
   * Sets `field`, in its own block when the value's size class stays the same.
   * @param ref what `table.find(field)` has just given: 0 for a new field
   * @param when ms since the epoch, -1 for never, KEEP_TTL for what it is
   */
  put(ref: number, field: Bytes, value: Bytes, when: number): void {
    if (when === KEEP_TTL) when = ref === 0 ? -1 : this.expireAt(ref);
    if (this.capture !== undefined) this.capture.changing(field.hash());
    if (ref !== 0 && this.overwrite(ref, value, when)) return this.dueBy(this.table.page, when);
    const made = this.build(field, value, when);
    this.dueBy(this.table.page, when);
    if (ref === 0) return this.table.insert(field.hash(), made);
    this.table.replace(made);
    this.dropBlock(ref);
  }

  /** Writes value and expiry into the block, if its size class and the value's kind allow it. */
  private overwrite(ref: number, value: Bytes, when: number): boolean {
    const segment = ref >>> SEGMENT_BITS;
    const at = (ref & GRANULE_MASK) << 4;
    const w = at >> 2;
    const m = this.arena.i32[segment];
    const old = m[w + 1];
    const n = value.end - value.start;
    const meta = n | (when < 0 ? 0 : TTL_BIT);
    if (n >= BIG_VALUE || (old & BIG_BIT) !== 0) return false;
    if (old !== meta && blockBytes(blockEnd(m[w], old)) !== blockBytes(blockEnd(m[w], meta))) return false;
    copyBytes(this.arena.u8[segment], at + FIELD_OFFSET + m[w], value.buf, value.start, n);
    m[w + 1] = meta;
    if ((old & TTL_BIT) !== 0) this.lessExpires();
    if (when >= 0) this.writeExpiry(ref, when);
    return true;
  }

  private build(field: Bytes, value: Bytes, when: number): number {
    const k = field.end - field.start;
    const n = value.end - value.start;
    const meta = n | (n >= BIG_VALUE ? BIG_BIT : 0) | (when < 0 ? 0 : TTL_BIT);
    const ref = this.alloc(blockEnd(k, meta));
    const segment = ref >>> SEGMENT_BITS;
    const at = (ref & GRANULE_MASK) << 4;
    const u8 = this.arena.u8[segment];
    const m = this.arena.i32[segment];
    m[at >> 2] = k;
    m[(at >> 2) + 1] = meta;
    copyBytes(u8, at + FIELD_OFFSET, field.buf, field.start, k);
    if (n >= BIG_VALUE) putBufferNumber(u8, at + FIELD_OFFSET + k, this.adopt(value));
    else copyBytes(u8, at + FIELD_OFFSET + k, value.buf, value.start, n);
    if (when >= 0) this.writeExpiry(ref, when);
    return ref;
  }

  /** Keeps a big value in a buffer of its own and returns that buffer's number. */
  private adopt(value: Bytes): number {
    const buf = value.owned ? value.buf : value.buf.slice(value.start, value.end);
    value.owned = false;
    const number = this.freeBuffers.pop() ?? this.buffers.length;
    this.buffers[number] = buf;
    this.big += buf.length;
    this.arena.outside += buf.length;
    return number;
  }

  /** Takes out the field that `table.find` has just found as `ref`. */
  remove(ref: number): void {
    const { table } = this;
    if (this.capture !== undefined) this.capture.changing(table.page.slots[table.slot]);
    table.remove();
    this.dropBlock(ref);
  }

  /**
   * Sets when the field that `table.find` has just found as `ref` expires.
   * @param when ms since the epoch; -1 for never
   */
  setExpiry(ref: number, when: number): void {
    const { table } = this;
    if (this.capture !== undefined) this.capture.changing(table.page.slots[table.slot]);
    const m = this.arena.i32[ref >>> SEGMENT_BITS];
    const w = (ref & GRANULE_MASK) << 2;
    const old = m[w + 1];
    const meta = when < 0 ? old & ~TTL_BIT : old | TTL_BIT;
    if (old !== meta) ref = this.reshape(ref, blockEnd(m[w], old), blockEnd(m[w], meta), meta);
    if ((old & TTL_BIT) !== 0) this.lessExpires();
    if (when < 0) return;
    this.writeExpiry(ref, when);
    this.dueBy(this.table.page, when);
  }

  /** Makes the block one of `to` bytes with word 1 `meta`. @returns its reference */
  private reshape(ref: number, from: number, to: number, meta: number): number {
    const moved = this.arena.resize(ref, from, to, Math.min(from, to));
    this.blocks += blockBytes(to) - blockBytes(from);
    if (moved !== ref) this.table.replace(moved);
    this.arena.i32[moved >>> SEGMENT_BITS][((moved & GRANULE_MASK) << 2) + 1] = meta;
    return moved;
  }

  private writeExpiry(ref: number, when: number): void {
    const m = this.arena.i32[ref >>> SEGMENT_BITS];
    const w = (ref & GRANULE_MASK) << 2;
    const t = w + ((blockEnd(m[w], m[w + 1]) - 8) >> 2);
    m[t] = when | 0;
    m[t + 1] = Math.floor(when / 4294967296);
    this.expires++;
  }

  private dueBy(page: Page, when: number): void {
    if (when < 0) return;
    if (when < page.due) page.due = when;
    if (when < this.due) this.due = when;
  }

  private lessExpires(): void {
    if (--this.expires === 0) this.due = Number.POSITIVE_INFINITY;
  }

  private alloc(bytes: number): number {
    const ref = this.arena.alloc(bytes);
    this.blocks += blockBytes(bytes);
    return ref;
  }

  private dropBlock(ref: number): void {
    const segment = ref >>> SEGMENT_BITS;
    const at = (ref & GRANULE_MASK) << 4;
    const m = this.arena.i32[segment];
    const meta = m[(at >> 2) + 1];
    const bytes = blockEnd(m[at >> 2], meta);
    if ((meta & TTL_BIT) !== 0) this.lessExpires();
    if ((meta & BIG_BIT) !== 0) {
      const number = bufferNumber(this.arena.u8[segment], at + FIELD_OFFSET + m[at >> 2]);
      this.big -= this.buffers[number].length;
      this.arena.outside -= this.buffers[number].length;
      this.buffers[number] = EMPTY;
      this.freeBuffers.push(number);
    }
    this.blocks -= blockBytes(bytes);
    this.arena.release(ref, bytes);
  }

  /** Puts a copy of every field, expired or not, into `other`, which is empty. O(n). */
  copyTo(other: HashTable): void {
    const field = new Bytes();
    const value = new Bytes();
    for (let at = 0; ; ) {
      const page = this.table.pageAt(at);
      if (page === undefined) return;
      for (let i = 1; i < page.slots.length; i += 2) {
        const ref = page.slots[i];
        if (ref === 0) continue;
        const found = other.table.find(this.field(ref, field));
        other.put(found, field, this.value(ref, value), this.expireAt(ref));
      }
      at += this.table.pageSpan(page);
    }
  }

  // ---- expiry -----------------------------------------------------------------------------------------------------------------

  /**
   * Deletes up to about `limit` fields that are due at `now`, telling `gone` of each before.
   * @returns how many they were. O(pages of the table + limit)
   */
  reap(now: number, limit: number, gone: FieldGone): number {
    let count = 0;
    let due = Number.POSITIVE_INFINITY;
    for (let at = 0; this.table.size > 0; ) {
      const page = this.table.pageAt(at);
      if (page === undefined) break;
      if (page.due <= now) {
        if (limit <= 0) return count;
        const n = this.reapPage(page, now, limit, gone);
        count += n;
        limit -= n + PAGE_COST;
      }
      if (page.due < due) due = page.due;
      at += this.table.pageSpan(page);
    }
    this.due = this.expires === 0 ? Number.POSITIVE_INFINITY : due;
    return count;
  }

  private reapPage(page: Page, now: number, limit: number, gone: FieldGone): number {
    const { table } = this;
    let count = 0;
    let due = Number.POSITIVE_INFINITY;
    for (let i = 0; i < page.slots.length; i += 2) {
      const { slots } = page;
      const ref = slots[i + 1];
      if (ref === 0) continue;
      const when = this.expireAt(ref);
      if (when < 0) continue;
      if (when > now) {
        if (when < due) due = when;
        continue;
      }
      if (count === limit) return count;
      count++;
      gone(this.field(ref, this.view));
      table.page = page;
      table.slot = i;
      this.remove(ref);
      // Deletion shifts slots back: look at this one again, or at the whole page when it has shrunk.
      if (page.slots !== slots) due = Number.POSITIVE_INFINITY;
      i = page.slots === slots ? i - 2 : -2;
    }
    page.due = due;
    return count;
  }
}

/** Bytes of a block whose field has `k` bytes and whose word 1 is `meta`. */
function blockEnd(k: number, meta: number): number {
  const n = FIELD_OFFSET + k + ((meta & BIG_BIT) !== 0 ? 4 : meta & LENGTH_MASK);
  return (meta & TTL_BIT) === 0 ? n : ((n + 3) & ~3) + 8;
}

function bufferNumber(u8: Uint8Array, q: number): number {
  return u8[q] | (u8[q + 1] << 8) | (u8[q + 2] << 16) | (u8[q + 3] << 24);
}

function putBufferNumber(u8: Uint8Array, q: number, n: number): void {
  u8[q] = n;
  u8[q + 1] = n >>> 8;
  u8[q + 2] = n >>> 16;
  u8[q + 3] = n >>> 24;
}
