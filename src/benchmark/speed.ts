/**
 * `speed`: each workload at each pipeline depth, the two servers in turn within each round, and everything that each run gave.
 *
 *     for each workload     empty, lay down, compare one reply of each side
 *       for each depth      short runs that grow: JIT warm-up, and how many requests make a run of the wanted length
 *         for each round    Redis, Synap   (odd rounds: Synap, Redis)
 *
 * Both sides get the same requests on the same data. A row that fails keeps its error; it is never left out. Next: speed-table.ts.
 */
import { messageOf, type Pair, prepare } from './bench.js';
import { fire, type Run, wholePipelines } from './redis-benchmark.js';
import { type Reply, ReplyError, RespConnection } from './resp-connection.js';
import type { ServerProcess } from './server-process.js';
import { sampleCommand, type Workload } from './workload.js';

export interface SpeedOptions {
  readonly depths: readonly number[];
  readonly rounds: number;
  /** Requests a run; undefined: as many as make it about a second. */
  readonly requests: number | undefined;
}

/** One workload at one depth: the runs of both sides, round by round. */
export interface Cell {
  readonly depth: number;
  readonly redis: readonly Run[];
  readonly synap: readonly Run[];
}

/** One workload. `failure` tells why cells are missing. */
export interface Row {
  readonly workload: Workload;
  readonly cells: readonly Cell[];
  readonly failure: string | undefined;
}

/** A run of the slower side should take this long; shorter where the data must be laid down again for each run. */
const RUN_SECONDS = 1.3;
const RUN_SECONDS_CHANGING = 0.7;
/** And the thriftier side must burn this much, or the 10 ms grain of /proc shows; half a second, and room for a trial that erred. */
const RUN_PROCESSOR_US = 700_000;
/** No run longer than this for the sake of the processor time. */
const RUN_SECONDS_MOST = 8;
/** A trial this long tells the rate well enough. */
const TRIAL_SECONDS = 0.3;
const TRIAL_REQUESTS = 2_000;

/** A reply as text that two servers may be compared by; the pairs of an unordered reply are sorted. */
function comparable(reply: Reply): string {
  if (Array.isArray(reply)) return JSON.stringify(reply.map(comparable).sort());
  return reply instanceof ReplyError ? `error: ${reply.text}` : JSON.stringify(reply);
}

async function sample(server: ServerProcess, workload: Workload): Promise<Reply> {
  const connection = await RespConnection.open(server.port);
  try {
    return await connection.call(...sampleCommand(workload));
  } finally {
    connection.close();
  }
}

/** Speed is worth nothing where the answer is wrong: throws unless both sides give the same, and as many items as it should have. */
async function compare(pair: Pair, workload: Workload): Promise<void> {
  const redis = await sample(pair.redis, workload);
  const synap = await sample(pair.synap, workload);
  const items = Array.isArray(redis) ? redis.length : undefined;
  if (redis instanceof ReplyError || (workload.items !== undefined && items !== workload.items)) {
    throw new Error(`${pair.redis.name} answers ${comparable(redis).slice(0, 80)}: the workload is set up wrongly`);
  }
  if (comparable(redis) !== comparable(synap)) {
    const [theirs, ours] = [comparable(redis).slice(0, 60), comparable(synap).slice(0, 60)];
    throw new Error(`${pair.synap.name} answers ${ours}, ${pair.redis.name} ${theirs}`);
  }
}

/** How workloads are laid down: `big` keeps what lies there already. */
export type Prepare = (server: ServerProcess, workload: Workload, requests: number) => Promise<void>;

export const layDownData: Prepare = (server, workload, requests) => prepare(server, workload.data(requests));

/** Measures the workloads on a pair one after another. */
export class SpeedMeasurement {
  constructor(
    private readonly pair: Pair,
    private readonly options: SpeedOptions,
    private readonly lay: Prepare,
  ) {}

  async row(workload: Workload): Promise<Row> {
    const cells: Cell[] = [];
    let failure: string | undefined;
    try {
      await this.pair.revive();
      for (const server of [this.pair.redis, this.pair.synap]) await this.lay(server, workload, TRIAL_REQUESTS);
      await compare(this.pair, workload);
      for (const depth of this.options.depths) cells.push(await this.cell(workload, depth));
    } catch (error) {
      failure = messageOf(error);
      this.pair.bench.note(`${workload.name}: failed: ${failure}`);
    }
    return { workload, cells, failure };
  }

  private async cell(workload: Workload, depth: number): Promise<Cell> {
    const { redis, synap, bench } = this.pair;
    const requests = await this.calibrate(workload, depth);
    await this.run(synap, workload, depth, wholePipelines(requests / 2, depth)); // the last of the JIT's warm-up, thrown away
    const cell = { depth, redis: [] as Run[], synap: [] as Run[] };
    for (let round = 1; round <= this.options.rounds; round++) {
      bench.note(`${workload.name}, pipeline ${depth}, ${requests} requests, round ${round} of ${this.options.rounds}`);
      const order = round % 2 === 1 ? [redis, synap] : [synap, redis];
      for (const server of order) {
        const run = await this.run(server, workload, depth, requests);
        (server === redis ? cell.redis : cell.synap).push(run);
      }
    }
    return cell;
  }

  private async run(server: ServerProcess, workload: Workload, depth: number, requests: number): Promise<Run> {
    if (workload.changes) await this.lay(server, workload, requests);
    else await server.settle();
    const shot = { command: workload.command, space: workload.space(requests), requests, depth };
    return fire(server, shot, this.pair.bench.children);
  }

  private async calibrate(workload: Workload, depth: number): Promise<number> {
    if (this.options.requests !== undefined) return wholePipelines(this.options.requests, depth);
    const redis = await this.trial(this.pair.redis, workload, depth);
    const synap = await this.trial(this.pair.synap, workload, depth);
    return wholePipelines(wantedRequests(redis, synap, workload.changes), depth);
  }

  /** Runs of growing length until one is long enough to tell the rate. */
  private async trial(server: ServerProcess, workload: Workload, depth: number): Promise<Run> {
    let requests = wholePipelines(TRIAL_REQUESTS, depth);
    for (;;) {
      this.pair.bench.note(`${workload.name}, pipeline ${depth}, ${server.name}: a trial of ${requests} requests`);
      const run = await this.run(server, workload, depth, requests);
      if (run.requests / run.perSecond >= TRIAL_SECONDS) return run;
      requests = wholePipelines(requests * 4, depth);
    }
  }
}

/** Requests that keep the slower side busy long enough and make the thriftier one burn enough, within reason. */
export function wantedRequests(redis: Run, synap: Run, changes: boolean): number {
  const rate = Math.min(redis.perSecond, synap.perSecond);
  const thrift = Math.min(redis.processorUs, synap.processorUs);
  const long = rate * (changes ? RUN_SECONDS_CHANGING : RUN_SECONDS);
  const burning = thrift > 0 ? RUN_PROCESSOR_US / thrift : 0;
  return Math.ceil(Math.min(Math.max(long, burning), rate * RUN_SECONDS_MOST));
}

/** Measures `workloads` in their order, each laid down by `lay`. */
export async function measureSpeed(
  pair: Pair,
  workloads: readonly Workload[],
  options: SpeedOptions,
  lay: Prepare,
): Promise<Row[]> {
  const measurement = new SpeedMeasurement(pair, options, lay);
  const rows: Row[] = [];
  for (const workload of workloads) rows.push(await measurement.row(workload));
  return rows;
}
