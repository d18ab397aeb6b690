/** What the program answers when it is only asked something: its exit code, and text on standard output. */
import { REDIS_VERSION } from '../commands/connection.js';
import type { CommandLine } from '../src/config/command-line.js';
import { checkSystem } from '../src/lifecycle/system-check.js';

const HELP = `Usage: synap [/path/to/synap.conf] [--directive word ...] [-]
       synap - (read the configuration from standard input)
       synap -v or --version
       synap -h or --help
       synap --check-system

Examples:
       synap (run with the default configuration)
       echo 'maxmemory 128mb' | synap -
       synap /etc/redis/redis.conf
       synap --port 7777 --save ''
       synap /etc/synap.conf --loglevel verbose -

Directives and files are those of redis-server ${REDIS_VERSION}.
`;

export function answer(wish: Exclude<CommandLine['wish'], 'run'>, version: string): number {
  if (wish === 'version') {
    process.stdout.write(`Synap server v=${version} redis=${REDIS_VERSION} node=${process.version} bits=64\n`);
    return 0;
  }
  if (wish === 'help') {
    process.stdout.write(HELP);
    return 0;
  }
  if (wish === 'check-system') {
    const findings = checkSystem();
    for (const { name, warning } of findings)
      process.stdout.write(`[${name}]...${warning === undefined ? 'OK' : `WARNING:\n${warning}`}\n`);
    return findings.some(({ warning }) => warning !== undefined) ? 1 : 0;
  }
  const missing =
    wish === 'sentinel' ? 'There is no Sentinel mode' : 'Memory cannot be tested from here: use memtest86 or memtester';
  process.stderr.write(`${missing}.\n`);
  return 1;
}
