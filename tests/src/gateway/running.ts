/** A server and a gateway in front of it, both on free ports, for the tests of the gateway. */
import { type Gateway, startGateway } from '../../../src/gateway/gateway.js';
import type { GatewayOptions } from '../../../src/gateway/options.js';
import { createServer, type Options, type SynapServer } from '../../../src/index.js';

export interface Running {
  readonly server: SynapServer;
  readonly gateway: Gateway;
  /** `http://127.0.0.1:port` */
  readonly url: string;
  readonly redis: { readonly host: string; readonly port: number };
  close(): Promise<void>;
}

/** @param options of the gateway; its URL is that of the server, with the server's password when it has one */
export async function running(options: GatewayOptions = {}, ofServer: Options = {}): Promise<Running> {
  const server = await createServer(ofServer);
  const redis = { host: '127.0.0.1', port: server.port };
  const password = ofServer.requirepass === undefined ? '' : `:${encodeURIComponent(ofServer.requirepass)}@`;
  const gateway = await startGateway(
    { url: `redis://${password}127.0.0.1:${redis.port}`, port: 0, ...options },
    '0.0.0-test',
  );
  const close = async (): Promise<void> => {
    await gateway.close();
    await server.close();
  };
  return { server, gateway, url: `http://127.0.0.1:${gateway.port}`, redis, close };
}
