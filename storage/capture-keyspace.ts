/**
 * KeyspaceCapture: the entries of one keyspace while a snapshot needs them as they were. Small values are written as they are met, in the
 * order of their keys' hashes or before their first change; large ones are only noted then, and written later (capture-value.ts).
 *
 * It holds the keyspace, not the database: one that is emptied or exchanged meanwhile goes on being captured under the number it had.
 */
import type { Capture } from './capture.js';
import { type ElementWriter, TableCapture } from './capture-table.js';
import type { Keyspace } from './keyspace.js';
import { OBJECT, STRING } from './types.js';

/** A collection of more pieces is written in steps whatever its size: that would take long to find out. */
const PIECES_AT_ONCE = 8;

export class KeyspaceCapture implements ElementWriter {
  readonly walk: TableCapture;
  private readonly owner: Capture;
  private readonly space: Keyspace;
  private readonly db: number;

  constructor(owner: Capture, db: number, space: Keyspace) {
    this.owner = owner;
    this.db = db;
    this.space = space;
    this.walk = new TableCapture(space.table, this);
  }

  /**
   * The entry of a key with this hash is about to come, change or go. Must not be called in the middle of a change. Expected O(size of
   * a small value), once for each hash
   */
  changing(hash: number): void {
    try {
      this.walk.changing(hash);
    } catch (e) {
      this.owner.failed(e);
    }
  }

  write(ref: number): void {
    if (this.isLarge(ref)) this.owner.keep(this.db, this.space, ref);
    else this.owner.writeEntry(this.db, this.space, ref);
  }

  /** Whether the value at `ref` is written in steps: all strings with a buffer of their own, and what has many elements. */
  private isLarge(ref: number): boolean {
    const { space } = this;
    if (space.isBig(ref)) return true;
    if (space.type(ref) === STRING || space.encoding(ref) !== OBJECT) return false;
    const large = space.large(ref);
    return large.pieces > PIECES_AT_ONCE || large.bytes > this.owner.sizes.atOnce;
  }
}
