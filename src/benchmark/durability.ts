/**
 * `durability`: what it costs to log every change, against redis-server doing the same: processor time a command where the log is
 * synced once a second, throughput where every reply waits for the disk. Next: speed.ts, data-directory.ts.
 */
import { type Bench, Pair } from './bench.js';
import { DataDirectory } from './data-directory.js';
import type { Section } from './report.js';
import { layDownData, measureSpeed, type Row, type SpeedOptions } from './speed.js';
import { absoluteTable, failuresOf, ratioTable, speedNotes } from './speed-table.js';
import { chooseWorkloads } from './workload.js';

export interface DurabilityOptions extends SpeedOptions {
  readonly absolute: boolean;
  /** The file system that is measured. */
  readonly where: string | undefined;
}

/** SET, and what a mixed load is made of: writes of every family, and reads between them. */
const MIX = 'SET,GET,INCR,LPUSH,SADD,HSET,HGET,ZADD,SET EX,DEL';
// Redis rewrites its log in a child process, whose time would not be counted: neither rewrites.
const LOGGING = "--save '' --appendonly yes --auto-aof-rewrite-percentage 0";

async function measure(bench: Bench, appendfsync: string, options: DurabilityOptions): Promise<Row[]> {
  const directory = new DataDirectory(options.where);
  try {
    const pair = await Pair.start(directory.bench(bench, `${LOGGING} --appendfsync ${appendfsync}`));
    try {
      return await measureSpeed(pair, chooseWorkloads(MIX), options, layDownData);
    } finally {
      await pair.stop();
    }
  } finally {
    directory.remove();
  }
}

export async function measureDurability(bench: Bench, options: DurabilityOptions): Promise<Section> {
  const everysec = await measure(bench, 'everysec', options);
  const always = await measure(bench, 'always', options);
  const table = (rows: readonly Row[]) => (options.absolute ? absoluteTable : ratioTable)(rows, options.depths);
  return {
    heading: 'Logging every change, Synap against Redis',
    tables: [table(everysec), table(always)],
    notes: [
      'First table: appendfsync everysec. Second: appendfsync always. Both servers with appendonly yes and without automatic rewriting, ' +
        'which Redis does in a child process that would not be counted. The geometric mean is that of a mixed load.',
      ...speedNotes(everysec, options.rounds),
    ],
    data: { everysec, always },
    failures: [...failuresOf(everysec), ...failuresOf(always)],
  };
}
