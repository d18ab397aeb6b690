/**
 * Compression of strings: the form in which a compressed one is kept, who makes and restores it, and what it saves.
 *
 *   packed   [ length of the string : 4, little-endian ][ LZ4 block ]      behind the key, or in a BigString
 *
 * A string is packed only when that saves an eighth of its bytes. Nothing outside of string.ts sees a packed one.
 * Read next: string.ts, memory/lz4.ts.
 */
import type { Keyspace } from './keyspace.js';
import { Bytes, EMPTY } from './memory/bytes.js';
import { lz4Compress, lz4Decompress } from './memory/lz4.js';
import type { BigString } from './string.js';

/** Shorter strings (bytes) are never packed: a block saves nothing worth its time. */
export const COMPRESSION_MIN = 64;
const HEAD = 4;
const VIEW = new Bytes();
/** Bytes of working memory that may stay; after a longer string `rest` lets it go. */
const KEPT = 64 * 1024;

/** Points `view` at the bytes of the string of entry `ref` as they are kept, packed or not. O(1). */
export function storedString(space: Keyspace, ref: number, view: Bytes): Bytes {
  if (space.isBig(ref)) {
    const big = space.large(ref) as BigString;
    return view.set(big.buf, 0, big.length);
  }
  const { buf, end } = space.key(ref, view);
  return view.set(buf, end, end + space.word(ref));
}

/** Length of the string that `packed` stands for. O(1). */
export function packedLength({ buf, start }: Bytes): number {
  return buf[start] | (buf[start + 1] << 8) | (buf[start + 2] << 16) | (buf[start + 3] << 24);
}

/** Writes the string that `packed` stands for to the beginning of `to`, which is long enough. O(length). */
export function unpack(packed: Bytes, to: Uint8Array): void {
  lz4Decompress(packed.buf, packed.start + HEAD, packed.end, to, packedLength(packed));
}

/** The compressed strings of a keyspace, and their bytes as their clients know them and as they are kept. */
export class CompressionStats {
  values = 0;
  bytesBefore = 0;
  bytesAfter = 0;

  /** Counts the compressed string of entry `ref`, which has just come (1) or is about to go (-1). O(1). */
  count(space: Keyspace, ref: number, change: 1 | -1): void {
    const packed = storedString(space, ref, VIEW);
    this.values += change;
    this.bytesBefore += change * packedLength(packed);
    this.bytesAfter += change * packed.length;
  }
}

/** Packs and restores in one piece of working memory, which the next call uses again. */
export class Compressor {
  private scratch = EMPTY;
  private readonly view = new Bytes();

  /**
   * The packed form of `value` (COMPRESSION_MIN bytes to 512 MiB), a view that holds until the next call; undefined when it would
   * not be shorter by an eighth. O(length)
   */
  pack(value: Bytes): Bytes | undefined {
    const n = value.end - value.start;
    const most = n - Math.ceil(n / 8);
    if (value.buf === this.scratch) this.scratch = EMPTY; // it must not be written over while it is read
    const to = this.room(most);
    const length = lz4Compress(value.buf, value.start, value.end, to.subarray(HEAD, most));
    if (length === 0) return undefined;
    for (let i = 0; i < HEAD; i++) to[i] = n >>> (8 * i);
    return this.view.set(to, 0, HEAD + length);
  }

  /** Points `packed` at the string that it stands for, until the next call. O(length). */
  restore(packed: Bytes): Bytes {
    const n = packedLength(packed);
    const to = this.room(n);
    unpack(packed, to);
    return packed.set(to, 0, n);
  }

  private room(n: number): Uint8Array {
    if (n > this.scratch.length) this.scratch = new Uint8Array(Math.max(n, KEPT));
    return this.scratch;
  }

  /** Lets go of working memory that a long string has taken. @returns whether there was any */
  rest(): boolean {
    if (this.scratch.length <= KEPT) return false;
    this.scratch = EMPTY;
    this.view.set(EMPTY, 0, 0);
    return true;
  }
}
