/**
 * CollectionCapture: a large hash, set or sorted set while a snapshot needs it as it was. Its elements lie in a Table and may be written
 * in any order, so they are captured as keys are (capture-table.ts): one that is about to change is written early, which means set
 * aside while the collection waits for its turn.
 *
 *   file   type  key  number of elements at first  [ what was set aside ]  [ elements in the order of their hashes, or as they change ]
 */
import { type ElementWriter, TableCapture } from './capture-table.js';
import { ValueCapture, type Waiting } from './capture-value.js';
import type { HashTable } from './hash-table.js';
import type { Large, LargeValues } from './large.js';
import { Bytes } from './memory/bytes.js';
import type { Table } from './memory/table.js';
import type { RdbOutput } from './rdb/output.js';
import { writeFieldExpiry, writeHashField, writeSetMember, writeZsetMember } from './rdb/value-writer.js';
import type { SetTable } from './set-table.js';
import type { ZsetTable } from './zset-table.js';

const FIRST_ASIDE = 1024;
const NOTHING = new Uint8Array(0);
const NAME = new Bytes();
const VALUE = new Bytes();

/** A large value whose elements a Table finds. */
interface Collection extends Large {
  readonly table: Table;
}

export abstract class CollectionCapture<T extends Collection> extends ValueCapture implements ElementWriter {
  protected readonly collection: T;
  private readonly walk: TableCapture;
  /** Elements that were set aside, in the form of the file: `aside[0, used)`. */
  private aside = NOTHING;
  private used = 0;
  /** The file, from the collection's turn on. */
  private out: RdbOutput | undefined = undefined;

  constructor(owner: Waiting, db: number, head: Uint8Array, collection: T, home: LargeValues) {
    super(owner, db, head, collection, home);
    this.collection = collection;
    this.walk = new TableCapture(collection.table, this);
  }

  protected abstract writeElement(out: RdbOutput, ref: number): void;

  /** An element with this hash is about to come, change or go. */
  changing(hash: number): void {
    const { walk } = this;
    const { markBytes } = walk;
    try {
      walk.changing(hash);
    } catch (e) {
      return this.failed(e);
    }
    if (walk.markBytes !== markBytes) this.hold(walk.markBytes - markBytes);
  }

  write(ref: number): void {
    if (this.out !== undefined) return this.writeElement(this.out, ref);
    const { scratch } = this;
    scratch.reset();
    this.writeElement(scratch, ref);
    this.setAside(scratch.buf, scratch.pos);
  }

  private setAside(buf: Uint8Array, n: number): void {
    if (this.used + n > this.aside.length) {
      const more = new Uint8Array(Math.max(FIRST_ASIDE, this.used + n, Math.floor(this.aside.length * 1.5)));
      more.set(this.aside.subarray(0, this.used));
      this.hold(more.length - this.aside.length);
      this.aside = more;
    }
    this.aside.set(buf.subarray(0, n), this.used);
    this.used += n;
  }

  override begin(out: RdbOutput): void {
    super.begin(out);
    out.bytes(this.aside, 0, this.used);
    this.hold(-this.aside.length);
    this.aside = NOTHING;
    this.out = out;
  }

  step(out: RdbOutput, count: number, limit: number): boolean {
    return this.walk.step(out, count, limit);
  }
}

export class HashCapture extends CollectionCapture<HashTable> {
  /** The time from which the expiries of fields are counted, ms since the epoch; Infinity when none has one. */
  private readonly earliest = this.collection.due;

  protected writeElement(out: RdbOutput, ref: number): void {
    const { collection: hash, earliest } = this;
    if (earliest !== Number.POSITIVE_INFINITY) writeFieldExpiry(out, hash.expireAt(ref), earliest);
    writeHashField(out, hash.field(ref, NAME), hash.value(ref, VALUE));
  }
}

export class SetCapture extends CollectionCapture<SetTable> {
  protected writeElement(out: RdbOutput, ref: number): void {
    writeSetMember(out, this.collection.member(ref, NAME));
  }
}

export class ZsetCapture extends CollectionCapture<ZsetTable> {
  protected writeElement(out: RdbOutput, ref: number): void {
    const { collection: zset } = this;
    writeZsetMember(out, zset.member(ref, NAME), zset.score(ref));
  }
}
