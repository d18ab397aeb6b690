/**
 * `pause`: how long an idle client waits for its PING while the server loads, frees and expires millions of elements. A server
 * with one thread shows here what no throughput figure shows. Each server goes through the same phases, one after the other:
 *
 *     idle ─ load keys ─ FLUSHALL ASYNC ─ { load ─ UNLINK ─ load ─ DEL } of one set, hash, list, zset ─ keys that expire
 *
 * The loader pipelines modestly (a hundred commands at a time), because a client that sends a megabyte at once makes its own pauses.
 * Next: pinger.ts, the idle client.
 */
import { type Bench, flush, messageOf, startServer } from './bench.js';
import { sleep } from './children.js';
import { bigHash, bigList, bigSet, bigZset, expiringStrings, strings } from './dataset.js';
import { FAST, type Load, layDown, MODEST } from './loader.js';
import type { Summary } from './pinger.js';
import { Prober } from './prober.js';
import type { Section } from './report.js';
import { type Reply, RespConnection } from './resp-connection.js';
import type { ServerLine, ServerProcess } from './server-process.js';
import { formatQuantity } from './statistics.js';
import type { Table } from './table.js';

export interface PauseOptions {
  /** Keys, and elements of each big collection; the keys that expire are a fifth of it. */
  readonly elements: number;
}

/** A phase: `prepare` is not recorded, `act` is. */
interface Phase {
  readonly name: string;
  readonly prepare?: (server: ServerProcess) => Promise<void>;
  readonly act: (server: ServerProcess) => Promise<void>;
}

/** What one server showed: a summary or the reason why there is none, by the phase's name. */
export type Outcomes = Record<string, Summary | { readonly failure: string }>;

const IDLE_MS = 3_000;
/** How long a phase still listens after its command, for what goes on behind it. */
const TAIL_MS = 500;
/** Keys that expire together are loaded in time for this: their loading must be over, or the phase fails. */
const EXPIRE_LEAD_MS = (keys: number): number => 2_000 + keys / 100;
const EXPIRE_LIMIT_MS = 120_000;

/** Sends one command that must answer `expected` (a DEL of nothing would make no pause), and listens until the server rests. */
async function once(server: ServerProcess, words: readonly string[], expected: Reply): Promise<void> {
  const connection = await RespConnection.open(server.port);
  try {
    const reply = await connection.demand(...words);
    if (reply !== expected) throw new Error(`${words.join(' ')} answers ${reply} instead of ${expected}`);
  } finally {
    connection.close();
  }
  await sleep(TAIL_MS);
  await server.settle();
}

function load(name: string, data: Load): Phase {
  return { name: `load ${name}`, prepare: flush, act: (server) => layDown(server.port, data, MODEST) };
}

function collectionPhases(kind: string, data: Load): Phase[] {
  return [
    load(`one ${kind}`, data),
    { name: `UNLINK ${kind}`, act: (server) => once(server, ['UNLINK', kind], 1) },
    {
      name: `DEL ${kind}`,
      prepare: async (server) => {
        await layDown(server.port, data, FAST);
        await server.settle();
      },
      act: (server) => once(server, ['DEL', kind], 1),
    },
  ];
}

/** Waits until no key is left, asking ten times a second. */
async function untilEmpty(server: ServerProcess): Promise<void> {
  const connection = await RespConnection.open(server.port);
  try {
    const limit = Date.now() + EXPIRE_LIMIT_MS;
    while ((await connection.demand('DBSIZE')) !== 0) {
      if (Date.now() > limit) throw new Error(`keys that expired are still there after ${EXPIRE_LIMIT_MS / 1000} s`);
      await sleep(100);
    }
  } finally {
    connection.close();
  }
}

function expiry(keys: number): Phase {
  let at = 0;
  return {
    name: 'keys expire',
    prepare: async (server) => {
      await flush(server);
      at = Date.now() + EXPIRE_LEAD_MS(keys);
      await layDown(server.port, expiringStrings(keys, at), FAST);
      if (Date.now() > at) throw new Error('loading took longer than the keys should live');
      await sleep(Math.max(0, at - Date.now() - TAIL_MS));
    },
    act: async (server) => {
      await sleep(Math.max(0, at - Date.now()));
      await untilEmpty(server);
      await sleep(TAIL_MS);
    },
  };
}

