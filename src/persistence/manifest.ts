/**
 * The manifest of the log: which files it consists of, in Redis 7's format and with its names, so that a directory of either is known.
 *
 *   file appendonly.aof.2.base.rdb seq 2 type b     the dataset as it was when the files behind it began: one, or none
 *   file appendonly.aof.5.incr.aof seq 5 type i     what has happened since, oldest first
 *   file appendonly.aof.1.base.rdb seq 1 type h     history: no longer needed, about to be deleted
 *   # crc32 5d0f3a91                                over all bytes before: a comment to Redis. A single wrong bit makes an h of an i
 *
 * It is replaced as a whole. Files that it does not name do not belong to the log. One without a checksum was written by Redis, or by
 * hand, and is believed.
 */
import path from 'node:path';
import { crc32 } from 'node:zlib';
import { splitWords } from '../../protocol/inline.js';
import type { Files } from './files.js';

export interface LogFile {
  readonly name: string;
  readonly sequence: number;
}

export interface Manifest {
  base: LogFile | undefined;
  /** Oldest first. */
  incremental: LogFile[];
  history: LogFile[];
}

/** What in a manifest cannot be meant. */
export class ManifestError extends Error {}

/** A directory with a log, and how its files are called. */
export class LogDirectory {
  readonly files: Files;
  readonly path: string;
  private readonly prefix: string;

  /**
   * @param path of the directory: `dir`/`appenddirname`
   * @param prefix `appendfilename`
   */
  constructor(files: Files, path: string, prefix: string) {
    this.files = files;
    this.path = path;
    this.prefix = prefix;
  }

  at(name: string): string {
    return path.join(this.path, name);
  }

  get manifestPath(): string {
    return this.at(`${this.prefix}.manifest`);
  }

  baseName(sequence: number): string {
    return `${this.prefix}.${sequence}.base.rdb`;
  }

  incrementalName(sequence: number): string {
    return `${this.prefix}.${sequence}.incr.aof`;
  }

  /** The temporary name of a file that is no part of the log yet. */
  temporary(name: string): string {
    return this.at(`temp-${name}`);
  }

  /** A sequence that no base, and no increment, in the directory has had. */
  nextSequence(manifest: Manifest): { base: number; incremental: number } {
    const next = { base: 1, incremental: 1 };
    const names = this.files.list(this.path) ?? [];
    for (const { name } of [manifest.base, ...manifest.incremental, ...manifest.history].filter(
      (file) => file !== undefined,
    ))
      names.push(name);
    for (const file of manifest.incremental) next.incremental = Math.max(next.incremental, file.sequence + 1);
    if (manifest.base !== undefined) next.base = manifest.base.sequence + 1;
    for (const name of names) {
      if (!name.startsWith(`${this.prefix}.`)) continue;
      const found = /^(\d{1,15})\.(base|incr)\./.exec(name.slice(this.prefix.length + 1));
      if (found === null) continue;
      const kind = found[2] === 'base' ? 'base' : 'incremental';
      next[kind] = Math.max(next[kind], Number(found[1]) + 1);
    }
    return next;
  }

  /** Removes what a run that was killed has left half made. */
  sweep(): void {
    for (const name of this.files.list(this.path) ?? [])
      if (name.startsWith(`temp-${this.prefix}.`)) this.files.removeSync(this.at(name));
  }

  /**
   * @returns undefined when there is none
   * @throws ManifestError
   */
  read(): Manifest | undefined {
    const { files, manifestPath } = this;
    const size = files.sizeOf(manifestPath);
    if (size < 0) return undefined;
    const fd = files.open(manifestPath, 'read');
    try {
      const buf = new Uint8Array(size);
      return parseManifest(buf.subarray(0, files.readSync(fd, buf, 0, size, 0)));
    } finally {
      files.close(fd);
    }
  }

