/**
 * QueueRemains: messages of a queue that nobody can reach any more, all at once: what is purged, or the whole queue. They are freed in
 * slices, like any large value that was discarded.
 */
import type { Large } from './large.js';
import type { Table } from './memory/table.js';
import type { OrderedTree } from './ordered-tree.js';
import type { MessageFields } from './queue-message.js';

/** Estimated bytes of the JavaScript objects of one index, counted in `arena.outside`. */
export const INDEX_OVERHEAD = 768;

export class QueueRemains implements Large {
  /** Nobody needs them: a queue that a snapshot still needs keeps its messages. */
  capture: undefined = undefined;
  private readonly fields: MessageFields;
  private readonly table: Table;
  private readonly indexes: OrderedTree[];
  private readonly blocks: number;
  /** Where `free` goes on: directory index. */
  private at = 0;
  private dropped = false;

  /** @param blocks bytes of all messages in `table` */
  constructor(fields: MessageFields, table: Table, indexes: OrderedTree[], blocks: number) {
    this.fields = fields;
    this.table = table;
    this.indexes = indexes;
    this.blocks = blocks;
  }

  get bytes(): number {
    let n = this.table.bytes + this.blocks;
    for (const tree of this.indexes) n += tree.bytes + INDEX_OVERHEAD;
    return n;
  }

  get pieces(): number {
    let n = (this.table.size >> 9) + 1;
    for (const tree of this.indexes) n += tree.nodes;
    return n;
  }

  free(budget: number): boolean {
    for (let tree = this.indexes.at(-1); tree !== undefined; tree = this.indexes.at(-1)) {
      for (; tree.size > 0; budget--) {
        if (budget <= 0) return false;
        tree.cutTail();
      }
      tree.drop();
      tree.arena.outside -= INDEX_OVERHEAD;
      this.indexes.pop();
    }
    for (; budget > 0 && this.freePage(); budget--);
    if (this.table.pageAt(this.at) !== undefined) return false;
    if (!this.dropped) this.table.drop();
    this.dropped = true;
    return true;
  }

  private freePage(): boolean {
    const { table, fields } = this;
    const page = table.pageAt(this.at);
    if (page === undefined) return false;
    const { slots } = page;
    for (let i = 1; i < slots.length; i += 2) if (slots[i] !== 0) table.arena.release(slots[i], fields.bytes(slots[i]));
    this.at += table.pageSpan(page);
    return true;
  }
}
