/**
 * ElementsAhead: looks at the elements of a large collection that come next, so that the processor fetches the places of many of them in
 * the table at once (Table.prefetch) rather than wait for each when it is stored. As StringRun does for keys.
 *
 * Only looks: what it finds, or does not, changes nothing but the time that reading takes.
 */
import { hashBytes } from '../memory/bytes.js';
import type { Table } from '../memory/table.js';
import { INT_8, INT_32 } from './format.js';
import type { RdbInput } from './input.js';

const AHEAD = 64;
/** No farther ahead than this, bytes. */
const AHEAD_BYTES = 32 * 1024;
/** A table of fewer elements lies in the processor's caches anyway. */
const SMALL = 4096;

export class ElementsAhead {
  private readonly hashes = new Int32Array(AHEAD);
  private readonly refs = new Int32Array(AHEAD);
  /** Keeps the early look at the table from being optimised away. */
  touched = 0;

  /**
   * Looks ahead from where `input` stands, which stays there.
   * @param table into which the elements will go
   * @param strings strings of an element: a hash's field and its value are 2
   * @param bytes that stand behind the strings of an element: of a score 8
   * @returns after how many elements it is time to look again: at least 1. O(bytes looked at)
   */
  look(input: RdbInput, table: Table, strings: number, bytes: number): number {
    if (table.size < SMALL) return AHEAD;
    const { buf } = input;
    const end = Math.min(input.end, input.pos + AHEAD_BYTES);
    let n = 0;
    let p = input.pos;
    while (n < AHEAD && p < end) {
      const start = p;
      p = stringEnd(buf, p);
      if (p > end) break;
      if (buf[start] < 128) this.hashes[n++] = hashBytes(buf, start + (buf[start] < 64 ? 1 : 2), p);
      if (strings === 2) p = stringEnd(buf, p);
      p += bytes;
    }
    this.touched ^= table.prefetch(this.hashes, this.refs, n);
    return n > 0 ? n : 1;
  }
}

/** Where the string at `p` ends; Infinity when it is compressed or long. */
function stringEnd(buf: Uint8Array, p: number): number {
  const b = buf[p];
  if (b < 64) return p + 1 + b;
  if (b < 128) return p + 2 + (((b & 63) << 8) | buf[p + 1]);
  return b >= INT_8 && b <= INT_32 ? p + 1 + (1 << (b & 63)) : Number.POSITIVE_INFINITY;
}
