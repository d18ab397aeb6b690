/**
 * The two servers of a run: Synap, and a redis-server where one is installed. Read next: started-server.ts.
 */
import { spawnSync } from 'node:child_process';
import { StartedServer } from './started-server.js';

const SYNAP = `node ${new URL('../bin/synap.js', import.meta.url).pathname} --port {port} --save '' --appendonly no`;
const REDIS = `redis-server --port {port} --dir {dir} --save '' --appendonly no --enable-debug-command yes`;

/** The version of the installed redis-server; undefined when there is none. */
export function installedRedis(): string | undefined {
  const { stdout } = spawnSync('redis-server', ['--version'], { encoding: 'utf8' });
  return /v=(\S+)/.exec(stdout ?? '')?.[1];
}

export function startSynap(): Promise<StartedServer> {
  return StartedServer.start('synap', SYNAP);
}

export class Pair {
  private constructor(
    private synap: StartedServer,
    private redis: StartedServer,
  ) {}

  static async start(): Promise<Pair> {
    return new Pair(await startSynap(), await StartedServer.start('redis', REDIS));
  }

  /** Synap's, and redis-server's. */
  ports(): readonly [number, number] {
    return [this.synap.port, this.redis.port];
  }

  /** Starts both again: for when one has hung or died. */
  async revive(): Promise<void> {
    await this.stop();
    this.synap = await startSynap();
    this.redis = await StartedServer.start('redis', REDIS);
  }

  async stop(): Promise<void> {
    await this.synap.stop();
    await this.redis.stop();
  }
}
