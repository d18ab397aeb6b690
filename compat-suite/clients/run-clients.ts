/**
 * Real clients against the server: each is a script that does a page of work through one client and prints a line a check. A client
 * that is not installed is skipped with a word. Read next: checks.ts, ioredis.ts.
 */
import { spawn, spawnSync } from 'node:child_process';
import type { Options } from '../options.js';
import { startTarget } from '../servers.js';
import { Tally } from '../tally.js';

interface ClientProgram {
  readonly name: string;
  /** Command and arguments; the port is added. */
  readonly command: readonly string[];
  /** A command that succeeds where the client is installed. */
  readonly probe: readonly string[];
}

const script = (name: string): string => new URL(`${name}.js`, import.meta.url).pathname;
const PYTHON_SCRIPT = new URL('../../../compat-suite/clients/python-redis.py', import.meta.url).pathname;
const PYTHON = ['python3', '/usr/bin/python3'].find((path) => succeeds([path, '-c', 'import redis'])) ?? 'python3';

const fromNpm = (file: string, packageName: string): ClientProgram => ({
  name: packageName,
  command: ['node', script(file), packageName],
  probe: ['node', '--input-type=module', '-e', `await import('${packageName}')`],
});

const CLIENTS: readonly ClientProgram[] = [
  { name: 'redis-cli', command: ['node', script('redis-cli')], probe: ['redis-cli', '--version'] },
  { name: 'redis-benchmark', command: ['node', script('redis-benchmark')], probe: ['redis-benchmark', '--version'] },
  fromNpm('ioredis', 'ioredis'),
  fromNpm('ioredis', 'ioredis6'),
  fromNpm('node-redis', 'redis5'),
  fromNpm('node-redis', 'redis6'),
  { name: 'python3-redis', command: [PYTHON, PYTHON_SCRIPT], probe: [PYTHON, '-c', 'import redis'] },
];

/** Longer than any of them takes on a slow machine. */
const PATIENCE_MS = 60_000;

function succeeds([command, ...args]: readonly string[]): boolean {
  return spawnSync(command, args, { stdio: 'ignore', cwd: new URL('.', import.meta.url) }).status === 0;
}

/** Runs the clients, each against a server of its own, and counts their checks. */
export async function runClients({ target, families }: Options): Promise<Tally> {
  const tally = new Tally();
  for (const client of CLIENTS) {
    if (families !== undefined && !families.includes(client.name)) continue;
    if (!succeeds(client.probe)) {
      console.log(`${client.name}: not installed, skipped`);
      continue;
    }
    const server = await startTarget(target);
    const { code, output } = await run([...client.command, String(server.port)]);
    await server.stop();
    const passed = output.match(/^ok /gm)?.length ?? 0;
    const failed = (output.match(/^not ok /gm)?.length ?? 0) + (code === 0 ? 0 : 1);
    if (failed > 0) console.log(complaints(output));
    console.log(`${client.name}: exit code ${code}, ${passed} checks passed${failed === 0 ? '' : ', others failed'}`);
    tally.add(client.name, '2', passed, passed + failed);
  }
  return tally;
}

/** The checks that failed, each in a line; of a script that did not come so far the last lines. */
function complaints(output: string): string {
  const checks = output.match(/^not ok .*(?:\n(?!ok |not ok ).*){0,6}/gm) ?? [];
  return checks.length > 0 ? checks.slice(0, 10).join('\n') : output.trimEnd().split('\n').slice(-8).join('\n');
}

function run([command, ...args]: readonly string[]): Promise<{ code: number; output: string }> {
  const child = spawn(command, args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: PATIENCE_MS,
    killSignal: 'SIGKILL',
  });
  let output = '';
  child.stdout.on('data', (chunk) => (output += chunk));
  child.stderr.on('data', (chunk) => (output += chunk));
  return new Promise((resolve) => child.once('close', (code) => resolve({ code: code ?? 137, output })));
}
