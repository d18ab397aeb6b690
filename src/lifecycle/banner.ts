/** What a process says when it starts and when it is ready, line for line where redis-server says it, because tools wait for them. */
import type { SynapServer } from '../server.js';

const LOGO = String.raw`
      ____
     / ___| _   _ _ __   __ _ _ __       Synap VERSION
     \___ \| | | | '_ \ / _' | '_ \      Running in standalone mode
      ___) | |_| | | | | (_| | |_) |     Port: PORT
     |____/ \__, |_| |_|\__,_| .__/      PID: NUMBER
            |___/            |_|
`;

/** @param configured whether there were a file or directives */
export function starting(server: SynapServer, version: string, configured: boolean): void {
  const { log } = server;
  log.warning('oO0OoO0OoO0Oo Synap is starting oO0OoO0OoO0Oo');
  log.warning(`Synap version=${version}, bits=64, node=${process.version}, pid=${process.pid}, just started`);
  log.warning(
    configured
      ? 'Configuration loaded'
      : 'Warning: no config file specified, using the default config: synap /path/to/synap.conf',
  );
}

/** @param raw takes the logo, which is no line of log */
export function listening(server: SynapServer, version: string, raw: (text: string) => void): void {
  const { log, settings } = server;
  const port = settings.noTcp ? 0 : settings.port;
  if (settings.alwaysShowLogo)
    raw(`${LOGO.replace('VERSION', version).replace('PORT', String(port)).replace('NUMBER', String(process.pid))}\n`);
  else log.notice(`Running mode=standalone, port=${port}.`);
  log.warning('Server initialized');
  if (!settings.noTcp) log.notice('Ready to accept connections tcp');
  if (settings.unixsocket !== '') log.notice('Ready to accept connections unix');
}
