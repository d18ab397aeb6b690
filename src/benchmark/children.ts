/**
 * Every process that the benchmark starts, so that none outlives it: the executable kills them all, each by its PID, on every way
 * out. Also the place where a process is bound to a core. Must never start a shell. Next: server-process.ts.
 */
import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';

export class Children {
  private readonly running = new Set<ChildProcess>();

  /** Starts `words` on `core` (undefined: wherever the kernel likes). `taskset` replaces itself, so the PID is the program's. */
  start(words: readonly string[], core: number | undefined, options: SpawnOptions): ChildProcess {
    const line = core === undefined ? words : ['taskset', '-c', String(core), ...words];
    const child = spawn(line[0], line.slice(1), options);
    this.running.add(child);
    child.on('exit', () => this.running.delete(child));
    child.on('error', () => this.running.delete(child));
    return child;
  }

  /** Kills whatever still runs. Synchronous, so that it may be the last thing before the process ends. */
  killAll(): void {
    for (const child of this.running) child.kill('SIGKILL');
    this.running.clear();
  }
}

/** Resolves after `ms` milliseconds. */
export function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
