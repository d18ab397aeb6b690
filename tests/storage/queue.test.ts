/**
 * Queues against a model: random steps at random times, with the arena that checks every block; then copies and the way out. In files: queue-value.test.ts.
 *
 *   QUEUE_STEPS=1000000 QUEUE_SEED=7 node dist/tests/storage/queue.test.js        a long run
 */
import t from 'tap';
import { CheckedArena } from '../../storage/memory/arena.js';
import { Bytes } from '../../storage/memory/bytes.js';
import { DEFAULTS } from '../../storage/queue.js';
import { BY_NACK, BY_RETRIES, DEAD, DELAYED, IN_FLIGHT, READY } from '../../storage/queue-message.js';
import { QueueValue } from '../../storage/queue-value.js';
import { seeded } from '../random.js';
import { type ModelMessage, message, QueueModel, sameParts } from './queue-model.js';

const STEPS = Number(process.env.QUEUE_STEPS ?? 30_000);
const SEED = Number(process.env.QUEUE_SEED ?? 1);
const VIEW = new Bytes();
const NAMES = ['ann', 'bob', 'cid'];
t.setTimeout(600_000);

function newQueue(arena = new CheckedArena()): QueueValue {
  return new QueueValue(arena, DEFAULTS);
}

function idsIn(queue: QueueValue, state: number): number[] {
  const ids: number[] = [];
  queue.forEach(state, (ref) => ids.push(queue.fields.id(ref)) > 0);
  return ids;
}

const ids = (messages: readonly ModelMessage[]): number[] => messages.map(({ id }) => id);

/** What must be equal; '' when it is. `now` is the time at which delays were last looked at. */
function difference(queue: QueueValue, model: QueueModel, now: number): string {
  const { fields } = queue;
  const pairs: [string, unknown, unknown][] = [
    ['ready', idsIn(queue, READY).join(), ids(model.ready(now)).join()],
    ['delayed', queue.count(DELAYED), model.in('waits').length - model.ready(now).length],
    ['in flight', queue.count(IN_FLIGHT), model.in('flies').length],
    ['dead', idsIn(queue, DEAD).join(), ids(model.dead()).join()],
    ['depth', queue.depth, model.in('waits').length + model.in('flies').length],
    ['due', queue.due, model.due(now)],
    ['holders', queue.holders.size, NAMES.filter((name) => model.holds(name) > 0).length],
  ];
  for (const m of model.messages.values()) {
    const ref = queue.find(m.id);
    if (ref === 0) return `message ${m.id} is missing`;
    const state = fields.state(ref);
    pairs.push([`state of ${m.id}`, m.state, state === DEAD ? 'dead' : state === IN_FLIGHT ? 'flies' : 'waits']);
    pairs.push([`payload of ${m.id}`, fields.payload(ref, VIEW).toString(), m.payload]);
    pairs.push([
      `figures of ${m.id}`,
      `${[fields.priority(ref), fields.deliveries(ref), fields.time(ref), fields.expires(ref), fields.reason(ref)]}`,
      `${[m.priority, m.deliveries, m.time, m.expires, m.reason]}`,
    ]);
    if (m.state === 'flies') pairs.push(['holder', queue.holders.at(fields.holder(ref)).name.toString(), m.holder]);
  }
  const arena = queue.arena as CheckedArena;
  pairs.push(['bytes', queue.bytes, arena.used + arena.outside]);
  for (const [what, found, wanted] of pairs) if (found !== wanted) return `${what}: ${found}, not ${wanted}`;
  return '';
}

class World {
  readonly queue = newQueue();
  readonly model = new QueueModel();
  now = 1000;
  private readonly random: () => number;

  constructor(seed: number) {
    this.random = seeded(seed);
  }

  pick(n: number): number {
    return Math.floor(this.random() * n);
  }

  /** A message in `state` at random, 0 when there is none; the model's, too. */
  private any(state: 'flies' | 'dead'): ModelMessage | undefined {
    const all = this.model.in(state);
    return all[this.pick(all.length)];
  }

  step(): void {
    const dice = this.pick(20);
    if (dice < 6) this.publish();
    else if (dice < 10) this.deliver();
    else if (dice < 12) this.acknowledge();
    else if (dice < 14) this.giveBack();
    else if (dice === 14) this.bury();
    else if (dice === 15) this.revive();
    else if (dice === 16 && this.pick(15) === 0) this.purge();
    else if (dice === 16) this.removeFirst();
    else this.passTime();
  }

