/**
 * The commands of topics and groups against a model: random requests while time goes on, and the topic is copied, renamed, dumped and
 * restored. Every member reads and commits what it was told that it owns; what it may not is refused.
 *
 *   TOPIC_COMMANDS=1000000 TOPIC_SEED=7 node dist/tests/commands/topic-random.test.js        a long run
 */
import t from 'tap';
import { RandomWorld, runWorlds } from './random-world.js';
import { Session, type Value } from './session.js';
import { fields } from './topic-reply.js';

const COMMANDS = Number(process.env.TOPIC_COMMANDS ?? 10_000);
const SEED = Number(process.env.TOPIC_SEED ?? 1);
const NAMES = ['ann', 'bob', 'cid', 'dan'];
const TIMEOUT = 200;
t.setTimeout(3_600_000);

interface Event {
  readonly offset: number;
  readonly time: number;
  readonly data: string;
}

interface Member {
  heard: number;
  /** What its last JOIN has told. */
  generation: number;
  owned: number[];
}

class World extends RandomWorld {
  private readonly session = new Session({ enableDebugCommand: 'yes' });
  private readonly maxLen: number;
  private readonly retention: number;
  private readonly partitions: Event[][];
  private readonly next: number[];
  private turn = 0;
  private readonly members = new Map<string, Member>();
  private readonly left = new Map<string, Member>();
  private generation = 0;
  private readonly committed: number[];
  private readonly byKey = new Map<string, number>();

  constructor(seed: number) {
    super(seed);
    const count = this.pick(1, 2, 3, 7);
    this.maxLen = this.pick(0, 0, 4);
    this.retention = this.pick(0, 0, 50, 2000);
    this.partitions = Array.from({ length: count }, () => []);
    this.next = this.partitions.map(() => 0);
    this.committed = this.partitions.map(() => 0);
    this.ask(`topic.create t partitions ${count} maxlen ${this.maxLen} retention ${this.retention}`);
    this.ask(`topic.group.create t g timeout ${TIMEOUT} strategy ${this.pick('range', 'roundrobin', 'sticky')}`);
  }

  override step(): void {
    const { session } = this;
    if (this.below(2) === 0) session.now += this.pick(1, 5, 20, 60);
    for (const events of this.partitions)
      while (this.retention > 0 && events.length > 0 && events[0].time <= session.now - this.retention) events.shift();
    for (const [name, { heard }] of this.members) if (session.now - heard >= TIMEOUT) this.goes(name);
    const chance = this.below(100);
    if (chance < 40) this.publish();
    else if (chance < 55) this.read();
    else if (chance < 65) this.join();
    else if (chance < 85) this.commit();
    else if (chance < 90) this.heartbeat();
    else if (chance < 93) this.leave();
    else if (chance < 96) this.trim();
    else this.move();
    this.compare();
  }

  private ask(line: string): Value {
    this.line = line;
    return this.session.ask(line);
  }

  private refused(reply: Value, start: string): void {
    if (!String(reply).startsWith(start)) throw new Error(`${this.line}: ${reply}, not ${start}`);
  }

  // ---- events ---------------------------------------------------------------------------------------------------------------------

  private publish(): void {
    const count = this.partitions.length;
    const key = this.below(3) === 0 ? `k${this.below(5)}` : undefined;
    const named = this.below(4) === 0 ? this.below(count) : undefined;
    const data = 'x'.repeat(this.pick(0, 3, 400)) + this.line.length;
    const options = (key === undefined ? '' : ` KEY ${key}`) + (named === undefined ? '' : ` PARTITION ${named}`);
    const [partition, offset] = this.ask(`topic.publish t ${data}${options}`) as number[];
    if (named !== undefined) this.same('partition', partition, named);
    else if (key === undefined) this.same('partition', partition, this.turn);
    else this.same('partition of the key', partition, this.byKey.get(key) ?? partition);
    if (key !== undefined && named === undefined) this.byKey.set(key, partition);
    if (key === undefined) this.turn = (partition + 1) % count;
    this.same('offset', offset, this.next[partition]++);
    const events = this.partitions[partition];
    events.push({ offset, time: this.session.now, data });
    if (this.maxLen > 0 && events.length > this.maxLen) events.shift();
  }

  private first(partition: number): number {
    return this.partitions[partition][0]?.offset ?? this.next[partition];
  }

  private read(): void {
    const partition = this.below(this.partitions.length);
    const from = this.below(this.next[partition] + 2);
    const count = this.pick(1, 3, 1000);
    const reply = this.ask(`topic.read t count ${count} from ${partition} ${from}`) as Value[] | null;
    const found = (reply ?? []).map(fields).map(({ offset, time, data }) => ({ offset, time, data }));
    this.same('events', found, this.partitions[partition].filter(({ offset }) => offset >= from).slice(0, count));
  }

  private trim(): void {
    const partition = this.below(this.partitions.length);
    const to = this.below(this.next[partition] + 2);
    const events = this.partitions[partition];
    const kept = events.filter(({ offset }) => offset >= to);
    // What is too old is there for a while, though nobody sees it.
    const reply = this.ask(`topic.trim t ${partition} ${to}`) as number;
    if (this.retention === 0) this.same('gone', reply, events.length - kept.length);
    this.partitions[partition] = kept;
  }

