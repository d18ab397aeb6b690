/** The surroundings of a server that runs: files of this machine. Text is latin1, so that bytes come back as they were. */
import {
  accessSync,
  closeSync,
  constants,
  fsyncSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import path from 'node:path';
import { globMatch } from '../../storage/glob.js';
import { systemReason } from '../system-error.js';
import type { Surroundings } from './surroundings.js';

/** @param isCommand whether a command of this name exists */
export function files(isCommand: (name: string) => boolean): Surroundings {
  return { readFile, replaceFile, glob, directory, isCommand };
}

function readFile(name: string): string {
  try {
    return readFileSync(name, 'latin1');
  } catch (e) {
    throw new Error(systemReason(e));
  }
}

/** Writes beside the file first, so that a crash leaves the old one or the new one. */
function replaceFile(name: string, text: string): void {
  const beside = `${name}.${process.pid}.tmp`;
  try {
    const mode = statSync(name, { throwIfNoEntry: false })?.mode ?? 0o644;
    const fd = openSync(beside, 'w', mode & 0o777);
    try {
      writeSync(fd, text, null, 'latin1');
      fsyncSync(fd);
    } finally {
      closeSync(fd);
    }
    renameSync(beside, name);
  } catch (e) {
    try {
      unlinkSync(beside);
    } catch {
      // It was never made.
    }
    throw new Error(systemReason(e));
  }
}

function directory(name: string): string {
  const full = path.resolve(name);
  try {
    readdirSync(full);
    accessSync(full, constants.X_OK);
    return full;
  } catch (e) {
    throw new Error(systemReason(e));
  }
}

function glob(pattern: string): string[] {
  let found = [pattern.startsWith('/') ? '/' : ''];
  for (const part of pattern.split('/').filter((part) => part !== ''))
    found = found.flatMap((folder) =>
      (/[*?[]/.test(part) ? matches(folder, part) : [folder + part]).map((name) => `${name}/`),
    );
  return found
    .map((name) => name.slice(0, -1))
    .filter((name) => statSync(name, { throwIfNoEntry: false }) !== undefined);
}

/** The entries of `folder` ('' or with a slash at its end) that match; hidden ones only if the pattern begins with a dot. */
function matches(folder: string, pattern: string): string[] {
  const glob = Buffer.from(pattern);
  let names: string[];
  try {
    names = readdirSync(folder === '' ? '.' : folder).sort();
  } catch {
    return [];
  }
  return names
    .filter((name) => !name.startsWith('.') || pattern.startsWith('.'))
    .filter((name) => {
      const bytes = Buffer.from(name);
      return globMatch(glob, 0, glob.length, bytes, 0, bytes.length, false);
    })
    .map((name) => folder + name);
}
