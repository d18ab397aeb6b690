/**
 * What tests of the log share: a folder that goes away with the test, servers on it, a client that speaks in lines of words, and a disk
 * whose writes can be made to fail or to wait.
 */
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Redis } from 'ioredis';
import { createServer, type Options, type SynapServer } from '../../../src/index.js';
import { DISK, type Done, type Files, type Transferred } from '../../../src/persistence/files.js';

const folders = new Set<string>();
process.on('exit', () => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

export function folder(): string {
  const made = mkdtempSync(path.join(tmpdir(), 'synap-log-'));
  folders.add(made);
  return made;
}

/** What a kill -9 at this moment would leave of `dir`. */
export function killed(dir: string): string {
  for (;;) {
    const copy = folder();
    try {
      cpSync(dir, copy, { recursive: true, filter: (name) => !name.endsWith('synap.lock') });
      return copy;
    } catch (e) {
      // Another thread has just deleted a file that is no longer needed.
      if ((e as NodeJS.ErrnoException).code !== 'ENOENT') throw e;
    }
  }
}

/** A server on `dir`, and a client of it. */
export class World {
  readonly lines: string[] = [];

  private constructor(
    readonly server: SynapServer,
    readonly redis: Redis,
    readonly dir: string,
    lines: string[],
  ) {
    this.lines = lines;
  }

  static async open(dir: string, options: Options = {}): Promise<World> {
    const lines: string[] = [];
    const server = await createServer({
      appendonly: true,
      enableDebugCommand: 'yes',
      write: (line) => lines.push(line),
      ...options,
      dir,
    });
    return new World(server, client(server), dir, lines);
  }

  /** The reply to a line of words; an error's text. */
  ask(line: string): Promise<unknown> {
    return ask(this.redis, line);
  }

  async tell(...lines: readonly string[]): Promise<void> {
    for (const line of lines) await this.ask(line);
  }

  /** What all databases hold, as one number. */
  digest(): Promise<unknown> {
    return this.ask('DEBUG DIGEST');
  }

  /** INFO persistence: the value of a field. */
  async figure(name: string): Promise<string | undefined> {
    const text = (await this.ask('INFO persistence')) as string;
    return new RegExp(`^${name}:(.*)\r$`, 'm').exec(text)?.[1];
  }

  /** Waits until a field of INFO persistence has this value. */
  async until(name: string, value: string): Promise<void> {
    while ((await this.figure(name)) !== value) await pause();
  }

  async close(): Promise<void> {
    this.redis.disconnect();
    await this.server.close();
  }
}

export const pause = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 5));

export function client(server: SynapServer): Redis {
  return new Redis(server.port, '127.0.0.1', { enableReadyCheck: false, disableClientInfo: true });
}

export async function ask(redis: Redis, line: string): Promise<unknown> {
  const [command, ...args] = line.split(' ');
  try {
    return await redis.call(command, ...args);
  } catch (e) {
    return (e as Error).message;
  }
}

/** The disk of this machine, but for what a test does to it. */
export class ObstructedDisk {
  /** The code with which writes to the log fail; '' : they do not. */
  writeFailure = '';
  syncFailure = '';
  /** Of a write that fails, so many bytes are written before. */
  before = 0;
  /** While true, what was begun in the thread pool does not end. */
  private withheld: (() => void)[] | undefined = undefined;
  writes = 0;
  syncs = 0;
  readonly files: Files;

  constructor() {
    this.files = Object.assign(Object.create(DISK) as Files, {
      writeSync: (fd: number, buf: Uint8Array, start: number, n: number, at: number): number => {
        this.writes++;
        if (this.writeFailure === '') return DISK.writeSync(fd, buf, start, n, at);
        if (this.before > 0) return DISK.writeSync(fd, buf, start, Math.min(n, this.takeBefore()), at);
        throw failure(this.writeFailure);
      },
      write: (fd: number, buf: Uint8Array, start: number, n: number, at: number, done: Transferred): void => {
        this.writes++;
        this.later(() => {
          if (this.writeFailure === '') DISK.write(fd, buf, start, n, at, done);
          else if (this.before > 0) DISK.write(fd, buf, start, Math.min(n, this.takeBefore()), at, done);
          else setImmediate(() => done(failure(this.writeFailure), 0));
        });
      },
      datasync: (fd: number, done: Done): void => {
        this.syncs++;
        this.later(() => {
          if (this.syncFailure === '') DISK.datasync(fd, done);
          else setImmediate(() => done(failure(this.syncFailure)));
        });
      },
    });
  }

  private takeBefore(): number {
    const { before } = this;
    this.before = 0;
    return before;
  }

  private later(work: () => void): void {
    if (this.withheld === undefined) work();
    else this.withheld.push(work);
  }

  withhold(): void {
    this.withheld ??= [];
  }

  /** How much is withheld. */
  get waiting(): number {
    return this.withheld?.length ?? 0;
  }

  /** Lets go what was withheld; what comes now is not. */
  release(): void {
    const list = this.withheld ?? [];
    this.withheld = undefined;
    for (const work of list) work();
  }
}

function failure(code: string): NodeJS.ErrnoException {
  return Object.assign(new Error(code), { code, errno: code === 'ENOSPC' ? -28 : -5 });
}
