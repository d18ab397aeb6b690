/**
 * The machine and the tools: what the report says of them, whether they are there at all, and which cores to use. The only
 * module that asks the system; it changes nothing but the cores of our own process. Next: report.ts.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import os from 'node:os';
import { quoteWord } from './command-line.js';
import { type Cores, chooseCores, coreList } from './procfs.js';
import type { ServerLine } from './server-process.js';

/** What a reader needs in order to judge a figure or to make it again. */
export interface Machine {
  readonly date: string;
  readonly processor: string;
  readonly cores: number;
  readonly memoryGiB: number;
  readonly system: string;
  readonly node: string;
  readonly synap: string;
  readonly redis: string;
  readonly client: string;
  readonly pinned: string;
  readonly command: string;
  readonly servers: readonly ServerLine[];
}

const HOW_TO_INSTALL = [
  'The benchmark measures against a real Redis and needs redis-server and redis-benchmark in the PATH:',
  '  Debian, Ubuntu   apt-get install redis-server redis-tools',
  '  Fedora           dnf install redis',
  '  Alpine           apk add redis',
  '  Arch             pacman -S redis',
].join('\n');

function versionOf(tool: string): string | undefined {
  const { error, stdout } = spawnSync(tool, ['--version'], { encoding: 'utf8' });
  return error === undefined ? stdout.trim().split('\n')[0] : undefined;
}

/** What is missing, with what to install, or undefined when nothing is. */
export function missingTools(): string | undefined {
  if (!existsSync('/proc/self/stat'))
    return 'The benchmark reads processor time and memory from /proc: it runs on Linux only.';
  const missing = ['redis-server', 'redis-benchmark'].filter((tool) => versionOf(tool) === undefined);
  return missing.length === 0 ? undefined : `Not found: ${missing.join(', ')}.\n${HOW_TO_INSTALL}`;
}

/** "Redis server v=7.0.15 sha=… malloc=jemalloc-5.3.0 …" without what does not matter. */
export function shortVersion(line: string): string {
  const version = /v=(\S+)|redis-benchmark (\S+)/.exec(line);
  const malloc = /malloc=(\S+)/.exec(line);
  const number = version?.[1] ?? version?.[2];
  if (number === undefined) return line;
  return malloc === null ? number : `${number} (${malloc[1]})`;
}

/**
 * Chooses cores out of those that this process may use and binds it to the client's, with all that it will start (servers are bound to
 * theirs). Undefined, and nothing is bound, where taskset is missing or there are fewer than two cores.
 */
export function pinSelf(): Cores | undefined {
  const allowed = coreList(/^Cpus_allowed_list:\s*(.*)$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1] ?? '');
  const topology = `/sys/devices/system/cpu/cpu${allowed[0] ?? 0}/topology/thread_siblings_list`;
  const siblings = existsSync(topology) ? coreList(readFileSync(topology, 'utf8')) : [];
  const cores = chooseCores(allowed, siblings);
  if (cores === undefined) return undefined;
  const { status } = spawnSync('taskset', ['-a', '-c', '-p', String(cores.client), String(process.pid)]);
  return status === 0 ? cores : undefined;
}

export interface Setting {
  readonly synapVersion: string;
  readonly argv: readonly string[];
  readonly cores: Cores | undefined;
  readonly servers: readonly ServerLine[];
}

export function describeMachine(setting: Setting): Machine {
  const { cores } = setting;
  return {
    date: new Date().toISOString().slice(0, 16).replace('T', ' '),
    processor: os.cpus()[0]?.model.trim() ?? 'unknown',
    cores: os.cpus().length,
    memoryGiB: Math.round(os.totalmem() / 2 ** 30),
    system: `${os.type()} ${os.release()} ${os.arch()}`,
    node: process.version,
    synap: setting.synapVersion,
    redis: shortVersion(versionOf('redis-server') ?? 'missing'),
    client: shortVersion(versionOf('redis-benchmark') ?? 'missing'),
    pinned:
      cores === undefined ? 'not bound to cores' : `servers on core ${cores.server}, client on core ${cores.client}`,
    command: ['npm run bench --', ...setting.argv.map(quoteWord)].join(' '),
    servers: setting.servers,
  };
}

export function machineLines(machine: Machine): string[] {
  return [
    `${machine.date} UTC; ${machine.processor}, ${machine.cores} cores, ${machine.memoryGiB} GiB; ${machine.system}; ${machine.pinned}.`,
    `Synap ${machine.synap} on Node ${machine.node}; Redis ${machine.redis}; redis-benchmark ${machine.client}.`,
    `Made by: ${machine.command}`,
    ...machine.servers.map((server) => `${server.name}: ${server.line}`),
  ];
}