  private publish(): void {
    const { queue, model, now } = this;
    const priority = this.pick(10);
    const due = this.pick(3) === 0 ? now + 1 + this.pick(50) : 0;
    const expires = this.pick(3) === 0 ? now + 1 + this.pick(100) : 0;
    const payload = 'x'.repeat(this.pick(3) === 0 ? this.pick(3000) : this.pick(30));
    const retries = this.pick(3);
    model.publish(priority, retries, payload, due, expires);
    queue.publish(message(model.lastId, payload, { priority, retries, due, expires, published: now }));
  }

  private deliver(): void {
    const { queue, model, now } = this;
    const m = model.ready(now)[0];
    if (m === undefined) return;
    m.state = 'flies';
    m.holder = NAMES[this.pick(NAMES.length)];
    m.deliveries++;
    m.time = now + 1 + this.pick(40);
    queue.deliver(queue.first(READY), Bytes.from(m.holder), m.time);
  }

  private acknowledge(): void {
    const m = this.any('flies');
    if (m === undefined) return;
    this.queue.remove(this.queue.find(m.id));
    this.model.messages.delete(m.id);
  }

  private giveBack(): void {
    const m = this.any('flies');
    if (m === undefined) return;
    m.state = 'waits';
    m.time = this.pick(2) === 0 ? 0 : this.now + 1 + this.pick(30);
    this.queue.giveBack(this.queue.find(m.id), m.time);
  }

  private bury(): void {
    const m = this.any('flies');
    if (m !== undefined) this.kill(m, BY_NACK);
  }

  private kill(m: ModelMessage, reason: number): void {
    m.state = 'dead';
    m.time = this.now;
    m.expires = 0;
    m.reason = reason;
    this.queue.bury(this.queue.find(m.id), reason, this.now);
  }

  private revive(): void {
    const m = this.any('dead');
    if (m === undefined) return;
    Object.assign(m, { state: 'waits', time: 0, deliveries: 0, reason: 0 });
    this.queue.revive(this.queue.find(m.id));
  }

  private removeFirst(): void {
    const { queue, model, now } = this;
    const m = model.ready(now)[0];
    if (m === undefined) return;
    queue.remove(queue.first(READY));
    model.messages.delete(m.id);
  }

  /** All that waits, or all that is dead, goes at once. */
  private purge(): void {
    const { queue, model } = this;
    const waits = this.pick(2) === 0;
    for (const { id } of model.in(waits ? 'waits' : 'dead')) model.messages.delete(id);
    const states = waits ? [READY, DELAYED] : [DEAD];
    if (queue.areMost(states)) {
      const remains = queue.detach(states);
      while (!remains.free(2));
    }
    for (const state of states)
      for (let ref = queue.first(state); ref !== 0; ref = queue.first(state)) queue.remove(ref);
  }

  /** The clock goes on, and all is done that is due. */
  private passTime(): void {
    const { queue, model } = this;
    this.now += this.pick(30);
    const { now } = this;
    for (let ref = queue.outdated(now); ref !== 0; ref = queue.outdated(now)) {
      const id = queue.fields.id(ref);
      if (!ids(model.outdated(now)).includes(id)) throw new Error(`message ${id} has not expired`);
      model.messages.delete(id);
      queue.remove(ref);
    }
    if (model.outdated(now).length > 0) throw new Error('a message that has expired was not found');
    for (const m of model.overdue(now)) {
      const ref = queue.overdue(now);
      if (ref === 0 || queue.fields.id(ref) !== m.id) throw new Error(`message ${m.id} is the next that is overdue`);
      if (queue.isExhausted(ref) !== m.deliveries > m.retries) throw new Error(`retries of ${m.id}`);
      if (m.deliveries > m.retries) this.kill(m, BY_RETRIES);
      else {
        m.state = 'waits';
        m.time = 0;
        queue.giveBack(ref, 0);
      }
    }
    while (queue.promote(now, 2) > 0);
  }
}

t.test(`${STEPS} random steps of seed ${SEED} against the model`, async (t) => {
  let done = 0;
  let flaw = '';
  for (let round = 0; done < STEPS && flaw === ''; round++) {
    const world = new World(SEED * 1000 + round);
    const steps = 200 + world.pick(1500);
    flaw = played(world, steps) || copied(world) || freed(world.queue);
    if (flaw !== '') flaw = `seed ${SEED * 1000 + round}: ${flaw}`;
    done += steps;
  }
  t.equal(flaw, '');
});

