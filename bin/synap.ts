#!/usr/bin/env node
/** The server as a process: reads the command line and files, installs signal handlers, exits. Everything else stands in src/. */
import { mkdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { commandTable } from '../commands/registry.js';
import { Settings } from '../commands/settings.js';
import { type CommandLine, commandLine } from '../src/config/command-line.js';
import { files } from '../src/config/files.js';
import { FatalConfigError, load } from '../src/config/parse.js';
import { listening, starting } from '../src/lifecycle/banner.js';
import { isDaemon, startDaemon } from '../src/lifecycle/daemon.js';
import { logWriter } from '../src/lifecycle/log-file.js';
import { removePidFile, writePidFile } from '../src/lifecycle/pid-file.js';
import { notifySystemd, supervisor } from '../src/lifecycle/supervision.js';
import { Log } from '../src/log/log.js';
import { LoadError } from '../src/persistence/load-error.js';
import { PROCESS_ENVIRONMENT, SynapServer } from '../src/server.js';
import { systemReason } from '../src/system-error.js';
import { VERSION } from '../src/version.js';
import { startBeside } from './gateway-thread.js';
import { answer } from './usage.js';

const line = commandLine(process.argv.slice(2));
if (line.wish !== 'run') process.exit(answer(line.wish, VERSION));

function fatal(reason: string): never {
  process.stderr.write(`\n*** FATAL CONFIG FILE ERROR (Synap ${VERSION}) ***\n${reason}\n`);
  process.exit(1);
}

/** Settings by the command line and what it names; ends the process when something in them will not do. */
function configured({ lines }: CommandLine, input: string): Settings {
  const settings = new Settings();
  settings.appendonly = true;
  const { byName } = commandTable();
  try {
    load(
      settings,
      files((name) => byName.has(name.toLowerCase())),
      configFile,
      input,
      lines,
    );
  } catch (e) {
    if (e instanceof FatalConfigError) fatal(e.message);
    new Log('notice', (text) => process.stdout.write(text)).warning((e as Error).message);
    process.exit(1);
  }
  return settings;
}

/** Where data goes when no directory is named. */
function dataDirectory(): string {
  try {
    const directory = path.resolve('data');
    mkdirSync(directory, { recursive: true });
    return directory;
  } catch (e) {
    fatal(`Can't make the data directory 'data': ${systemReason(e)}`);
  }
}

const configFile = line.file === undefined ? undefined : path.resolve(line.file);
const input = line.stdin ? readFileSync(0, 'latin1') : undefined;
const settings = configured(line, input ?? '');
// A directory that was configured is an absolute path.
if (path.isAbsolute(settings.dir)) process.chdir(settings.dir);
else if (settings.appendonly || settings.save.length > 0) settings.dir = dataDirectory();
else settings.dir = process.cwd();

const early = new Log(settings.loglevel, (text) => process.stdout.write(text));
const supervised = supervisor(settings.supervised, process.env, early);
const second = isDaemon(process.env);
if (settings.daemonize && supervised === 'none' && !second) {
  await startDaemon(input);
  process.exit(0);
}
if (settings.daemonize && settings.pidfile === '') settings.pidfile = '/var/run/synap.pid';
const pidFile = settings.pidfile === '' ? '' : path.resolve(settings.pidfile);

let write: (text: string) => void;
try {
  write = logWriter(settings.logfile === '' ? '' : path.resolve(settings.logfile));
} catch (e) {
  fatal(`Can't open the log file: ${systemReason(e)}`);
}

const server = new SynapServer(settings, {
  ...PROCESS_ENVIRONMENT,
  write,
  ...(configFile === undefined ? {} : { configFile }),
  title: (text) => {
    process.title = text;
  },
  ended: async () => {
    if (supervised === 'systemd') await notifySystemd(['STOPPING=1'], server.log);
    if (pidFile !== '') removePidFile(pidFile, server.log);
    server.log.warning('Synap is now ready to exit, bye bye...');
    process.exit(0);
  },
});

process.on('SIGTERM', () => server.lifecycle.signalled('SIGTERM'));
process.on('SIGINT', () => {
  if (server.lifecycle.closing) process.exit(1);
  server.lifecycle.signalled('SIGINT');
});
// A log that nobody reads must not end the server.
process.stdout.on('error', () => {});
process.on('SIGHUP', () => {});

starting(server, VERSION, process.argv.length > 2);
try {
  await server.listen();
} catch (e) {
  // A shutdown has ended the loading: it will end the process too.
  if (server.lifecycle.closing) await new Promise(() => {});
  if ((e as NodeJS.ErrnoException).syscall !== 'listen') {
    server.log.warning(`Fatal error loading the DB, exiting: ${e instanceof LoadError ? e.message : systemReason(e)}`);
    process.exit(1);
  }
  const unix = (e as NodeJS.ErrnoException & { port?: number }).port === undefined;
  server.log.warning(
    unix
      ? `Failed opening Unix socket: ${systemReason(e)}`
      : `Failed listening on port ${settings.port} (TCP), aborting.`,
  );
  process.exit(1);
}
if (server.listeners.size === 0) {
  server.log.warning('Configured to not listen anywhere, exiting.');
  process.exit(1);
}
if (pidFile !== '') writePidFile(pidFile, server.log);
listening(server, VERSION, write);
if (settings.gatewayPort !== 0) startBeside(server);
if (supervised === 'systemd')
  await notifySystemd([`--pid=${process.pid}`, '--ready', '--status=Ready to accept connections'], server.log);
if (supervised === 'upstart') process.kill(process.pid, 'SIGSTOP');
