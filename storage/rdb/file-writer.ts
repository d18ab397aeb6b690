/**
 * RdbFileWriter: the frame of an RDB file around entries, and its checksum. Writes to a buffer; the owner takes it out as it fills up and
 * puts it into the file:
 *
 *   writer.header(...)
 *   for each database: selectDb, resizeDb, then entry ... (or value-writer.ts on `writer.out`)
 *   whenever out.pos is large: take `written()` to the file, then `reset()`; or `swap(another buffer)`
 *   writer.footer(), and the rest to the file
 *
 * Nothing may be taken from `out` by another way, because it would be missing in the checksum. Read next: value-writer.ts.
 */
import type { Database } from '../database.js';
import type { Keyspace } from '../keyspace.js';
import { Crc64 } from './crc64.js';
import { AUX, BASE_VERSION, END, FIELD_EXPIRY_VERSION, RESIZE_DB, SELECT_DB } from './format.js';
import type { RdbOutput } from './output.js';
import { NO_ACCESS, writeEntry } from './value-writer.js';

/** The oldest version that can hold what is in these databases. O(databases) */
export function fileVersion(databases: readonly Database[]): number {
  return databases.some(({ space }) => space.fieldExpires > 0) ? FIELD_EXPIRY_VERSION : BASE_VERSION;
}

export class RdbFileWriter {
  readonly out: RdbOutput;
  private readonly crc = new Crc64();
  private readonly checksum: boolean;
  /** Up to here the bytes in `out` are in the checksum. */
  private summed = 0;

  /**
   * @param out empty
   * @param checksum false: the file says that it has none (`rdbchecksum no`)
   */
  constructor(out: RdbOutput, checksum = true) {
    this.out = out;
    this.checksum = checksum;
  }

  /**
   * @param version of the format: what `fileVersion` says
   * @param aux facts about the file that readers may use or skip: `redis-ver`, `ctime`, `used-mem`, ...
   */
  header(version: number, aux: Iterable<readonly [name: string, value: string | number]>): void {
    const { out } = this;
    const magic = Buffer.from(`REDIS${String(version).padStart(4, '0')}`);
    out.bytes(magic, 0, magic.length);
    for (const [name, value] of aux) this.aux(name, value);
  }

  /** One more fact; may also stand between databases. Names and values are latin1 text. */
  aux(name: string, value: string | number): void {
    this.out.byte(AUX);
    this.out.text(name);
    this.out.text(String(value));
  }

  /** The entries that follow are those of database `index`. */
  selectDb(index: number): void {
    this.out.byte(SELECT_DB);
    this.out.length(index);
  }

  /** Tells how many keys follow, and how many of them with a TTL: readers only take it as a hint. */
  resizeDb(keys: number, expires: number): void {
    this.out.byte(RESIZE_DB);
    this.out.length(keys);
    this.out.length(expires);
  }

  /** One entry, whole. @param access as `writeEntry` has it */
  entry(space: Keyspace, ref: number, access = NO_ACCESS): void {
    writeEntry(this.out, space, ref, access);
  }

  /** The end of the file. Nothing may be written after it. */
  footer(): void {
    const { out } = this;
    out.byte(END);
    this.written();
    out.u64(0);
    if (this.checksum) this.crc.digest(out.buf, out.pos - 8);
  }

  /** What stands in `out` and must be put into the file before `reset`: a view. O(bytes) */
  written(): Uint8Array {
    const { out } = this;
    if (this.checksum) this.crc.update(out.buf, this.summed, out.pos);
    this.summed = out.pos;
    return out.buf.subarray(0, out.pos);
  }

  /** Forgets what `written` has given, which must be all that there is. */
  reset(): void {
    this.out.reset();
    this.summed = 0;
  }

  /**
   * Hands over the buffer with all that was written, for who puts it into the file while the next one fills.
   * @param next the buffer in which writing goes on, from its beginning; it grows when it must
   * @returns a view onto the old buffer
   */
  swap(next: Uint8Array): Uint8Array {
    this.written();
    this.summed = 0;
    return this.out.swap(next);
  }
}
