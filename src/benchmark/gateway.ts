/**
 * `gateway`: what HTTP costs, and what it costs those who do not use it.
 *
 *   requests a second of the gateway before a server : of the same framework answering a constant    GET kv/get, POST kv/set
 *   a server with an idle gateway beside it : the same without                                       ready, RESP throughput
 *
 * Servers on one core, the client on the other; the sides in turn within each round. Next: http-load.ts, constant-http.ts.
 */
import type { ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { type Bench, messageOf, startServer } from './bench.js';
import { sleep } from './children.js';
import { httpLoad, requestOf } from './http-load.js';
import { fire } from './redis-benchmark.js';
import type { Section } from './report.js';
import { freePort, type ServerLine } from './server-process.js';
import { formatQuantity, formatRatio, median, medianRatio } from './statistics.js';

const CONNECTIONS = 64;
const WARM_MS = 2000;
const RUN_MS = 2000;
const KEYS = 100_000;
const VALUE = 'xxxxxxxxxxxxxxxx';
const REQUESTS = { 1: 80_000, 16: 1_000_000 } as const;
/** The gateway is ready, and its thread rests, after this. */
const IDLE_MS = 2500;

interface Row {
  readonly name: string;
  readonly ours: number[];
  readonly theirs: number[];
  /** What the figures are. */
  readonly unit: string;
}

function key(): string {
  return `key:${String(Math.floor(Math.random() * KEYS)).padStart(12, '0')}`;
}

const CALLS: readonly (readonly [name: string, next: () => string])[] = [
  ['POST /api/v1/kv/set', () => requestOf('/api/v1/kv/set', JSON.stringify({ key: key(), value: VALUE }))],
  ['GET /api/v1/kv/get', () => requestOf(`/api/v1/kv/get?key=${key()}`, undefined)],
];

function script(path: string): string {
  return fileURLToPath(new URL(path, import.meta.url));
}

/** Starts a process that listens on `port`, on the servers' core. @returns it, once it answers */
async function listener(bench: Bench, words: readonly string[], port: number): Promise<ChildProcess> {
  const child = bench.children.start([process.execPath, ...words], bench.cores?.server, { stdio: 'ignore' });
  for (let tries = 0; ; tries++) {
    await sleep(50);
    const ok = await fetch(`http://127.0.0.1:${port}/`).then(
      () => true,
      () => false,
    );
    if (ok) return child;
    if (child.exitCode !== null || tries === 200) throw new Error(`${words[0]} does not listen`);
  }
}

async function overHttp(bench: Bench, rounds: number): Promise<Row[]> {
  const server = await startServer(bench, bench.synap);
  const [ours, theirs] = [await freePort(), await freePort()];
  const url = `redis://127.0.0.1:${server.port}`;
  const children = [
    await listener(bench, [script('../../bundle/synap-gateway.js'), '--url', url, '--port', String(ours)], ours),
    await listener(bench, [script('constant-http.js'), String(theirs)], theirs),
  ];
  const rows: Row[] = [];
  try {
    for (const [name, next] of CALLS) {
      const row: Row = { name, ours: [], theirs: [], unit: 'requests/s' };
      for (const port of [ours, theirs]) await httpLoad(port, CONNECTIONS, WARM_MS, next);
      for (let round = 0; round < rounds; round++) {
        bench.note(`${name}, round ${round + 1} of ${rounds}`);
        const sides = [
          [ours, row.ours],
          [theirs, row.theirs],
        ] as const;
        for (const [port, figures] of round % 2 === 0 ? sides : [...sides].reverse())
          figures.push(await httpLoad(port, CONNECTIONS, RUN_MS, next));
      }
      rows.push(row);
    }
  } finally {
    for (const child of children) child.kill('SIGKILL');
    await server.stop();
  }
  return rows;
}

async function beside(bench: Bench, rounds: number): Promise<Row[]> {
  const ready: Row = { name: 'ready', ours: [], theirs: [], unit: 'ms' };
  const one: Row = { name: 'SET, P=1', ours: [], theirs: [], unit: 'commands/s' };
  const many: Row = { name: 'SET, P=16', ours: [], theirs: [], unit: 'commands/s' };
  const command = ['SET', 'key:__rand_int__', VALUE];
  for (let round = 0; round < rounds; round++) {
    const line = `${bench.synap.line} --gateway-port ${await freePort()}`;
    const sides: (readonly [ServerLine, 'ours' | 'theirs'])[] = [
      [{ name: 'Synap with a gateway', line }, 'ours'],
      [bench.synap, 'theirs'],
    ];
    for (const [server, side] of round % 2 === 0 ? sides : sides.reverse()) {
      bench.note(`${server.name}, round ${round + 1} of ${rounds}`);
      const began = performance.now();
      const running = await startServer(bench, server);
      ready[side].push(performance.now() - began);
      await sleep(IDLE_MS);
      try {
        for (const [row, depth] of [
          [one, 1],
          [many, 16],
        ] as const) {
          const shot = { command, space: KEYS, depth };
          await fire(running, { ...shot, requests: REQUESTS[depth] / 4 }, bench.children);
          row[side].push((await fire(running, { ...shot, requests: REQUESTS[depth] }, bench.children)).perSecond);
        }
      } finally {
        await running.stop();
      }
    }
  }
  return [ready, one, many];
}

/**
 * Measures both.
 * @param rounds of each
 */
export async function measureGateway(bench: Bench, rounds: number): Promise<Section> {
  const failures: string[] = [];
  const taken = { http: [] as Row[], beside: [] as Row[] };
  try {
    taken.http = await overHttp(bench, rounds);
    taken.beside = await beside(bench, rounds);
  } catch (error) {
    failures.push(messageOf(error));
  }
  const line = ({ name, ours, theirs, unit }: Row): string[] => [
    `${name} (${unit})`,
    formatQuantity(median(theirs)),
    formatQuantity(median(ours)),
    formatRatio(medianRatio(ours, theirs)),
  ];
  return {
    heading: 'The gateway',
    tables: [
      { columns: ['64 connections', 'constant', 'gateway', 'ratio'], rows: taken.http.map(line) },
      { columns: ['beside the server, idle', 'without', 'with', 'ratio'], rows: taken.beside.map(line) },
    ],
    notes: [`Medians over ${rounds} rounds; the ratio is that of the ratios within a round.`],
    failures,
    data: taken,
  };
}
