/**
 * EntryLoader: the entries of a file on their way into a database: short strings in runs, long strings and large collections in pieces
 * as they arrive, everything else whole. Knows what an entry is, not what stands between entries.
 *
 *   loader.db = ...; loader.expires(at), loader.idle, loader.frequency     what was told of the next entry
 *   loader.strings()            true: some entries were stored
 *   loader.begin(type)          true: the value comes in pieces; then next() until it is false
 *
 * As with ValueReader: whoever catches SHORT may rewind the input and call again. Read next: value-reader.ts, string-run.ts.
 */
import type { Database } from '../database.js';
import { MAX_BLOCK } from '../memory/arena.js';
import { Bytes, EMPTY } from '../memory/bytes.js';
import { NATURAL } from '../types.js';
import { DONE, EMPTY as EMPTY_VALUE, EXPIRED, MORE } from './block-reader.js';
import { STRING_VALUE } from './format.js';
import { type RdbInput, STRING_MAX } from './input.js';
import { RdbError } from './rdb-error.js';
import { StringRun } from './string-run.js';
import { setAccess } from './value-builder.js';
import { ValueReader } from './value-reader.js';

/** A string of this many bytes or more that has not arrived whole is collected where it will stay. */
const LONG_STRING = 256 * 1024;
/** So many bytes of it are copied at a time. */
const PIECE = 1024 * 1024;
/** The last time that a key may expire: the largest number below 2^63. */
const LAST_MS = 2 ** 63 - 1024;
/** The longest key: it lies in a block of the arena, with a string of up to 32 KiB behind it. */
const KEY_MAX = MAX_BLOCK - 64 * 1024;

export class EntryLoader {
  keysLoaded = 0;
  /** Keys that were left out because they had expired. */
  keysExpired = 0;
  /** Keys that were left out because their collection has no elements. */
  emptyKeys = 0;
  /** Where entries go. */
  db: Database;
  /** Seconds since the last access, and LFU's counter, of the next entry; -1: not told. */
  idle = -1;
  frequency = -1;
  /** When the next entry expires, ms since the epoch; -1 for never. */
  private expireAt = -1;
  private readonly input: RdbInput;
  private readonly now: number;
  private readonly size: number;
  private readonly readers: (ValueReader | undefined)[] = [];
  private reader: ValueReader | undefined = undefined;
  private readonly run = new StringRun();
  private readonly key = new Bytes();
  private readonly text = new Bytes();
  private readonly keptKey = new Bytes();
  private keyBytes = new Uint8Array(256);
  /** The long string that is collected, and how much of it is there. */
  private long: Uint8Array = EMPTY;
  private filled = 0;

  /**
   * @param now keys and fields that have expired by then (ms since the epoch) are left out; 0: none
   * @param size bytes of the file; Infinity when that is not known
   */
  constructor(db: Database, input: RdbInput, now: number, size: number) {
    this.db = db;
    this.input = input;
    this.now = now;
    this.size = size;
  }

  /** Tells of the next entry when it expires, ms since the epoch; -1 stands for "never", and what is below for "long ago". */
  expires(at: number): void {
    this.expireAt = at === -1 ? -1 : Math.min(Math.max(0, at), LAST_MS);
  }

  /** Whether the entry that is read is to be left out. */
  private get expired(): boolean {
    return this.now > 0 && this.expireAt >= 0 && this.expireAt <= this.now;
  }

  private repeated(): RdbError {
    return new RdbError(`the key '${this.key}' of database ${this.db.index} for the second time`);
  }

  // ---- short strings --------------------------------------------------------------------------------------------------------------

