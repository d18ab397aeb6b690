/**
 * `memory`: resident bytes an element, Redis beside Synap, each case in a process of its own. Resident means what the kernel
 * counts (VmRSS), after and before, both at rest: neither server's own idea of its memory. Loading is also the one place where
 * only new keys and members arrive, so the processor time that it took is reported too. Next: dataset.ts.
 */
import { type Bench, messageOf, startServer } from './bench.js';
import { bigHash, bigList, bigSet, bigZset, noItems, smallHashes, strings } from './dataset.js';
import { FAST, type Load, layDown } from './loader.js';
import type { Section } from './report.js';
import type { ServerLine } from './server-process.js';
import { formatQuantity, formatRatio } from './statistics.js';

export interface MemoryOptions {
  /** Elements in every case; undefined: each case's own number. */
  readonly elements: number | undefined;
  /** Also 20 million keys. */
  readonly large: boolean;
}

interface Case {
  readonly name: string;
  readonly elements: number;
  readonly load: (count: number) => Load;
}

const MILLION = 1_000_000;

const CASES: readonly Case[] = [
  { name: 'key with a string', elements: MILLION, load: strings },
  { name: 'hash of 5 fields', elements: MILLION, load: smallHashes },
  { name: 'member of one set', elements: 3 * MILLION, load: bigSet },
  { name: 'field of one hash', elements: 3 * MILLION, load: bigHash },
  { name: 'member of one zset', elements: 2 * MILLION, load: bigZset },
  { name: 'item of one list', elements: 3 * MILLION, load: bigList },
];

const LARGE: Case = { name: 'key with a string', elements: 20 * MILLION, load: strings };

/** What loading did to one server: bytes and microseconds of processor time, both an element. */
export interface Footprint {
  readonly bytes: number;
  readonly processorUs: number;
}

export interface MemoryRow {
  readonly name: string;
  readonly elements: number;
  readonly redis: Footprint | undefined;
  readonly synap: Footprint | undefined;
  readonly failure: string | undefined;
}

async function footprint(bench: Bench, line: ServerLine, load: Load): Promise<Footprint> {
  const server = await startServer(bench, line);
  try {
    // What a process takes once, with the first megabytes that it receives, is no element's.
    await layDown(server.port, noItems(MILLION), FAST);
    const before = await server.settledBytes();
    const processor = server.processorMs();
    await layDown(server.port, load, FAST);
    const after = await server.settledBytes();
    const spent = server.processorMs() - processor;
    return { bytes: (after - before) / load.elements, processorUs: (spent * 1000) / load.elements };
  } finally {
    await server.stop();
  }
}

async function row(bench: Bench, each: Case, elements: number): Promise<MemoryRow> {
  const label = `${elements.toLocaleString('en-US')} × ${each.name}`;
  let redis: Footprint | undefined;
  let synap: Footprint | undefined;
  try {
    bench.note(`${label}: ${bench.redis.name}`);
    redis = await footprint(bench, bench.redis, each.load(elements));
    bench.note(`${label}: ${bench.synap.name}`);
    synap = await footprint(bench, bench.synap, each.load(elements));
  } catch (error) {
    return { name: each.name, elements, redis, synap, failure: messageOf(error) };
  }
  return { name: each.name, elements, redis, synap, failure: undefined };
}

/** A line of the table: bytes of both, their ratio, and the ratio of the processor time that loading took. */
export function memoryCells(each: MemoryRow): string[] {
  const bytes = (side: Footprint | undefined): string => (side === undefined ? 'failed' : formatQuantity(side.bytes));
  const ratio = (key: keyof Footprint): string =>
    each.redis === undefined || each.synap === undefined ? '—' : formatRatio(each.synap[key] / each.redis[key]);
  const count = each.elements.toLocaleString('en-US');
  return [each.name, count, bytes(each.redis), bytes(each.synap), ratio('bytes'), ratio('processorUs')];
}

export async function measureMemory(bench: Bench, options: MemoryOptions): Promise<Section> {
  const cases = options.large ? [...CASES, LARGE] : CASES;
  const rows: MemoryRow[] = [];
  for (const each of cases) rows.push(await row(bench, each, options.elements ?? each.elements));
  const failures = rows.filter((each) => each.failure !== undefined).map((each) => `${each.name}: ${each.failure}`);
  return {
    heading: 'Memory an element',
    tables: [
      {
        columns: ['element', 'elements', 'Redis bytes', 'Synap bytes', 'Synap / Redis', 'CPU to load'],
        rows: rows.map(memoryCells),
      },
    ],
    notes: [
      'Resident memory (VmRSS) after loading minus before, both at rest, divided by the elements; a fresh process a cell, which has received a million items that it did not keep. Names, members, ' +
        'fields and values are 16 bytes; a key counts with its value. CPU to load: processor time of all server threads, Synap / Redis.',
      ...failures.map((failure) => `FAILED: ${failure}`),
    ],
    data: rows,
    failures,
  };
}
