/**
 * Compression of strings: the form in which a compressed one is kept, who makes and restores it, and what it saves.
 *
 *   compressed   [ length of the string : 4, little-endian ][ LZ4 block ]      behind the key, or in a CompressedString
 *
 * A string is compressed only when that saves an eighth of its bytes. Nothing outside of string.ts sees a compressed one.
 * Read next: string.ts, memory/lz4.ts.
 */
import type { StringCapture } from './capture-string.js';
import type { Keyspace } from './keyspace.js';
import type { Large } from './large.js';
import type { Arena } from './memory/arena.js';
import { Bytes, EMPTY } from './memory/bytes.js';
import { lz4Compress, lz4Decompress } from './memory/lz4.js';
import type { BigString } from './string.js';

/** Shorter strings (bytes) are never compressed: a block saves nothing worth its time. */
export const COMPRESSION_MIN = 64;
const HEAD = 4;
const VIEW = new Bytes();
/** Bytes of working memory that may stay; after a longer string `rest` lets it go. */
const KEPT = 64 * 1024;

/** A compressed form that takes a buffer of its own, exactly as long. No BigString, so that nobody can take it for the string itself. */
export class CompressedString implements Large {
  readonly pieces = 1;
  capture: StringCapture | undefined = undefined;

  constructor(
    private readonly arena: Arena,
    public buf: Uint8Array,
  ) {
    arena.outside += buf.length;
  }

  get length(): number {
    return this.buf.length;
  }

  get bytes(): number {
    return this.buf.length + 96;
  }

  free(): boolean {
    this.arena.outside -= this.buf.length;
    this.buf = EMPTY;
    return true;
  }
}

/** Points `view` at the bytes of the string of entry `ref` as they are kept, compressed or not. O(1). */
export function storedString(space: Keyspace, ref: number, view: Bytes): Bytes {
  if (space.isBig(ref)) {
    const big = space.large(ref) as BigString | CompressedString;
    return view.set(big.buf, 0, big.length);
  }
  const { buf, end } = space.key(ref, view);
  return view.set(buf, end, end + space.word(ref));
}

/** Length of the string that `compressed` stands for. O(1). */
export function originalLength({ buf, start }: Bytes): number {
  return buf[start] | (buf[start + 1] << 8) | (buf[start + 2] << 16) | (buf[start + 3] << 24);
}

/** Writes the string that `compressed` stands for to the beginning of `to`, which is long enough. O(length). */
export function decompress(compressed: Bytes, to: Uint8Array): void {
  lz4Decompress(compressed.buf, compressed.start + HEAD, compressed.end, to, originalLength(compressed));
}

/** The compressed strings of a keyspace, and their bytes as their clients know them and as they are kept. */
export class CompressionStats {
  values = 0;
  bytesBefore = 0;
  bytesAfter = 0;

  /** Counts the compressed string of entry `ref`, which has just come (1) or is about to go (-1). O(1). */
  count(space: Keyspace, ref: number, change: 1 | -1): void {
    const compressed = storedString(space, ref, VIEW);
    this.values += change;
    this.bytesBefore += change * originalLength(compressed);
    this.bytesAfter += change * compressed.length;
  }
}

/** Packs and restores in one piece of working memory, which the next call uses again. */
export class Compressor {
  private scratch = EMPTY;
  private readonly view = new Bytes();

  /**
   * The compressed form of `value` (COMPRESSION_MIN bytes to 512 MiB), a view that holds until the next call; undefined when it would
   * not be shorter by an eighth. O(length)
   */
  compress(value: Bytes): Bytes | undefined {
    const n = value.end - value.start;
    const most = n - Math.ceil(n / 8);
    if (value.buf === this.scratch) this.scratch = EMPTY; // it must not be written over while it is read
    const to = this.room(most);
    const length = lz4Compress(value.buf, value.start, value.end, to.subarray(HEAD, most));
    if (length === 0) return undefined;
    for (let i = 0; i < HEAD; i++) to[i] = n >>> (8 * i);
    return this.view.set(to, 0, HEAD + length);
  }

  /** Points `compressed` at the string that it stands for, until the next call. O(length). */
  restore(compressed: Bytes): Bytes {
    const n = originalLength(compressed);
    const to = this.room(n);
    decompress(compressed, to);
    return compressed.set(to, 0, n);
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
