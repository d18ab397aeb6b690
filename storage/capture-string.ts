/**
 * StringCapture: a string in a buffer of its own while a snapshot needs it as it was. Most are replaced, never changed; what edits one in
 * place (SETRANGE, APPEND) tells which bytes it is about to write over, and those are set aside, a piece at a time.
 *
 *   buf   [ piece | piece | piece ]      a longer string is written in pieces, uncompressed: compressing takes the whole of it at once
 */
import { ValueCapture, type Waiting } from './capture-value.js';
import { type CompressedString, decompress, originalLength } from './compression.js';
import type { LargeValues } from './large.js';
import { Bytes } from './memory/bytes.js';
import type { RdbOutput } from './rdb/output.js';
import type { BigString } from './string.js';

const PIECE = 64 * 1024;
/** Up to this length (bytes) a string is compressed in the file, if strings are: that takes about as long as a slice may. */
const COMPRESS_UP_TO = 4 * PIECE;
/** A piece counts as so many elements. */
const PIECE_COST = 64;
const VIEW = new Bytes();

export class StringCapture extends ValueCapture {
  private buf: Uint8Array;
  private length: number;
  private readonly compressed: boolean;
  /** By index: pieces as they were. */
  private readonly pieces = new Map<number, Uint8Array>();
  /** Bytes that are written. */
  private at = 0;

  constructor(
    owner: Waiting,
    db: number,
    head: Uint8Array,
    large: BigString | CompressedString,
    home: LargeValues,
    compressed: boolean,
  ) {
    super(owner, db, head, large, home);
    this.buf = large.buf;
    this.length = large.length;
    this.compressed = compressed;
  }

  /**
   * Bytes from `from` up to `to`, exclusive, are about to be written over in `buf`, the string's present buffer, which may be another
   * than it had. O(bytes of the pieces), once
   */
  changing(buf: Uint8Array, from: number, to: number): void {
    if (buf !== this.buf) return;
    try {
      this.setAside(from, to);
    } catch (e) {
      this.failed(e);
    }
  }

  private setAside(from: number, to: number): void {
    const end = Math.min(to, this.length);
    for (let i = Math.floor(Math.max(from, this.at) / PIECE); i * PIECE < end; i++) {
      if (this.pieces.has(i)) continue;
      const piece = this.buf.slice(i * PIECE, Math.min((i + 1) * PIECE, this.length));
      this.pieces.set(i, piece);
      this.hold(piece.length);
    }
  }

  override begin(out: RdbOutput): void {
    super.begin(out);
    if (this.compressed) this.restore();
    if (out.compress && this.length <= COMPRESS_UP_TO) {
      this.join();
      out.blob(this.buf, 0, this.length);
      this.at = this.length;
    } else out.length(this.length);
  }

  /** From here on the string itself. O(length) */
  private restore(): void {
    VIEW.set(this.buf, 0, this.length);
    const whole = new Uint8Array(originalLength(VIEW));
    decompress(VIEW, whole);
    this.buf = whole;
    this.length = whole.length;
  }

  /** Brings the string together in one buffer. */
  private join(): void {
    if (this.pieces.size === 0) return;
    this.buf = this.buf.slice(0, this.length);
    for (const [i, piece] of this.pieces) {
      this.buf.set(piece, i * PIECE);
      this.hold(-piece.length);
    }
    this.pieces.clear();
  }

  step(out: RdbOutput, count: number, limit: number): boolean {
    for (; this.at < this.length && count > 0 && out.pos < limit; count -= PIECE_COST) {
      const piece = this.pieces.get(this.at / PIECE);
      const end = Math.min(this.at + PIECE, this.length);
      if (piece === undefined) out.bytes(this.buf, this.at, end);
      else {
        out.bytes(piece, 0, piece.length);
        this.pieces.delete(this.at / PIECE);
        this.hold(-piece.length);
      }
      this.at = end;
    }
    return this.at === this.length;
  }
}
