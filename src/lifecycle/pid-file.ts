/** The pid file: written once the server listens, removed when it ends. Neither failure stops the server. */
import { unlinkSync, writeFileSync } from 'node:fs';
import type { Log } from '../log/log.js';
import { systemReason } from '../system-error.js';

/** @param path absolute, because the process may change its directory */
export function writePidFile(path: string, log: Log): void {
  try {
    writeFileSync(path, `${process.pid}\n`);
  } catch (e) {
    log.notice(`Failed to write PID file: ${systemReason(e)}`);
  }
}

export function removePidFile(path: string, log: Log): void {
  log.notice('Removing the pid file.');
  try {
    unlinkSync(path);
  } catch (e) {
    log.warning(`Failed to remove PID file: ${systemReason(e)}`);
  }
}
