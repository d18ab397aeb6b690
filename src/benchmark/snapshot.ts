/**
 * `snapshot`: BGSAVE and loading, Redis beside Synap, one after the other through the same phases:
 *
 *     load keys ─ BGSAVE at rest ─ every key written ─ every key written during BGSAVE ─ start again on that file
 *     one hash  ─ every field written during BGSAVE
 *
 * An idle client measures the pauses. Extra memory is what the process grew by at most, and what a child process reports to have
 * copied. Next: pinger.ts, data-directory.ts.
 */
import { type Bench, messageOf, startServer } from './bench.js';
import { sleep } from './children.js';
import { DataDirectory } from './data-directory.js';
import { bigHash, strings } from './dataset.js';
import { FAST, type Load, layDown, MODEST } from './loader.js';
import type { Summary } from './pinger.js';
import { Prober } from './prober.js';
import type { Section } from './report.js';
import { RespConnection } from './resp-connection.js';
import type { ServerLine, ServerProcess } from './server-process.js';
import { formatQuantity, formatRatio } from './statistics.js';

export interface SnapshotOptions {
  /** Keys, and fields of the hash. */
  readonly elements: number;
  /** The file system that is measured. */
  readonly where: string | undefined;
}

/** Everything of one server; seconds, milliseconds where the name says so, and shares of the data set. */
type Figures = Record<string, number>;

const NO_LOG = "--save '' --appendonly no";
const POLL_MS = 10;
const SAVE_LIMIT_MS = 600_000;

/** BGSAVE, awaited. Resolves with the seconds that it took; rejects when it failed. */
async function bgsave(server: ServerProcess): Promise<number> {
  const connection = await RespConnection.open(server.port);
  try {
    const begun = performance.now();
    await connection.demand('BGSAVE');
    for (;;) {
      await sleep(POLL_MS);
      const info = String(await connection.demand('INFO', 'persistence'));
      if (/^rdb_bgsave_in_progress:0/m.test(info)) {
        if (!/^rdb_last_bgsave_status:ok/m.test(info)) throw new Error(`${server.name}: BGSAVE failed`);
        return (performance.now() - begun) / 1000;
      }
      if (performance.now() - begun > SAVE_LIMIT_MS) throw new Error(`${server.name}: BGSAVE does not end`);
    }
  } finally {
    connection.close();
  }
}

/** Bytes that the last BGSAVE's child process copied; 0 where there is no child. */
async function copiedBytes(server: ServerProcess): Promise<number> {
  const connection = await RespConnection.open(server.port);
  try {
    const info = String(await connection.demand('INFO', 'persistence'));
    return Number(/^rdb_last_cow_size:(\d+)/m.exec(info)?.[1] ?? 0);
  } finally {
    connection.close();
  }
}

/** The most resident memory while `work` lasts. */
async function peakBytes(server: ServerProcess, work: Promise<unknown>): Promise<number> {
  let peak = server.residentBytes();
  let over = false;
  const end = work.finally(() => {
    over = true;
  });
  while (!over) {
    peak = Math.max(peak, server.residentBytes());
    await Promise.race([sleep(2 * POLL_MS), end.catch(() => {})]);
  }
  await end;
  return peak;
}

/** An idle client's pauses while `act` lasts. */
async function pauses(bench: Bench, server: ServerProcess, act: () => Promise<void>): Promise<Summary> {
  const prober = await Prober.start(bench, server.port);
  try {
    prober.begin();
    await act();
    return await prober.end();
  } finally {
    prober.stop();
  }
}

