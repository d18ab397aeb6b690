/**
 * SegmentReader: the frames of a segment in turn, and what to think of the place where they end.
 *
 *   open -> next, next, ... 'frame' -> 'end'      all is whole
 *                           'bad'   -> judge      torn: the writer was interrupted here, nothing behind it was ever safe
 *                                                 damaged: what was safe once is not as it was
 *
 * Read before: segment.ts.
 */
import { EMPTY } from '../../storage/memory/bytes.js';
import { lz4Decompress } from '../../storage/memory/lz4.js';
import type { FileCursor } from './file-cursor.js';
import {
  COMPRESSED,
  FRAME_HEADER,
  frameFlags,
  frameLength,
  frameSafe,
  frameSequence,
  getU32,
  isWhole,
  mayBeFrame,
  SEGMENT_HEADER,
  segmentSeed,
} from './segment.js';

/** What a place where a frame cannot be read means. */
export interface Judgement {
  readonly torn: boolean;
  /** Position in the file up to which all is whole. */
  readonly at: number;
  readonly reason: string;
}

/** What a disk writes at once, bytes. */
const SECTOR = 512;
/** A payload that says to be longer (bytes) than a block can become is not believed. */
const MAX_RATIO = 256;

export class SegmentReader {
  /** The frame that `next` has found: its payload, which holds until the next call. */
  payload: Uint8Array = EMPTY;
  start = 0;
  end = 0;
  /** The sequence of the last frame, of the segments before to begin with; -1: any may follow. */
  sequence: number;
  seed = 0;
  frames = 0;
  /** Position in the file where the last whole frame begins, and behind it. */
  at = 0;
  whole = 0;
  private reason = '';
  private readonly cursor: FileCursor;
  private unpacked = new Uint8Array(0);

  /** @param sequence that of the last frame of the segment before; -1: there is none */
  constructor(cursor: FileCursor, sequence: number) {
    this.cursor = cursor;
    this.sequence = sequence;
  }

  /** Reads the header. @returns whether it is one; if not, `judge` tells more */
  async open(): Promise<boolean> {
    const { cursor } = this;
    if (!(await cursor.need(SEGMENT_HEADER))) {
      this.reason = 'its header is cut off';
      return false;
    }
    const seed = segmentSeed(cursor.buf, cursor.pos);
    if (typeof seed === 'string') {
      this.reason = seed;
      return false;
    }
    this.seed = seed;
    cursor.pos += SEGMENT_HEADER;
    this.whole = SEGMENT_HEADER;
    return true;
  }

  private bad(reason: string): 'bad' {
    this.reason = reason;
    return 'bad';
  }

  /** Goes to the next frame in what the cursor holds; 'more': ask it for more, and again. */
  next(): 'frame' | 'more' | 'end' | 'bad' {
    const { cursor } = this;
    const { left, pos, buf } = cursor;
    const here = cursor.end - pos;
    if (left === 0) return 'end';
    if (left < FRAME_HEADER) return this.bad('a frame is cut off within its header');
    if (here < FRAME_HEADER) return 'more';
    if (!mayBeFrame(buf, pos)) return this.bad('there is no frame');
    const length = frameLength(buf, pos);
    if (length > left - FRAME_HEADER)
      return this.bad(`a frame of ${length} bytes is cut off after ${left - FRAME_HEADER}`);
    if (length > here - FRAME_HEADER) return 'more';
    if (!isWhole(buf, pos, length, this.seed)) return this.bad('the checksum of a frame is wrong');
    const sequence = frameSequence(buf, pos);
    if (sequence !== this.sequence + 1 && this.sequence >= 0)
      return this.bad(`frame ${sequence} follows frame ${this.sequence}`);
    if (!this.unpack(pos, length)) return this.bad(`frame ${sequence} cannot be decompressed`);
    this.sequence = sequence;
    this.frames++;
    this.at = this.whole;
    cursor.pos += FRAME_HEADER + length;
    this.whole = cursor.offset;
    return 'frame';
  }

  private unpack(at: number, length: number): boolean {
    const { buf } = this.cursor;
    const from = at + FRAME_HEADER;
    if ((frameFlags(buf, at) & COMPRESSED) === 0) {
      this.payload = buf;
      this.start = from;
      this.end = from + length;
      return true;
    }
    const size = length < 4 ? 0 : getU32(buf, from);
    if (size > length * MAX_RATIO) return false;
    if (size > this.unpacked.length) this.unpacked = new Uint8Array(size);
    try {
      lz4Decompress(buf, from + 4, from + length, this.unpacked, size);
    } catch {
      return false;
    }
    this.payload = this.unpacked;
    this.start = 0;
    this.end = size;
    return true;
  }

  /**
   * After 'bad': looks for whole frames behind the bad one. There is none when the writer was interrupted. A failure of power may leave
   * some, but then it has left zeros where sectors were lost, and no frame that was written when the bad one was known to be safe.
   * O(bytes behind it)
   * @throws system errors
   */
  async judge(): Promise<Judgement> {
    const { cursor, reason, whole } = this;
    // A header is safe before anything follows it.
    if (whole === 0) return { torn: cursor.size < SEGMENT_HEADER || (await this.isZero()), at: 0, reason };
    let missing = this.sequence < 0 ? -1 : this.sequence + 1;
    /** Whether the sector that is looked at holds but zeros so far, and whether one before it did. */
    let zero = true;
    let lost = false;
    cursor.seek(whole);
    while (await cursor.need(FRAME_HEADER)) {
      const { buf, pos, offset } = cursor;
      const length = this.frameHere(offset - whole, missing);
      if (length > 0 && !(await cursor.need(FRAME_HEADER + length))) break;
      if (length === 0 || !isWhole(cursor.buf, cursor.pos, length, this.seed)) {
        if (buf[pos] !== 0) zero = false;
        cursor.pos++;
        if ((offset + 1) % SECTOR !== 0) continue;
        lost ||= zero;
        zero = true;
        continue;
      }
      const sequence = frameSequence(cursor.buf, cursor.pos);
      if (missing < 0) missing = sequence - 1;
      if (zero && offset % SECTOR !== 0) lost = true;
      if (!lost || frameSafe(cursor.buf, cursor.pos) >= missing)
        return { torn: false, at: whole, reason: `${reason}, but frame ${sequence} at ${offset} is whole` };
      zero = false;
      cursor.pos += FRAME_HEADER + length;
    }
    return { torn: true, at: whole, reason };
  }

  /** The length of the payload, if a frame may begin here that was written after the missing one; else 0. */
  private frameHere(distance: number, missing: number): number {
    const { buf, pos, left } = this.cursor;
    if (distance === 0 || !mayBeFrame(buf, pos)) return 0;
    // Each frame in between takes its header and a byte at least.
    const ahead = missing < 0 ? 1 : frameSequence(buf, pos) - missing;
    if (ahead < 1 || ahead > distance / (FRAME_HEADER + 1)) return 0;
    const length = frameLength(buf, pos);
    return length > left - FRAME_HEADER ? 0 : length;
  }

  /** Whether the file holds nothing but zeros: its length was safe before its content. */
  private async isZero(): Promise<boolean> {
    const { cursor } = this;
    cursor.seek(0);
    while (await cursor.more()) {
      for (let i = cursor.pos; i < cursor.end; i++) if (cursor.buf[i] !== 0) return false;
      cursor.pos = cursor.end;
    }
    return true;
  }
}
