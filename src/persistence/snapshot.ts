/**
 * SnapshotService: when a snapshot is written, and what became of the last one: SAVE and BGSAVE, save points, the base of the log. One at
 * most is written in the background; SAVE does not disturb it. File and capture are snapshot-job.ts's and snapshot-file.ts's affair.
 *
 *   NO_SNAPSHOT ──saveInBackground──▶ DUMP ──▶ NO_SNAPSHOT        a failure makes writes fail (stop-writes-on-bgsave-error)
 *               ──begin─────────────▶ BASE ──▶
 */
import path from 'node:path';
import { REDIS_VERSION } from '../../commands/connection.js';
import { SNAPSHOT_FAILING } from '../../commands/error.js';
import { DATASET_LOADING } from '../../commands/gates.js';
import { BASE, DUMP, NO_SNAPSHOT, type SnapshotOrder, type Snapshots } from '../../commands/snapshot.js';
import { Capture } from '../../storage/capture.js';
import { fileVersion } from '../../storage/rdb/file-writer.js';
import { FREQUENCY, IDLE_TIME, NO_ACCESS } from '../../storage/rdb/value-writer.js';
import type { SynapServer } from '../server.js';
import { systemReason } from '../system-error.js';
import { SnapshotFile, temporarySnapshot } from './snapshot-file.js';
import { SnapshotJob } from './snapshot-job.js';
import { loadSnapshot } from './snapshot-loader.js';

/** After a failure the next try by itself comes so much later, ms. */
const RETRY_MS = 5000;
/** Elements and bytes that are written in one step while nobody is served. */
const STEP_ELEMENTS = 4096;
const STEP_BYTES = 256 * 1024;

export class SnapshotService implements Snapshots {
  running = NO_SNAPSHOT;
  scheduled = false;
  lastSaveAt: number;
  lastOk = true;
  lastSeconds = -1;
  saves = 0;
  private readonly server: SynapServer;
  private job: SnapshotJob | undefined = undefined;
  private begunAt = 0;
  private lastTryAt = Number.NEGATIVE_INFINITY;
  /** The server's count of changes when the last snapshot was begun, and when the present one was. */
  private savedDirty = 0;
  private begunDirty = 0;
  private peak = 0;

  constructor(server: SynapServer) {
    this.server = server;
    this.lastSaveAt = server.startedAt;
  }

  /** The file of SAVE, BGSAVE and save points. */
  get path(): string {
    const { dir, dbfilename } = this.server.settings;
    return path.resolve(dir, dbfilename);
  }

  get currentSeconds(): number {
    return this.running === DUMP ? Math.floor((this.server.now - this.begunAt) / 1000) : -1;
  }

  get changes(): number {
    return this.server.dirty - this.savedDirty;
  }

  get keysDone(): number {
    return this.job === undefined ? 0 : this.job.capture.keys;
  }

  get keysTotal(): number {
    return this.job === undefined ? 0 : this.job.capture.keysTotal;
  }

  get extraBytes(): number {
    if (this.job === undefined) return 0;
    const n = this.job.capture.extraBytes + this.job.file.bufferedBytes;
    if (n > this.peak) this.peak = n;
    return n;
  }

  get extraPeak(): number {
    return Math.max(this.peak, this.extraBytes);
  }

  // ---- writing --------------------------------------------------------------------------------------------------------------------

  save(): boolean {
    const { server } = this;
    let file: SnapshotFile | undefined;
    try {
      file = this.makeFile(this.path, false);
      const capture = new Capture(server.databases, file.writer, this.access, false);
      while (!capture.step(STEP_ELEMENTS, STEP_BYTES)) file.putSync();
      file.finishSync();
    } catch (e) {
      file?.abandon();
      server.log.warning(`Write error saving DB on disk: ${systemReason(e)}`);
      return false;
    }
    this.saved(server.dirty);
    return true;
  }

  private saved(dirty: number): void {
    this.server.log.notice('DB saved on disk');
    this.savedDirty = dirty;
    this.lastSaveAt = this.server.now;
    this.judge(true);
  }

  saveInBackground(): void {
    const { server } = this;
    this.scheduled = false;
    this.saves++;
    this.lastTryAt = this.begunAt = server.now;
    server.log.notice(`Background saving started by pid ${process.pid}`);
    try {
      this.start(DUMP, this.path, (error) => this.dumped(error));
    } catch (e) {
      this.dumped(e as Error);
    }
  }

