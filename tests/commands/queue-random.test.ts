/**
 * The commands of queues against a model: random requests while time goes on, and the queue is copied, renamed, dumped and restored.
 *
 *   QUEUE_COMMANDS=1000000 QUEUE_SEED=7 node dist/tests/commands/queue-random.test.js        a long run
 */
import t from 'tap';
import { type ModelMessage, QueueModel } from '../storage/queue-model.js';
import { Bench, messages, OPEN } from './queue-bench.js';
import { RandomWorld, runWorlds } from './random-world.js';

const COMMANDS = Number(process.env.QUEUE_COMMANDS ?? 10_000);
const SEED = Number(process.env.QUEUE_SEED ?? 1);
const NAMES = ['ann', 'bob', 'cid'];
const FULL = '-ERR queue is full';
t.setTimeout(3_600_000);

class World extends RandomWorld {
  private readonly bench = new Bench(OPEN);
  private readonly model = new QueueModel();
  private readonly maxDepth: number;
  private readonly prefetch: number;
  private readonly deadline: number;
  private readonly figures = { published: 0, delivered: 0, acked: 0, nacked: 0, expired: 0, 'dead-lettered': 0 };

  constructor(seed: number) {
    super(seed);
    this.maxDepth = this.pick(0, 0, 30);
    this.prefetch = this.pick(0, 0, 1, 4);
    this.deadline = this.pick(5, 40, 1000);
    const { maxDepth, prefetch, deadline } = this;
    this.bench.tell(`queue.create q maxdepth ${maxDepth} prefetch ${prefetch} deadline ${deadline} retries 1`);
  }

  override step(): void {
    if (this.below(3) === 0) this.bench.now += this.pick(1, 1, 5, 30);
    this.passTime();
    const chance = this.below(100);
    if (chance < 40) this.publish();
    else if (chance < 60) this.consume();
    else if (chance < 72) this.acknowledge();
    else if (chance < 84) this.giveBack();
    else if (chance < 90) this.deadLetters();
    else if (chance === 90) this.purge();
    else this.move();
    this.compare();
  }

  private ask(line: string): unknown {
    this.line = line;
    return this.bench.ask(line);
  }

  // ---- what the model does --------------------------------------------------------------------------------------------------------

  private drop(list: readonly ModelMessage[]): number {
    for (const { id } of list) this.model.messages.delete(id);
    return list.length;
  }

  private passTime(): void {
    const { model, figures, bench } = this;
    figures.expired += this.drop(model.outdated(bench.now));
    for (const m of model.overdue(bench.now)) this.comesBack(m, 0);
    figures.expired += this.drop(model.outdated(bench.now));
  }

  private comesBack(m: ModelMessage, due: number): void {
    if (m.deliveries > m.retries) this.dies(m, 0);
    else Object.assign(m, { state: 'waits', time: due });
  }

  private dies(m: ModelMessage, reason: number): void {
    Object.assign(m, { state: 'dead', time: this.bench.now, expires: 0, reason });
    this.figures['dead-lettered']++;
  }

  private get depth(): number {
    return this.model.messages.size - this.model.in('dead').length;
  }

  // ---- requests -------------------------------------------------------------------------------------------------------------------

  private publish(): void {
    const { model, bench, figures, maxDepth } = this;
    const priority = this.below(10);
    const retries = this.pick(0, 1, 3);
    const [delay, ttl] = [this.pick(0, 0, 1, 20), this.pick(0, 0, 1, 50)];
    const payload = 'x'.repeat(this.pick(0, 5, 500));
    const id = this.ask(`queue.publish q ${payload} priority ${priority} retries ${retries} delay ${delay} ttl ${ttl}`);
    if (maxDepth > 0 && this.depth >= maxDepth) return this.same('reply', id, FULL);
    figures.published++;
    model.publish(priority, retries, payload, delay && bench.now + delay, ttl && bench.now + ttl);
    this.same('id', id, String(model.lastId));
  }

  private consume(): void {
    const { model, bench, figures, prefetch } = this;
    const name = this.pick(...NAMES);
    const count = this.pick(1, 2, 50);
    const noAck = this.below(4) === 0;
    const deadline = this.pick(0, 0, 3);
    const room = noAck || prefetch === 0 ? count : Math.min(count, prefetch - model.holds(name));
    const wanted = model.ready(bench.now).slice(0, Math.max(0, room));
    const options = `${noAck ? ' noack' : ''}${deadline > 0 ? ` deadline ${deadline}` : ''}`;
    this.same('given', this.askIds(`queue.consume q ${name} count ${count}${options}`), idsOf(wanted));
    figures.delivered += wanted.length;
    if (noAck) figures.acked += this.drop(wanted);
    else
      for (const m of wanted)
        Object.assign(m, {
          state: 'flies',
          deliveries: m.deliveries + 1,
          time: bench.now + (deadline || this.deadline),
          holder: name,
        });
  }

