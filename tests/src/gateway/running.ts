/** A server and a gateway in front of it, both on free ports, for tests. */
import { type Gateway, startGateway } from '../../../src/gateway/gateway.js';
import type { GatewayOptions } from '../../../src/gateway/options.js';
import { createServer, type Options, type SynapServer } from '../../../src/index.js';

export interface Running {
  readonly server: SynapServer;
  readonly gateway: Gateway;
  /** The gateway's, without a slash at the end. */
  readonly url: string;
  readonly redis: { readonly host: string; readonly port: number };
  close(): Promise<void>;
}

/**
 * Starts both.
 * @param options the gateway's; `url` is the server's unless it is given
 * @param server the server's
 */
export async function running(options: GatewayOptions = {}, server: Options = {}): Promise<Running> {
  const started = await createServer(server);
  const redis = { host: '127.0.0.1', port: started.port };
  const gateway = await startGateway({ url: `redis://127.0.0.1:${started.port}`, port: 0, ...options }, '0.0.0-test');
  return {
    server: started,
    gateway,
    url: `http://127.0.0.1:${gateway.port}`,
    redis,
    close: async () => {
      await gateway.close();
      await started.close();
    },
  };
}
