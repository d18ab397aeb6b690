/** Directives of snapshots and of the log of changes, neither of which is written yet. Rows: see row.ts. */
import { INT_MAX, LONG_MAX } from './figures.js';
import { savePoints } from './lists.js';
import { only, type Row, row } from './row.js';
import { choice, fileName, integer, memory, yesNo } from './scalars.js';

const SNAPSHOT = 'there are no snapshots yet';
const LOG = 'there is no append only file yet';

export const persistence: readonly Row[] = [
  row('save', savePoints, { without: `${SNAPSHOT}: save points are kept and the start says so` }),
  row('dbfilename', fileName('dbfilename', 'filename', true), { set: 'protected', without: SNAPSHOT }),
  row('rdbcompression', yesNo),
  row('rdbchecksum', yesNo, { set: 'start', without: SNAPSHOT }),
  row('rdb-del-sync-files', yesNo, { without: SNAPSHOT }),
  row('rdb-save-incremental-fsync', yesNo, { without: SNAPSHOT }),
  row('stop-writes-on-bgsave-error', yesNo, { without: SNAPSHOT }),
  row('appendonly', yesNo, { refuse: only(false, `${LOG}: only no is possible`) }),
  row('appendfsync', choice('everysec', 'always', 'no'), { without: LOG }),
  row('appendfilename', fileName('appendfilename', 'filename', false), { set: 'start', without: LOG }),
  row('appenddirname', fileName('appenddirname', 'dirname', false), { set: 'start', without: LOG }),
  row('no-appendfsync-on-rewrite', yesNo, { without: LOG }),
  row('auto-aof-rewrite-percentage', integer(0, INT_MAX), { without: LOG }),
  row('auto-aof-rewrite-min-size', memory(0, LONG_MAX), { without: LOG }),
  row('aof-load-truncated', yesNo, { without: LOG }),
  row('aof-use-rdb-preamble', yesNo, { without: LOG }),
  row('aof-rewrite-incremental-fsync', yesNo, { without: LOG }),
  row('aof-timestamp-enabled', yesNo, { without: LOG }),
  row('aof-disable-auto-gc', yesNo, { without: LOG }),
];
