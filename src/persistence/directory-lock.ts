/**
 * DirectoryLock: no two servers write to one data directory. A file tells who has it: a process by its number and by when it was
 * started, because numbers come again, and the boot of the machine. A server that was killed leaves the file behind; the next one sees
 * that nobody of that description runs. Processes of other containers cannot be seen from here: what they have locked looks left behind.
 */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { Files } from './files.js';

export const LOCK_FILE = 'synap.lock';
/** Attempts to take a lock that others take and leave at the same time. */
const ATTEMPTS = 5;

export class DirectoryLock {
  private readonly files: Files;
  private readonly path: string;
  private held = false;

  /** @param directory absolute path of a directory that exists */
  constructor(files: Files, directory: string) {
    this.files = files;
    this.path = path.join(directory, LOCK_FILE);
  }

  /**
   * Takes it, unless it is taken.
   * @returns undefined, or why it cannot be taken; @throws system errors
   */
  take(): string | undefined {
    for (let i = 0; i < ATTEMPTS; i++) {
      if (this.create()) {
        this.held = true;
        return undefined;
      }
      const holder = this.read(this.path);
      const pid = holder === undefined ? 0 : livingHolder(holder);
      if (pid !== 0)
        return (
          `${this.path}: process ${pid} uses this directory. Stop it, or give this server another dir; ` +
          'if no such server runs, remove the file.'
        );
      if (holder !== undefined) this.removeStale(holder);
    }
    return `${this.path}: others take this directory at the same time.`;
  }

  private create(): boolean {
    const { files } = this;
    let fd: number;
    try {
      fd = files.open(this.path, 'new');
    } catch (e) {
      if ((e as NodeJS.ErrnoException).code === 'EEXIST') return false;
      throw e;
    }
    try {
      const text = Buffer.from(describe());
      files.writeSync(fd, text, 0, text.length, 0);
    } finally {
      files.close(fd);
    }
    return true;
  }

  private read(name: string): string | undefined {
    const { files } = this;
    try {
      const fd = files.open(name, 'read');
      const buf = new Uint8Array(4096);
      const n = files.readSync(fd, buf, 0, buf.length, 0);
      files.close(fd);
      return Buffer.from(buf.subarray(0, n)).toString('latin1');
    } catch (e) {
      if ((e as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw e;
    }
  }

  /** Takes the file away, but puts it back when it is not the one that was looked at: another server has been quicker. */
  private removeStale(seen: string): void {
    const { files } = this;
    const aside = `${this.path}.${process.pid}`;
    try {
      files.rename(this.path, aside);
      if (this.read(aside) === seen) files.removeSync(aside);
      else files.rename(aside, this.path);
    } catch (e) {
      if ((e as NodeJS.ErrnoException).code !== 'ENOENT') throw e;
    }
  }

  release(): void {
    if (!this.held) return;
    this.held = false;
    try {
      this.files.removeSync(this.path);
    } catch {
      // Somebody has cleared the directory.
    }
  }
}

/** This process, as the file tells it. */
function describe(): string {
  return `pid ${process.pid}\nstarted ${startOf(process.pid)}\nboot ${boot()}\n`;
}

/** The number of the process that `text` describes, if it runs; 0 otherwise. */
function livingHolder(text: string): number {
  const found = /^pid (\d+)\nstarted (\d*)\nboot (.*)\n$/.exec(text);
  // It was killed before it had written who it is.
  if (found === null) return 0;
  const pid = Number(found[1]);
  if (found[3] !== boot() || !runs(pid)) return 0;
  return found[2] === startOf(pid) ? pid : 0;
}

function runs(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (e) {
    return (e as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** When a process was started, in ticks since the boot; '' where the system does not tell. One that has ended is 'gone'. */
function startOf(pid: number): string {
  const stat = systemText(`/proc/${pid}/stat`);
  // The name in parentheses may hold anything.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  // Nobody has asked how it ended (a container without an init process), so the number is still there.
  if (fields[0] === 'Z' || fields[0] === 'X') return 'gone';
  return fields[19] ?? '';
}

function boot(): string {
  return systemText('/proc/sys/kernel/random/boot_id').trim();
}

function systemText(name: string): string {
  try {
    return readFileSync(name, 'latin1');
  } catch {
    return '';
  }
}
