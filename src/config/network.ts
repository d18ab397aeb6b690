/** Directives of the network and of clients. Rows: see row.ts. */
import { UNAUTHENTICATED } from '../../commands/gates.js';
import type { SynapServer } from '../server.js';
import { INT_MAX, LONG_MAX, UINT_MAX } from './figures.js';
import { addresses, outputLimits } from './lists.js';
import { only, type Row, row } from './row.js';
import { choice, integer, memory, memoryOrPercent, octal, optionalText, text, yesNo } from './scalars.js';

const IO = 'one thread reads, runs and writes: nothing is gained by more';
const MODULES = 'there are no modules to load';

/** Who waits for a password that is no longer asked need not give it. Who is logged in stays so when one is set. */
function passwordChanged(server: SynapServer): void {
  if (server.settings.requirepass === '')
    for (const client of server.clients.values()) client.gates &= ~UNAUTHENTICATED;
}

export const network: readonly Row[] = [
  row('bind', addresses, { set: 'start' }),
  row('bind-source-addr', optionalText(), {
    without: 'it is the address from which a replica connects, and there is no replication',
  }),
  row('port', integer(0, 65535), {
    set: 'start',
    also: (settings) => {
      settings.noTcp = settings.port === 0;
    },
  }),
  row('gateway-port', integer(0, 65535), { set: 'start' }),
  row('gateway-bind', text('address'), { set: 'start' }),
  row('tcp-backlog', integer(0, INT_MAX), { set: 'start' }),
  row('unixsocket', optionalText('path'), { set: 'start' }),
  row('unixsocketperm', octal(0o777), { set: 'start' }),
  row('timeout', integer(0, INT_MAX)),
  row('tcp-keepalive', integer(0, INT_MAX)),
  row('protected-mode', yesNo),
  row('requirepass', optionalText(), { sensitive: true, changed: passwordChanged }),
  row('maxclients', integer(1, UINT_MAX)),
  row('maxmemory-clients', memoryOrPercent, {
    refuse: only(0, 'clients are not evicted: only 0 is possible'),
  }),
  row('client-query-buffer-limit', memory(1024 * 1024, LONG_MAX)),
  row('client-output-buffer-limit', outputLimits),
  row('proto-max-bulk-len', memory(1024 * 1024, LONG_MAX)),
  row('tracking-table-max-keys', integer(0, LONG_MAX), { without: 'there is no CLIENT TRACKING yet' }),
  row('socket-mark-id', integer(0, UINT_MAX), {
    set: 'start',
    refuse: only(0, 'sockets cannot be marked from here: only 0 is possible'),
  }),
  row('io-threads', integer(1, 128), { set: 'start', without: IO }),
  row('io-threads-do-reads', yesNo, { set: 'start', without: IO }),
  row('enable-protected-configs', choice('no', 'yes', 'local'), { set: 'start' }),
  row('enable-debug-command', choice('no', 'yes', 'local'), { set: 'start' }),
  row('enable-module-command', choice('no', 'yes', 'local'), { set: 'start', without: MODULES }),
  row('aclfile', text('path'), {
    set: 'start',
    refuse: only('', 'there are no ACL users yet: an ACL file cannot be used'),
  }),
  row('acl-pubsub-default', choice('allchannels', 'resetchannels'), { without: 'there are no ACL users yet' }),
];
