/**
 * Capture: writes the content of databases as it was at one moment, in small steps between which everything may change. No copy of the
 * data is made: what is about to change is written first.
 *
 *   1. every keyspace in the order of hashes (capture-keyspace.ts); large values are noted on the way
 *   2. the large values, one after the other (capture-value.ts), those first of which much was set aside
 *
 * Who changes a key tells `space.capture` before, who changes what is in a large value tells its `capture`. That is only so while the
 * capture is live: one that is not live must be finished before anything changes.
 */
import { HashCapture, SetCapture, ZsetCapture } from './capture-collection.js';
import { KeyspaceCapture } from './capture-keyspace.js';
import { ListCapture } from './capture-list.js';
import { StringCapture } from './capture-string.js';
import type { ValueCapture, Waiting } from './capture-value.js';
import type { CompressedString } from './compression.js';
import type { Database } from './database.js';
import type { HashTable } from './hash-table.js';
import type { Keyspace } from './keyspace.js';
import type { Quicklist } from './quicklist.js';
import type { RdbFileWriter } from './rdb/file-writer.js';
import { RdbOutput } from './rdb/output.js';
import { writeEntryHead, writeHead } from './rdb/value-writer.js';
import type { SetTable } from './set-table.js';
import type { BigString } from './string.js';
import { COMPRESSED, HASH, LIST, SET, STRING } from './types.js';
import type { ZsetTable } from './zset-table.js';

/** A value of which more bytes were set aside is written before the others. */
const URGENT = 1 << 20;

export class Capture implements Waiting {
  /** Keys that are written, and that there are. */
  keys = 0;
  keysTotal = 0;
  /** Bytes that were set aside and are not written yet. */
  heldBytes = 0;
  readonly scratch: RdbOutput;
  private readonly writer: RdbFileWriter;
  private readonly access: number;
  private readonly live: boolean;
  private readonly spaces: Keyspace[] = [];
  private readonly captures: KeyspaceCapture[] = [];
  /** The keyspace whose turn it is. */
  private turn = 0;
  /** Large values that are not written yet, in the order in which they were met, from `firstValue` on. */
  private readonly values: (ValueCapture | undefined)[] = [];
  private firstValue = 0;
  private readonly urgent: ValueCapture[] = [];
  /** The large value that is being written. */
  private value: ValueCapture | undefined = undefined;
  /** The database that the file has selected. */
  private selected = -1;

  /**
   * Begins: what is written is the content of `databases` at this moment.
   * @param writer has written the file's header
   * @param access what is told of accesses to keys, as `writeEntry` of rdb/value-writer.ts has it
   * @param live whether anything may change between two steps. There must be only one live capture. O(databases)
   */
  constructor(databases: readonly Database[], writer: RdbFileWriter, access: number, live: boolean) {
    this.writer = writer;
    this.access = access;
    this.live = live;
    this.scratch = new RdbOutput(writer.out.compress);
    for (const { index, space } of databases) {
      if (space.size === 0) continue;
      this.keysTotal += space.size;
      this.select(index);
      writer.resizeDb(space.size, space.expires);
      const capture = new KeyspaceCapture(this, index, space);
      this.spaces.push(space);
      this.captures.push(capture);
      if (live) space.capture = capture;
    }
  }

  /** Bytes that are needed beside the data and the output. O(databases) */
  get extraBytes(): number {
    let n = this.heldBytes;
    for (const { walk } of this.captures) n += walk.markBytes;
    return n;
  }

  /**
   * Writes some more: about `count` elements, or until the output holds about `limit` bytes.
   * @returns whether everything is written; nothing is captured any more then
   */
  step(count: number, limit: number): boolean {
    const { out } = this.writer;
    for (; this.turn < this.captures.length; this.turn++)
      if (!this.captures[this.turn].walk.step(out, count, limit) || out.pos >= limit) return false;
    this.value ??= this.nextValue();
    if (this.value === undefined) {
      this.end();
      return true;
    }
    if (!this.value.step(out, count, limit)) return false;
    this.value.end();
    this.value = undefined;
    this.keys++;
    return false;
  }

  /** The large value that is written next, its beginning already written; undefined when none is left. */
  private nextValue(): ValueCapture | undefined {
    const value = this.takeUrgent() ?? this.takeFirst();
    if (value === undefined) return undefined;
    this.select(value.db);
    value.begin(this.writer.out);
    return value;
  }

  private takeUrgent(): ValueCapture | undefined {
    let value = this.urgent.pop();
    while (value?.ended) value = this.urgent.pop();
    return value;
  }

  private takeFirst(): ValueCapture | undefined {
    const { values } = this;
    while (this.firstValue < values.length) {
      const value = values[this.firstValue];
      values[this.firstValue++] = undefined;
      if (!value!.ended) return value;
    }
    return undefined;
  }

  /** Lets everything go. Must be called when the snapshot is given up; a second call does nothing. O(large values that wait) */
  end(): void {
    for (const [i, space] of this.spaces.entries()) if (space.capture === this.captures[i]) space.capture = undefined;
    this.spaces.length = 0;
    this.value?.end();
    this.value = undefined;
    for (let value = this.takeFirst(); value !== undefined; value = this.takeFirst()) value.end();
  }

  private select(db: number): void {
    if (this.selected === db) return;
    this.selected = db;
    this.writer.selectDb(db);
  }

  // ---- what keyspaces and values ask ----------------------------------------------------------------------------------------------

  /** Writes the small entry `ref` of the keyspace that was number `db`. */
  writeEntry(db: number, space: Keyspace, ref: number): void {
    this.select(db);
    this.writer.entry(space, ref, this.access);
    this.keys++;
  }

  /** Notes the large value of entry `ref`, which is written later as it is now. O(1), of a list O(nodes) */
  keep(db: number, space: Keyspace, ref: number): void {
    const { scratch } = this;
    scratch.reset();
    writeEntryHead(scratch, space, ref, this.access);
    const type = space.type(ref);
    if (type !== STRING) writeHead(scratch, space, ref);
    const head = scratch.buf.slice(0, scratch.pos);
    const large = space.large(ref);
    const value = this.captureOf(type, db, head, space, ref);
    this.values.push(value);
    if (this.live) large.capture = value;
  }

  private captureOf(type: number, db: number, head: Uint8Array, space: Keyspace, ref: number): ValueCapture {
    const { larges } = space;
    const large = space.large(ref);
    switch (type) {
      case HASH:
        return new HashCapture(this, db, head, large as HashTable, larges);
      case SET:
        return new SetCapture(this, db, head, large as SetTable, larges);
      case LIST:
        return new ListCapture(this, db, head, large as Quicklist, larges, this.live);
      case STRING: {
        const compressed = space.encoding(ref) === COMPRESSED;
        return new StringCapture(this, db, head, large as BigString | CompressedString, larges, compressed);
      }
      default:
        return new ZsetCapture(this, db, head, large as ZsetTable, larges);
    }
  }

  held(value: ValueCapture, bytes: number): void {
    this.heldBytes += bytes;
    if (value.heldBytes <= URGENT || value.urgent) return;
    value.urgent = true;
    this.urgent.push(value);
  }
}
