/** Queues in payloads: there and back, damaged, of a later version; and headers as a message keeps them. */
import t from 'tap';
import { Bytes } from '../../storage/memory/bytes.js';
import { DEFAULTS } from '../../storage/queue.js';
import { BY_NACK, countHeaders, headerAt, putHeader } from '../../storage/queue-message.js';
import { QUEUE_TYPE, QueueValue } from '../../storage/queue-value.js';
import { Crc64 } from '../../storage/rdb/crc64.js';
import { QUEUE } from '../../storage/types.js';
import { seeded } from '../random.js';
import { message, sameParts } from './queue-model.js';
import { Bench } from './rdb/bench.js';

const VIEW = new Bytes();

t.test('headers as a message keeps them', async (t) => {
  const buf = new Uint8Array(40);
  let end = 0;
  for (const text of ['name', '', 'other', 'value']) end = putHeader(buf, end, Bytes.from(text));
  const headers = new Bytes().set(buf, 0, end);
  t.equal(countHeaders(headers, VIEW), 2);
  const found: string[] = [];
  for (let at = 0; at < end; ) {
    at = headerAt(headers, at, VIEW);
    found.push(VIEW.toString());
  }
  t.same(found, ['name', '', 'other', 'value']);
  t.equal(countHeaders(new Bytes().set(buf, 0, end - 1), VIEW), -1, 'cut off');
  t.equal(countHeaders(new Bytes().set(buf, 0, 8), VIEW), -1, 'a name without a value');
  t.equal(countHeaders(new Bytes().set(Uint8Array.of(255, 255, 255, 255), 0, 4), VIEW), -1, 'a length beyond the end');
  t.equal(countHeaders(new Bytes(), VIEW), 0);
});

/** A queue with messages in every state, at key `k` of a bench. */
function filled(bench: Bench): QueueValue {
  const { db } = bench;
  const queue = new QueueValue(db.space.arena, { ...DEFAULTS, maxDepth: 100, ttl: 7 });
  const headers = new Uint8Array(40);
  const n = putHeader(headers, putHeader(headers, 0, Bytes.from('name')), Bytes.from('value'));
  const parts = { headers: new Bytes().set(headers, 0, n) };
  queue.publish(message(1, 'waits', { ...parts, priority: 9 }));
  queue.publish(message(2, 'delayed', { due: 5000, expires: 9000 }));
  queue.publish(message(3, 'flies', parts));
  queue.deliver(queue.find(3), Bytes.from('ann'), 6000);
  queue.publish(message(4, 'dead'));
  queue.deliver(queue.find(4), Bytes.from('ann'), 6000);
  queue.bury(queue.find(4), BY_NACK, 100);
  queue.publish(message(5, '12345'));
  queue.expired = 17;
  db.space.find(Bytes.from('k'));
  db.createOwn(Bytes.from('k'), queue);
  return queue;
}

t.test('payloads: there and back, damaged ones refused, nothing left', async (t) => {
  const bench = new Bench();
  const queue = filled(bench);
  const payload = bench.dump('k', false);
  t.equal(payload[0], 7, 'a value of a module');
  t.equal(bench.restore('copy', payload), undefined);
  const copy = bench.db.ownForWrite(Bytes.from('copy'), QUEUE) as QueueValue;
  t.ok(sameParts(queue, copy));
  t.equal(copy.expired, 17);
  t.equal(copy.holders.find(Bytes.from('ann'))?.held, 1);
  t.equal(Buffer.compare(Buffer.from(bench.dump('copy', false)).subarray(-8), Buffer.from(payload).subarray(-8)), 0);
  let refused = 0;
  const random = seeded(3);
  for (let i = 0; i < 3000; i++) {
    const damaged = payload.slice();
    const cut = random() < 0.3;
    if (!cut) damaged[1 + Math.floor(random() * (damaged.length - 11))] ^= 1 << Math.floor(random() * 8);
    const body = cut ? damaged.subarray(0, 2 + Math.floor(random() * (damaged.length - 12))) : damaged.subarray(0, -10);
    if (bench.restore('other', sealed(body)) !== undefined) refused++;
  }
  t.ok(refused > 1500, `${refused} of 3000 refused`);
  t.equal(bench.leak(), '');
  t.equal(bench.db.space.ownValues.size, 0);
});

/** `body` with a version and a right checksum behind it. */
function sealed(body: Uint8Array): Uint8Array {
  const out = new Uint8Array(body.length + 10);
  out.set(body);
  out[body.length] = 10;
  new Crc64().update(out, 0, body.length + 2).digest(out, body.length + 2);
  return out;
}

t.test('numbers that would come to more than a file can say are refused', async (t) => {
  const beyond = 2 ** 53 - 1;
  const changes: Readonly<Record<string, (queue: QueueValue) => void>> = {
    'a deadline': ({ settings }) => (settings.deadline = beyond),
    'a life': ({ settings }) => (settings.ttl = beyond),
    'a delay': ({ settings }) => (settings.delay = beyond),
    'a depth': ({ settings }) => (settings.maxDepth = beyond),
    'a prefetch': ({ settings }) => (settings.prefetch = beyond),
    'a counter': (queue) => (queue.published = beyond),
  };
  for (const [what, change] of Object.entries(changes)) {
    const bench = new Bench();
    change(filled(bench));
    t.match(bench.restore('other', bench.dump('k')), /^a queue with/, what);
    t.equal(bench.leak(), '');
  }
});

t.test('a message that was delivered more often than can be counted', async (t) => {
  const bench = new Bench();
  const queue = filled(bench);
  queue.fields.setDeliveries(queue.find(1), 2 ** 31);
  queue.fields.setDeliveries(queue.find(5), 2 ** 32 - 1);
  for (const id of [1, 5]) queue.deliver(queue.find(id), Bytes.from('ann'), 6000);
  t.equal(queue.fields.deliveries(queue.find(1)), 2 ** 31 + 1);
  t.equal(queue.fields.deliveries(queue.find(5)), 2 ** 32 - 1, 'there it stays');
  t.equal(bench.restore('other', bench.dump('k')), undefined);
  t.ok(sameParts(bench.db.ownForWrite(Bytes.from('other'), QUEUE) as QueueValue, queue));
});

t.test('a form of a later version is refused', async (t) => {
  const bench = new Bench();
  filled(bench);
  const body = bench.dump('k').slice(0, -10);
  body[9] = (body[9] & 0xfc) | 2; // the version is the last ten bits of the number
  t.match(bench.restore('other', sealed(body)), /synapqueu.*later Synap \(2\)/);
  t.equal(QUEUE_TYPE.version, 1);
  t.equal(bench.leak(), '');
});
