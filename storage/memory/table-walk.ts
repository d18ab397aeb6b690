/**
 * TableWalk: visits all elements of a table one by one, without a closure. The table must not change meanwhile.
 *
 *   for (walk.begin(table), ref = walk.next(); ref !== 0; ref = walk.next()) ...
 *
 * Elements lie anywhere in the arena, so each first look at one waits for memory. The walk therefore takes a whole page at a time
 * and looks at the first word of all its elements in one short loop, in which the processor waits for many of them at once.
 */
import { GRANULE_MASK, SEGMENT_BITS } from './arena.js';
import type { Page, Table } from './table.js';

export class TableWalk {
  private table: Table | undefined = undefined;
  /** Directory index of the next page. */
  private at = 0;
  /** The elements of the present page. */
  private refs = new Int32Array(1024);
  private count = 0;
  private turn = 0;
  /** Keeps the early look at the elements from being optimised away. */
  touched = 0;

  begin(table: Table): void {
    this.table = table;
    this.at = this.count = this.turn = 0;
  }

  /** The next element's block, 0 after the last. */
  next(): number {
    while (this.turn === this.count) if (!this.turnPage()) return 0;
    return this.refs[this.turn++];
  }

  private turnPage(): boolean {
    const table = this.table;
    if (table === undefined) return false;
    const page = table.pageAt(this.at);
    if (page === undefined) {
      this.table = undefined;
      return false;
    }
    this.at += table.pageSpan(page);
    this.turn = 0;
    this.take(page, table.arena.i32);
    return true;
  }

  private take(page: Page, i32: readonly Int32Array[]): void {
    const { slots } = page;
    if (page.count > this.refs.length) this.refs = new Int32Array(page.count);
    const { refs } = this;
    let n = 0;
    let sum = 0;
    for (let i = 1; i < slots.length; i += 2) {
      const ref = slots[i];
      if (ref === 0) continue;
      refs[n++] = ref;
      sum ^= i32[ref >>> SEGMENT_BITS][(ref & GRANULE_MASK) << 2];
    }
    this.count = n;
    this.touched = sum;
  }
}
