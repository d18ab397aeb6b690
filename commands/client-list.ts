/**
 * CLIENT LIST and CLIENT INFO: connections described in a line each, with the fields of Redis 7.2 and the `watch` of 7.4, in Redis's
 * order. What only a socket knows comes from the client's Link. Read next: client-class.ts (TYPE), client-commands.ts.
 */
import { intArg } from './args.js';
import type { Client } from './client.js';
import { type ClientClass, classArg, classOf } from './client-class.js';
import { INVALID_CLIENT_ID, SYNTAX } from './error.js';
import { IN_MULTI, MONITORING, UNEVICTABLE, UNTOUCHING } from './gates.js';
import { CHANNEL, PATTERN, SHARD } from './subscription.js';

/** What a connection costs beside its buffers, in bytes: measured with 10,000 idle connections. */
const CONNECTION_BYTES = 7 * 1024;

/** The name of the only user. */
export const DEFAULT_USER = 'default';

export function info(c: Client): void {
  c.out.verbatim('txt', `${describe(c, c)}\n`);
}

/** All clients, those of one TYPE, or those with an ID that is listed; ids of nobody are passed over. O(clients) */
export function list(c: Client): void {
  const { argv, argc, server } = c;
  let text = '';
  if (argc === 2) text = describeAll(c, undefined);
  else if (argc === 4 && argv[2].is('type')) text = describeAll(c, classArg(argv[3]));
  else if (argc > 3 && argv[2].is('id')) {
    for (let i = 3; i < argc; i++) intArg(argv[i], INVALID_CLIENT_ID);
    for (let i = 3; i < argc; i++) {
      const client = server.clients.get(intArg(argv[i]));
      if (client !== undefined) text += `${describe(client, c)}\n`;
    }
  } else throw SYNTAX;
  c.out.verbatim('txt', text);
}

function describeAll(c: Client, kind: ClientClass | undefined): string {
  let text = '';
  for (const client of c.server.clients.values())
    if (kind === undefined || classOf(client) === kind) text += `${describe(client, c)}\n`;
  return text;
}

/** One client's line, as the client that runs `asker`'s command sees it. */
export function describe(c: Client, asker: Client): string {
  const { link, transaction, now, out } = c;
  const { pubsub } = c.server;
  const argvBytes = c === asker || c.wait !== undefined ? argumentBytes(c) : 0;
  const multiBytes = transaction?.bytes ?? 0;
  const unsent = link?.unsentBytes ?? 0;
  const input = link?.inputBytes ?? 0;
  const inputFree = link?.inputFree ?? 0;
  const fields: readonly (readonly [name: string, value: string | number])[] = [
    ['id', c.id],
    ['addr', link?.address ?? '?:0'],
    ['laddr', link?.localAddress ?? '?:0'],
    ['fd', link?.fd ?? -1],
    ['name', c.name],
    ['age', seconds(now - c.createdAt)],
    ['idle', seconds(now - c.lastAt)],
    ['flags', flags(c)],
    ['db', c.db.index],
    ['sub', pubsub.count(c, CHANNEL)],
    ['psub', pubsub.count(c, PATTERN)],
    ['ssub', pubsub.count(c, SHARD)],
    ['multi', (c.gates & IN_MULTI) !== 0 ? transaction!.queue.length : -1],
    ['watch', transaction?.watched.length ?? 0],
    ['qbuf', input],
    ['qbuf-free', inputFree],
    ['argv-mem', argvBytes],
    ['multi-mem', multiBytes],
    ['rbs', out.buf.length],
    ['rbp', link?.replyPeak ?? 0],
    ['obl', out.pos],
    ['oll', link?.unsentPieces ?? 0],
    ['omem', unsent],
    ['tot-mem', CONNECTION_BYTES + input + inputFree + argvBytes + multiBytes + out.buf.length + unsent],
    ['events', unsent > 0 ? 'rw' : 'r'],
    ['cmd', c.command?.name ?? 'NULL'],
    ['user', DEFAULT_USER],
    ['redir', -1],
    ['resp', out.resp],
    ['lib-name', c.libName],
    ['lib-ver', c.libVer],
  ];
  return fields.map(([name, value]) => `${name}=${value}`).join(' ');
}

/** The letters of Redis's `flags` field; N when there is none. */
function flags(c: Client): string {
  let text = '';
  if ((c.gates & MONITORING) !== 0) text += 'O';
  if (classOf(c) === 'pubsub') text += 'P';
  if ((c.gates & IN_MULTI) !== 0) text += 'x';
  if (c.wait !== undefined) text += 'b';
  if (c.transaction?.failed) text += 'd';
  if (c.closing) text += 'c';
  if (c.link?.unix) text += 'U';
  if ((c.gates & UNEVICTABLE) !== 0) text += 'e';
  if ((c.gates & UNTOUCHING) !== 0) text += 'T';
  return text === '' ? 'N' : text;
}

function argumentBytes(c: Client): number {
  let n = 0;
  for (let i = 0; i < c.argc; i++) n += c.argv[i].length;
  return n;
}

function seconds(ms: number): number {
  return Math.max(0, Math.floor(ms / 1000));
}
