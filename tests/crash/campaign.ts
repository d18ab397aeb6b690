/**
 * A campaign: rounds of load and crash against one target. In each, clients of three sorts write at once (writer.ts, queues.ts,
 * mortals.ts), something happens beside them (a rewrite of the log, a snapshot, a flush of everything), the server crashes at a random
 * moment, sometimes again while it starts, and then everything it has is judged.
 */
import { Random } from '../../compat-suite/random/random.js';
import { Connection } from '../../compat-suite/wire/connection.js';
import { contents, Model } from './model.js';
import { Mortals } from './mortals.js';
import { Queues } from './queues.js';
import type { Words } from './step.js';
import { line, pause, type Target } from './target.js';
import { Writer } from './writer.js';

export const WRITERS = 4;
const DATABASES = 16;

export interface CampaignOptions {
  readonly seed: number;
  /** How long the load runs before a crash at most, ms. */
  readonly longest: number;
  /** Whether an acknowledgement promises that the step survives a crash; if not, a WAITAOF does, and only writers run. */
  readonly durable?: boolean;
  /** What may happen beside the load; undefined stands for nothing. */
  readonly events?: readonly (Words | undefined)[];
}

export class Campaign {
  readonly writers: Writer[] = [];
  readonly queues: Queues;
  readonly mortals: Mortals;
  readonly model = new Model();
  readonly random: Random;
  private readonly longest: number;
  private readonly durable: boolean;
  private readonly events: readonly (Words | undefined)[];

  constructor(
    readonly target: Target,
    { seed, longest, durable = true, events = [undefined] }: CampaignOptions,
  ) {
    this.random = new Random(seed);
    this.longest = longest;
    this.durable = durable;
    this.events = events;
    this.queues = new Queues(seed);
    this.mortals = new Mortals(seed, target.fieldTtls);
    for (let client = 0; client < WRITERS; client++)
      this.writers.push(new Writer({ seed, client, fieldTtls: target.fieldTtls, model: this.model, durable }));
  }

  /** Steps that were acknowledged. */
  get acknowledged(): number {
    const sources = [...this.writers, this.queues, this.mortals];
    return sources.reduce((sum, { acknowledged }) => sum + acknowledged, 0);
  }

  /** How often WAITAOF has said that all is safe. */
  get covered(): number {
    return this.writers.reduce((sum, { covered }) => sum + covered, 0);
  }

  /** One round on a server that serves; it serves again afterwards. @returns what is wrong, one text each */
  async round(): Promise<string[]> {
    if (this.durable && this.random.oneIn(15)) {
      const wrong = await this.flush();
      if (wrong.length > 0) return wrong;
    }
    await this.load(this.moment());
    const wrong = this.complaints();
    if (wrong.length > 0) return wrong;
    await this.restart();
    return this.judge();
  }

  /** Lets all clients write for `ms`, with something beside them, and crashes the server. */
  async load(ms: number): Promise<void> {
    const stop = { now: false };
    const driven = this.clients(stop);
    const ended = Promise.all(await driven);
    const first = this.random.below(ms + 1);
    await this.wait(first);
    const event = this.event().catch(() => {}); // the server may be gone
    await this.wait(ms - first);
    await this.target.crash(this.random.oneIn(8));
    stop.now = true;
    await Promise.all([ended, event]);
  }

  /** Resolves after `ms`, or when the server is gone anyway. */
  protected wait(ms: number): Promise<void> {
    return pause(ms);
  }

  /** Lets all clients write for `ms` and come to rest: everything that was sent is acknowledged. */
  async calm(ms: number): Promise<void> {
    const stop = { now: false };
    const ended = Promise.all(await this.clients(stop));
    await pause(ms);
    stop.now = true;
    await ended;
  }

  complaints(): string[] {
    return [...this.writers, this.queues, this.mortals].flatMap(({ complaints }) => complaints);
  }

  /** Starts the server again; now and then it crashes before it is ready. */
  async restart(): Promise<void> {
    while (this.random.oneIn(5)) await this.target.interruptedStart(this.random.below(1000) / 1000);
    await this.target.start();
  }

  /** Compares what the server has with what it must have. @returns what is wrong, one text each */
  async judge(): Promise<string[]> {
    const { ask, close } = await line(this.target);
    try {
      const wrong: (string | undefined)[] = [];
      const all = this.durable ? [...this.writers, this.queues, this.mortals] : this.writers;
      for (const one of all) wrong.push(await one.judge(ask));
      return [...wrong.filter((text) => text !== undefined), ...this.complaints()];
    } finally {
      close();
    }
  }

  private async clients(stop: { now: boolean }): Promise<Promise<void>[]> {
    const driven: Promise<void>[] = [];
    const drives = [...this.writers.map((writer) => (c: Connection) => writer.drive(c, stop))];
    const strict = [
      (c: Connection) => this.queues.produce(c, stop),
      (c: Connection) => this.queues.produce(c, stop),
      (c: Connection) => this.queues.consume(c, stop),
      (c: Connection) => this.queues.consume(c, stop),
      (c: Connection) => this.mortals.drive(c, stop),
    ];
    for (const drive of this.durable ? [...drives, ...strict] : drives) {
      const connection = await Connection.open(this.target.port);
      driven.push(drive(connection).finally(() => connection.close()));
    }
    return driven;
  }

  /** How long the next load lasts, ms. */
  protected moment(): number {
    // Short ones as often as long ones.
    return Math.floor(this.longest ** (this.random.below(1000) / 1000));
  }

  private async event(): Promise<void> {
    const words = this.random.pick(this.events);
    if (words === undefined) return;
    const { ask, close } = await line(this.target);
    await ask([words]);
    close();
  }

  /** FLUSHALL while nobody else writes, and perhaps a crash in the middle of it: all is there, or nothing. */
  private async flush(): Promise<string[]> {
    const { ask, close } = await line(this.target);
    const answered = ask([this.random.oneIn(2) ? ['FLUSHALL'] : ['FLUSHALL', 'ASYNC']]).then(
      () => true,
      () => false,
    );
    if (this.random.oneIn(2)) {
      await pause(this.random.below(3));
      await this.target.crash(false);
      await this.restart();
    }
    const acknowledged = await answered;
    close();
    const gone = await this.isEmpty();
    if (acknowledged && !gone) return ['FLUSHALL was acknowledged and has not happened'];
    if (!gone) return this.judge();
    for (let db = 0; db < DATABASES; db++) this.model.run(db, [['FLUSHDB']]);
    for (const one of [...this.writers, this.queues, this.mortals]) one.forget();
    return [];
  }

  private async isEmpty(): Promise<boolean> {
    const { ask, close } = await line(this.target);
    let size = 0;
    for (let db = 0; db < DATABASES; db++) size += (await contents(ask, db, false)).size;
    close();
    return size === 0;
  }
}
