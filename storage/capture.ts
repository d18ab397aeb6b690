/**
 * Capture: writes the content of databases as it was at one moment, in small steps between which everything may change. No copy of the
 * data is made: what is about to change is written first.
 *
 *   1. every keyspace in the order of hashes (capture-keyspace.ts). A large value that is met, by the walk or before a change, is
 *      written next, in steps (capture-value.ts); entries that change meanwhile are set aside until it is whole
 *   2. giants, which would let too much gather meanwhile; those first of which much was set aside
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
import type { OwnValue } from './own-value.js';
import type { Quicklist } from './quicklist.js';
import type { RdbFileWriter } from './rdb/file-writer.js';
import { SELECT_DB } from './rdb/format.js';
import { RdbOutput } from './rdb/output.js';
import { writeEntry, writeEntryHead, writeHead } from './rdb/value-writer.js';
import type { SetTable } from './set-table.js';
import type { BigString } from './string.js';
import { COMPRESSED, HASH, LIST, QUEUE, SET, STRING, TOPIC } from './types.js';
import type { ZsetTable } from './zset-table.js';

/** What is large, and what a giant. */
export interface CaptureSizes {
  /** A collection of more bytes is written in steps. */
  readonly atOnce: number;
  /** A value of more bytes, or a list of more nodes, is a giant. */
  readonly giantBytes: number;
  readonly giantNodes: number;
}

const SIZES: CaptureSizes = { atOnce: 64 * 1024, giantBytes: 32 * 1024 * 1024, giantNodes: 4096 };
/** A giant of which more bytes were set aside is written before the others. */
const URGENT = 1024 * 1024;

export class Capture implements Waiting {
  /** Keys that are written, and that there are. */
  keys = 0;
  keysTotal = 0;
  /** Why the capture has ended before its time. */
  error: unknown = undefined;
  /** Bytes that were set aside and are not written yet. */
  heldBytes = 0;
  readonly scratch: RdbOutput;
  readonly sizes: CaptureSizes;
  private readonly writer: RdbFileWriter;
  private readonly access: number;
  private readonly live: boolean;
  private readonly spaces: Keyspace[] = [];
  private readonly captures: KeyspaceCapture[] = [];
  /** The keyspace whose turn it is. */
  private turn = 0;
  /** Large values that are not written yet, in the order in which they were met. */
  private readonly values = new Queue();
  private readonly giants = new Queue();
  private readonly urgent: ValueCapture[] = [];
  /** The large value that is being written. */
  private value: ValueCapture | undefined = undefined;
  /** Entries that must wait until it is written. */
  private readonly aside: RdbOutput;
  /** The database that the file, with what is set aside, has selected. */
  private selected = -1;

  /**
   * Begins: what is written is the content of `databases` at this moment.
   * @param writer has written the file's header
   * @param access what is told of accesses to keys, as `writeEntry` of rdb/value-writer.ts has it
   * @param live whether anything may change between two steps. There must be only one live capture. O(databases)
   */
  constructor(databases: readonly Database[], writer: RdbFileWriter, access: number, live: boolean, sizes = SIZES) {
    this.sizes = sizes;
    this.writer = writer;
    this.access = access;
    this.live = live;
    this.scratch = new RdbOutput(writer.out.compress);
    this.aside = new RdbOutput(writer.out.compress);
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
    let n = this.heldBytes + this.aside.buf.length + this.scratch.buf.length;
    for (const { walk } of this.captures) n += walk.markBytes;
    return n;
  }

  /**
   * Writes some more: about `count` elements, or until the output holds about `limit` bytes.
   * @returns whether everything is written; nothing is captured any more then
   * @throws what has ended the capture: there was no memory for what had to be set aside
   */
  step(count: number, limit: number): boolean {
    if (this.error !== undefined) throw this.error;
    const { out } = this.writer;
    if (this.value !== undefined || this.values.length > 0) {
      this.stepValue(this.values, count, limit);
      return false;
    }
    for (; this.turn < this.captures.length; this.turn++) {
      if (!this.captures[this.turn].walk.step(out, count, limit)) return false;
      if (out.pos >= limit || this.values.length > 0) return false;
    }
    if (this.stepValue(this.giants, count, limit)) return false;
    this.end();
    return true;
  }

  /** Goes on with the large value that is being written, or with the next one of `queue`; false when there is none. */
  private stepValue(queue: Queue, count: number, limit: number): boolean {
    const { out } = this.writer;
    if (this.value === undefined) {
      const next = this.takeUrgent() ?? queue.take();
      if (next === undefined) return false;
      this.select(next.db);
      next.begin(out);
      this.value = next;
    }
    if (!this.value.step(out, count, limit)) return true;
    this.value.end();
    this.value = undefined;
    this.keys++;
    out.bytes(this.aside.buf, 0, this.aside.pos);
    this.aside.reset();
    return true;
  }

  private takeUrgent(): ValueCapture | undefined {
    if (this.turn < this.captures.length) return undefined;
    let value = this.urgent.pop();
    while (value?.ended) value = this.urgent.pop();
    return value;
  }

  /** Lets everything go. Must be called when the snapshot is given up; a second call does nothing. O(large values that wait) */
  end(): void {
    for (const [i, space] of this.spaces.entries()) if (space.capture === this.captures[i]) space.capture = undefined;
    this.spaces.length = 0;
    this.value?.end();
    this.value = undefined;
    for (const queue of [this.values, this.giants])
      for (let value = queue.take(); value !== undefined; value = queue.take()) value.end();
  }

  private select(db: number): void {
    if (this.selected === db) return;
    this.selected = db;
    if (this.value === undefined) return this.writer.selectDb(db);
    this.aside.byte(SELECT_DB);
    this.aside.length(db);
  }

  // ---- what keyspaces and values ask ----------------------------------------------------------------------------------------------

  /** Writes the small entry `ref` of the keyspace that was number `db`. */
  writeEntry(db: number, space: Keyspace, ref: number): void {
    this.select(db);
    writeEntry(this.value === undefined ? this.writer.out : this.aside, space, ref, this.access);
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
    const { giantBytes, giantNodes } = this.sizes;
    if (type === LIST ? large.pieces > giantNodes : large.bytes > giantBytes) this.giants.add(value);
    else this.values.add(value);
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
      case QUEUE:
      case TOPIC:
        return (large as OwnValue).captured(this, db, head, larges, this.live);
      default:
        return new ZsetCapture(this, db, head, large as ZsetTable, larges);
    }
  }

  failed(error: unknown): void {
    this.error ??= error;
    this.end();
  }

  held(value: ValueCapture, bytes: number): void {
    this.heldBytes += bytes;
    if (value.heldBytes <= URGENT || value.urgent) return;
    value.urgent = true;
    this.urgent.push(value);
  }
}

/** Values in the order in which they came, without those whose turn is over. */
class Queue {
  private readonly list: (ValueCapture | undefined)[] = [];
  private first = 0;

  /** Those that are over may be among them. */
  get length(): number {
    return this.list.length - this.first;
  }

  add(value: ValueCapture): void {
    this.list.push(value);
  }

  take(): ValueCapture | undefined {
    const { list } = this;
    while (this.first < list.length) {
      const value = list[this.first]!;
      list[this.first++] = undefined;
      if (this.first === list.length) this.first = list.length = 0;
      if (!value.ended) return value;
    }
    return undefined;
  }
}
