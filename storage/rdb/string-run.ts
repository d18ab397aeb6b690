/**
 * StringRun: several entries of a file that follow each other and are short strings, found before any of them is stored. Most files are
 * nothing else; and the places where their keys belong in the table lie all over memory, so the processor should fetch many of them at
 * once (Table.prefetch) rather than wait for each.
 *
 *   [ 0xfc expiry : 8 ]?  0  key  value      strings as they are, of less than 16 KiB, or values that are integers
 *
 * Only finds: file-reader.ts stores them. What is not of this form, or has not arrived as a whole, ends the run.
 */
import { hashBytes } from '../memory/bytes.js';
import type { Table } from '../memory/table.js';
import { EXPIRE_MS, INT_8, INT_32, STRING_VALUE } from './format.js';
import type { RdbInput } from './input.js';

const RUN_MAX = 64;
/** A run of more bytes than this would be a turn that is too long. */
const RUN_BYTES = 32 * 1024;
const EXPIRY_BYTES = 9;

export class StringRun {
  /** Entries that were found. */
  count = 0;
  /** Of each entry: where it begins in the input's buffer, where its type stands, its key, where the key ends and the value begins. */
  readonly starts = new Int32Array(RUN_MAX);
  readonly types = new Int32Array(RUN_MAX);
  readonly keys = new Int32Array(RUN_MAX);
  readonly values = new Int32Array(RUN_MAX);
  private readonly hashes = new Int32Array(RUN_MAX);
  private readonly refs = new Int32Array(RUN_MAX);
  /** Keeps the early look at the table from being optimised away. */
  touched = 0;

  /** Finds the run that begins where `input` stands, which stays there. O(bytes of the run) */
  find(input: RdbInput): number {
    const { buf, pos } = input;
    const end = Math.min(input.end, pos + RUN_BYTES);
    let n = 0;
    for (let p = pos; n < RUN_MAX; n++) {
      this.starts[n] = p;
      if (buf[p] === EXPIRE_MS) p += EXPIRY_BYTES;
      if (p >= end || buf[p] !== STRING_VALUE) break;
      this.types[n] = p++;
      const head = buf[p] < 64 ? 1 : 2;
      if (p + head >= end || buf[p] >= 128) break;
      const length = head === 1 ? buf[p] : ((buf[p] & 63) << 8) | buf[p + 1];
      p += head;
      const value = p + length;
      this.keys[n] = p;
      this.values[n] = value;
      if (value >= end) break;
      const behind = value + stringBytes(buf, value);
      if (behind > end) break;
      this.hashes[n] = hashBytes(buf, p, value);
      p = behind;
    }
    this.count = n;
    return n;
  }

  /** Lets the processor fetch what storing the run will look at. */
  prefetch(table: Table): void {
    this.touched ^= table.prefetch(this.hashes, this.refs, this.count);
  }
}

/** Bytes of the string at `p`, whose first byte has arrived; Infinity when it is of no form that a run may have. */
function stringBytes(buf: Uint8Array, p: number): number {
  const b = buf[p];
  if (b < 64) return 1 + b;
  if (b < 128) return 2 + (((b & 63) << 8) | buf[p + 1]);
  return b >= INT_8 && b <= INT_32 ? 1 + (1 << (b & 63)) : Number.POSITIVE_INFINITY;
}
