/** A way to ask a server of this process without a socket. */
import { Client } from '../../commands/client.js';
import { dispatch } from '../../commands/dispatch.js';
import { Reply } from '../../protocol/reply.js';
import type { SynapServer } from '../../src/index.js';
import { Bytes } from '../../storage/memory/bytes.js';
import { contents } from './model.js';
import type { Ask } from './step.js';

/** Asks `server` directly; meant for reading. */
export function inside(server: SynapServer): Ask {
  const client = new Client(-1, server, new Reply(server.replies), server.databases[0], [], undefined);
  return async (commands) =>
    commands.map((words) => {
      client.argv = words.map((word) => Bytes.from(word));
      client.argc = words.length;
      server.beginTurn();
      dispatch(client);
      server.timing.settle(client);
      const text = Buffer.from(client.out.buf.subarray(0, client.out.pos)).toString('latin1');
      client.out.taken(false);
      return text;
    });
}

/** All that a server holds in these databases, as one text. */
export async function state(server: SynapServer, databases: readonly number[]): Promise<string> {
  const ask = inside(server);
  const lines: string[] = [];
  for (const db of databases)
    for (const [key, text] of await contents(ask, db, true)) lines.push(`${db} ${key}: ${text}`);
  return lines.join('\n');
}
