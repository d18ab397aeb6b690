#!/usr/bin/env node
/** The server as a process: reads the command line, installs signal handlers, exits. */
import { readFileSync } from 'node:fs';
import { Settings } from '../commands/settings.js';
import { applyArguments } from '../src/config/argv.js';
import { SynapServer } from '../src/server.js';

const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
const argv = process.argv.slice(2);

if (argv.length === 1 && /^(-v|--version)$/.test(argv[0])) {
  process.stdout.write(`Synap server v=${version}\n`);
  process.exit(0);
}

const settings = new Settings();
try {
  applyArguments(settings, argv);
} catch (e) {
  process.stderr.write(`\n*** FATAL CONFIG FILE ERROR (Synap ${version}) ***\n${(e as Error).message}\n`);
  process.exit(1);
}

const server = new SynapServer(settings);
server.log.notice(`Synap ${version} is starting`);

let stopping = false;
function stop(signal: string): void {
  if (stopping) process.exit(1);
  stopping = true;
  server.log.warning(`Received ${signal} scheduling shutdown...`);
  server.close().then(() => {
    server.log.warning('Synap is now ready to exit, bye bye...');
    process.exit(0);
  });
}
process.on('SIGTERM', () => stop('SIGTERM'));
process.on('SIGINT', () => stop('SIGINT'));
process.on('SIGHUP', () => {});

try {
  await server.listen();
} catch (e) {
  server.log.warning(`Failed listening: ${(e as Error).message}`);
  process.exit(1);
}
if (!settings.noTcp) server.log.notice('Ready to accept connections tcp');
if (settings.unixsocket !== '') server.log.notice('Ready to accept connections unix');
