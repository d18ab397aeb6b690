/** The two servers of a run: Synap, or another one in its place, and an installed redis-server. Read next: started-server.ts. */
import { spawnSync } from 'node:child_process';
import { StartedServer } from './started-server.js';

/** How Synap is started: a shell line, as started-server.ts wants it. */
export const SYNAP = `node ${new URL('../bin/synap.js', import.meta.url).pathname} --port {port} --dir {dir} --save '' --appendonly no --enable-debug-command yes`;
const REDIS = `redis-server --port {port} --dir {dir} --save '' --appendonly no --enable-debug-command yes`;

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
    private synap: StartedServer,
    private redis: StartedServer,
  ) {}

  static async start(target: string): Promise<Pair> {
    return new Pair(target, await startTarget(target), await StartedServer.start('redis', REDIS));
  }

  /** Synap's, and redis-server's. */
  ports(): readonly [number, number] {
    return [this.synap.port, this.redis.port];
  }

  /** Starts both again: for when one has hung or died. */
  async revive(): Promise<void> {
    await this.stop();
    this.synap = await startTarget(this.target);
    this.redis = await StartedServer.start('redis', REDIS);
  }

  async stop(): Promise<void> {
    await this.synap.stop();
    await this.redis.stop();
  }
}
