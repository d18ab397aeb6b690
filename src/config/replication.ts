/** Directives of replication, which is not there yet: kept and told, but `replicaof` is refused. Rows: see row.ts. */
import { INT_MAX, LONG_MAX } from './figures.js';
import { master } from './lists.js';
import { only, type Row, row } from './row.js';
import { choice, integer, memory, optionalText, yesNo } from './scalars.js';

const without = 'there is no replication yet';
const seconds = integer(0, INT_MAX);
const port = integer(0, 65535);

export const replication: readonly Row[] = [
  row('replicaof', master, {
    alias: 'slaveof',
    set: 'start',
    refuse: only('', `${without}: only \`no one\` is possible`),
  }),
  row('masterauth', optionalText(), { sensitive: true, without }),
  row('masteruser', optionalText(), { sensitive: true, without }),
  row('replica-serve-stale-data', yesNo, { alias: 'slave-serve-stale-data', without }),
  row('replica-read-only', yesNo, { alias: 'slave-read-only', without }),
  row('replica-lazy-flush', yesNo, { alias: 'slave-lazy-flush', without }),
  row('replica-priority', seconds, { alias: 'slave-priority', without }),
  row('replica-ignore-maxmemory', yesNo, { alias: 'slave-ignore-maxmemory', without }),
  row('replica-ignore-disk-write-errors', yesNo, { without }),
  row('replica-announced', yesNo, { without }),
  row('replica-announce-ip', optionalText(), { alias: 'slave-announce-ip', without }),
  row('replica-announce-port', port, { alias: 'slave-announce-port', without }),
  row('propagation-error-behavior', choice('ignore', 'panic', 'panic-on-replicas'), { without }),
  row('repl-diskless-sync', yesNo, { without }),
  row('repl-diskless-sync-delay', seconds, { without }),
  row('repl-diskless-sync-max-replicas', seconds, { without }),
  row('repl-diskless-load', choice('disabled', 'on-empty-db', 'swapdb'), { without }),
  row('repl-disable-tcp-nodelay', yesNo, { without }),
  // Redis keeps at least 16 KiB, whatever it is told.
  row(
    'repl-backlog-size',
    memory(1, LONG_MAX, (n) => Math.max(n, 16384)),
    { without },
  ),
  row('repl-backlog-ttl', integer(0, LONG_MAX), { without }),
  row('repl-timeout', integer(1, INT_MAX), { without }),
  row('repl-ping-replica-period', integer(1, INT_MAX), { alias: 'repl-ping-slave-period', without }),
  row('min-replicas-to-write', seconds, {
    alias: 'min-slaves-to-write',
    refuse: only(0, `${without}: more than 0 would refuse every write`),
  }),
  row('min-replicas-max-lag', seconds, { alias: 'min-slaves-max-lag', without }),
];
