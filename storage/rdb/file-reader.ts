/**
 * RdbFileReader: loads an RDB file into databases, in steps, as its bytes arrive. Neither the file nor a collection is ever held as a
 * whole: what is kept beside the data is the longest element of the file.
 *
 *   const reader = new RdbFileReader(databases, { now });
 *   for (;;) {
 *     const state = reader.step(1 << 16);              a few milliseconds at most
 *     if (state === FINISHED) break;
 *     if (state === WANTS_DATA) reader.push(chunk, n)  or, at the end of the file, reader.end()
 *   }
 *
 * Must be the only one who writes to these databases meanwhile. After an error they hold what had been loaded: the owner decides what
 * becomes of it. Read next: entry-loader.ts.
 */
import type { Database } from '../database.js';
import { Fault } from '../fault.js';
import { Bytes } from '../memory/bytes.js';
import { Crc64 } from './crc64.js';
import { EntryLoader } from './entry-loader.js';
import {
  AUX,
  END,
  EXPIRE_MS,
  EXPIRE_SECONDS,
  FREQ,
  FUNCTION_EARLY,
  FUNCTION_LIBRARY,
  IDLE,
  LAST_VERSION,
  MODULE_AUX,
  RESIZE_DB,
  SELECT_DB,
  SLOT_INFO,
} from './format.js';
import { RdbInput, SHORT } from './input.js';
import { RdbError } from './rdb-error.js';
import { unloadableLibrary, unloadableModule } from './unloadable.js';

// What `step` has come to.
/** The budget is used up: call again. */
export const GOES_ON = 0;
/** What was pushed is used up: `push`, or `end`. */
export const WANTS_DATA = 1;
/** The file is loaded. */
export const FINISHED = 2;

export interface RdbFileOptions {
  /** Keys and fields that have expired by then (ms since the epoch) are left out; 0: none. */
  readonly now?: number;
  /** Whether the checksum is compared (`rdbchecksum`). */
  readonly checksum?: boolean;
  /** Bytes of the whole file, so that a string which is longer is refused at once; unknown when absent. */
  readonly size?: number;
}

const MAGIC_BYTES = 9;
/** Files of older versions have no checksum. */
const CHECKSUM_SINCE = 5;
const CHECKSUM_BYTES = 8;
/** The least that an entry, or an element, counts against the budget. */
const UNIT_COST = 16;
/** What a part of a large block counts: it was read before, and is added now. */
const PART_COST = 32 * 1024;
const FIRST_BUFFER = 64 * 1024;
/** A buffer that a long string has made larger (bytes) becomes smaller again. */
const KEPT = 1 << 20;
/** So many facts of so many bytes are kept; what is beyond is nobody's. */
const FACTS_MAX = 64;
const FACT_BYTES = 1024;

// What comes next.
const HEADER = 0;
const ENTRIES = 1;
/** The rest of a value that comes in pieces. */
const PIECES = 2;
const CHECKSUM = 3;
const NOTHING = 4;

export class RdbFileReader {
  /** The file's version; 0 until it is known. */
  version = 0;
  /** Facts that the file tells about itself, by name. */
  readonly aux = new Map<string, string>();
  /** Keys that the file has announced for the databases so far, for telling how far it is. */
  keysAnnounced = 0;
  private readonly databases: readonly Database[];
  private readonly checksum: boolean;
  private readonly size: number;
  private readonly input = new RdbInput();
  private readonly crc = new Crc64();
  /** Up to here, in the buffer, the bytes are in the checksum. */
  private summed = 0;
  private state = HEADER;
  private readonly loader: EntryLoader;

  /** @param databases by their numbers; a file that names another is refused */
  constructor(databases: readonly Database[], options: RdbFileOptions = {}) {
    this.databases = databases;
    this.checksum = options.checksum ?? true;
    this.size = options.size ?? Number.POSITIVE_INFINITY;
    this.loader = new EntryLoader(databases[0], this.input, options.now ?? 0, this.size);
    this.input.buf = new Uint8Array(FIRST_BUFFER);
  }

  get keysLoaded(): number {
    return this.loader.keysLoaded;
  }

  /** Keys that were left out because they had expired. */
  get keysExpired(): number {
    return this.loader.keysExpired;
  }

  /** Keys that were left out because their collection has no elements. */
  get emptyKeys(): number {
    return this.loader.emptyKeys;
  }

  /** Bytes of the file that were read; after FINISHED: its length, whatever may follow it. */
  get bytesRead(): number {
    return this.input.offset;
  }

  /** What was pushed and lies behind `bytesRead`: after FINISHED, what follows the RDB in its file. A view. */
  get rest(): Uint8Array {
    return this.input.buf.subarray(this.input.pos, this.input.end);
  }

  // ---- the file's bytes -----------------------------------------------------------------------------------------------------------

  /** Gives the file's next bytes, `chunk[0, n)`: copied. Best called when `step` wants data. */
  push(chunk: Uint8Array, n: number): void {
    const { input } = this;
    this.sum(input.pos);
    const rest = input.end - input.pos;
    const need = rest + n;
    // It grows by doubling, so a length that is only claimed costs nothing, up to what is wanted; after a long string it shrinks.
    const grows = need > input.buf.length;
    const shrinks = input.buf.length > KEPT && input.buf.length > 4 * need && input.wanted <= need;
    if (grows || shrinks) {
      const other = new Uint8Array(grows ? Math.max(need, Math.min(input.wanted, 2 * need)) : need);
      other.set(input.buf.subarray(input.pos, input.end));
      input.buf = other;
    } else input.buf.copyWithin(0, input.pos, input.end);
    input.base += input.pos;
    input.pos = input.mark = this.summed = 0;
    input.buf.set(chunk.subarray(0, n), rest);
    input.end = rest + n;
  }

