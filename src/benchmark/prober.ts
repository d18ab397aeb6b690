/**
 * The parent's end of pinger.ts: starts it, tells it when a phase begins and ends, and hands out what it saw. Next: pause.ts.
 */
import type { ChildProcess } from 'node:child_process';
import os from 'node:os';
import { fileURLToPath } from 'node:url';
import type { Bench } from './bench.js';
import type { Summary } from './pinger.js';

/** A phase's last PING may wait for a server that frees millions of elements, but not for ever. */
const ANSWER_LIMIT_MS = 120_000;

export class Prober {
  private constructor(private readonly child: ChildProcess) {}

  /** Starts the idle client of the server on `port`, ahead of others on its core where the system lets us. */
  static async start(bench: Bench, port: number): Promise<Prober> {
    const file = fileURLToPath(new URL('./pinger.js', import.meta.url));
    const words = [process.execPath, file, String(port)];
    const child = bench.children.start(words, bench.cores?.probe, { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
    const prober = new Prober(child);
    await prober.hear('ready');
    try {
      if (child.pid !== undefined) os.setPriority(child.pid, -10);
    } catch {
      // Only root may: the report's own-lateness column shows what it costs.
    }
    return prober;
  }

  begin(): void {
    this.child.send('begin');
  }

  /** Ends the phase; resolves when the last PING is answered. Rejects when the connection broke or no answer comes. */
  async end(): Promise<Summary> {
    this.child.send('end');
    return (await this.hear('summary')) as Summary;
  }

  stop(): void {
    this.child.kill('SIGKILL');
  }

  private hear(what: string): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const finish = (error: Error | undefined, message?: unknown): void => {
        clearTimeout(timer);
        this.child.off('message', onMessage);
        this.child.off('exit', onExit);
        if (error === undefined) resolve(message);
        else reject(error);
      };
      const onMessage = (message: unknown): void => {
        if (typeof message === 'object' && message !== null && 'error' in message)
          finish(new Error(String(message.error)));
        else finish(undefined, message);
      };
      const onExit = (): void => finish(new Error(`the idle client lost its connection (waiting for: ${what})`));
      const timer = setTimeout(
        () => finish(new Error(`the idle client waits for its ${what} in vain`)),
        ANSWER_LIMIT_MS,
      );
      this.child.on('message', onMessage);
      this.child.on('exit', onExit);
    });
  }
}
