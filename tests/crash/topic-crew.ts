/**
 * Who uses a topic while its server is killed: producers, and members of a group that come, read, commit, fall silent and come back
 * without knowing what has happened meanwhile. All of them connect again when the server hangs up.
 */
import { Random } from '../../compat-suite/random/random.js';
import { Connection } from '../../compat-suite/wire/connection.js';
import { bulkText, elements } from '../../compat-suite/wire/reply-frame.js';
import { request } from '../../compat-suite/wire/request.js';
import type { ServerProcess } from './server-process.js';
import { integer } from './step.js';
import { PATIENCE_MS, pause } from './target.js';
import type { TopicLedger } from './topic-ledger.js';

export const TOPIC = 'events';
export const GROUP = 'crew';
/** A member reads so many events at a time. */
const COUNT = 200;

/** The server hung up: its answer is not known. */
class Cut extends Error {}

/** A connection that is opened again when it was cut. */
class Patient {
  private connection: Connection | undefined = undefined;

  constructor(private readonly server: ServerProcess) {}

  /** @throws Cut when the server hung up before all was answered; what was answered stands in `replies` */
  async ask(commands: readonly (readonly string[])[], replies: string[] = []): Promise<string[]> {
    this.connection ??= await this.connect();
    this.connection.write(Buffer.concat(commands.map(request)));
    while (replies.length < commands.length) {
      const reply = await this.connection.next(PATIENCE_MS);
      if (reply[0] === '<') {
        this.close();
        if (!reply.startsWith('<closed')) throw new Error(`got ${reply}`);
        throw new Cut();
      }
      replies.push(reply);
    }
    return replies;
  }

  /** A connection to a server that has loaded its data. */
  private async connect(): Promise<Connection> {
    for (; ; await pause(5)) {
      const connection = await Connection.open(this.server.port).catch(() => undefined);
      if (connection === undefined) continue;
      if ((await connection.ask(['EXISTS', TOPIC], PATIENCE_MS))[0] === ':') return connection;
      connection.close();
    }
  }

  async one(...words: string[]): Promise<string> {
    return (await this.ask([words]))[0];
  }

  close(): void {
    this.connection?.close();
    this.connection = undefined;
  }
}

/** A map reply by its names. */
function fields(reply: string): Map<string, string> {
  const list = elements(reply);
  const map = new Map<string, string>();
  for (let i = 0; i < list.length; i += 2) map.set(bulkText(list[i]), list[i + 1]);
  return map;
}

export interface Range {
  readonly first: number;
  readonly step: number;
  readonly end: number;
  /** So many events are sent before the answers are waited for. */
  readonly flight: number;
}

/** Publishes the events `first`, `first + step`, ... below `end`; one whose answer was lost is not sent again, but counted. */
export async function produce(
  server: ServerProcess,
  ledger: TopicLedger,
  { first, step, end, flight }: Range,
  stop: { readonly now: boolean },
): Promise<number> {
  const line = new Patient(server);
  let unknown = 0;
  for (let next = first; next < end && !stop.now; ) {
    const ids: number[] = [];
    for (; ids.length < flight && next < end; next += step) ids.push(next);
    const replies: string[] = [];
    try {
      await line.ask(
        ids.map((id) => ['TOPIC.PUBLISH', TOPIC, String(id), ...(id % 3 === 0 ? ['KEY', `k${id % 101}`] : [])]),
        replies,
      );
    } catch (e) {
      if (!(e instanceof Cut)) throw e;
    }
    unknown += ids.length - replies.length;
    for (const [i, reply] of replies.entries()) {
      const [partition, offset] = elements(reply).map(integer);
      if (offset === undefined) throw new Error(`an event was answered ${reply}`);
      ledger.acknowledge(partition, offset, ids[i]);
    }
  }
  line.close();
  return unknown;
}

/** One member: joins, reads and commits, dies now and then, until `stop.now`. */
export class Member {
  /** How often it was told that it is behind. */
  fenced = 0;
  died = 0;
  private readonly line: Patient;
  private readonly random: Random;
  private generation = -1;
  /** Where it reads on in each of its partitions. */
  private readonly offsets = new Map<number, number>();

  constructor(
    server: ServerProcess,
    private readonly ledger: TopicLedger,
    private readonly name: string,
    seed: number,
    /** After so many ms it counts as dead. */
    private readonly timeout: number,
  ) {
    this.line = new Patient(server);
    this.random = new Random(seed);
  }

  async run(stop: { now: boolean }): Promise<void> {
    while (!stop.now) {
      try {
        if (this.generation < 0) await this.join();
        else await this.turn();
      } catch (e) {
        if (!(e instanceof Cut)) throw e;
      }
    }
    this.line.close();
  }

  private async join(): Promise<void> {
    const noted = this.ledger.noted();
    const reply = fields(await this.line.one('TOPIC.GROUP.JOIN', TOPIC, GROUP, this.name));
    this.offsets.clear();
    for (const one of elements(reply.get('partitions')!)) {
      const told = fields(one);
      const partition = integer(told.get('partition')!);
      const offset = integer(told.get('offset')!);
      this.ledger.check(partition, offset, noted);
      this.offsets.set(partition, offset);
    }
    this.generation = integer(reply.get('generation')!);
    this.ledger.advance(this.generation);
  }