  /** Says that the file has no more bytes: what is missing now is an error. */
  end(): void {
    this.input.whole = true;
  }

  /** Adds what was read up to `to` to the checksum. */
  private sum(to: number): void {
    if (this.checksum && this.state !== NOTHING) this.crc.update(this.input.buf, this.summed, to);
    this.summed = to;
  }

  // ---- steps ----------------------------------------------------------------------------------------------------------------------

  /**
   * Loads about `budget` bytes of what was pushed: at least one entry or element, if it is there.
   * @returns GOES_ON, WANTS_DATA or FINISHED
   * @throws RdbError with the offset in the file and what was found there
   */
  step(budget: number): number {
    const { input } = this;
    if (!input.whole && input.end - input.pos < input.wanted) return WANTS_DATA;
    input.wanted = 0;
    try {
      while (this.state !== NOTHING) {
        if (budget <= 0) return GOES_ON;
        input.commit();
        const from = input.pos;
        this.unit();
        budget -= input.pos === from ? PART_COST : Math.max(UNIT_COST, input.pos - from);
      }
      return FINISHED;
    } catch (e) {
      if (e !== SHORT) throw this.failure(e);
      input.rewind();
      if (input.base + input.pos + input.wanted > this.size)
        throw new RdbError(`${input.wanted} bytes should follow, but the file ends before`, input.offset);
      return WANTS_DATA;
    }
  }

  /** Drops a value that was being read, and says where the error is. */
  private failure(e: unknown): unknown {
    this.loader.drop();
    this.state = NOTHING;
    const { input } = this;
    if (e instanceof RdbError && e.offset < 0) return new RdbError(e.reason, input.base + input.mark);
    if (e instanceof Fault)
      return new RdbError('a string that is longer than this server keeps', input.base + input.mark);
    return e;
  }

  private unit(): void {
    switch (this.state) {
      case HEADER:
        return this.header();
      case ENTRIES:
        if (!this.loader.strings()) this.entry();
        return;
      case PIECES:
        if (!this.loader.next()) this.state = ENTRIES;
        return;
      default:
        this.footer();
    }
  }

  private header(): void {
    const { input } = this;
    input.need(MAGIC_BYTES);
    const magic = Buffer.from(input.buf.subarray(input.pos, input.pos + MAGIC_BYTES)).toString('latin1');
    if (!/^REDIS\d{4}$/.test(magic)) throw new RdbError('no RDB file: it does not begin with REDIS and a version', 0);
    this.version = Number(magic.slice(5));
    if (this.version < 1 || this.version > LAST_VERSION)
      throw new RdbError(`RDB version ${this.version}: this server reads versions 1 to ${LAST_VERSION}`, 0);
    input.pos += MAGIC_BYTES;
    this.state = ENTRIES;
  }

  private footer(): void {
    const { input } = this;
    input.need(CHECKSUM_BYTES);
    this.sum(input.pos);
    if (this.checksum && !this.crc.matches(input.buf, input.pos) && !isZero(input.buf, input.pos))
      throw new RdbError('the checksum is wrong: the file is damaged', input.offset);
    input.pos += CHECKSUM_BYTES;
    this.state = NOTHING;
  }

  /** Reads an opcode with what belongs to it, or an entry as far as it is not a large collection. */
  private entry(): void {
    const { input, loader } = this;
    const type = input.byte();
    switch (type) {
      case EXPIRE_MS:
        return loader.expires(input.i64());
      case EXPIRE_SECONDS:
        return loader.expires((input.u32() | 0) * 1000);
      case FREQ:
        loader.frequency = input.byte();
        return;
      case IDLE:
        loader.idle = input.length();
        return;
      case SELECT_DB:
        return this.selectDb();
      case RESIZE_DB: {
        const keys = input.length();
        input.length();
        this.keysAnnounced += keys;
        return;
      }
      case SLOT_INFO: // a cluster's slot, and how many keys it has: no more than a hint
        input.length();
        input.length();
        input.length();
        return;
      case AUX:
        return this.fact();
      case FUNCTION_LIBRARY:
      case FUNCTION_EARLY:
        throw unloadableLibrary(type, input);
      case MODULE_AUX:
        throw unloadableModule(input);
      case END:
        this.state = this.version >= CHECKSUM_SINCE ? CHECKSUM : NOTHING;
        return;
      default:
        if (loader.begin(type)) this.state = PIECES;
    }
  }

  private selectDb(): void {
    const n = this.input.length();
    const db = this.databases[n];
    if (db === undefined)
      throw new RdbError(`database ${n}, but this server has databases 0 to ${this.databases.length - 1} only`);
    this.loader.db = db;
  }

  private fact(): void {
    const name = this.input.string(new Bytes());
    const value = this.input.string(new Bytes());
    if (this.aux.size < FACTS_MAX && name.length <= FACT_BYTES && value.length <= FACT_BYTES)
      this.aux.set(name.toString(), value.toString());
  }
}

/** Whether the file says that it has no checksum. */
function isZero(buf: Uint8Array, at: number): boolean {
  for (let i = 0; i < CHECKSUM_BYTES; i++) if (buf[at + i] !== 0) return false;
  return true;
}
