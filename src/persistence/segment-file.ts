/** SegmentFile: a segment that is open for appending. What has failed to be written is not counted in `size`, and is written over. */
import type { Files } from './files.js';
import type { OpenSegment } from './log-host.js';

export class SegmentFile {
  readonly fd: number;
  readonly seed: number;
  /** Bytes of whole frames, and of the header. */
  size: number;
  private readonly path: string;
  private readonly files: Files;
  /** A second descriptor, whose writes sync; -1: not opened. */
  private second = -1;

  constructor(files: Files, { path, fd, size, seed }: OpenSegment) {
    this.files = files;
    this.path = path;
    this.fd = fd;
    this.size = size;
    this.seed = seed;
  }

  /** A descriptor whose writes sync. @throws system errors */
  get syncedFd(): number {
    if (this.second < 0) this.second = this.files.open(this.path, 'synced');
    return this.second;
  }

  /** Appends `buf[0, n)` and waits for that. @throws system errors: then nothing was appended */
  append(buf: Uint8Array, n: number): void {
    let done = 0;
    while (done < n) done += this.files.writeSync(this.fd, buf, done, n - done, this.size + done);
    this.size += n;
  }

  /** Takes away what a failed write has left, as far as the disk lets us. */
  cut(): void {
    try {
      this.files.truncate(this.fd, this.size);
    } catch {
      // The next attempt writes over it.
    }
  }

  close(): void {
    this.files.close(this.fd);
    if (this.second >= 0) this.files.close(this.second);
  }
}