function phases(elements: number): Phase[] {
  return [
    { name: 'idle', act: () => sleep(IDLE_MS) },
    load('keys', strings(elements)),
    { name: 'FLUSHALL ASYNC', act: (server) => once(server, ['FLUSHALL', 'ASYNC'], 'OK') },
    ...collectionPhases('set', bigSet(elements)),
    ...collectionPhases('hash', bigHash(elements)),
    ...collectionPhases('list', bigList(elements)),
    ...collectionPhases('zset', bigZset(elements)),
    expiry(Math.ceil(elements / 5)),
  ];
}

/** A server and its idle client. */
class Subject {
  private constructor(
    readonly server: ServerProcess,
    private readonly prober: Prober,
  ) {}

  static async start(bench: Bench, line: ServerLine): Promise<Subject> {
    const server = await startServer(bench, line);
    return new Subject(server, await Prober.start(bench, server.port));
  }

  async record(phase: Phase): Promise<Summary> {
    await phase.prepare?.(this.server);
    this.prober.begin();
    await phase.act(this.server);
    return this.prober.end();
  }

  async stop(): Promise<void> {
    this.prober.stop();
    await this.server.stop();
  }
}

/** Takes one server through all phases. A phase that fails costs its figures, and the next begins with a fresh server. */
async function observe(bench: Bench, line: ServerLine, all: readonly Phase[]): Promise<Outcomes> {
  const outcomes: Outcomes = {};
  let subject: Subject | undefined;
  for (const phase of all) {
    bench.note(`${line.name}: ${phase.name}`);
    try {
      subject ??= await Subject.start(bench, line);
      outcomes[phase.name] = await subject.record(phase);
    } catch (error) {
      const died = subject?.server.alive === false ? subject.server.epitaph() : undefined;
      outcomes[phase.name] = { failure: died ?? messageOf(error) };
      await subject?.stop();
      subject = undefined;
    }
  }
  await subject?.stop();
  return outcomes;
}

const FIGURES = ['p50', 'p99', 'p999', 'max', 'lateness'] as const;

function cells(outcome: Outcomes[string]): string[] {
  return FIGURES.map((figure) => ('failure' in outcome ? 'failed' : formatQuantity(outcome[figure])));
}

/** Milliseconds, a line a phase, Redis beside Synap. */
export function pauseTable(names: readonly string[], redis: Outcomes, synap: Outcomes): Table {
  const titles = ['p50', 'p99', 'p99.9', 'max', 'late'];
  const columns = ['PING, ms', ...titles.map((title) => `Redis ${title}`), ...titles.map((title) => `Synap ${title}`)];
  return { columns, rows: names.map((name) => [name, ...cells(redis[name]), ...cells(synap[name])]) };
}

function failuresOf(name: string, outcomes: Outcomes): string[] {
  return Object.entries(outcomes).flatMap(([phase, outcome]) =>
    'failure' in outcome ? [`${name}, ${phase}: ${outcome.failure}`] : [],
  );
}

export async function measurePauses(bench: Bench, options: PauseOptions): Promise<Section> {
  const all = phases(options.elements);
  const redis = await observe(bench, bench.redis, all);
  const synap = await observe(bench, bench.synap, all);
  const failures = [...failuresOf(bench.redis.name, redis), ...failuresOf(bench.synap.name, synap)];
  const names = all.map((phase) => phase.name);
  const count = options.elements.toLocaleString('en-US');
  return {
    heading: 'Pauses seen by an idle client',
    tables: [pauseTable(names, redis, synap)],
    notes: [
      `Milliseconds until the reply of a PING, sent about every millisecond on a connection of its own by a process of its own, while ` +
        `another client loads (pipelines of ${MODEST.batch}) or frees ${count} keys, or one collection of ${count} elements, or while ` +
        `${Math.ceil(options.elements / 5).toLocaleString('en-US')} keys expire at once.`,
      'A phase goes on until the server rests, half a second at least: of a short one, p50 and p99 show mostly that rest, and max the pause.',
      'late: by how much the idle client itself was late at worst; a max of about this size may be its own and not the server’s.',
      ...failures.map((failure) => `FAILED: ${failure}`),
    ],
    data: { elements: options.elements, redis, synap },
    failures,
  };
}
