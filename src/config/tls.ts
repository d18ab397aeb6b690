/** Directives of TLS, which is not there yet: kept and told, but a `tls-port` is refused. Rows: see row.ts. */
import { INT_MAX } from './figures.js';
import { only, type Row, row } from './row.js';
import { choice, integer, optionalText, yesNo } from './scalars.js';

const without = 'there is no TLS yet';
const path = optionalText('path');

export const tls: readonly Row[] = [
  row('tls-port', integer(0, 65535), { refuse: only(0, `${without}: only 0 is possible`) }),
  row('tls-cert-file', path, { without }),
  row('tls-key-file', path, { without }),
  row('tls-key-file-pass', optionalText(), { sensitive: true, without }),
  row('tls-client-cert-file', path, { without }),
  row('tls-client-key-file', path, { without }),
  row('tls-client-key-file-pass', optionalText(), { sensitive: true, without }),
  row('tls-dh-params-file', path, { without }),
  row('tls-ca-cert-file', path, { without }),
  row('tls-ca-cert-dir', path, { without }),
  row('tls-auth-clients', choice('no', 'yes', 'optional'), { without }),
  row('tls-replication', yesNo, { refuse: only(false, `${without}: only no is possible`) }),
  row('tls-cluster', yesNo, { refuse: only(false, `${without}: only no is possible`) }),
  row('tls-protocols', optionalText(), { without }),
  row('tls-ciphers', optionalText(), { without }),
  row('tls-ciphersuites', optionalText(), { without }),
  row('tls-prefer-server-ciphers', yesNo, { without }),
  row('tls-session-caching', yesNo, { without }),
  row('tls-session-cache-size', integer(0, INT_MAX), { without }),
  row('tls-session-cache-timeout', integer(0, INT_MAX), { without }),
];
