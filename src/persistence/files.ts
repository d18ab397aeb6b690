/**
 * Files: all that persistence asks of a disk, so that tests can put one under it that is full, breaks, or forgets what was not synced.
 * `DISK` is the real one. Paths are absolute. Everything throws, or gives to `done`, Node's system errors (`code` is "ENOSPC").
 *
 * What was written is safe only after `datasync` of its descriptor; that a name exists, or means another file, only after
 * `syncDirectory` of the directory it stands in. What may take long has a form that calls back; the event loop never waits for it.
 */
import fs from 'node:fs';

/**
 * `read`: must exist; `write`: read and written, must exist; `create`: read and written, emptied when it exists; `new`: as `create`, and
 * fails with EEXIST when it exists; `synced`: as `write`, and a `write` has ended only when its bytes are safe.
 */
export type OpenMode = 'read' | 'write' | 'create' | 'new' | 'synced';

export type Done = (error: NodeJS.ErrnoException | null) => void;
/** Called with the number of bytes that were read or written. */
export type Transferred = (error: NodeJS.ErrnoException | null, n: number) => void;

export interface Files {
  /** @returns a descriptor */
  open(path: string, mode: OpenMode): number;
  close(fd: number): void;
  /** Bytes in an open file. */
  size(fd: number): number;
  /** Bytes in the file at `path`; -1 when there is none. */
  sizeOf(path: string): number;
  /** Reads up to `n` bytes from position `at` to `buf[start..)`; fewer than asked only at the file's end. */
  readSync(fd: number, buf: Uint8Array, start: number, n: number, at: number): number;
  read(fd: number, buf: Uint8Array, start: number, n: number, at: number, done: Transferred): void;
  /** Writes `buf[start, start + n)` at position `at`. @returns how many bytes were written, which may be fewer */
  writeSync(fd: number, buf: Uint8Array, start: number, n: number, at: number): number;
  /** As `writeSync`; the bytes must stay as they are until `done`. */
  write(fd: number, buf: Uint8Array, start: number, n: number, at: number, done: Transferred): void;
  /** Makes everything safe that was written to an open file, and its length. */
  datasync(fd: number, done: Done): void;
  datasyncSync(fd: number): void;
  /** Cuts an open file to `n` bytes. */
  truncate(fd: number, n: number): void;
  /** Gives the file `from` the name `to`; a file that had it is gone. */
  rename(from: string, to: string): void;
  removeSync(path: string): void;
  /** Removes a file that may be large. */
  remove(path: string, done: Done): void;
  /** Names in a directory, in no order; undefined when there is no such directory. */
  list(directory: string): string[] | undefined;
  /** Makes a directory, and those above it; nothing happens when it exists. */
  makeDirectory(path: string): void;
  syncDirectory(path: string, done: Done): void;
  syncDirectorySync(path: string): void;
}

const { O_CREAT, O_EXCL, O_RDONLY, O_RDWR, O_TRUNC } = fs.constants;
/** Not on macOS, where it does not empty the cache of the drive as a sync does. */
const O_DSYNC = process.platform === 'darwin' ? undefined : fs.constants.O_DSYNC;

const FLAGS: Readonly<Record<OpenMode, number>> = {
  read: O_RDONLY,
  write: O_RDWR,
  create: O_RDWR | O_CREAT | O_TRUNC,
  new: O_RDWR | O_CREAT | O_EXCL,
  synced: O_RDWR | (O_DSYNC ?? 0),
};

class Disk implements Files {
  /** Descriptors of `synced` files whose writes must be followed by a sync, because the system has no O_DSYNC. */
  private readonly unsynced = new Set<number>();

  open(path: string, mode: OpenMode): number {
    const fd = fs.openSync(path, FLAGS[mode], 0o644);
    if (mode === 'synced' && O_DSYNC === undefined) this.unsynced.add(fd);
    return fd;
  }

  close(fd: number): void {
    this.unsynced.delete(fd);
    fs.closeSync(fd);
  }

  size(fd: number): number {
    return fs.fstatSync(fd).size;
  }

  sizeOf(path: string): number {
    return fs.statSync(path, { throwIfNoEntry: false })?.size ?? -1;
  }

  readSync(fd: number, buf: Uint8Array, start: number, n: number, at: number): number {
    let done = 0;
    while (done < n) {
      const some = fs.readSync(fd, buf, start + done, n - done, at + done);
      if (some === 0) break;
      done += some;
    }
    return done;
  }

  read(fd: number, buf: Uint8Array, start: number, n: number, at: number, done: Transferred): void {
    fs.read(fd, buf, start, n, at, (e, some) => {
      if (e !== null || some === 0 || some === n) return done(e, some ?? 0);
      this.read(fd, buf, start + some, n - some, at + some, (e2, more) => done(e2, some + more));
    });
  }

  writeSync(fd: number, buf: Uint8Array, start: number, n: number, at: number): number {
    return fs.writeSync(fd, buf, start, n, at);
  }

  write(fd: number, buf: Uint8Array, start: number, n: number, at: number, done: Transferred): void {
    if (!this.unsynced.has(fd)) return fs.write(fd, buf, start, n, at, done);
    fs.write(fd, buf, start, n, at, (e, some) => {
      if (e !== null) return done(e, 0);
      fs.fdatasync(fd, (e2) => done(e2, some));
    });
  }

  datasync(fd: number, done: Done): void {
    fs.fdatasync(fd, done);
  }

  datasyncSync(fd: number): void {
    fs.fdatasyncSync(fd);
  }

  truncate(fd: number, n: number): void {
    fs.ftruncateSync(fd, n);
  }

  rename(from: string, to: string): void {
    const old = openIfThere(to);
    try {
      fs.renameSync(from, to);
    } finally {
      // The last reference to what had the name: freeing hundreds of megabytes takes the kernel long, so the thread pool waits for it.
      if (old >= 0) fs.close(old, () => {});
    }
  }

  removeSync(path: string): void {
    fs.unlinkSync(path);
  }

  remove(path: string, done: Done): void {
    fs.unlink(path, done);
  }

  list(directory: string): string[] | undefined {
    try {
      return fs.readdirSync(directory);
    } catch (e) {
      if ((e as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw e;
    }
  }

  makeDirectory(path: string): void {
    fs.mkdirSync(path, { recursive: true });
  }

  syncDirectory(path: string, done: Done): void {
    fs.open(path, O_RDONLY, (e, fd) => {
      if (e !== null) return done(e);
      fs.fsync(fd, (failed) => fs.close(fd, () => done(failed)));
    });
  }

  syncDirectorySync(path: string): void {
    const fd = fs.openSync(path, O_RDONLY);
    try {
      fs.fsyncSync(fd);
    } finally {
      fs.closeSync(fd);
    }
  }
}

/** The disk of this machine. */
export const DISK: Files = new Disk();

/** A descriptor of the file at `path`; -1 where none can be opened. */
function openIfThere(path: string): number {
  try {
    return fs.openSync(path, O_RDONLY);
  } catch {
    return -1;
  }
}
