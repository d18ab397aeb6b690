/**
 * Recovery: what a start makes of a data directory. It loads what is there and leaves a log that can be appended to.
 *
 *   a manifest               its base, then its increments, ours or Redis's, in turn
 *   `appendfilename` alone   the log of a Redis before 7, or a single file: it becomes the base
 *   `dbfilename` alone       the log begins now: a copy of it becomes the base
 *   nothing                  a log without a base
 *
 * Appending goes on in the last segment, if the last file is one; what is torn at its end is cut off. Behind files of Redis a segment
 * of ours begins, and a new base should follow. Nothing is changed before all has been loaded.
 */
import { randomBytes } from 'node:crypto';
import path from 'node:path';
import type { SynapServer } from '../server.js';
import type { Files } from './files.js';
import { LoadError } from './load-error.js';
import type { Loaded, Loader } from './loader.js';
import type { OpenSegment } from './log-host.js';
import { LogDirectory, type LogFile, type Manifest, ManifestError } from './manifest.js';
import { SEGMENT_HEADER, segmentHeader } from './segment.js';

/** A log that can be appended to. */
export interface Recovered {
  readonly directory: LogDirectory;
  readonly manifest: Manifest;
  readonly segment: OpenSegment;
  /** The sequence of its last frame. */
  readonly sequence: number;
  /** Some of it is no format of ours: a new base should replace it. */
  readonly foreign: boolean;
  /** Bytes of its base, and of all its files. */
  readonly baseSize: number;
  readonly size: number;
}

/** Where the settings of `server` put the log. */
export function logDirectory({ files, settings }: SynapServer): LogDirectory {
  return new LogDirectory(files, path.resolve(settings.dir, settings.appenddirname), settings.appendfilename);
}

/** Loads the snapshot of a server that has no log, if there is one. @throws LoadError, system errors */
export async function recoverSnapshot(server: SynapServer, loader: Loader): Promise<void> {
  const { dir, dbfilename } = server.settings;
  // An embedded server that was given no directory has none.
  if (!path.isAbsolute(dir)) return;
  const dump = path.join(dir, dbfilename);
  const size = server.files.sizeOf(dump);
  if (size < 0 || dbfilename === '') return;
  loader.totalBytes = size;
  await loader.file(dump, -1, false, server.now);
}

/** Loads the log, or what it can begin with. @throws LoadError, system errors */
export async function recoverLog(server: SynapServer, loader: Loader): Promise<Recovered> {
  const { files, settings } = server;
  const directory = logDirectory(server);
  const manifest = readManifest(directory);
  if (manifest !== undefined) return loadChain(server, loader, directory, manifest);
  const single = [path.resolve(settings.dir, settings.appendfilename), directory.at(settings.appendfilename)];
  const dump = path.resolve(settings.dir, settings.dbfilename);
  const old = single.find((file) => files.sizeOf(file) >= 0);
  const from = old ?? (files.sizeOf(dump) >= 0 ? dump : undefined);
  warnOfStrangers(server, directory);
  if (from === undefined) return begin(directory, undefined, false);
  loader.totalBytes = files.sizeOf(from);
  const { whole } = await loader.file(from, -1, true);
  server.log.notice(`There is no log yet: it begins with what ${from} holds`);
  directory.make();
  const name = from === dump ? directory.baseName(1) : `${settings.appendfilename}.1.base.aof`;
  // A copy: what is not ours stays where it is.
  await copy(files, from, directory.at(name), whole);
  return begin(directory, name, from !== dump);
}

function readManifest(directory: LogDirectory): Manifest | undefined {
  try {
    return directory.read();
  } catch (e) {
    if (!(e instanceof ManifestError)) throw e;
    throw new LoadError(
      directory.manifestPath,
      -1,
      `the manifest of the log cannot be read: ${e.message}`,
      'Restore it from a copy, or write again which files there are, in lines of: file NAME seq NUMBER type b|i',
    );
  }
}

/** Files that look like parts of a log without a manifest are not loaded, and not touched. */
function warnOfStrangers(server: SynapServer, directory: LogDirectory): void {
  const names = (server.files.list(directory.path) ?? []).filter((name) => /\.\d+\.(base|incr)\./.test(name)).sort();
  if (names.length > 0)
    server.log.warning(`${directory.path} has no manifest: ${names.join(', ')} in it are not loaded, and left alone`);
}

/** A new log, which begins with the base `name`, if that is given. */
async function begin(directory: LogDirectory, name: string | undefined, foreign: boolean): Promise<Recovered> {
  const { files } = directory;
  directory.make();
  const manifest: Manifest = {
    base: name === undefined ? undefined : { name, sequence: 1 },
    incremental: [],
    history: [],
  };
  const baseSize = name === undefined ? 0 : files.sizeOf(directory.at(name));
  const segment = await addSegment(directory, manifest);
  return { directory, manifest, segment, sequence: 0, foreign, baseSize, size: baseSize + segment.size };
}