/** Writes all of `load` again, alone and during a BGSAVE. */
async function writeDuring(
  bench: Bench,
  server: ServerProcess,
  load: Load,
  name: string,
  into: Figures,
): Promise<void> {
  const empty = into.empty;
  const before = await server.settledBytes();
  const alone = await pauses(bench, server, () => layDown(server.port, load, MODEST));
  into[`${name}: longest pause of writing alone, ms`] = alone.max;
  const base = Math.max(before, server.residentBytes());
  let seconds = 0;
  let peak = 0;
  const during = await pauses(bench, server, async () => {
    const work = Promise.all([bgsave(server), layDown(server.port, load, MODEST)]);
    peak = await peakBytes(server, work);
    [seconds] = await work;
  });
  into[`${name}: longest pause during BGSAVE and writing, ms`] = during.max;
  into[`${name}: BGSAVE while everything is written, s`] = seconds;
  const extra = peak - base + (await copiedBytes(server));
  into[`${name}: extra memory, share of the data`] = Math.max(0, extra) / (before - empty);
}

/** Starts a server on a directory that holds a file, until it serves `count` keys. Resolves with it and the seconds that took. */
async function startLoading(bench: Bench, line: ServerLine, count: number): Promise<[ServerProcess, number]> {
  const begun = performance.now();
  const server = await startServer(bench, line);
  const connection = await RespConnection.open(server.port);
  try {
    while ((await connection.call('DBSIZE')) !== count) {
      if (performance.now() - begun > SAVE_LIMIT_MS) throw new Error(`${server.name} does not load its file`);
      await sleep(POLL_MS);
    }
  } finally {
    connection.close();
  }
  return [server, (performance.now() - begun) / 1000];
}

async function observe(bench: Bench, directory: DataDirectory, side: ServerLine, elements: number): Promise<Figures> {
  const line = directory.line(side, NO_LOG);
  const empty = directory.line({ ...side, name: `${side.name} with one hash` }, NO_LOG);
  const figures: Figures = {};
  let server = await startServer(bench, line);
  try {
    figures.empty = await server.settledBytes();
    bench.note(`${line.name}: loading`);
    const keys = strings(elements);
    await layDown(server.port, keys, FAST);
    await server.settle();
    bench.note(`${line.name}: BGSAVE at rest`);
    figures['keys: BGSAVE at rest, s'] = await bgsave(server);
    bench.note(`${line.name}: BGSAVE while every key is written`);
    await writeDuring(bench, server, keys, 'keys', figures);
    await server.stop();
    bench.note(`${line.name}: starting on the file`);
    let seconds: number;
    [server, seconds] = await startLoading(bench, line, elements);
    figures['keys: loading the file at start, s'] = seconds;
    await server.stop();
    bench.note(`${line.name}: BGSAVE while every field of one hash is written`);
    server = await startServer(bench, empty);
    figures.empty = await server.settledBytes();
    const fields = bigHash(elements);
    await layDown(server.port, fields, FAST);
    await writeDuring(bench, server, fields, 'one hash', figures);
  } finally {
    await server.stop();
  }
  delete figures.empty;
  return figures;
}

export async function measureSnapshot(bench: Bench, options: SnapshotOptions): Promise<Section> {
  const { elements, where } = options;
  const found: Figures[] = [];
  const failures: string[] = [];
  for (const server of [bench.redis, bench.synap]) {
    const directory = new DataDirectory(where);
    try {
      found.push(await observe(bench, directory, server, elements));
    } catch (error) {
      failures.push(`${server.name}: ${messageOf(error)}`);
      found.push({});
    } finally {
      directory.remove();
    }
  }
  const [redis, synap] = found;
  const names = Object.keys({ ...redis, ...synap });
  const count = elements.toLocaleString('en-US');
  return {
    heading: `Snapshots of ${count} elements`,
    tables: [
      {
        columns: ['figure', 'Redis', 'Synap', 'Synap / Redis'],
        rows: names.map((name) => [
          name,
          formatQuantity(redis[name]),
          formatQuantity(synap[name]),
          formatRatio(synap[name] / redis[name]),
        ]),
      },
    ],
    notes: [
      `${count} keys with a string, then one hash of as many fields; names and values of sixteen bytes. Another client writes them all again, ` +
        `${MODEST.batch} commands at a time, while an idle one sends PINGs. Extra memory: what the process grew by at most, and what Redis's child copied.`,
      ...failures.map((failure) => `FAILED: ${failure}`),
    ],
    data: { elements, redis, synap },
    failures,
  };
}
