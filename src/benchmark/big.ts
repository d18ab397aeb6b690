/**
 * `big`: 20 million keys in one database of each server, what they cost to load and to keep, and SET and GET on them at random.
 * What caches hide at 100,000 keys shows here. Next: speed.ts.
 */
import { type Bench, flush, Pair } from './bench.js';
import { strings } from './dataset.js';
import { FAST, layDown } from './loader.js';
import type { Footprint } from './memory.js';
import type { Section } from './report.js';
import { RespConnection } from './resp-connection.js';
import type { ServerProcess } from './server-process.js';
import { measureSpeed, type Prepare, type SpeedOptions } from './speed.js';
import { absoluteTable, failuresOf, ratioTable, speedNotes } from './speed-table.js';
import { formatQuantity, formatRatio } from './statistics.js';
import { chooseWorkloads, type Workload } from './workload.js';

export interface BigOptions extends SpeedOptions {
  readonly keys: number;
  readonly absolute: boolean;
}

async function fill(bench: Bench, server: ServerProcess, keys: number): Promise<Footprint> {
  bench.note(`${server.name}: loading ${keys.toLocaleString('en-US')} keys`);
  await flush(server);
  const [bytes, processor] = [await server.settledBytes(), server.processorMs()];
  await layDown(server.port, strings(keys), FAST);
  const grown = (await server.settledBytes()) - bytes;
  return { bytes: grown / keys, processorUs: ((server.processorMs() - processor) * 1000) / keys };
}

/** The keys are laid down once: a server that died and was started again is empty, and SET on it would look fine. */
async function mustHold(server: ServerProcess, keys: number): Promise<void> {
  const connection = await RespConnection.open(server.port);
  try {
    const held = await connection.demand('DBSIZE');
    if (held !== keys) throw new Error(`${server.name} holds ${held} keys instead of ${keys}`);
  } finally {
    connection.close();
  }
}

function costRow(title: string, key: keyof Footprint, redis: Footprint, synap: Footprint): string[] {
  return [title, formatQuantity(redis[key]), formatQuantity(synap[key]), formatRatio(synap[key] / redis[key])];
}

/** SET and GET over all the keys that lie there. */
function overAll(keys: number): Workload[] {
  const count = keys.toLocaleString('en-US');
  const verbs: Record<string, string> = { SET: 'overwrites', GET: 'reads' };
  return chooseWorkloads('SET,GET').map((workload) => ({
    ...workload,
    space: () => keys,
    says: `${verbs[workload.name]} one of ${count} keys at random`,
  }));
}

export async function measureBig(bench: Bench, options: BigOptions): Promise<Section> {
  const pair = await Pair.start(bench);
  try {
    const redis = await fill(bench, pair.redis, options.keys);
    const synap = await fill(bench, pair.synap, options.keys);
    const stay: Prepare = (server) => mustHold(server, options.keys);
    const rows = await measureSpeed(pair, overAll(options.keys), options, stay);
    const cost = {
      columns: ['a key', 'Redis', 'Synap', 'Synap / Redis'],
      rows: [costRow('resident bytes', 'bytes', redis, synap), costRow('CPU µs to load', 'processorUs', redis, synap)],
    };
    const tables = [cost, ratioTable(rows, options.depths)];
    if (options.absolute) tables.push(absoluteTable(rows, options.depths));
    return {
      heading: `${options.keys.toLocaleString('en-US')} keys in one database`,
      tables,
      notes: speedNotes(rows, options.rounds),
      data: { keys: options.keys, redis, synap, rows },
      failures: failuresOf(rows),
    };
  } finally {
    await pair.stop();
  }
}