  private askIds(line: string): string {
    this.line = line;
    return this.bench.ids(line);
  }

  /** Some ids, that of a message in `state` among them, and those of them that are in it; and whose they are said to be. */
  private some(state: 'flies' | 'dead'): { ids: string; hit: ModelMessage[] } {
    const { model } = this;
    const all = model.in(state);
    const ids = [1 + this.below(model.lastId + 3)];
    for (let i = this.below(3); i > 0 && all.length > 0; i--) ids.push(this.pick(...all).id);
    const hit = [...new Set(ids)].map((id) => model.messages.get(id)).filter((m) => m?.state === state);
    return { ids: ids.join(' '), hit: hit as ModelMessage[] };
  }

  private someOf(): { words: string; hit: ModelMessage[] } {
    const { ids, hit } = this.some('flies');
    if (this.below(2) === 0) return { words: ids, hit };
    const name = this.pick(...NAMES);
    return { words: `consumer ${name} ${ids}`, hit: hit.filter(({ holder }) => holder === name) };
  }

  private acknowledge(): void {
    const { words, hit } = this.someOf();
    this.same('reply', this.ask(`queue.ack q ${words}`), hit.length);
    this.figures.acked += this.drop(hit);
  }

  private giveBack(): void {
    const { words, hit } = this.someOf();
    const dead = this.below(4) === 0;
    const delay = this.pick(0, 0, 10);
    this.same('reply', this.ask(`queue.nack q ${dead ? 'dead ' : ''}delay ${delay} ${words}`), hit.length);
    this.figures.nacked += hit.length;
    for (const m of hit)
      if (dead) this.dies(m, 1);
      else this.comesBack(m, delay && this.bench.now + delay);
  }

  private deadLetters(): void {
    const { model, maxDepth } = this;
    const all = this.below(4) === 0;
    const { ids, hit } = all ? { ids: '', hit: model.dead() } : this.some('dead');
    const purges = this.below(2) === 0;
    const reply = this.ask(`queue.dlq.${purges ? 'purge' : 'requeue'} q ${ids}`.trim());
    if (!purges && hit.length > 0 && maxDepth > 0 && this.depth + hit.length > maxDepth)
      return this.same('reply', reply, FULL);
    this.same('reply', reply, hit.length);
    if (purges) this.drop(hit);
    else for (const m of hit) Object.assign(m, { state: 'waits', time: 0, deliveries: 0, reason: 0 });
  }

  private purge(): void {
    const waits = this.model.in('waits');
    this.same('reply', this.ask('queue.purge q'), waits.length);
    this.drop(waits);
  }

  /** The queue goes another way, and is the same. */
  private move(): void {
    const { bench } = this;
    const way = this.below(4);
    if (way === 0) bench.tell('rename q other', 'rename other q');
    else if (way === 1) bench.tell('copy q other', 'del q', 'rename other q');
    else if (way === 2) bench.ask(['restore', 'q', '0', bench.ask('dump q') as string, 'replace']);
    else bench.tell('move q 1', 'swapdb 0 1');
    this.line = `way ${way}`;
  }

  // ---- what must be the same ------------------------------------------------------------------------------------------------------

  private compare(): void {
    const { bench, model } = this;
    this.passTime(); // a message may have come back, or in, whose life is over
    const { now } = bench;
    const ready = model.ready(now);
    const told = { ready: ready.length, delayed: model.in('waits').length - ready.length, ...this.figures };
    const wanted = { ...told, 'in-flight': model.in('flies').length, depth: this.depth };
    this.same('figures', bench.info(...Object.keys(wanted)), Object.values(wanted));
    this.same('peek', this.bench.ids('queue.peek q count 1000'), idsOf(ready) === 'none' ? '' : idsOf(ready));
    const dead = messages(bench.ask('queue.dlq.list q')).map(
      (m) => `${m.id} ${m.reason} ${m['dead-at']} ${m.deliveries}`,
    );
    const reason = ['retries', 'nack'];
    this.same(
      'dead',
      dead,
      model.dead().map((m) => `${m.id} ${reason[m.reason]} ${m.time} ${m.deliveries}`),
    );
  }
}

function idsOf(list: readonly ModelMessage[]): string {
  return list.length === 0 ? 'none' : list.map(({ id }) => id).join(' ');
}

t.test(`${COMMANDS} random commands of seed ${SEED}`, { timeout: 3_600_000 }, async (t) => {
  runWorlds(COMMANDS, SEED, (seed) => new World(seed));
  t.pass('all as in the model');
});
