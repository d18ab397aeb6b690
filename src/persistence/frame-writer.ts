/**
 * FrameWriter: gathers effects as RESP in the frames of a segment, in memory. Nothing is allocated for an effect.
 *
 *   buf   [ frame ][ frame ][ header of the open one, still empty | *2 $6 SELECT $1 0 *3 $3 SET ... ) pos
 *
 * Who writes takes all closed frames at once, either while the buffer is lent (`take`, `done`) or by leaving it to the writer
 * until that has ended (`lend`). Knows the format, not files. Read before: segment.ts. Read next: append-log.ts.
 */
import { type Bytes, copyBytes } from '../../storage/memory/bytes.js';
import { lz4Compress } from '../../storage/memory/lz4.js';
import { COMPRESSED, FRAME_HEADER, putFrameHeader, putU32 } from './segment.js';

const SMALL = 64 * 1024;
/** A buffer above this (bytes) is not kept once it is empty. */
const KEPT_MAX = 4 * 1024 * 1024;
/** Shorter payloads (bytes) are not worth compressing. */
const COMPRESS_FROM = 512;
/** Room for `*`, `$`, the digits of a length, and line breaks. */
const LENGTH_ROOM = 16;

/** Effects that were taken out of a frame: they follow the SELECT of one database (-1: have their own), and end with that of another. */
interface Piece {
  readonly bytes: Uint8Array;
  readonly before: number;
  readonly after: number;
}

/** A place in a FrameWriter: its fields of these names. */
class Mark {
  pos = 0;
  frame = -1;
  db = -1;
}

export class FrameWriter {
  buf: Uint8Array = new Uint8Array(SMALL);
  /** Bytes gathered. */
  pos = 0;
  /** The sequence of the open frame, or of the last one that was closed. */
  sequence: number;
  /** The seed of the segment that the frames are for. */
  seed: number;
  /** Where the open frame begins; -1: none is open. */
  private frame = -1;
  /** The database that the open frame has selected last. */
  private db = -1;
  /** Another buffer for while the first is lent. */
  private spare: Uint8Array | undefined = undefined;
  private block = new Uint8Array(0);
  private readonly place = new Mark();
  /** The effects of a command that goes on later. */
  private readonly aside: Piece[] = [];

  /**
   * @param sequence that of the last frame that exists already
   * @param seed of the segment that they are for
   */
  constructor(sequence: number, seed: number) {
    this.sequence = sequence;
    this.seed = seed;
  }

  /** Remembers this place for `setAside`, which must come before the open frame is closed. */
  mark(): void {
    const { place } = this;
    place.pos = this.pos;
    place.frame = this.frame;
    place.db = this.db;
  }

  /** Takes out what was added since `mark`, and keeps it; a frame that was opened since is as if it had never been. */
  setAside(): void {
    const { pos, frame, db } = this.place;
    if (this.frame < 0) return;
    const from = frame < 0 ? this.frame + FRAME_HEADER : pos;
    const bytes = this.buf.slice(from, this.pos);
    if (bytes.length > 0) this.aside.push({ bytes, before: frame < 0 ? -1 : db, after: this.db });
    this.pos = pos;
    this.db = db;
    if (frame < 0) {
      this.frame = -1;
      this.sequence--;
    }
  }

  /** Adds all that was set aside. @returns whether there was any */
  putBack(): boolean {
    const { aside } = this;
    if (aside.length === 0) return false;
    if (this.frame < 0) this.open();
    for (const { bytes, before, after } of aside) {
      if (before >= 0 && before !== this.db) this.select(before);
      this.reserve(bytes.length);
      this.buf.set(bytes, this.pos);
      this.pos += bytes.length;
      this.db = after;
    }
    aside.length = 0;
    return true;
  }

  /** Bytes of the open frame. */
  get openBytes(): number {
    return this.frame < 0 ? 0 : this.pos - this.frame;
  }

