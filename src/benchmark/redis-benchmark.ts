/**
 * One run of the real redis-benchmark against one server, with the server's processor time taken around it. The client and its
 * random numbers are Redis's own: ours would be suspected of kindness. Next: workload.ts, speed.ts.
 */
import { type Children, sleep } from './children.js';
import type { ServerProcess } from './server-process.js';

export const CONNECTIONS = 50;
/** A run that takes longer hangs: it is killed and counts as a failure. */
const RUN_LIMIT_MS = 300_000;

/** What one run gave. */
export interface Run {
  readonly requests: number;
  readonly perSecond: number;
  /** Server processor time in microseconds a command. */
  readonly processorUs: number;
  /** Server processor time of the whole run in milliseconds; below 500 the grain of 10 ms shows in `processorUs`. */
  readonly processorMs: number;
  readonly p99Ms: number;
}

/** What to send: command words in which redis-benchmark replaces `__rand_int__` by 0 … space - 1 in twelve digits. */
export interface Shot {
  readonly command: readonly string[];
  readonly space: number;
  readonly requests: number;
  readonly depth: number;
}

/** One row of CSV as redis-benchmark writes it: quoted fields, quotes doubled or backslashed never occur in figures. */
function csvFields(line: string): string[] {
  return Array.from(line.matchAll(/"((?:[^"]|"(?!,|$))*)"/g), (match) => match[1]);
}

/**
 * Throughput and p99 from the output of `redis-benchmark --csv`: columns are found by their titles. Throws, with the output, where
 * there is no row of figures, because then the run has not taken place.
 */
export function parseCsv(output: string): { perSecond: number; p99Ms: number } {
  const lines = output.split('\n').filter((line) => line.startsWith('"'));
  const titles = csvFields(lines[0] ?? '');
  const figures = csvFields(lines[1] ?? '');
  // Counted from the end: the first field is the command, which may hold anything.
  const at = (title: string): number => Number(figures[titles.indexOf(title) - titles.length + figures.length]);
  const perSecond = at('rps');
  const p99Ms = at('p99_latency_ms');
  if (!titles.includes('p99_latency_ms') || !(perSecond > 0) || !(p99Ms >= 0)) {
    throw new Error(`redis-benchmark printed no figures: ${output.trim().slice(0, 200)}`);
  }
  return { perSecond, p99Ms };
}

/** `requests` rounded up to whole pipelines of every connection: redis-benchmark sends no other number. */
export function wholePipelines(requests: number, depth: number): number {
  const unit = depth * CONNECTIONS;
  return Math.max(1, Math.ceil(requests / unit)) * unit;
}

function benchmarkWords(port: number, shot: Shot): string[] {
  const flags = {
    '-h': '127.0.0.1',
    '-p': port,
    '-c': CONNECTIONS,
    '-n': shot.requests,
    '-P': shot.depth,
    '-r': shot.space,
  };
  const words = Object.entries(flags).flatMap(([flag, value]) => [flag, String(value)]);
  return ['redis-benchmark', ...words, '--csv', ...shot.command];
}

function execute(words: readonly string[], children: Children): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = children.start(words, undefined, { stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    let errors = '';
    const timer = setTimeout(() => {
      errors += `no end after ${RUN_LIMIT_MS / 1000} s`;
      child.kill('SIGKILL');
    }, RUN_LIMIT_MS);
    child.stdout?.on('data', (chunk) => (output += chunk));
    child.stderr?.on('data', (chunk) => (errors += chunk));
    child.on('error', (error) => {
      clearTimeout(timer);
      reject(error);
    });
    child.on('close', (code) => {
      clearTimeout(timer);
      if (code === 0) return resolve(output);
      const said = errors.replace(/^WARNING: Could not fetch server CONFIG\n/, '').trim();
      reject(new Error(said.split('\n')[0] || `redis-benchmark ended with code ${code}`));
    });
  });
}

/**
 * Fires one shot at a server that has settled. The processor time is that of every thread, from before the first connection to
 * after the last has gone. Rejects with redis-benchmark's words (an error reply ends it) or when the server dies.
 */
export async function fire(server: ServerProcess, shot: Shot, children: Children): Promise<Run> {
  const before = server.processorMs();
  let output: string;
  try {
    output = await execute(benchmarkWords(server.port, shot), children);
  } catch (error) {
    await sleep(50); // let the exit of a server that crashed arrive first
    throw server.alive ? error : new Error(server.epitaph());
  }
  await sleep(30);
  const spent = server.processorMs() - before;
  const { perSecond, p99Ms } = parseCsv(output);
  return {
    requests: shot.requests,
    perSecond,
    processorMs: spent,
    processorUs: (spent * 1000) / shot.requests,
    p99Ms,
  };
}
