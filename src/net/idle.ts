/** Clients that have sent nothing for `timeout` seconds are closed. Who waits for a key, or only listens, is not idle. */
import { classOf } from '../../commands/client-class.js';
import { MONITORING } from '../../commands/gates.js';
import type { SynapServer } from '../server.js';

/** Looks at all clients; once a second is enough. O(clients). */
export function closeIdle(server: SynapServer): void {
  const { timeout } = server.settings;
  if (timeout === 0) return;
  const since = server.now - timeout * 1000;
  for (const client of server.clients.values()) {
    if (client.lastAt >= since || client.wait !== undefined || client.link === undefined) continue;
    if (classOf(client) === 'pubsub' || (client.gates & MONITORING) !== 0) continue;
    server.log.verbose('Closing idle client');
    client.link.kill();
  }
}