  /** Stores the short strings that come next, of which nothing was told yet; false when there is none. O(bytes of the run) */
  strings(): boolean {
    const { input, run, key, text } = this;
    if (this.expireAt >= 0 || this.idle >= 0 || this.frequency >= 0 || run.find(input) === 0) return false;
    const { space, strings } = this.db;
    const { buf } = input;
    run.prefetch(space.table);
    for (let i = 0; i < run.count; i++) {
      input.pos = input.mark = run.starts[i];
      if (run.types[i] > input.pos) {
        input.pos++;
        this.expires(input.i64());
      }
      key.set(buf, run.keys[i], run.values[i]);
      input.pos = run.values[i];
      input.string(text);
      const before = space.size;
      if (this.expired) this.keysExpired++;
      else {
        strings.set(key, text, NATURAL, this.expireAt);
        if (space.size === before) throw this.repeated();
        this.keysLoaded++;
      }
      this.expireAt = -1;
    }
    return true;
  }

  // ---- any entry ------------------------------------------------------------------------------------------------------------------

  /**
   * Reads key and value behind the type of an entry.
   * @returns whether the value comes in pieces: then call `next`
   * @throws RdbError or a Fault when it cannot be loaded; SHORT
   */
  begin(type: number): boolean {
    const { input, db, key } = this;
    let reader = this.readers[db.index];
    if (reader === undefined || !reader.builder.current) reader = this.readers[db.index] = new ValueReader(db);
    input.string(key);
    if (key.end - key.start > KEY_MAX) throw new RdbError(`a key of ${key.length} bytes`);
    this.reader = reader;
    const outcome = type === STRING_VALUE && this.beginLong() ? MORE : reader.begin(type, input, this.now);
    if (outcome === MORE) this.keepKey();
    return this.settle(outcome);
  }

  /** Reads one more piece. @returns whether there are more. As `begin` */
  next(): boolean {
    return this.settle(this.long.length > 0 ? this.nextPiece() : this.reader!.next(this.input));
  }

  /** Forgets a value that was being read. */
  drop(): void {
    this.reader?.drop();
    this.reader = undefined;
    this.long = EMPTY;
  }

  /** The key of a value that comes in pieces must outlive the buffer. */
  private keepKey(): void {
    const { key } = this;
    const n = key.end - key.start;
    if (n > this.keyBytes.length) this.keyBytes = new Uint8Array(2 * n);
    this.keyBytes.set(key.buf.subarray(key.start, key.end));
    this.keptKey.set(this.keyBytes, 0, n);
    key.assign(this.keptKey);
  }

  /** Whether the string that comes next is long, has not arrived, and is not longer than the file: memory is taken for it then. */
  private beginLong(): boolean {
    const { input } = this;
    const { pos } = input;
    const n = input.plainLength();
    const { offset } = input;
    if (
      n >= LONG_STRING &&
      n <= STRING_MAX &&
      n > input.end - input.pos &&
      offset + n <= this.size &&
      this.size !== Infinity
    ) {
      this.long = new Uint8Array(n);
      this.filled = 0;
      return true;
    }
    input.pos = pos;
    return false;
  }

  private nextPiece(): number {
    const { input, long } = this;
    if (input.end === input.pos) input.need(1);
    const n = Math.min(input.end - input.pos, long.length - this.filled, PIECE);
    long.set(input.buf.subarray(input.pos, input.pos + n), this.filled);
    this.filled += n;
    input.pos += n;
    if (this.filled < long.length) return MORE;
    this.text.set(long, 0, long.length).owned = true;
    this.reader!.builder.setText(this.text);
    this.long = EMPTY;
    return DONE;
  }

  /** What became of the value, or of its last piece. @returns whether there are more */
  private settle(outcome: number): boolean {
    if (outcome === MORE) return true;
    if (outcome === EMPTY_VALUE) this.emptyKeys++;
    else if (outcome === EXPIRED) this.keysExpired++;
    else this.store(this.reader!);
    this.reader = undefined;
    this.expireAt = this.idle = this.frequency = -1;
    return false;
  }

  private store({ builder }: ValueReader): void {
    const { db, key } = this;
    if (this.expired) {
      builder.drop();
      this.keysExpired++;
      return;
    }
    const entry = builder.attach(key, this.expireAt);
    if (entry === 0) throw this.repeated();
    this.keysLoaded++;
    if (this.idle >= 0 || this.frequency >= 0) setAccess(db.space, entry, this.idle, this.frequency);
  }
}