  private async turn(): Promise<void> {
    const dice = this.random.below(100);
    if (dice < 3) return this.fallSilent();
    if (dice < 4) return this.leave();
    if (dice < 6) return this.trespass();
    if (this.offsets.size === 0) {
      await pause(20);
      return this.heartbeat();
    }
    if (await this.read()) {
      if (this.random.below(10) === 0) await pause(this.random.below(20));
      // Who commits too seldom leaves more to be read again.
      if (this.random.below(3) > 0) await this.commit();
    } else if (this.generation >= 0 && this.random.below(4) === 0) await this.heartbeat();
  }

  /** Dies: nobody hears of it until long after its time, and it goes on as if nothing had happened. */
  private async fallSilent(): Promise<void> {
    this.died++;
    if (this.random.below(2) === 0) this.line.close();
    await pause(this.timeout * (0.5 + this.random.below(100) / 50));
    // With what it knows from before: it must be refused if it was taken for dead.
    if (this.offsets.size > 0 && this.random.below(2) === 0) await this.commit();
  }

  private async leave(): Promise<void> {
    await this.line.one('TOPIC.GROUP.LEAVE', TOPIC, GROUP, this.name);
    this.generation = -1;
  }

  /** Asks for a partition that is not its own. */
  private async trespass(): Promise<void> {
    const partition = this.random.below(this.ledger.partitions);
    if (this.offsets.has(partition)) return;
    const group = ['GROUP', GROUP, this.name, String(this.generation)];
    const reply = await this.line.one('TOPIC.READ', TOPIC, ...group, 'FROM', String(partition), '0');
    if (!reply.startsWith('-FENCED')) this.ledger.complain(`${this.name} was given what is not its own`);
  }

  private async heartbeat(): Promise<void> {
    const reply = await this.line.one('TOPIC.GROUP.HEARTBEAT', TOPIC, GROUP, this.name, String(this.generation));
    if (this.isFenced(reply)) return;
    this.ledger.advance(integer(reply));
    if (integer(reply) !== this.generation) this.generation = -1;
  }

  private isFenced(reply: string): boolean {
    if (reply[0] !== '-') return false;
    if (!reply.startsWith('-FENCED')) throw new Error(`${this.name} was answered ${reply}`);
    this.fenced++;
    this.generation = -1;
    return true;
  }

  /** @returns whether something was read */
  private async read(): Promise<boolean> {
    const { generation } = this;
    const known = this.ledger.generation;
    const from = [...this.offsets].flatMap(([partition, offset]) => [String(partition), String(offset)]);
    const group = ['GROUP', GROUP, this.name, String(generation), 'COUNT', String(COUNT), 'BLOCK', '20'];
    const reply = await this.line.one('TOPIC.READ', TOPIC, ...group, 'FROM', ...from);
    if (this.isFenced(reply)) return false;
    this.ledger.heard(this.name, generation, known);
    const events = elements(reply);
    for (const one of events) {
      // partition, offset, time, key, type, data, headers
      const [, partition, , offset, , , , , , , , data] = elements(one);
      const p = integer(partition);
      const o = integer(offset);
      if (o < this.offsets.get(p)!) throw new Error(`${p}:${o} was read, which was not asked for`);
      this.ledger.deliver(this.name, generation, p, o, Number(bulkText(data)));
      this.offsets.set(p, o + 1);
    }
    return events.length > 0;
  }

  private async commit(): Promise<void> {
    const pairs = [...this.offsets].flatMap(([partition, offset]) => [String(partition), String(offset)]);
    const { generation } = this;
    const told = [...this.offsets];
    const known = this.ledger.generation;
    const reply = await this.line.one('TOPIC.GROUP.COMMIT', TOPIC, GROUP, this.name, String(generation), ...pairs);
    if (this.isFenced(reply)) return;
    this.ledger.heard(this.name, generation, known);
    for (const [partition, offset] of told) this.ledger.commit(partition, offset);
  }
}

/** Looks how far the group has read, again and again, until `done` says that no more comes and nothing is left. */
export async function observe(
  server: ServerProcess,
  ledger: TopicLedger,
  done: () => boolean,
  stop: { readonly now: boolean },
): Promise<void> {
  const line = new Patient(server);
  while (!stop.now) {
    const finished = done();
    const noted = ledger.noted();
    const reply = await line.one('TOPIC.GROUP.OFFSETS', TOPIC, GROUP).catch((e) => {
      if (!(e instanceof Cut)) throw e;
      return '';
    });
    let lag = reply === '' ? 1 : 0;
    for (const one of elements(reply)) {
      const told = fields(one);
      ledger.check(integer(told.get('partition')!), integer(told.get('committed')!), noted);
      lag += integer(told.get('lag')!);
    }
    if (ledger.complaints.length > 0 || (finished && lag === 0)) break;
    await pause(20);
  }
  line.close();
}
