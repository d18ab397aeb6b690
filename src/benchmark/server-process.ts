/**
 * One server under test: started on a free port, awaited, measured through /proc, killed by PID. Redis and Synap are the same
 * thing here: what is done to one is done to the other. Next: redis-benchmark.ts, which puts load on it.
 */
import type { ChildProcess } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { type Children, sleep } from './children.js';
import { serverWords } from './command-line.js';
import { processorMs, residentBytes, TICK_MS } from './procfs.js';
import { RespConnection } from './resp-connection.js';

const START_LIMIT_MS = 30_000;
const SETTLE_LIMIT_MS = 60_000;
const OUTPUT_KEPT = 2_000;

/** A server's name in the tables and its command line with `{port}`. */
export interface ServerLine {
  readonly name: string;
  readonly line: string;
}

/** A port of 127.0.0.1 that was free a moment ago. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() => (address !== null && typeof address === 'object' ? resolve(address.port) : reject(address)));
    });
  });
}

export class ServerProcess {
  readonly name: string;
  readonly port: number;
  readonly pid: number;
  private readonly child: ChildProcess;
  private output = '';
  private exited = false;

  private constructor(name: string, port: number, child: ChildProcess) {
    this.name = name;
    this.port = port;
    this.child = child;
    this.pid = child.pid ?? -1;
    const keep = (chunk: Buffer): void => {
      this.output = (this.output + chunk.toString()).slice(-OUTPUT_KEPT);
    };
    child.stdout?.on('data', keep);
    child.stderr?.on('data', keep);
    child.on('exit', () => {
      this.exited = true;
    });
    child.on('error', (error) => {
      this.exited = true;
      this.output += error.message;
    });
  }

  /**
   * Starts the server and resolves when it answers a PING (with whatever). Rejects, with the end of its output, when it ends or has
   * not answered within 30 s, and when the process that answers is not the one we started: its processor time would be another's.
   */
  static async start(server: ServerLine, children: Children, core: number | undefined): Promise<ServerProcess> {
    const port = await freePort();
    const words = serverWords(server.line, port);
    const child = children.start(words, core, { stdio: ['ignore', 'pipe', 'pipe'] });
    const process = new ServerProcess(server.name, port, child);
    try {
      await process.answer();
    } catch (error) {
      await process.stop();
      throw error;
    }
    return process;
  }

  get alive(): boolean {
    return !this.exited;
  }

  /** Processor time of all threads so far, in milliseconds, with a grain of 10. Throws when the process is gone. */
  processorMs(): number {
    return processorMs(this.read('stat'));
  }

  residentBytes(): number {
    return residentBytes(this.read('status'));
  }

  /** Waits until the server does nothing: two windows of 60 ms without a tick. Gives up after a minute. */
  async settle(): Promise<void> {
    const limit = Date.now() + SETTLE_LIMIT_MS;
    let quiet = 0;
    let before = this.processorMs();
    while (quiet < 2 && Date.now() < limit) {
      await sleep(60);
      const now = this.processorMs();
      quiet = now === before ? quiet + 1 : 0;
      before = now;
    }
  }

  /** Waits until resident memory rests within half a per cent for a second (15 s at most), and returns it in bytes. */
  async settledBytes(): Promise<number> {
    await this.settle();
    let bytes = this.residentBytes();
    let calm = 0;
    for (let i = 0; i < 60 && calm < 4; i++) {
      await sleep(250);
      const now = this.residentBytes();
      calm = Math.abs(now - bytes) <= bytes * 0.005 ? calm + 1 : 0;
      bytes = now;
    }
    return bytes;
  }

  /** Kills the process and waits until it is gone. Harmless when it is gone already. */
  async stop(): Promise<void> {
    if (this.exited) return;
    const gone = new Promise<void>((resolve) => this.child.once('exit', () => resolve()));
    this.child.kill('SIGKILL');
    await gone;
  }

  /** Says that the server ended and, where its output holds a line about an error, why. */
  epitaph(): string {
    const lines = this.output.split('\n').filter((line) => line.trim() !== '');
    const last = lines.findLast((line) => /error|fatal/i.test(line)) ?? lines.at(-1);
    return `${this.name} ended${last === undefined ? '' : `; it said: ${last.trim().slice(0, 200)}`}`;
  }

  private read(file: string): string {
    if (this.exited) throw new Error(this.epitaph());
    return readFileSync(`/proc/${this.pid}/${file}`, 'utf8');
  }

  private async answer(): Promise<void> {
    const limit = Date.now() + START_LIMIT_MS;
    for (;;) {
      if (this.exited) throw new Error(this.epitaph());
      if (Date.now() > limit) throw new Error(`${this.name} does not answer on port ${this.port} after 30 s`);
      const connection = await RespConnection.open(this.port).catch(() => undefined);
      if (connection === undefined) {
        await sleep(TICK_MS * 3);
        continue;
      }
      try {
        await connection.call('PING');
        await this.checkPid(connection);
        return;
      } finally {
        connection.close();
      }
    }
  }

  private async checkPid(connection: RespConnection): Promise<void> {
    const info = await connection.call('INFO', 'server');
    const pid = typeof info === 'string' ? /^process_id:(\d+)/m.exec(info)?.[1] : undefined;
    if (pid !== undefined && Number(pid) !== this.pid) {
      throw new Error(
        `${this.name} answers as process ${pid}, but ${this.pid} was started: give the server itself, not a wrapper`,
      );
    }
  }
}
