/**
 * `client-output-buffer-limit`: who has more output waiting than its class may have is closed, at once above the hard limit, and
 * above the soft one when that has lasted. Asked when output is sent, and once a second for those that send nothing more.
 */
import { classOf } from '../../commands/client-class.js';
import { describe } from '../../commands/client-list.js';
import type { OutputLimit } from '../../commands/settings.js';
import type { SynapServer } from '../server.js';
import type { Connection } from './connection.js';

/**
 * Whether `connection`, with `waiting` bytes to be sent, must be closed; says so in the log then. Remembers since when it is above the
 * soft limit.
 */
export function exceedsOutputLimit(connection: Connection, waiting: number): boolean {
  const { client } = connection;
  const { now, settings } = connection.server;
  const kind = classOf(client);
  const limit = settings.clientOutputBufferLimit[kind === 'master' ? 'normal' : kind];
  if (limit.softBytes > 0 && waiting > limit.softBytes) connection.softSince ||= now;
  else connection.softSince = 0;
  if (!exceeds(limit, waiting, connection.softSince, now)) return false;
  connection.server.log.warning(
    `Client ${describe(client, client)} scheduled to be closed ASAP for overcoming of output buffer limits.`,
  );
  return true;
}

function exceeds(limit: OutputLimit, waiting: number, softSince: number, now: number): boolean {
  if (limit.hardBytes > 0 && waiting > limit.hardBytes) return true;
  return softSince > 0 && now - softSince > limit.softSeconds * 1000;
}

/** Closes who has been above a soft limit for too long. O(clients) */
export function closeOverfull(server: SynapServer): void {
  for (const client of server.clients.values()) client.link?.checkOutput();
}
