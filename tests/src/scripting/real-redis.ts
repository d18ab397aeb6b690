/** A redis-server that is started to run scripts of Lua. For programs; no test needs one. */
import { StartedServer, stopAllOnExit } from '../../../compat-suite/started-server.js';
import { Connection } from '../../../compat-suite/wire/connection.js';

export class RealRedis {
  private constructor(
    private readonly server: StartedServer,
    private readonly connection: Connection,
  ) {}

  static async start(): Promise<RealRedis> {
    stopAllOnExit();
    const server = await StartedServer.start('redis', "redis-server --port {port} --dir {dir} --save ''");
    return new RealRedis(server, await Connection.open(server.port));
  }

  /** Runs a script that returns a string. @returns it; an error as its reply */
  async eval(script: string): Promise<string> {
    const reply = await this.connection.ask(['EVAL', script, '0'], 10_000);
    return /^\$\d+\r\n([\s\S]*)\r\n$/.exec(reply)?.[1] ?? reply.trimEnd();
  }

  async stop(): Promise<void> {
    this.connection.close();
    await this.server.stop();
  }
}
