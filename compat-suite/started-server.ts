/**
 * A server that the suite started: the process, its port and one connection for looking in from the side.
 * Must never leave a process behind: every PID started here is killed on every way out of the program, and nothing that was
 * not started here is ever touched. Read next: play.ts, which uses it.
 */

import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Connection } from './wire/connection.js';

const running = new Set<ChildProcess>();
const folders = new Set<string>();

/** Kills what was started and removes its folders. Called on every way out; safe to call twice. */
export function stopAll(): void {
  for (const child of running) child.kill('SIGKILL');
  running.clear();
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
  folders.clear();
}

/** Makes sure that no exit path forgets `stopAll`. For a program's main file. */
export function stopAllOnExit(): void {
  process.on('exit', stopAll);
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => process.exit(130));
}

export class StartedServer {
  /** What the server says about itself: the fields of INFO server, e.g. redis_version. */
  readonly info = new Map<string, string>();

  private constructor(
    readonly name: string,
    readonly command: string,
    readonly port: number,
    private readonly line: string,
    private child: ChildProcess,
    public inspector: Connection,
  ) {}

  /**
   * Starts `command` (a shell line; `{port}` and `{dir}`, an empty folder of its own, are filled in) and waits until PING
   * is answered, at most 20 s. `name` is for messages. Rejects with what the server printed when it ends or stays silent.
   */
  static async start(name: string, command: string): Promise<StartedServer> {
    const port = await freePort();
    const dir = mkdtempSync(join(tmpdir(), 'compat-'));
    folders.add(dir);
    const line = command.replaceAll('{port}', String(port)).replaceAll('{dir}', dir);
    const [child, inspector] = await launch(name, line, port);
    return new StartedServer(name, command, port, line, child, inspector).introduced();
  }

  /**
   * Ends the process by `signal` and starts it again on the same port and folder, with `more` behind its shell line. Rejects as
   * `start` does.
   */
  async restart(signal: 'SIGKILL' | 'SIGTERM', more: string): Promise<void> {
    this.inspector.close();
    this.child.kill(signal);
    if (!(await this.ended(20_000))) throw new Error(`${this.name} does not end on ${signal}`);
    [this.child, this.inspector] = await launch(this.name, this.line + more, this.port);
  }

  get pid(): number {
    return this.child.pid!;
  }

  /** Resolves when the process has ended, with true, or after `patienceMs` with false. */
  ended(patienceMs: number): Promise<boolean> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return Promise.resolve(true);
    return new Promise((resolve) => {
      const timer = setTimeout(() => resolve(false), patienceMs);
      this.child.once('exit', () => {
        clearTimeout(timer);
        resolve(true);
      });
    });
  }

  async stop(): Promise<void> {
    this.inspector.close();
    this.child.kill('SIGKILL');
    await this.ended(5000);
  }

  private async introduced(): Promise<StartedServer> {
    const text = await this.inspector.ask(['INFO', 'server']);
    for (const [, field, value] of text.matchAll(/^(\w+):(.*?)\r?$/gm)) this.info.set(field!, value!);
    return this;
  }
}

/** A process, and a connection to it, once it answers. */
async function launch(name: string, line: string, port: number): Promise<[ChildProcess, Connection]> {
  const child = spawn('/bin/sh', ['-c', `exec ${line}`], { stdio: ['ignore', 'pipe', 'pipe'] });
  running.add(child);
  let printed = '';
  const keep = (chunk: Buffer) => {
    printed = (printed + chunk.toString()).slice(-4000);
  };
  child.stdout.on('data', keep);
  child.stderr.on('data', keep);
  child.once('exit', () => running.delete(child));
  const deadline = Date.now() + 20_000;
  for (;;) {
    if (child.exitCode !== null) throw new Error(`${name} (${line}) ended with ${child.exitCode}:\n${printed}`);
    const inspector = await greeted(port);
    if (inspector !== undefined) return [child, inspector];
    if (Date.now() > deadline) throw new Error(`${name} (${line}) did not answer PING on port ${port}:\n${printed}`);
    await new Promise((later) => setTimeout(later, 25));
  }
}

async function greeted(port: number): Promise<Connection | undefined> {
  const connection = await Connection.open(port).catch(() => undefined);
  if (connection === undefined) return undefined;
  if ((await connection.ask(['PING'], 1000)) === '+PONG\r\n') return connection;
  connection.close();
  return undefined;
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}
