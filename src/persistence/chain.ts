/**
 * Chain: the files that a log consists of while a server appends to it: base, older segments, the segment that grows. Keeps the
 * manifest in step with them and deletes what is no longer needed.
 */
import type { AppendLog } from './append-log.js';
import type { OpenSegment } from './log-host.js';
import type { LogDirectory, LogFile, Manifest } from './manifest.js';
import { addSegment, type Recovered } from './recovery.js';

export class Chain {
  readonly directory: LogDirectory;
  /** Undefined while nothing is appended. */
  log: AppendLog | undefined = undefined;
  baseSize: number;
  /** Bytes of base and segments when there was a new base last. */
  sizeThen: number;
  /** Whether history is kept (`aof-disable-auto-gc`). */
  keepsHistory: () => boolean = () => false;
  private manifest: Manifest;
  /** Whether the manifest is in force. Until a log that was switched on has a base, the one before it is. */
  private listed: boolean;
  /** Bytes of the segments before the one that grows. */
  private olderSize = 0;
  /** Writes to the manifest come one after another. */
  private last: Promise<void> = Promise.resolve();

  constructor(directory: LogDirectory, manifest: Manifest, listed: boolean) {
    this.directory = directory;
    this.manifest = manifest;
    this.listed = listed;
    this.baseSize = this.sizeThen = 0;
  }

  static recovered({ directory, manifest, baseSize, size, segment }: Recovered): Chain {
    const chain = new Chain(directory, manifest, true);
    chain.baseSize = baseSize;
    // Redis compares with the base alone after a start, so a long chain is rewritten soon.
    chain.sizeThen = baseSize;
    chain.olderSize = size - baseSize - segment.size;
    return chain;
  }

  /** Bytes of all files. */
  get size(): number {
    return this.baseSize + this.olderSize + (this.log?.segment.size ?? 0);
  }

  /** By how many percent it has grown since the last base. */
  get growth(): number {
    return (100 * this.size) / Math.max(1, this.sizeThen) - 100;
  }

  private inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = this.last.then(work);
    this.last = done.then(
      () => {},
      () => {},
    );
    return done;
  }

  /** A segment for what comes next, which the manifest names already. @throws system errors */
  prepareSegment(): Promise<OpenSegment> {
    return this.inTurn(() => addSegment(this.directory, this.manifest, this.listed));
  }

  /** From now on a prepared segment grows. @returns the files that the dataset of this moment makes unnecessary */
  begin(sizeBefore: number): LogFile[] {
    this.olderSize += sizeBefore;
    const { base, incremental } = this.manifest;
    const covered = this.log === undefined ? [...incremental] : incremental.slice(0, -1);
    return base === undefined ? covered : [base, ...covered];
  }

  /** Where a base is written before it is part of the log. */
  temporaryBase(): string {
    const { base } = this.directory.nextSequence(this.manifest);
    return this.directory.temporary(this.directory.baseName(base));
  }

  /**
   * Puts the base at `path` in the place of the files `covered`, and deletes these.
   * @throws system errors; the log is as it was then
   */
  replaceBase(path: string, covered: readonly LogFile[]): Promise<void> {
    return this.inTurn(async () => {
      const { directory } = this;
      const { files } = directory;
      const sequence = directory.nextSequence(this.manifest).base;
      const base = { name: directory.baseName(sequence), sequence };
      files.rename(path, directory.at(base.name));
      await directory.sync(); // before anything names it
      const { incremental, history } = this.manifest;
      const manifest: Manifest = {
        base,
        incremental: incremental.filter((file) => !covered.includes(file)),
        history: [...history, ...covered],
      };
      await directory.write(manifest);
      this.manifest = manifest;
      this.listed = true;
      this.baseSize = files.sizeOf(directory.at(base.name));
      this.olderSize = 0;
      this.sizeThen = this.size;
      await this.collect();
    });
  }

  /** Deletes the files of history. What cannot be deleted stays in the manifest, for the next time. */
  private async collect(): Promise<void> {
    if (this.keepsHistory() || this.manifest.history.length === 0) return;
    const { directory, manifest } = this;
    const left: LogFile[] = [];
    for (const file of manifest.history) {
      const gone = await new Promise<boolean>((resolve) =>
        directory.files.remove(directory.at(file.name), (e) => resolve(e === null || e.code === 'ENOENT')),
      );
      if (!gone) left.push(file);
    }
    this.manifest = { ...manifest, history: left };
    await directory.write(this.manifest).catch(() => {}); // the next one says it again
  }

  /** Deletes what an earlier run has left undeleted. */
  collectHistory(): Promise<void> {
    return this.inTurn(() => this.collect());
  }

  /** When nothing of this is under way any more. */
  async settle(): Promise<void> {
    await this.last;
  }

  /** Deletes the segments of a log that never came into force. */
  async abandon(): Promise<void> {
    await this.settle();
    if (this.listed) return;
    for (const { name } of this.manifest.incremental)
      await new Promise<void>((resolve) => this.directory.files.remove(this.directory.at(name), () => resolve()));
  }
}
