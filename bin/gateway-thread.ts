/** Starts the gateway beside the server, in a thread of its own: nothing of it runs in the server's event loop. */
import { Worker } from 'node:worker_threads';
import type { SynapServer } from '../src/server.js';
import { VERSION } from '../src/version.js';
import type { Started } from './gateway-worker.js';

/** Where the server itself is reached. A password of the server is told, for the gateway's own questions; requests bring theirs. */
function urlOf({ settings }: SynapServer): string | undefined {
  const login = settings.requirepass === '' ? '' : `:${encodeURIComponent(settings.requirepass)}@`;
  if (settings.noTcp && settings.unixsocket === '') return undefined;
  if (settings.noTcp) return `unix://${login}${settings.unixsocket}`;
  const address = settings.bind.map((name) => name.replace(/^-/, '')).find((name) => name !== '');
  const host = address === undefined || address === '*' ? '127.0.0.1' : address === '::*' ? '::1' : address;
  return `redis://${login}${host.includes(':') ? `[${host}]` : host}:${settings.port}`;
}

/** Who waits for the server is served before the thread loads what it needs, which keeps a core busy for a while, ms. */
const START_AFTER_MS = 100;

/**
 * Starts it, soon. When it cannot start, or ends, the log says so and the server goes on.
 * @param server listens already
 */
export function startBeside(server: SynapServer): void {
  setTimeout(() => {
    if (!server.isClosed) start(server);
  }, START_AFTER_MS).unref();
}

function start(server: SynapServer): void {
  const { log, settings } = server;
  const url = urlOf(server);
  if (url === undefined) return log.warning('Gateway: the server listens nowhere that it could connect to');
  const options = { url, host: settings.gatewayBind, port: settings.gatewayPort };
  const worker = new Worker(new URL('./gateway-worker.js', import.meta.url), {
    workerData: { options, version: VERSION },
    // Whatever the server's own is: a request over HTTP leaves much behind.
    resourceLimits: { maxYoungGenerationSizeMb: 48 },
  });
  worker.unref();
  worker.on('message', ({ port, error }: Started) => {
    if (error !== undefined) log.warning(`Gateway: ${error}`);
    else log.notice(`Gateway ready on http://${settings.gatewayBind}:${port}`);
  });
  worker.on('error', (e) => log.warning(`Gateway: ${e.message}`));
}