  /** Puts `manifest` in force: when this has resolved it is, whatever happens then. @throws system errors; the old one stays then */
  async write(manifest: Manifest): Promise<void> {
    const { files, manifestPath } = this;
    const beside = this.temporary(`${this.prefix}.manifest`);
    const text = Buffer.from(manifestText(manifest), 'latin1');
    const fd = files.open(beside, 'create');
    try {
      for (let done = 0; done < text.length; ) done += files.writeSync(fd, text, done, text.length - done, done);
      await new Promise<void>((resolve, reject) => files.datasync(fd, (e) => (e === null ? resolve() : reject(e))));
    } finally {
      files.close(fd);
    }
    files.rename(beside, manifestPath);
    await this.sync();
  }

  /** Makes the names in the directory safe. */
  sync(): Promise<void> {
    return new Promise((resolve, reject) =>
      this.files.syncDirectory(this.path, (e) => (e === null ? resolve() : reject(e))),
    );
  }
}

/** The text of a manifest. */
export function manifestText({ base, incremental, history }: Manifest): string {
  const line = (file: LogFile, type: string): string =>
    `file ${quotedName(file.name)} seq ${file.sequence} type ${type}\n`;
  let text = base === undefined ? '' : line(base, 'b');
  for (const file of history) text += line(file, 'h');
  for (const file of incremental) text += line(file, 'i');
  return `${text}# crc32 ${checksum(text)}\n`;
}

function checksum(text: string): string {
  return crc32(Buffer.from(text, 'latin1')).toString(16).padStart(8, '0');
}

function quotedName(name: string): string {
  return /^[!#-&(-[\]-~]+$/.test(name) ? name : `"${name.replace(/["\\]/g, '\\$&')}"`;
}

/** @throws ManifestError that names the line */
export function parseManifest(bytes: Uint8Array): Manifest {
  const manifest: Manifest = { base: undefined, incremental: [], history: [] };
  const text = Buffer.from(bytes).toString('latin1');
  const lines = text.split('\n');
  if (lines.pop() !== '') throw new ManifestError('its last line does not end');
  if (lines.length === 0) throw new ManifestError('it is empty');
  for (const [i, line] of lines.entries()) {
    const told = /^# crc32 ([0-9a-f]{8})$/.exec(line)?.[1];
    if (told !== undefined && (i < lines.length - 1 || told !== checksum(text.slice(0, -line.length - 1))))
      throw new ManifestError(`line ${i + 1}, '${line}', is not the checksum of all before it`);
    if (line.startsWith('#')) continue;
    const reason = addLine(manifest, line);
    if (reason !== undefined) throw new ManifestError(`line ${i + 1}, '${line}': ${reason}`);
  }
  return manifest;
}

/** Pairs of words in any order; pairs that are not known are left to later versions. */
function addLine(manifest: Manifest, line: string): string | undefined {
  const bytes = Buffer.from(line, 'latin1');
  const words = splitWords(bytes, 0, bytes.length)?.map((word) => Buffer.from(word).toString('latin1'));
  if (words === undefined || words.length < 6 || words.length % 2 !== 0) return 'it is no list of names and values';
  const values = new Map<string, string>();
  for (let i = 0; i < words.length; i += 2) values.set(words[i].toLowerCase(), words[i + 1]);
  const name = values.get('file') ?? '';
  const sequence = Number(values.get('seq'));
  if (name === '' || /[/\\]/.test(name)) return 'it names no file of this directory';
  if (!Number.isSafeInteger(sequence) || sequence < 1) return 'its seq is no number above 0';
  const file = { name, sequence };
  const type = values.get('type');
  if (type === 'h') manifest.history.push(file);
  else if (type === 'b') {
    if (manifest.base !== undefined) return 'there is a base already';
    manifest.base = file;
  } else if (type === 'i') {
    const last = manifest.incremental.at(-1);
    if (last !== undefined && last.sequence >= sequence) return 'its seq is not above the one before';
    manifest.incremental.push(file);
  } else return 'its type is none of b, i, h';
  return undefined;
}