  private dumped(error: Error | undefined): void {
    const { server } = this;
    this.lastSeconds = Math.floor((server.now - this.begunAt) / 1000);
    if (error === undefined) {
      this.saved(this.begunDirty);
      server.log.notice('Background saving terminated with success');
    } else {
      server.log.warning(`Write error saving DB on disk: ${systemReason(error)}`);
      server.log.warning('Background saving error');
      this.judge(false);
    }
  }

  schedule(): void {
    this.scheduled = true;
  }

  begin(order: SnapshotOrder): void {
    this.start(BASE, order.path, (error) => order.done(error));
  }

  /** @throws a system error when the file cannot be made */
  private start(kind: number, name: string, done: (error?: Error) => void): void {
    const { server } = this;
    const file = this.makeFile(name, kind === BASE);
    this.running = kind;
    this.begunAt = server.now;
    this.begunDirty = server.dirty;
    this.peak = 0;
    this.job = new SnapshotJob(server, file, this.access, (error) => {
      server.beginTurn();
      this.extraBytes; // the peak
      this.job = undefined;
      this.running = NO_SNAPSHOT;
      done(error);
      server.endTurn();
    });
  }

  /** A file with its header. @throws a system error */
  private makeFile(name: string, base: boolean): SnapshotFile {
    const { files, settings, now, databases } = this.server;
    const temporary = base ? `${name}.part` : temporarySnapshot(path.dirname(name));
    const file = new SnapshotFile(files, name, temporary, {
      compress: settings.rdbcompression,
      checksum: settings.rdbchecksum,
      incrementalSync: settings.rdbSaveIncrementalFsync,
    });
    file.writer.header(fileVersion(databases), [
      ['redis-ver', REDIS_VERSION],
      ['redis-bits', 64],
      ['ctime', Math.floor(now / 1000)],
      ['used-mem', this.server.usedMemory()],
      ['aof-base', base ? 1 : 0],
    ]);
    return file;
  }

  /** What files tell of accesses: what the eviction policy goes by. */
  private get access(): number {
    const { maxmemoryPolicy } = this.server.settings;
    return maxmemoryPolicy.endsWith('lru') ? IDLE_TIME : maxmemoryPolicy.endsWith('lfu') ? FREQUENCY : NO_ACCESS;
  }

  relieve(): void {
    const { job } = this;
    if (job === undefined) return;
    job.file.relieve();
  }

  // ---- when -----------------------------------------------------------------------------------------------------------------------

  /** A few times a second: begins what was scheduled, or what a save point asks for. */
  tick(): void {
    if (this.job !== undefined) {
      this.extraBytes; // the peak
      return;
    }
    const { server } = this;
    const { now, settings } = server;
    if (!this.lastOk && now - this.lastTryAt <= RETRY_MS) return;
    if (this.scheduled) {
      this.saveInBackground();
      return;
    }
    for (const { seconds, changes } of settings.save) {
      if (this.changes < changes || Math.floor(now / 1000) - Math.floor(this.lastSaveAt / 1000) <= seconds) continue;
      server.log.notice(`${changes} changes in ${seconds} seconds. Saving...`);
      this.saveInBackground();
      return;
    }
  }

  flushed(): void {
    // A FLUSHALL of the log that is being loaded.
    if ((this.server.gates & DATASET_LOADING) !== 0) return;
    if (this.running === DUMP) this.cancel();
    if (this.server.settings.save.length === 0) return;
    this.save();
  }

  /** While the last snapshot has failed and snapshots are asked for, writes fail (stop-writes-on-bgsave-error). */
  judge(ok = this.lastOk): void {
    this.lastOk = ok;
    const { diskFailure, settings } = this.server;
    const fails = !ok && settings.stopWritesOnBgsaveError && settings.save.length > 0;
    diskFailure.set('snapshot', fails ? SNAPSHOT_FAILING : undefined);
  }

  load(flush: boolean, merge: boolean): boolean {
    const { server } = this;
    try {
      loadSnapshot(server, this.path, flush, merge);
    } catch (e) {
      server.log.warning(`${this.path} cannot be loaded: ${systemReason(e)}`);
      return false;
    }
    this.loaded();
    return true;
  }

  /** What is in memory now is what `dbfilename` says: it was loaded. */
  loaded(): void {
    this.savedDirty = this.server.dirty;
  }

  /** Gives up what is being written in the background; who ordered it is not told. Resolves when nothing is left of it. */
  cancel(): Promise<void> {
    const { job } = this;
    this.job = undefined;
    this.running = NO_SNAPSHOT;
    return job === undefined ? Promise.resolve() : job.cancel();
  }
}
