/** Directives of the cluster, which is not there yet: kept and told, but `cluster-enabled yes` is refused. Rows: see row.ts. */
import { INT_MAX, LONG_MAX, ULONG_MAX } from './figures.js';
import { only, type Row, row } from './row.js';
import { choice, integer, memory, optionalText, text, yesNo } from './scalars.js';

const without = 'there is no cluster yet';
const port = integer(0, 65535);

/** What a host name may not contain, and how long it may not be. */
function badHostname(name: string): string | undefined {
  if (name.length >= 256) return 'Hostnames must be less than 256 characters';
  return /^[A-Za-z0-9.-]*$/.test(name)
    ? undefined
    : 'Hostnames may only contain alphanumeric characters, hyphens or dots';
}

function badNodename(name: string): string | undefined {
  if (name.length >= 128) return 'Announced human node name must be less than 128 characters';
  return /^[A-Za-z0-9._-]*$/.test(name)
    ? undefined
    : 'Announced human node name contained invalid character. Announced human node name may only contain alphanumeric characters, hyphens or dots';
}

export const cluster: readonly Row[] = [
  row('cluster-enabled', yesNo, { set: 'start', refuse: only(false, `${without}: only no is possible`) }),
  row('cluster-config-file', text('path'), { set: 'start', without }),
  row('cluster-node-timeout', integer(0, LONG_MAX), { without }),
  row('cluster-port', port, { set: 'start', without }),
  row('cluster-replica-validity-factor', integer(0, INT_MAX), { alias: 'cluster-slave-validity-factor', without }),
  row('cluster-replica-no-failover', yesNo, { alias: 'cluster-slave-no-failover', without }),
  row('cluster-migration-barrier', integer(0, INT_MAX), { without }),
  row('cluster-allow-replica-migration', yesNo, { without }),
  row('cluster-require-full-coverage', yesNo, { without }),
  row('cluster-allow-reads-when-down', yesNo, { without }),
  row('cluster-allow-pubsubshard-when-down', yesNo, { without }),
  row('cluster-link-sendbuf-limit', memory(0, ULONG_MAX), { without }),
  row('cluster-announce-ip', optionalText(), { without }),
  row('cluster-announce-port', port, { without }),
  row('cluster-announce-tls-port', port, { without }),
  row('cluster-announce-bus-port', port, { without }),
  row('cluster-announce-hostname', text('a host name', badHostname), { without }),
  row('cluster-announce-human-nodename', text('a name', badNodename), { without }),
  row('cluster-preferred-endpoint-type', choice('ip', 'hostname', 'unknown-endpoint'), { without }),
];
