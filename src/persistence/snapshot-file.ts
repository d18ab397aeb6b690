/**
 * SnapshotFile: the file that a snapshot is written to. It grows beside the one that it will replace, and takes that one's name only when
 * all of it is on disk:
 *
 *   writer.out ──put──▶ write ──▶ temp-PID.rdb ──finish──▶ sync, rename, sync the directory
 *
 * One write is under way at a time while the next bytes gather; `full` says that it is time to wait for the disk. What gathers all the
 * same, because keys change, is written at once when it becomes too much. The blocking half (`saveAll`) serves who waits for the end.
 */
import path from 'node:path';
import { RdbFileWriter } from '../../storage/rdb/file-writer.js';
import { RdbOutput } from '../../storage/rdb/output.js';
import type { Files } from './files.js';

/** So many bytes are written at a time. */
const CHUNK = 256 * 1024;
/** More than this (bytes) never waits for the disk. */
const WAITING_MAX = 32 * 1024 * 1024;
/** A buffer that has grown beyond this (bytes) is not used again. */
const KEPT = 4 * CHUNK;
/** After so many bytes what was written is synced, so that the last sync has little left to do. */
const SYNC_EVERY = 32 * 1024 * 1024;

export interface SnapshotFileOptions {
  /** `rdbcompression`, `rdbchecksum`, `rdb-save-incremental-fsync`. */
  readonly compress: boolean;
  readonly checksum: boolean;
  readonly incrementalSync: boolean;
}

export class SnapshotFile {
  readonly writer: RdbFileWriter;
  /** Why the file cannot be written any more. */
  error: Error | undefined = undefined;
  /** Is called when a write has ended, and something may be put again. */
  drained: () => void = () => {};
  private readonly out: RdbOutput;
  private readonly files: Files;
  private readonly path: string;
  private readonly temporary: string;
  private readonly incrementalSync: boolean;
  private readonly fd: number;
  /** Bytes that are in the file, or on their way to it. */
  private at = 0;
  private unsynced = 0;
  /** A write or a sync is under way. */
  private busy = false;
  private closed = false;
  private spare: Uint8Array = new Uint8Array(CHUNK);

  /**
   * Makes the temporary file.
   * @param name absolute path of the file that it will be
   * @param temporary what it is called until it is whole, a path in the same directory
   * @throws a system error
   */
  constructor(files: Files, name: string, temporary: string, options: SnapshotFileOptions) {
    this.files = files;
    this.path = name;
    this.temporary = temporary;
    this.incrementalSync = options.incrementalSync;
    this.fd = files.open(this.temporary, 'create');
    this.out = new RdbOutput(options.compress, CHUNK);
    this.writer = new RdbFileWriter(this.out, options.checksum);
  }

  /** Bytes that wait to be written, and the buffers that they are in. */
  get bufferedBytes(): number {
    return this.out.buf.length + this.spare.length;
  }

  /** Whether as much waits as should: nothing more than must be written before the disk is ready. */
  get full(): boolean {
    return this.busy && this.out.pos >= CHUNK;
  }

  /** Sends what waits to the disk, when it is enough and the disk is ready. */
  put(): void {
    if (!this.busy && this.out.pos >= CHUNK) this.send();
  }

  /** Writes what waits at once when it has become too much: memory is bounded, however slow the disk. */
  relieve(): void {
    if (this.out.pos < WAITING_MAX || this.error !== undefined) return;
    try {
      this.writeAll();
    } catch (e) {
      this.error = e as Error;
      this.writer.reset();
    }
  }

  private writeAll(): void {
    const bytes = this.writer.written();
    const from = this.at;
    this.at += bytes.length;
    for (let done = 0; done < bytes.length; )
      done += this.files.writeSync(this.fd, bytes, done, bytes.length - done, from + done);
    this.writer.reset();
  }

