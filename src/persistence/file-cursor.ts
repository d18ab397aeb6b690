/**
 * FileCursor: reads a file from front to back without holding up the event loop. What is read and not consumed stands in
 * `buf[pos, end)`; `more` adds the next piece. Who needs a run of bytes in one place asks for more until it is there, so the buffer
 * grows to the longest of them, never beyond what the file holds.
 */
import type { Files } from './files.js';

const PIECE = 1024 * 1024;
const ZEROS_PIECE = 64 * 1024;

export class FileCursor {
  buf = new Uint8Array(PIECE);
  pos = 0;
  end = 0;
  /** Bytes of the file, as far as it is read. */
  size: number;
  private readonly files: Files;
  private readonly fd: number;
  /** Position in the file of what is read next. */
  private next = 0;

  /** @param fd an open file; its owner closes it */
  constructor(files: Files, fd: number) {
    this.files = files;
    this.fd = fd;
    this.size = files.size(fd);
  }

  /** Position in the file of `buf[pos]`. */
  get offset(): number {
    return this.next - (this.end - this.pos);
  }

  /** Bytes of the file from `buf[pos]` on. */
  get left(): number {
    return this.size - this.offset;
  }

  /** Goes to another position in the file; nothing is read yet. */
  seek(offset: number): void {
    this.pos = this.end = 0;
    this.next = offset;
  }

  /** Takes zeros at the end of the file for its end, down to the position `least`. O(zeros) @throws system errors */
  async dropZeros(least: number): Promise<void> {
    const piece = new Uint8Array(ZEROS_PIECE);
    while (this.size > least) {
      const from = Math.max(least, this.size - piece.length);
      const n = await this.readAt(piece, 0, this.size - from, from);
      let end = n;
      while (end > 0 && piece[end - 1] === 0) end--;
      this.size = from + end;
      if (end > 0) return;
    }
  }

  private readAt(buf: Uint8Array, start: number, n: number, at: number): Promise<number> {
    return new Promise((resolve, reject) =>
      this.files.read(this.fd, buf, start, n, at, (e, some) => (e === null ? resolve(some) : reject(e))),
    );
  }

  /** Reads another piece. @returns false when the file has ended; @throws system errors */
  async more(): Promise<boolean> {
    if (this.next >= this.size) return false;
    this.makeRoom();
    const n = await this.readAt(this.buf, this.end, Math.min(PIECE, this.size - this.next), this.next);
    this.end += n;
    this.next += n;
    return n > 0;
  }

  /** Reads until `n` bytes are there, or the file has ended. @returns whether they are */
  async need(n: number): Promise<boolean> {
    while (this.end - this.pos < n) if (!(await this.more())) return false;
    return true;
  }

  private makeRoom(): void {
    const kept = this.end - this.pos;
    if (this.buf.length - this.end >= PIECE) return;
    const to = kept + PIECE <= this.buf.length ? this.buf : new Uint8Array(Math.max(2 * kept, kept + PIECE) + PIECE);
    if (to === this.buf) to.copyWithin(0, this.pos, this.end);
    else to.set(this.buf.subarray(this.pos, this.end));
    this.buf = to;
    this.pos = 0;
    this.end = kept;
  }
}
