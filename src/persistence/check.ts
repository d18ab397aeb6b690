/**
 * Check: what synap-check does. It loads a data directory, or one file, into a server that nobody can reach, as a start would, and says
 * what it finds; so its verdict is the start's. Repairs by cutting: what cannot be trusted goes, and what was said before it stays.
 */
import path from 'node:path';
import { Settings } from '../../commands/settings.js';
import { PROCESS_ENVIRONMENT, SynapServer } from '../server.js';
import { DirectoryLock } from './directory-lock.js';
import { FileCursor } from './file-cursor.js';
import { fileKind } from './file-kind.js';
import type { Files } from './files.js';
import { LoadError } from './load-error.js';
import { Loader } from './loader.js';
import { LogDirectory, type LogFile, type Manifest, ManifestError } from './manifest.js';
import { lastWithContent } from './recovery.js';

/** What was found, worst last; also the exit codes. */
export const WHOLE = 0;
export const TORN = 1;
export const DAMAGED = 2;
export const UNREADABLE = 3;

/** Files of more databases than a server usually has can be looked at. */
const DATABASES = 1024;

const KINDS = {
  rdb: 'RDB',
  segment: 'segment of the log',
  commands: 'append only file of Redis',
  empty: 'empty',
  unknown: 'unknown',
} as const;

interface Finding {
  readonly verdict: number;
  /** Where it must be cut; -1: nowhere, or that would not help. */
  readonly at: number;
  readonly sequence: number;
}

export class Check {
  private readonly files: Files;
  private readonly print: (line: string) => void;
  private readonly fix: boolean;

  /** @param fix whether to repair */
  constructor(files: Files, print: (line: string) => void, fix: boolean) {
    this.files = files;
    this.print = print;
    this.fix = fix;
  }

  /**
   * Checks the directory or file `target`.
   * @returns WHOLE, TORN, DAMAGED or UNREADABLE: how it is at the end
   */
  async run(target: string): Promise<number> {
    const full = path.resolve(target);
    try {
      const names = this.namesIn(full);
      if (names === undefined) return await this.single(full);
      const lock = new DirectoryLock(this.files, full);
      const reason = this.fix ? lock.take() : undefined;
      if (reason !== undefined) {
        this.print(reason);
        return UNREADABLE;
      }
      try {
        return await this.directory(full, names);
      } finally {
        lock.release();
      }
    } catch (e) {
      this.print(`${full}: ${(e as Error).message}`);
      return UNREADABLE;
    }
  }

  private namesIn(directory: string): string[] | undefined {
    try {
      return this.files.list(directory);
    } catch (e) {
      if ((e as NodeJS.ErrnoException).code === 'ENOTDIR') return undefined;
      throw e;
    }
  }

  private async directory(full: string, names: readonly string[]): Promise<number> {
    let worst = -1;
    for (const name of [...names].sort()) {
      const file = path.join(full, name);
      let verdict = -1;
      if (name.endsWith('.manifest')) verdict = await this.log(full, name.slice(0, -'.manifest'.length));
      else if (/\.(rdb|aof)$/.test(name) && !names.some((other) => other.endsWith('.manifest')))
        verdict = this.namesIn(file) === undefined ? await this.single(file) : -1;
      else
        for (const inner of this.namesIn(file) ?? [])
          if (inner.endsWith('.manifest'))
            verdict = Math.max(verdict, await this.log(file, inner.slice(0, -'.manifest'.length)));
      worst = Math.max(worst, verdict);
    }
    if (worst >= 0) return worst;
    this.print(`${full}: there is neither a manifest here nor a file that ends in .rdb or .aof`);
    return UNREADABLE;
  }

  // ---- one file -----------------------------------------------------------------------------------------------------------------

  private async single(file: string): Promise<number> {
    if (file.endsWith('.manifest')) return this.log(path.dirname(file), path.basename(file, '.manifest'));
    const found = await this.look(loader(this.files), file, -1, true);
    if (found.verdict === WHOLE || !this.fix || found.at < 0) return found.verdict;
    this.cut(file, found.at);
    return WHOLE;
  }

