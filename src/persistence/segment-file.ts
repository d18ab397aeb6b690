/**
 * SegmentFile: a segment that is open for appending. What has failed to be written is not counted in `size`, and is written over.
 *
 *   frames ... size | zeros ... reserved        with `appendfsync always`, while frames come one after another
 *
 * A file that grows must have its length and blocks made safe too: a commit of the file system's journal for every sync. Zeros that are
 * safe already are only written over, which takes about two thirds of the time (ext4, 190 us -> 120 us). `close` takes away what is
 * left of them; what a killed server leaves is no part of the log (segment-reader.ts).
 */
import type { Done, Files } from './files.js';
import type { OpenSegment } from './log-host.js';

/** Zeros that are written ahead at once, bytes; the next ones when half of them are left. */
const RESERVE = 1024 * 1024;
const ZEROS = new Uint8Array(RESERVE);

export class SegmentFile {
  readonly fd: number;
  readonly seed: number;
  /** Bytes of whole frames, and of the header. */
  size: number;
  private readonly path: string;
  private readonly files: Files;
  /** A second descriptor, whose writes sync; -1: not opened. */
  private second = -1;
  /** Up to here zeros are safe. */
  private reserved = 0;
  /** Where zeros are being written from; -1: nowhere. */
  private reservingFrom = -1;
  private refused = false;
  /** A write that would meet them. */
  private whenReserved: (() => void) | undefined = undefined;

  constructor(files: Files, { path, fd, size, seed }: OpenSegment) {
    this.files = files;
    this.path = path;
    this.fd = fd;
    this.size = size;
    this.seed = seed;
  }

  /** A descriptor whose writes sync. @throws system errors */
  private get syncedFd(): number {
    if (this.second < 0) this.second = this.files.open(this.path, 'synced');
    return this.second;
  }

  /** Appends `buf[0, n)` and waits for that. @throws system errors: then nothing was appended */
  append(buf: Uint8Array, n: number): void {
    let done = 0;
    while (done < n) done += this.files.writeSync(this.fd, buf, done, n - done, this.size + done);
    this.size += n;
  }

  /** Whether zeros are being written. */
  get isReserving(): boolean {
    return this.reservingFrom >= 0;
  }

  /**
   * Begins to write zeros behind `end`, in the thread pool, when few are left there; no more in this segment once the disk has refused.
   * @param done when they are safe, or the disk has refused
   */
  reserve(end: number, done: () => void): void {
    if (this.isReserving || this.refused || this.reserved - end > RESERVE / 2) return;
    const from = Math.max(this.reserved, end);
    this.reservingFrom = from;
    const ended = (e: Error | null): void => {
      this.reservingFrom = -1;
      if (e === null) this.reserved = from + RESERVE;
      else this.refused = true;
      const { whenReserved } = this;
      this.whenReserved = undefined;
      whenReserved?.();
      done();
    };
    this.files.write(this.fd, ZEROS, 0, RESERVE, from, (e, n) => {
      if (e !== null || n < RESERVE) return ended(e ?? new Error('the disk is full'));
      this.files.datasync(this.fd, ended);
    });
  }

  /**
   * Appends `buf[0, n)` safely, in the thread pool; one such call at a time.
   * @param isSafe whether all that stands before it is safe already
   * @param done when it is safe; with an error nothing was appended
   */
  appendSafely(buf: Uint8Array, n: number, isSafe: boolean, done: Done): void {
    if (this.isReserving && this.size + n > this.reservingFrom) {
      this.whenReserved = () => this.appendSafely(buf, n, isSafe, done);
      return;
    }
    let fd: number;
    try {
      fd = isSafe ? this.syncedFd : this.fd;
    } catch (e) {
      return done(e as NodeJS.ErrnoException);
    }
    const ended = (e: NodeJS.ErrnoException | null): void => {
      if (e === null) this.size += n;
      done(e);
    };
    let written = 0;
    const wrote = (e: NodeJS.ErrnoException | null, some: number): void => {
      if (e !== null) return done(e);
      written += some;
      // The next one tells why.
      if (written < n) this.files.write(fd, buf, written, n - written, this.size + written, wrote);
      else if (isSafe) ended(null);
      else this.files.datasync(fd, ended);
    };
    this.files.write(fd, buf, 0, n, this.size, wrote);
  }

  /** Takes away what a failed write has left, as far as the disk lets us. */
  cut(): void {
    if (this.reserved > this.size) this.reserved = 0;
    try {
      this.files.truncate(this.fd, this.size);
    } catch {
      // The next attempt writes over it.
    }
  }

  /** Must not be called while zeros are being written. */
  close(): void {
    if (this.reserved > this.size || this.refused) this.cut();
    this.files.close(this.fd);
    if (this.second >= 0) this.files.close(this.second);
  }
}
