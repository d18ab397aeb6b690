/**
 * TableCapture: writes all elements of a table as they were at one moment, while the table changes. It walks in the order of hashes, in
 * steps, as SCAN does: everything below the cursor is written. Before an element changes for the first time, and its turn has not come,
 * it is written early and its hash marked, so that the walk passes it over; so is the hash of one that is about to come into being.
 *
 *   hash   0 ........ written ........ | cursor ....x......x........ to come ...... 2^32         x: marked
 *
 * Where two elements have the same hash, both are written when either changes. What "written" means is the writer's affair. Elements are
 * touched a page ahead, as table-walk.ts explains. Must never move the table's place. Read next: capture.ts.
 */
import { CaptureMarks } from './capture-marks.js';
import { GRANULE_MASK, SEGMENT_BITS } from './memory/arena.js';
import { bucketStart, nextPageStart, type Page, type Table } from './memory/table.js';
import type { RdbOutput } from './rdb/output.js';

/** Writes elements of a table. */
export interface ElementWriter {
  /** Writes the element in block `ref`. Must not change the table. */
  write(ref: number): void;
}

export class TableCapture {
  /** Whether everything is written. */
  ended = false;
  private readonly table: Table;
  private readonly writer: ElementWriter;
  /** Everything below this unsigned hash is written. */
  private cursor = 0;
  private marks: CaptureMarks | undefined = undefined;
  /** Keeps the early look at the elements from being optimised away. */
  touched = 0;

  constructor(table: Table, writer: ElementWriter) {
    this.table = table;
    this.writer = writer;
  }

  /** Bytes of the marks. */
  get markBytes(): number {
    return this.marks === undefined ? 0 : this.marks.bytes;
  }

  /**
   * An element with this hash is about to come, change or go. Expected O(1), and the writing of what has this hash.
   * @param hash not 0
   */
  changing(hash: number): void {
    if (this.ended || hash >>> 0 < this.cursor) return;
    this.marks ??= new CaptureMarks();
    if (!this.marks.add(hash)) return;
    const page = this.table.pageOf(hash);
    const { slots } = page;
    const mask = slots.length - 1;
    for (let i = ((hash << page.depth) >>> (32 - page.bits)) << 1; slots[i + 1] !== 0; i = (i + 2) & mask)
      if (slots[i] === hash) this.writer.write(slots[i + 1]);
  }

  /**
   * Goes on with the walk until about `count` elements were passed or `out`, to which the writer writes, holds `limit` bytes, and from
   * there to the next gap between elements, which is some dozens further at most.
   * @returns whether everything is written
   */
  step(out: RdbOutput, count: number, limit: number): boolean {
    const { table } = this;
    while (!this.ended) {
      const page = table.pageOf(this.cursor);
      const { slots, depth, bits } = page;
      const size = 1 << bits;
      let s = (this.cursor << depth) >>> (32 - bits);
      if (s === 0) this.touch(page);
      for (; s < size; s++) {
        const ref = slots[2 * s + 1];
        if (ref === 0) {
          if (count > 0 && out.pos < limit) continue;
          this.cursor = Math.max(this.cursor, bucketStart(this.cursor, page, s));
          return false;
        }
        // Not those that have wrapped from the page's end: their turn comes there.
        if ((slots[2 * s] << depth) >>> (32 - bits) > s) continue;
        this.pass(slots[2 * s], ref);
        count--;
      }
      for (s = 0; s < size && slots[2 * s + 1] !== 0; s++) {
        if ((slots[2 * s] << depth) >>> (32 - bits) <= s) continue;
        this.pass(slots[2 * s], slots[2 * s + 1]);
        count--;
      }
      this.goTo(nextPageStart(this.cursor, depth));
      if (count <= 0 || out.pos >= limit) break;
    }
    return this.ended;
  }

  private pass(hash: number, ref: number): void {
    if (hash >>> 0 < this.cursor) return;
    if (this.marks === undefined || !this.marks.has(hash)) this.writer.write(ref);
  }

  /** Everything below `cursor` is written; 0: everything. */
  private goTo(cursor: number): void {
    this.cursor = cursor;
    this.ended = cursor === 0;
    if (this.ended) this.marks = undefined;
    else this.marks?.dropBelow(cursor);
  }

  private touch({ slots }: Page): void {
    const { i32 } = this.table.arena;
    let sum = 0;
    for (let i = 1; i < slots.length; i += 2) {
      const ref = slots[i];
      if (ref !== 0) sum ^= i32[ref >>> SEGMENT_BITS][(ref & GRANULE_MASK) << 2];
    }
    this.touched = sum;
  }
}