  private send(): void {
    this.busy = true;
    const next = this.spare.length > 0 ? this.spare : new Uint8Array(CHUNK);
    this.spare = EMPTY;
    const bytes = this.writer.swap(next);
    const from = this.at;
    this.at += bytes.length;
    this.sendRest(bytes, 0, from);
  }

  private sendRest(bytes: Uint8Array, done: number, from: number): void {
    this.files.write(this.fd, bytes, done, bytes.length - done, from + done, (e, n) => {
      if (e === null && done + n < bytes.length && !this.closed) return this.sendRest(bytes, done + n, from);
      if (bytes.buffer.byteLength <= KEPT) this.spare = new Uint8Array(bytes.buffer);
      this.unsynced += bytes.length;
      if (e !== null || this.closed || !this.incrementalSync || this.unsynced < SYNC_EVERY) return this.ready(e);
      this.unsynced = 0;
      this.files.datasync(this.fd, (failed) => this.ready(failed));
    });
  }

  private ready(e: Error | null): void {
    this.busy = false;
    this.error ??= e ?? undefined;
    if (this.closed) this.remove();
    else this.drained();
  }

  // ---- the end --------------------------------------------------------------------------------------------------------------------

  /** Everything was written to `writer`. Calls `done` when the file is in its place and safe, or with the reason why it is not. */
  finish(done: (error?: Error) => void): void {
    this.writer.footer();
    this.drained = () => {
      if (this.error !== undefined) return done(this.error);
      if (this.out.pos > 0) return this.send();
      this.busy = true;
      this.files.datasync(this.fd, (e) => {
        this.busy = false;
        if (this.closed) return this.remove();
        if (e === null) this.settle(done);
        else done(e);
      });
    };
    if (!this.busy) this.drained();
  }

  private settle(done: (error?: Error) => void): void {
    try {
      this.closed = true;
      this.files.close(this.fd);
      this.files.rename(this.temporary, this.path);
    } catch (e) {
      this.tryRemove();
      return done(e as Error);
    }
    this.files.syncDirectory(path.dirname(this.path), (e) => done(e ?? undefined));
  }

  /** `finish` for who waits. @throws a system error; the temporary file is gone then */
  finishSync(): void {
    try {
      this.writer.footer();
      this.writeAll();
      this.files.datasyncSync(this.fd);
    } catch (e) {
      this.abandon();
      throw e;
    }
    this.closed = true;
    try {
      this.files.close(this.fd);
      this.files.rename(this.temporary, this.path);
    } catch (e) {
      this.tryRemove();
      throw e;
    }
    this.files.syncDirectorySync(path.dirname(this.path));
  }

  /** Writes what waits, when it is enough, for who waits. @throws a system error */
  putSync(): void {
    if (this.out.pos >= CHUNK) this.writeAll();
  }

  /** Gives the file up: it is closed and removed as soon as nothing is under way. Does nothing after the end. */
  abandon(): void {
    if (this.closed) return;
    this.closed = true;
    if (!this.busy) this.remove();
  }

  private remove(): void {
    try {
      this.files.close(this.fd);
    } catch {
      // A disk that fails here has failed before, and was heard then.
    }
    this.tryRemove();
  }

  private tryRemove(): void {
    try {
      this.files.removeSync(this.temporary);
    } catch {
      // It is swept at the next start.
    }
  }
}

const EMPTY = new Uint8Array(0);

/** What a snapshot in `directory` is called until it is whole: by its process, so that what a dead one has left is known. */
export function temporarySnapshot(directory: string): string {
  return path.join(directory, `temp-${process.pid}.rdb`);
}

/** Removes what dead processes have left of snapshots in `directory`. @throws a system error */
export function sweepSnapshots(files: Files, directory: string): void {
  for (const name of files.list(directory) ?? []) {
    const pid = Number(/^temp-(\d+)\.rdb$/.exec(name)?.[1] ?? 0);
    if (pid > 0 && !isAlive(pid)) files.removeSync(path.join(directory, name));
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (e) {
    return (e as NodeJS.ErrnoException).code === 'EPERM';
  }
}
