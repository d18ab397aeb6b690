/**
 * SetTable: a large set, a Table whose blocks hold nothing but the member:
 *
 *   [ length : u32 ][ member ]
 *
 * Stands behind a handle of the keyspace (encoding OBJECT, "hashtable"). Knows nothing of limits: set.ts decides when a set
 * becomes one.
 */
import type { SetCapture } from './capture-collection.js';
import type { Large } from './large.js';
import { type Arena, blockBytes, GRANULE_MASK, SEGMENT_BITS } from './memory/arena.js';
import { type Bytes, copyBytes } from './memory/bytes.js';
import { Table } from './memory/table.js';

const HEADER = 4;

export class SetTable implements Large {
  readonly table: Table;
  capture: SetCapture | undefined = undefined;
  private readonly arena: Arena;
  /** Bytes of the members' blocks. */
  private held = 0;
  /** Directory index from which `free` goes on. */
  private freed = 0;

  constructor(arena: Arena) {
    this.arena = arena;
    this.table = new Table(arena, HEADER);
  }

  get bytes(): number {
    return this.table.bytes + this.held;
  }

  /** About one a page: small pages, of which many freed at once cost little, count in part. */
  get pieces(): number {
    return 1 + (this.table.bytes >>> 13);
  }

  /** Adds `member`; false when it is there already. Expected O(1). */
  add(member: Bytes): boolean {
    const { arena, table } = this;
    if (table.find(member) !== 0) return false;
    if (this.capture !== undefined) this.capture.changing(member.hash());
    const n = member.end - member.start;
    const ref = arena.alloc(HEADER + n);
    const at = (ref & GRANULE_MASK) << 4;
    arena.i32[ref >>> SEGMENT_BITS][at >> 2] = n;
    copyBytes(arena.u8[ref >>> SEGMENT_BITS], at + HEADER, member.buf, member.start, n);
    table.insert(member.hash(), ref);
    this.held += blockBytes(HEADER + n);
    return true;
  }

  /** Removes `member`; false when it is not there. `member` may be a view onto the very block. Expected O(1). */
  remove(member: Bytes): boolean {
    const ref = this.table.find(member);
    if (ref === 0) return false;
    this.removeFound(ref);
    return true;
  }

  /** Removes the element that the table has just found or picked. */
  removeFound(ref: number): void {
    const { table } = this;
    if (this.capture !== undefined) this.capture.changing(table.page.slots[table.slot]);
    table.remove();
    this.release(ref);
  }

  /** Points `view` at the member in block `ref`. */
  member(ref: number, view: Bytes): Bytes {
    const segment = ref >>> SEGMENT_BITS;
    const at = (ref & GRANULE_MASK) << 4;
    return view.set(this.arena.u8[segment], at + HEADER, at + HEADER + this.arena.i32[segment][at >> 2]);
  }

  private release(ref: number): void {
    const bytes = HEADER + this.arena.i32[ref >>> SEGMENT_BITS][(ref & GRANULE_MASK) << 2];
    this.held -= blockBytes(bytes);
    this.arena.release(ref, bytes);
  }

  /** Frees the members of about `budget` pages; the set must not be used again. True when nothing is left. */
  free(budget: number): boolean {
    const { table } = this;
    for (; budget > 0; budget--) {
      const page = table.pageAt(this.freed);
      if (page === undefined) {
        table.drop();
        return true;
      }
      this.freed += table.pageSpan(page);
      for (let i = 1; i < page.slots.length; i += 2) if (page.slots[i] !== 0) this.release(page.slots[i]);
    }
    return false;
  }
}