  /** Loads a file and tells what it is. */
  private async look(loader: Loader, file: string, sequence: number, last: boolean): Promise<Finding> {
    const { files } = this;
    const size = files.sizeOf(file);
    const kind = await this.kind(file);
    const head = `${file}: ${KINDS[kind]}, ${size} bytes`;
    loader.torn = '';
    try {
      const found = await loader.file(file, sequence, last);
      const frames = found.seed < 0 ? '' : `, up to frame ${found.sequence}`;
      if (found.whole === size || kind === 'rdb' || loader.torn === '') {
        const reserve = kind === 'segment' && found.whole < size ? `, with ${size - found.whole} reserved` : '';
        this.print(`${head}${reserve}${frames}: whole`);
        return { verdict: WHOLE, at: -1, sequence: found.sequence };
      }
      this.print(`${head}${frames}: torn at offset ${found.whole}: ${loader.torn}`);
      return { verdict: TORN, at: found.whole, sequence: found.sequence };
    } catch (e) {
      if (!(e instanceof LoadError)) throw e;
      this.print(`${head}: damaged at offset ${e.at}: ${e.reason}`);
      const cuttable = kind === 'segment' || (kind === 'commands' && e.at >= 0);
      return { verdict: DAMAGED, at: cuttable ? e.at : -1, sequence };
    }
  }

  private async kind(file: string): Promise<keyof typeof KINDS> {
    const fd = this.files.open(file, 'read');
    try {
      const cursor = new FileCursor(this.files, fd);
      await cursor.need(8);
      return fileKind(cursor.buf, cursor.pos, cursor.end);
    } finally {
      this.files.close(fd);
    }
  }

  private cut(file: string, at: number): void {
    const { files } = this;
    const fd = files.open(file, 'write');
    try {
      this.print(`${file}: cut at offset ${at}, ${files.size(fd) - at} bytes are lost`);
      files.truncate(fd, at);
      files.datasyncSync(fd);
    } finally {
      files.close(fd);
    }
  }

  // ---- a log --------------------------------------------------------------------------------------------------------------------

  private async log(directory: string, prefix: string): Promise<number> {
    const log = new LogDirectory(this.files, directory, prefix);
    let manifest: Manifest;
    try {
      manifest = log.read()!;
    } catch (e) {
      if (!(e instanceof ManifestError)) throw e;
      this.print(`${log.manifestPath}: damaged: ${e.message}`);
      return DAMAGED;
    }
    const chain = manifest.base === undefined ? manifest.incremental : [manifest.base, ...manifest.incremental];
    this.print(`${log.manifestPath}: names ${chain.length} files`);
    const missing = chain.filter(({ name }) => this.files.sizeOf(log.at(name)) < 0);
    for (const { name } of missing) this.print(`${log.at(name)}: missing`);
    return missing.length > 0 ? DAMAGED : this.chain(log, manifest, chain);
  }

  private async chain(log: LogDirectory, manifest: Manifest, chain: readonly LogFile[]): Promise<number> {
    const end = lastWithContent(log, chain);
    const into = loader(this.files);
    let sequence = -1;
    let worst = WHOLE;
    for (const [i, file] of chain.entries()) {
      const found = await this.look(into, log.at(file.name), sequence, i >= end);
      sequence = found.sequence;
      if (found.verdict === WHOLE) continue;
      worst = Math.max(worst, found.verdict);
      if (this.fix && found.at >= 0) {
        await this.repair(log, manifest, file, found);
        return WHOLE;
      }
      if (found.verdict !== DAMAGED) continue;
      for (const { name } of chain.slice(i + 1)) this.print(`${log.at(name)}: not looked at`);
      break;
    }
    return worst;
  }

  /** Cuts `file`; what followed damage makes no sense without it, and is taken out of the manifest. */
  private async repair(log: LogDirectory, manifest: Manifest, file: LogFile, { verdict, at }: Finding): Promise<void> {
    const next = manifest.incremental.indexOf(file) + 1;
    const behind = manifest.incremental.slice(next);
    if (verdict === DAMAGED && behind.length > 0) {
      for (const { name } of behind)
        this.print(`${log.at(name)}: taken out of the manifest, all of it is lost; the file stays`);
      await log.write({ ...manifest, incremental: manifest.incremental.slice(0, next) });
    }
    this.cut(log.at(file.name), at);
  }
}

/** A loader into a server of its own. */
function loader(files: Files): Loader {
  const settings = Object.assign(new Settings(), { loglevel: 'nothing', databases: DATABASES });
  return new Loader(new SynapServer(settings, { ...PROCESS_ENVIRONMENT, files }));
}