function played(world: World, steps: number): string {
  for (let i = 0; i < steps; i++) {
    world.step();
    const flaw = i % 7 === 0 || i === steps - 1 ? difference(world.queue, world.model, world.now) : '';
    if (flaw !== '') return `step ${i}: ${flaw}`;
  }
  return '';
}

/** A copy is equal, and stays so when delays are looked at again. */
function copied({ queue, model, now }: World): string {
  const copy = queue.copyTo(new CheckedArena());
  if (!sameParts(queue, copy)) return 'a copy has other parts';
  while (copy.promote(now, 100) > 0);
  return difference(copy, model, now) || freed(copy);
}

function freed(queue: QueueValue): string {
  while (!queue.free(3));
  const { used, outside } = queue.arena;
  return used === 0 && outside === 0 ? '' : `${used} bytes of blocks and ${outside} outside are left`;
}

t.test('what waits, or is dead, goes at once where it is much, and the others stay', async (t) => {
  for (const [states, stay] of [
    [
      [READY, DELAYED],
      [IN_FLIGHT, DEAD],
    ],
    [[DEAD], [READY, DELAYED, IN_FLIGHT]],
  ]) {
    const queue = newQueue();
    const many = states.includes(DEAD) ? 1500 : 100;
    for (let id = 1; id <= 2000; id++)
      queue.publish(message(id, 'p'.repeat(id % 50), { priority: id % 10, due: id % 3, expires: id % 7 }));
    while (queue.promote(1, 100) > 0);
    for (let i = 0; i < 100 + many; i++) queue.deliver(queue.first(READY) || queue.first(DELAYED), VIEW, 50 + i);
    for (let i = 0; i < many; i++) queue.bury(queue.first(IN_FLIGHT), BY_NACK, i);
    const before = stay.map((state) => idsIn(queue, state).join());
    const gone = states.reduce((n, state) => n + queue.count(state), 0);
    t.notOk(queue.areMost(stay), 'not those that are fewer');
    t.ok(queue.areMost(states));
    const remains = queue.detach(states);
    t.ok(gone > 1000 && remains.pieces > 4);
    t.same(
      stay.map((state) => idsIn(queue, state).join()),
      before,
    );
    t.same(
      states.map((state) => queue.count(state)),
      states.map(() => 0),
    );
    const { arena } = queue;
    t.equal(queue.bytes + remains.bytes, arena.used + arena.outside);
    let slices = 0;
    while (!remains.free(2)) slices++;
    t.ok(slices > 4, `${slices} slices`);
    t.equal(queue.bytes, arena.used + arena.outside);
    for (const ids of before.filter((text) => text !== '')) t.not(queue.find(Number(ids.split(',')[0])), 0);
    queue.publish(message(3000, 'goes on'));
    t.ok(queue.ready);
    t.equal(freed(queue), '');
  }
});

t.test('a large queue is freed in slices', async (t) => {
  const queue = newQueue();
  for (let id = 1; id <= 20_000; id++) queue.publish(message(id, 'p', { priority: id % 10, expires: id % 2 }));
  t.ok(queue.pieces > 64, 'so it is not freed at once');
  let slices = 0;
  while (!queue.free(16)) slices++;
  t.ok(slices > 10);
  t.same([queue.arena.used, queue.arena.outside], [0, 0]);
});

t.test('the oldest message that is ready, whatever its priority', async (t) => {
  const queue = newQueue();
  t.equal(queue.oldest, 0);
  queue.publish(message(1, 'a', { priority: 0, published: 10 }));
  queue.publish(message(2, 'b', { priority: 9, published: 20 }));
  queue.publish(message(3, 'c', { priority: 4, published: 30 }));
  t.equal(queue.oldest, 10);
  queue.remove(queue.find(1));
  t.equal(queue.oldest, 20);
  queue.remove(queue.find(2));
  t.equal(queue.oldest, 30);
});

t.test('ids up to their limit keep their order', async (t) => {
  const queue = newQueue();
  const last = 2 ** 49 - 1;
  for (const id of [last - 1, last, 2 ** 32, 2 ** 32 - 1, 1])
    for (const priority of [0]) queue.publish(message(id, 'x', { priority }));
  t.same(idsIn(queue, READY), [1, 2 ** 32 - 1, 2 ** 32, last - 1, last]);
  for (const id of [0, -1, 2 ** 49, Number.NaN]) t.equal(queue.find(id), 0, `${id} is no id`);
});
