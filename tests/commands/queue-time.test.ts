/** What time does to queues by itself, a bounded part at once, and in which order. */
import t from 'tap';
import { reap } from '../../storage/expiry.js';
import { bench } from './queue-bench.js';

t.test('time passes without any client, and is told', async (t) => {
  const s = bench(
    'queue.create q deadline 100',
    'queue.publish q a',
    'queue.publish q b ttl 100',
    'queue.consume q ann',
  );
  void s.events;
  const { space } = s.client.db;
  s.now += 100;
  s.server.beginTurn();
  reap(space, 0, 16);
  t.same(s.events, ['queue.expired q', 'queue.deadline q']);
  s.client.db.space.reaping = false;
  s.now += 100;
  t.equal(s.ids('queue.consume q ann'), '1');
});

t.test('many at once are done some at a time', async (t) => {
  const s = bench('queue.create q');
  for (let i = 0; i < 3000; i++) s.tell('queue.publish q x ttl 10');
  s.now += 10;
  const left = s.info('ready')[0] as number;
  t.ok(left > 0 && left < 3000, `${left} are left after one look`);
  t.equal(s.ids('queue.consume q ann'), 'none', 'yet none of them is given');
  t.same(s.info('ready', 'expired'), [0, 3000]);
  for (let i = 0; i < 1000; i++) s.tell('queue.publish q x');
  s.tell('queue.consume q ann count 1000 deadline 10');
  s.now += 10;
  s.server.beginTurn();
  for (let i = 0; i < 10; i++) reap(s.client.db.space, 0, 16);
  t.same(s.info('ready', 'in-flight'), [1000, 0]);
});

t.test('what has become due at once keeps its order', async (t) => {
  const s = bench('queue.create q');
  for (let i = 1; i <= 100; i++) s.tell(`queue.publish q x delay ${i}`);
  s.tell('queue.publish q urgent delay 101 priority 9');
  s.now += 101;
  t.equal(s.ids('queue.peek q count 2'), '101 1');
  t.equal(s.ids('queue.consume q ann'), '101', 'the most urgent one, though its delay was the last to end');
  const all = Array.from({ length: 101 }, (_, i) => i + 1);
  s.tell('queue.ack q 101', 'queue.consume q ann count 200 deadline 10', 'queue.publish q late');
  s.now += 10;
  t.equal(
    s.ids('queue.consume q bob count 200 deadline 10'),
    [...all.slice(0, 100), 102].join(' '),
    'back at their places',
  );
  t.same(s.info('ready', 'in-flight'), [0, 101]);
});