  /** Adds one effect: the command `argv[0, argc)` in database `db`. */
  add(db: number, argv: readonly Bytes[], argc: number): void {
    if (this.frame < 0) this.open();
    if (db !== this.db) this.select(db);
    this.reserve(LENGTH_ROOM);
    this.header(42, argc);
    for (let i = 0; i < argc; i++) {
      const a = argv[i];
      const n = a.end - a.start;
      if (this.pos + n + 2 * LENGTH_ROOM > this.buf.length) this.reserve(n + 2 * LENGTH_ROOM);
      this.header(36, n);
      copyBytes(this.buf, this.pos, a.buf, a.start, n);
      this.pos += n;
      this.buf[this.pos++] = 13;
      this.buf[this.pos++] = 10;
    }
  }

  private open(): void {
    this.sequence++;
    this.frame = this.pos;
    this.db = -1;
    this.reserve(FRAME_HEADER);
    this.pos += FRAME_HEADER;
  }

  private select(db: number): void {
    this.db = db;
    this.reserve(SELECT.length + LENGTH_ROOM);
    this.buf.set(SELECT, this.pos);
    this.pos += SELECT.length;
    const digits = String(db);
    this.header(36, digits.length);
    for (let i = 0; i < digits.length; i++) this.buf[this.pos++] = digits.charCodeAt(i);
    this.buf[this.pos++] = 13;
    this.buf[this.pos++] = 10;
  }

  /**
   * Ends the open frame, if there is one.
   * @param safe sequence up to which all frames are known to be safe on disk
   * @param compress whether its payload becomes an LZ4 block, when that saves an eighth
   */
  close(safe: number, compress: boolean): void {
    const at = this.frame;
    if (at < 0) return;
    this.frame = -1;
    const flags = compress && this.compress(at + FRAME_HEADER) ? COMPRESSED : 0;
    const { sequence } = this;
    putFrameHeader(this.buf, at, this.pos - at - FRAME_HEADER, this.seed, sequence, sequence - 1 - safe, flags);
  }

  private compress(from: number): boolean {
    const size = this.pos - from;
    if (size < COMPRESS_FROM) return false;
    const most = size - (size >> 3) - 4;
    if (this.block.length < most) this.block = new Uint8Array(most);
    const n = lz4Compress(
      this.buf,
      from,
      this.pos,
      this.block.length === most ? this.block : this.block.subarray(0, most),
    );
    if (n === 0) return false;
    putU32(this.buf, from, size);
    this.buf.set(this.block.subarray(0, n), from + 4);
    this.pos = from + 4 + n;
    if (this.block.length > KEPT_MAX) this.block = new Uint8Array(0);
    return true;
  }

  /** Forgets what was gathered: it has been written. No frame may be open. */
  written(): void {
    this.pos = 0;
    if (this.buf.length > KEPT_MAX) this.buf = new Uint8Array(SMALL);
  }

  /** Gives the buffer away, whose first `pos` bytes must be written, and goes on in another. No frame may be open. */
  lend(): Uint8Array {
    const { buf } = this;
    this.buf = this.spare ?? new Uint8Array(SMALL);
    this.spare = undefined;
    this.pos = 0;
    return buf;
  }

  /** A lent buffer is free again. */
  giveBack(buf: Uint8Array): void {
    if (buf.length <= KEPT_MAX) this.spare = buf;
  }

  private reserve(n: number): void {
    if (this.pos + n <= this.buf.length) return;
    const bigger = new Uint8Array(Math.max(this.pos + n, 2 * this.buf.length));
    bigger.set(this.buf.subarray(0, this.pos));
    this.buf = bigger;
  }

  /** `*3` or `$11` with its line break; there is room for it. */
  private header(type: number, n: number): void {
    const b = this.buf;
    let p = this.pos;
    b[p++] = type;
    if (n < 10) b[p++] = 48 + n;
    else {
      let size = 2;
      for (let t = (n / 100) | 0; t > 0; t = (t / 10) | 0) size++;
      let rest = n;
      for (let q = p + size - 1; q >= p; q--) {
        const t = (rest / 10) | 0;
        b[q] = 48 + rest - 10 * t;
        rest = t;
      }
      p += size;
    }
    b[p] = 13;
    b[p + 1] = 10;
    this.pos = p + 2;
  }
}

const SELECT = new Uint8Array(Buffer.from('*2\r\n$6\r\nSELECT\r\n'));