/**
 * Begins a segment behind the others, and puts it in the manifest.
 * @param listed whether the manifest is in force: then it is written
 * @throws system errors; the manifest is as it was then
 */
export async function addSegment(directory: LogDirectory, manifest: Manifest, listed = true): Promise<OpenSegment> {
  const sequence = directory.nextSequence(manifest).incremental;
  const name = directory.incrementalName(sequence);
  const segment = await createSegment(directory.files, directory.at(name));
  const incremental = [...manifest.incremental, { name, sequence }];
  try {
    await directory.sync(); // before anything names it
    if (listed) await directory.write({ ...manifest, incremental });
  } catch (e) {
    directory.files.close(segment.fd);
    throw e;
  }
  manifest.incremental = incremental;
  return segment;
}

/** A new segment at `file`, which holds nothing but its header, and that safely. */
export async function createSegment(files: Files, file: string): Promise<OpenSegment> {
  const seed = randomBytes(4).readUInt32LE(0);
  const fd = files.open(file, 'create');
  try {
    const header = segmentHeader(seed);
    for (let done = 0; done < header.length; ) done += files.writeSync(fd, header, done, header.length - done, done);
    await synced(files, fd);
  } catch (e) {
    files.close(fd);
    throw e;
  }
  return { path: file, fd, size: SEGMENT_HEADER, seed };
}

function synced(files: Files, fd: number): Promise<void> {
  return new Promise((resolve, reject) => files.datasync(fd, (e) => (e === null ? resolve() : reject(e))));
}

async function loadChain(
  server: SynapServer,
  loader: Loader,
  directory: LogDirectory,
  manifest: Manifest,
): Promise<Recovered> {
  const { files } = server;
  const chain = manifest.base === undefined ? manifest.incremental : [manifest.base, ...manifest.incremental];
  for (const { name } of chain) {
    const size = files.sizeOf(directory.at(name));
    if (size < 0)
      throw new LoadError(
        directory.at(name),
        -1,
        'the manifest names this file, but it is not there',
        'Restore it from a copy.',
      );
    loader.totalBytes += size;
  }
  const end = lastWithContent(directory, chain);
  let last: Loaded = { sequence: -1, whole: 0, seed: -1 };
  let foreign = manifest.base?.name.endsWith('.aof') ?? false;
  for (const [i, file] of chain.entries()) {
    last = await loader.file(directory.at(file.name), last.sequence, i >= end);
    if (last.seed < 0 && last.whole > 0 && file !== manifest.base) foreign = true;
    if (last.whole < files.sizeOf(directory.at(file.name))) await cut(files, directory.at(file.name), last.whole);
  }
  directory.sweep();
  const segment = await reopen(directory, manifest, last);
  const baseSize = manifest.base === undefined ? 0 : files.sizeOf(directory.at(manifest.base.name));
  let size = 0;
  for (const { name } of chain) size += files.sizeOf(directory.at(name));
  return { directory, manifest, segment, sequence: Math.max(0, last.sequence), foreign, baseSize, size };
}

/** The index of the last file that holds more than a header: what comes behind it was only prepared. */
export function lastWithContent(directory: LogDirectory, chain: readonly LogFile[]): number {
  let i = chain.length - 1;
  while (i > 0 && directory.files.sizeOf(directory.at(chain[i].name)) <= SEGMENT_HEADER) i--;
  return i;
}

async function cut(files: Files, file: string, at: number): Promise<void> {
  const fd = files.open(file, 'write');
  try {
    files.truncate(fd, at);
    await synced(files, fd);
  } finally {
    files.close(fd);
  }
}

/** The last increment, if it is a segment; else a new one. What a killed server has written to it is made safe. */
async function reopen(directory: LogDirectory, manifest: Manifest, last: Loaded): Promise<OpenSegment> {
  const { files } = directory;
  const file = manifest.incremental.at(-1);
  if (file === undefined || last.seed < 0) return addSegment(directory, manifest);
  const path = directory.at(file.name);
  const fd = files.open(path, 'write');
  try {
    await synced(files, fd);
  } catch (e) {
    files.close(fd);
    throw e;
  }
  return { path, fd, size: last.whole, seed: last.seed };
}

/** Copies the first `n` bytes of a file into a new one, safely. */
async function copy(files: Files, from: string, to: string, n: number): Promise<void> {
  const source = files.open(from, 'read');
  const target = files.open(to, 'create');
  const buf = new Uint8Array(1024 * 1024);
  try {
    for (let at = 0; at < n; ) {
      const some = await new Promise<number>((resolve, reject) =>
        files.read(source, buf, 0, Math.min(buf.length, n - at), at, (e, got) =>
          e === null ? resolve(got) : reject(e),
        ),
      );
      if (some === 0) break;
      for (let done = 0; done < some; ) done += files.writeSync(target, buf, done, some - done, at + done);
      at += some;
    }
    await synced(files, target);
  } finally {
    files.close(source);
    files.close(target);
  }
}
