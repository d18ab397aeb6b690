/** The thread in which the gateway runs beside the server (gateway-thread.ts). */
import { parentPort, workerData } from 'node:worker_threads';
import { startGateway } from '../src/gateway/gateway.js';
import type { GatewayOptions } from '../src/gateway/options.js';

/** What the thread tells: where it listens, or why it does not. */
export interface Started {
  readonly port?: number;
  readonly error?: string;
}

const { options, version } = workerData as { options: GatewayOptions; version: string };
const tell = (started: Started): void => parentPort?.postMessage(started);
try {
  const { port } = await startGateway(options, version);
  tell({ port });
} catch (e) {
  tell({ error: (e as Error).message });
}
