/**
 * What every measurement is given: the two servers' command lines, the cores, the processes, and a way to say how far it is. And
 * the two servers side by side, as a pair. Next: speed.ts, memory.ts, pause.ts, big.ts.
 */
import type { Children } from './children.js';
import { FAST, type Load, layDown } from './loader.js';
import type { Cores } from './procfs.js';
import { RespConnection } from './resp-connection.js';
import { type ServerLine, ServerProcess } from './server-process.js';

export interface Bench {
  readonly redis: ServerLine;
  readonly synap: ServerLine;
  readonly cores: Cores | undefined;
  readonly children: Children;
  /** Progress, for a person who waits: one line, no part of the report. */
  readonly note: (line: string) => void;
}

export function startServer(bench: Bench, server: ServerLine): Promise<ServerProcess> {
  return ServerProcess.start(server, bench.children, bench.cores?.server);
}

/** Empties the server and waits until it has freed everything. An error reply rejects. */
export async function flush(server: ServerProcess): Promise<void> {
  const connection = await RespConnection.open(server.port);
  try {
    await connection.demand('FLUSHALL');
  } finally {
    connection.close();
  }
  await server.settle();
}

/** Empties the server, lays `load` down (nothing when undefined), and waits until it rests. */
export async function prepare(server: ServerProcess, load: Load | undefined): Promise<void> {
  await flush(server);
  if (load === undefined) return;
  await layDown(server.port, load, FAST);
  await server.settle();
}

/** Redis and Synap, both running. A server that died is started again, so that one crash costs one row and not the run. */
export class Pair {
  redis!: ServerProcess;
  synap!: ServerProcess;

  private constructor(readonly bench: Bench) {}

  static async start(bench: Bench): Promise<Pair> {
    const pair = new Pair(bench);
    pair.redis = await startServer(bench, bench.redis);
    pair.synap = await startServer(bench, bench.synap);
    return pair;
  }

  /** True when a server had died: what was laid down in it is lost. */
  async revive(): Promise<boolean> {
    const dead = !this.redis.alive || !this.synap.alive;
    if (!this.redis.alive) this.redis = await startServer(this.bench, this.bench.redis);
    if (!this.synap.alive) this.synap = await startServer(this.bench, this.bench.synap);
    return dead;
  }

  async stop(): Promise<void> {
    await this.redis.stop();
    await this.synap.stop();
  }
}

/** The text of whatever was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
