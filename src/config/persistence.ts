/** Directives of snapshots and of the log. Rows: see row.ts. */
import { configFailed } from '../../commands/error.js';
import type { SynapServer } from '../server.js';
import { INT_MAX, LONG_MAX } from './figures.js';
import { savePoints } from './lists.js';
import { type Row, row } from './row.js';
import { choice, fileName, integer, memory, yesNo } from './scalars.js';

/** CONFIG SET appendonly. @throws configFailed: it stays off then */
function appendonlyChanged(server: SynapServer): void {
  if (!server.settings.appendonly) return server.appendOnly.disable();
  try {
    server.appendOnly.enable();
  } catch (e) {
    server.settings.appendonly = false;
    server.log.warning(`The log cannot be switched on: ${(e as Error).message}`);
    throw configFailed('appendonly', 'Unable to turn on AOF. Check server logs.');
  }
}

/** Whether writes must fail because the last snapshot has may have changed. */
function judgeSnapshots(server: SynapServer): void {
  server.snapshot.judge();
}

export const persistence: readonly Row[] = [
  row('save', savePoints, { changed: judgeSnapshots }),
  row('dbfilename', fileName('dbfilename', 'filename', true), { set: 'protected' }),
  row('rdbcompression', yesNo),
  row('rdbchecksum', yesNo, { set: 'start' }),
  row('rdb-del-sync-files', yesNo, { without: 'there is no replication yet' }),
  row('rdb-save-incremental-fsync', yesNo),
  row('stop-writes-on-bgsave-error', yesNo, { changed: judgeSnapshots }),
  row('appendonly', yesNo, { changed: appendonlyChanged }),
  row('appendfsync', choice('everysec', 'always', 'no')),
  row('appendfilename', fileName('appendfilename', 'filename', false), { set: 'start' }),
  row('appenddirname', fileName('appenddirname', 'dirname', false), { set: 'start' }),
  row('no-appendfsync-on-rewrite', yesNo),
  row('auto-aof-rewrite-percentage', integer(0, INT_MAX)),
  row('auto-aof-rewrite-min-size', memory(0, LONG_MAX)),
  row('aof-load-truncated', yesNo),
  row('aof-use-rdb-preamble', yesNo, { without: 'the base of the log is always an RDB' }),
  row('aof-rewrite-incremental-fsync', yesNo, { without: 'a base is synced beside the work of the server' }),
  row('aof-timestamp-enabled', yesNo, { without: 'times are not written into the log' }),
  row('aof-disable-auto-gc', yesNo),
  row('aof-compression', yesNo),
];
