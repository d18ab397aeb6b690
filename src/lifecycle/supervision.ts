/**
 * Supervision: tells systemd or upstart that the server is ready. systemd hears it from `systemd-notify`, because Node cannot write to
 * its datagram socket; the unit needs `NotifyAccess=all`.
 */
import { spawn } from 'node:child_process';
import type { Supervised } from '../../commands/settings.js';
import type { Log } from '../log/log.js';

export type Supervisor = 'systemd' | 'upstart' | 'none';

/** Who supervises, by what the directive says and what the environment tells. A supervisor that is not there is none. */
export function supervisor(supervised: Supervised, environment: NodeJS.ProcessEnv, log: Log): Supervisor {
  const systemd = environment['NOTIFY_SOCKET'] !== undefined;
  const upstart = environment['UPSTART_JOB'] !== undefined;
  if ((supervised === 'auto' || supervised === 'systemd') && systemd) return 'systemd';
  if ((supervised === 'auto' || supervised === 'upstart') && upstart) return 'upstart';
  if (supervised === 'systemd') log.warning('systemd supervision error: NOTIFY_SOCKET not found!');
  if (supervised === 'upstart') log.warning('upstart supervision requested, but UPSTART_JOB not found!');
  return 'none';
}

/** Tells systemd a state, such as `READY=1`. Resolves when it was told, or could not be. */
export function notifySystemd(states: readonly string[], log: Log): Promise<void> {
  return new Promise((resolve) => {
    const child = spawn('systemd-notify', states, { stdio: 'ignore' });
    child.once('error', (e) => {
      log.warning(`systemd supervision error: systemd-notify: ${e.message}`);
      resolve();
    });
    child.once('exit', (code) => {
      if (code !== 0) log.warning(`systemd supervision error: systemd-notify ended with ${code}`);
      resolve();
    });
  });
}
