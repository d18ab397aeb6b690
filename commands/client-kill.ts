/**
 * CLIENT KILL. With one word it closes the client with that address; with filters, all clients that meet every one of them. Who
 * kills itself is closed after the reply. A filter that is named twice counts as it was named last, as in Redis.
 */
import { intArg } from './args.js';
import type { Client } from './client.js';
import { type ClientClass, classArg, classOf } from './client-class.js';
import { DEFAULT_USER } from './client-list.js';
import {
  CLIENT_ID_POSITIVE,
  MAXAGE_NOT_INTEGER,
  MAXAGE_POSITIVE,
  NO_SUCH_CLIENT,
  noSuchUser,
  SYNTAX,
} from './error.js';

/** What a client must be to be closed; undefined: that does not matter. */
interface Filter {
  id: number | undefined;
  kind: ClientClass | undefined;
  addr: string | undefined;
  laddr: string | undefined;
  /** Seconds since it connected, at least. */
  maxAge: number | undefined;
  skipMe: boolean;
}

export function kill(c: Client): void {
  const old = c.argc === 3;
  const filter = old ? addressFilter(c) : filterArgs(c);
  let killed = 0;
  for (const client of [...c.server.clients.values()]) {
    if (!meets(client, filter, c)) continue;
    killed++;
    if (client === c) c.closing = true;
    else client.link!.kill();
  }
  if (!old) c.out.int(killed);
  else if (killed === 0) throw NO_SUCH_CLIENT;
  else c.out.ok();
}

function addressFilter(c: Client): Filter {
  const addr = c.argv[2].toString();
  return { id: undefined, kind: undefined, addr, laddr: undefined, maxAge: undefined, skipMe: false };
}

function filterArgs(c: Client): Filter {
  const { argv, argc } = c;
  const filter: Filter = {
    id: undefined,
    kind: undefined,
    addr: undefined,
    laddr: undefined,
    maxAge: undefined,
    skipMe: true,
  };
  for (let i = 2; i < argc; i += 2) {
    if (i + 1 === argc) throw SYNTAX;
    const value = argv[i + 1];
    if (argv[i].is('id')) {
      filter.id = intArg(value, CLIENT_ID_POSITIVE);
      if (filter.id < 1) throw CLIENT_ID_POSITIVE;
    } else if (argv[i].is('maxage')) {
      filter.maxAge = intArg(value, MAXAGE_NOT_INTEGER);
      if (filter.maxAge < 1) throw MAXAGE_POSITIVE;
    } else if (argv[i].is('type')) filter.kind = classArg(value);
    else if (argv[i].is('addr')) filter.addr = value.toString();
    else if (argv[i].is('laddr')) filter.laddr = value.toString();
    else if (argv[i].is('user')) {
      if (value.toString() !== DEFAULT_USER) throw noSuchUser(value.toString());
    } else if (argv[i].is('skipme') && value.is('yes')) filter.skipMe = true;
    else if (argv[i].is('skipme') && value.is('no')) filter.skipMe = false;
    else throw SYNTAX;
  }
  return filter;
}

function meets(client: Client, filter: Filter, asker: Client): boolean {
  const { link } = client;
  if (link === undefined || (filter.skipMe && client === asker)) return false;
  if (filter.id !== undefined && client.id !== filter.id) return false;
  if (filter.kind !== undefined && classOf(client) !== filter.kind) return false;
  if (filter.addr !== undefined && link.address !== filter.addr) return false;
  if (filter.laddr !== undefined && link.localAddress !== filter.laddr) return false;
  return filter.maxAge === undefined || client.now - client.createdAt >= filter.maxAge * 1000;
}
