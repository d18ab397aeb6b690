/** A server in this process whose clock a test moves, and a client that speaks to it in lines of words. */
import { Redis } from 'ioredis';
import { createServer, type SynapServer } from '../../src/index.js';

export const START = 1_700_000_000_000;

export interface Judge {
  same(found: unknown, wanted: unknown, what: string): unknown;
}

/** A server whose time stands still, and a client: `ask` sends a line of words and gives the reply or the error's text. */
export class Session {
  now = START;
  private constructor(
    readonly server: SynapServer,
    readonly redis: Redis,
  ) {}

  static async open(options: { entries?: number; hz?: number } = {}): Promise<Session> {
    let session: Session | undefined;
    const server = await createServer({ clock: () => session?.now ?? START, hz: options.hz ?? 1 });
    if (options.entries !== undefined) server.settings.limits.hashMaxListpackEntries = options.entries;
    const redis = new Redis(server.port, '127.0.0.1', { enableReadyCheck: false, disableClientInfo: true });
    session = new Session(server, redis);
    return session;
  }

  async ask(line: string): Promise<unknown> {
    const [command, ...args] = line.split(' ');
    try {
      return await this.redis.call(command, ...args);
    } catch (e) {
      return (e as Error).message;
    }
  }

  /** Checks rows of a line and its reply. */
  async rows(t: Judge, rows: readonly (readonly [string, unknown])[]): Promise<void> {
    for (const [line, reply] of rows) t.same(await this.ask(line), reply, line);
  }

  /** The number of live keys, as the keyspace has them. */
  get size(): number {
    return this.server.databases[0].size;
  }

  async close(): Promise<void> {
    this.redis.disconnect();
    await this.server.close();
  }
}
