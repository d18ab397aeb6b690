/**
 * A server as a process on a data directory of its own, that can be killed at any moment and started again on what it has left. Never
 * leaves a process behind: whatever way the test ends, what was started here is killed, by its own PID.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Connection } from '../../compat-suite/wire/connection.js';
import { freePort } from '../free-port.js';
import type { Target } from './target.js';

const PROGRAM = new URL('../../bin/synap.js', import.meta.url).pathname;
/** How long a start may take before the server counts as hung, ms. */
const START_MS = 60_000;

/** About how long a start takes, ms. */
const BOOT_MS = 500;

const running = new Set<ChildProcess>();
const folders = new Set<string>();
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL');
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

export class ServerProcess implements Target {
  port = 0;
  /** What the processes have printed, the latest last. */
  printed = '';
  readonly directory = mkdtempSync(path.join(tmpdir(), 'synap-crash-'));
  private child: ChildProcess | undefined = undefined;

  /**
   * @param command program and arguments that stand before ours
   * @param directives `--name value` behind them
   */
  constructor(
    private readonly command: readonly string[],
    readonly fieldTtls: boolean,
    private readonly directives: readonly string[] = [],
  ) {
    folders.add(this.directory);
  }

  static synap(...directives: readonly string[]): ServerProcess {
    return new ServerProcess([process.execPath, PROGRAM], true, directives);
  }

  static redis(...directives: readonly string[]): ServerProcess {
    return new ServerProcess(['redis-server'], false, directives);
  }

  async start(): Promise<void> {
    await this.spawn();
    const deadline = Date.now() + START_MS;
    while (!(await this.answers())) {
      if (!this.alive) {
        if (!this.printed.includes('Address already in use'))
          throw new Error(`the server has not started: ${this.ending}\n${this.printed}`);
        this.printed = '';
        await this.spawn();
      }
      if (Date.now() > deadline) throw new Error(`the server does not answer\n${this.printed}`);
      await new Promise((later) => setTimeout(later, 5));
    }
  }

  /** Starts the process and does not wait until it is ready. */
  async spawn(): Promise<void> {
    this.port = await freePort();
    const ours = ['--port', String(this.port), '--bind', '127.0.0.1', '--dir', this.directory, '--appendonly', 'yes'];
    const fixed = ['--save', '', '--enable-debug-command', 'yes', ...this.directives];
    const [program, ...first] = this.command;
    const child = spawn(program, [...first, ...ours, ...fixed], { stdio: ['ignore', 'pipe', 'pipe'] });
    running.add(child);
    child.once('exit', () => running.delete(child));
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk: Buffer) => {
        this.printed = (this.printed + chunk.toString('latin1')).slice(-6000);
      });
    this.child = child;
  }

  get alive(): boolean {
    return this.child !== undefined && this.child.exitCode === null && this.child.signalCode === null;
  }

  /** How the last process ended: its exit code, or the signal; undefined while it runs. */
  get ending(): number | string | undefined {
    return this.child?.exitCode ?? this.child?.signalCode ?? undefined;
  }

  /** Ends the process by SIGKILL, or gently by SIGTERM, and waits until it is gone. */
  async crash(gently: boolean): Promise<void> {
    this.child?.kill(gently ? 'SIGTERM' : 'SIGKILL');
    await this.ended();
  }

  async interruptedStart(moment: number): Promise<void> {
    await this.spawn();
    await new Promise((later) => setTimeout(later, moment * BOOT_MS));
    await this.crash(false);
  }

  /** Resolves when the process is gone. */
  async ended(): Promise<void> {
    const { child } = this;
    if (child !== undefined && this.alive) await new Promise((resolve) => child.once('exit', resolve));
  }

  /** Kills the process and removes the directory. */
  async discard(): Promise<void> {
    await this.crash(false);
    rmSync(this.directory, { recursive: true, force: true });
    folders.delete(this.directory);
  }

  /** Whether it serves. Another process may have been quicker to take the port, so it is asked who it is. */
  private async answers(): Promise<boolean> {
    const connection = await Connection.open(this.port).catch(() => undefined);
    if (connection === undefined) return false;
    const info = await connection.ask(['INFO', 'server'], START_MS);
    const reply = await connection.ask(['GET', 'k'], START_MS);
    connection.close();
    return info.includes(`\r\nprocess_id:${this.child!.pid}\r\n`) && reply[0] === '$';
  }
}