  // ---- the group ------------------------------------------------------------------------------------------------------------------

  /** Somebody is no member any more. */
  private goes(name: string): void {
    this.left.set(name, this.members.get(name)!);
    this.members.delete(name);
    this.generation++;
  }

  private join(): void {
    const name = this.pick(...NAMES);
    const known = this.members.has(name);
    if (!known) this.generation++;
    const told = fields(this.ask(`topic.group.join t g ${name}`));
    this.same('generation', told.generation, this.generation);
    const list = (told.partitions as Value[]).map(fields);
    for (const { partition, offset } of list) {
      const p = partition as number;
      this.same(`where to go on in ${p}`, offset, Math.max(this.committed[p], this.first(p)));
    }
    const owned = list.map(({ partition }) => partition as number);
    this.members.set(name, { heard: this.session.now, generation: this.generation, owned });
    this.left.delete(name);
  }

  /** By a member of any generation, or by one that was. */
  private commit(): void {
    const name = this.pick(...NAMES);
    const member = this.members.get(name) ?? this.left.get(name);
    if (member === undefined) return;
    const partition = this.below(this.partitions.length);
    const offset = this.below(this.next[partition] + 2);
    const by = `t g ${name} ${member.generation}`;
    const reply = this.ask(`topic.group.commit ${by} ${partition} ${offset}`);
    const current = this.members.has(name) && member.generation === this.generation;
    if (!current || !member.owned.includes(partition)) this.refused(reply, '-FENCED');
    else if (offset > this.next[partition]) this.refused(reply, '-ERR offset is out of range');
    else {
      this.same('reply', reply, 'OK');
      this.committed[partition] = Math.max(this.committed[partition], offset);
      member.heard = this.session.now;
    }
    const read = this.ask(`topic.read t group g ${name} ${member.generation} count 1 from ${partition} 0`);
    if (!current || !member.owned.includes(partition)) return this.refused(read, '-FENCED');
    member.heard = this.session.now;
    this.same(
      'read',
      read === null ? undefined : fields((read as Value[])[0]).offset,
      this.partitions[partition][0]?.offset,
    );
  }

  private heartbeat(): void {
    const name = this.pick(...NAMES);
    const reply = this.ask(`topic.group.heartbeat t g ${name} 1`);
    const member = this.members.get(name);
    if (member === undefined) return this.refused(reply, '-FENCED');
    this.same('generation', reply, this.generation);
    member.heard = this.session.now;
  }

  private leave(): void {
    const name = this.pick(...NAMES);
    const known = this.members.has(name);
    this.same('left', this.ask(`topic.group.leave t g ${name}`), known ? 1 : 0);
    if (known) this.goes(name);
  }

  /** The topic goes another way, and is the same; who was loaded has all of its time again. */
  private move(): void {
    const { session } = this;
    const way = this.below(4);
    if (way === 0) for (const line of ['rename t u', 'rename u t']) session.ask(line);
    else if (way === 1) for (const line of ['copy t u', 'del t', 'rename u t']) session.ask(line);
    else if (way === 2) {
      session.ask('topic.info t'); // a silent member would be dumped, too
      session.ask(['restore', 't', '0', session.ask('dump t') as string, 'replace']);
      session.ask('topic.info t');
      for (const member of this.members.values()) member.heard = session.now;
    } else for (const line of ['move t 1', 'swapdb 0 1']) session.ask(line);
    this.line = `way ${way}`;
  }

  // ---- what must be the same ------------------------------------------------------------------------------------------------------

  private compare(): void {
    const { session } = this;
    const info = fields(session.ask('topic.info t'));
    const shown = (info.partitions as Value[]).map(fields);
    for (const [p, events] of this.partitions.entries()) {
      const { 'first-offset': first, 'next-offset': next, events: count } = shown[p];
      this.same(`partition ${p}`, [first, next, count], [this.first(p), this.next[p], events.length]);
    }
    const offsets = (session.ask('topic.group.offsets t g') as Value[]).map(fields);
    this.same(
      'committed',
      offsets.map(({ committed }) => committed),
      this.committed,
    );
    const lag = this.committed.map((offset, p) => this.next[p] - Math.max(offset, this.first(p)));
    this.same(
      'lag',
      offsets.map((one) => one.lag),
      lag,
    );
    const group = fields(session.ask('topic.group.info t g'));
    this.same('generation', group.generation, this.generation);
    const members = (group.members as Value[]).map(fields);
    this.same('members', members.map(({ member }) => member).sort(), [...this.members.keys()].sort());
    const shares = members.map(({ partitions }) => partitions as number[]);
    if (shares.length === 0) return;
    this.same(
      'each partition once',
      shares.flat().sort(),
      this.partitions.map((_, p) => p),
    );
    const sizes = shares.map(({ length }) => length);
    if (Math.max(...sizes) - Math.min(...sizes) > 1) throw new Error(`shares after ${this.line}: ${sizes}`);
  }
}

t.test(`${COMMANDS} random commands of seed ${SEED}`, { timeout: 3_600_000 }, async (t) => {
  runWorlds(COMMANDS, SEED, (seed) => new World(seed));
  t.pass('all as in the model');
});
