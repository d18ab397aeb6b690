/** Directives of what is watched and told: slow log, latency, keyspace events, slow scripts. Rows: see row.ts. */
import { applyNotify } from '../../commands/notify.js';
import { LONG_MAX } from './figures.js';
import { percentiles } from './lists.js';
import { type Row, row } from './row.js';
import { integer, notifyFlags, yesNo } from './scalars.js';

export const observation: readonly Row[] = [
  row('slowlog-log-slower-than', integer(-1, LONG_MAX)),
  row('slowlog-max-len', integer(0, LONG_MAX)),
  row('latency-monitor-threshold', integer(0, LONG_MAX)),
  row('latency-tracking', yesNo),
  row('latency-tracking-info-percentiles', percentiles),
  row('notify-keyspace-events', notifyFlags, { changed: applyNotify }),
  row('acllog-max-len', integer(0, LONG_MAX), { without: 'there are no ACL users yet' }),
  row('busy-reply-threshold', integer(0, LONG_MAX), { alias: 'lua-time-limit' }),
];
