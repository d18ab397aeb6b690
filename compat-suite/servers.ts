/** The two servers of a run: Synap, or another one in its place, and an installed redis-server. Read next: started-server.ts. */
import { spawnSync } from 'node:child_process';
import { StartedServer } from './started-server.js';

/** How Synap is started: a shell line, as started-server.ts wants it. */
export const SYNAP = `node ${new URL('../bin/synap.js', import.meta.url).pathname} --port {port} --dir {dir} --save '' --appendonly no --enable-debug-command yes`;
const REDIS = `redis-server --port {port} --dir {dir} --save '' --appendonly no --enable-debug-command yes`;
/** The same, on a data directory that outlives the process. */
export const SYNAP_DURABLE = durable(SYNAP.replace('--save', '--dir {dir} --save'));
const REDIS_DURABLE = durable(REDIS);

function durable(line: string): string {
  return line.replace('--appendonly no', '--appendonly yes --appendfsync always');
}

/** The version of the installed redis-server; undefined when there is none. */
export function installedRedis(): string | undefined {
  const { stdout } = spawnSync('redis-server', ['--version'], { encoding: 'utf8' });
  return /v=(\S+)/.exec(stdout ?? '')?.[1];
}

/** @param target Synap, or what stands in its place */
export function startTarget(target: string): Promise<StartedServer> {
  return StartedServer.start('synap', target);
}

export class Pair {
  private constructor(
    private readonly target: string,
    private readonly other: string,
    private synap: StartedServer,
    private redis: StartedServer,
  ) {}

  /** @param lasting whether the real server keeps its data as a durable target does */
  static async start(target: string, lasting = false): Promise<Pair> {
    const other = lasting ? REDIS_DURABLE : REDIS;
    return new Pair(target, other, await startTarget(target), await StartedServer.start('redis', other));
  }

  /** Synap's, and redis-server's. */
  ports(): readonly [number, number] {
    return [this.synap.port, this.redis.port];
  }

  /** Restarts Synap, or what stands in its place, on its folder. */
  restart(signal: 'SIGKILL' | 'SIGTERM', more: string): Promise<void> {
    return this.synap.restart(signal, more);
  }

  /** Starts both again: for when one has hung or died. */
  async revive(): Promise<void> {
    await this.stop();
    this.synap = await startTarget(this.target);
    this.redis = await StartedServer.start('redis', this.other);
  }

  async stop(): Promise<void> {
    await this.synap.stop();
    await this.redis.stop();
  }
}
