/** The queue family without sockets: order, settings, delays, deadlines, lives, dead letters, replies, errors, and what other commands see. Waiting: queue-blocking.test.ts. */
import t from 'tap';
import { Bench, bench, messages, OPEN } from './queue-bench.js';
import type { Value } from './session.js';

t.test('order: priority, then id; a message that comes back stands where it stood', async (t) => {
  const s = bench('queue.create q');
  for (const priority of [5, 9, 5, 0, 9]) s.tell(`queue.publish q p${priority} priority ${priority}`);
  t.equal(s.ids('queue.peek q'), '2 5 1 3 4');
  t.equal(s.ids('queue.peek q count 2'), '2 5');
  t.equal(s.ids('queue.consume q ann count 3'), '2 5 1');
  t.equal(s.ask('queue.nack q 5 1 99'), 2);
  t.equal(s.ids('queue.peek q'), '5 1 3 4');
  t.equal(s.ids('queue.consume q bob count 10'), '5 1 3 4');
  t.equal(s.ask('queue.consume q ann'), null);
  t.equal(s.ask('queue.ack q 1 2 3 4 5 6'), 5);
  t.same(s.info('ready', 'in-flight', 'depth', 'acked', 'nacked', 'delivered', 'published'), [0, 0, 0, 5, 2, 7, 5]);
});

t.test('a message as it is told, in both protocols', async (t) => {
  const s = bench('queue.create q deadline 500');
  s.tell('queue.publish q body priority 7 headers 2 kind order empty x');
  s.now += 20;
  const told = messages(s.ask('queue.consume q ann'))[0];
  t.same(told, {
    id: '1',
    payload: 'body',
    priority: 7,
    deliveries: 1,
    published: s.now - 20,
    deadline: s.now + 500,
    headers: ['kind', 'order', 'empty', 'x'],
  });
  s.tell('queue.nack q 1');
  s.client.out.resp = 3;
  t.equal(
    s.raw('queue.consume q ann deadline 70'),
    `*1\r\n%7\r\n$2\r\nid\r\n$1\r\n1\r\n$7\r\npayload\r\n$4\r\nbody\r\n$8\r\npriority\r\n:7\r\n$10\r\ndeliveries\r\n:2\r\n` +
      `$9\r\npublished\r\n:${s.now - 20}\r\n$8\r\ndeadline\r\n:${s.now + 70}\r\n` +
      '$7\r\nheaders\r\n%2\r\n$4\r\nkind\r\n$5\r\norder\r\n$5\r\nempty\r\n$1\r\nx\r\n',
  );
  t.equal(s.raw('queue.consume q ann'), '_\r\n');
  t.match(s.raw('queue.info q'), /^%21\r\n\$9\r\nmax-depth\r\n:0\r\n/);
  s.client.out.resp = 2;
  t.equal(s.raw('queue.consume q ann'), '*-1\r\n');
  t.equal(s.raw('queue.publish q x'), '$1\r\n2\r\n');
});

t.test('settings: what messages have that do not say otherwise', async (t) => {
  const s = bench('queue.create q maxdepth 2 deadline 100 retries 0 prefetch 1 priority 8 ttl 5000 delay 50');
  t.equal(s.ask('queue.create q maxdepth 9'), 0, 'it existed');
  t.same(
    s.info('max-depth', 'deadline', 'retries', 'prefetch', 'priority', 'ttl', 'delay'),
    [2, 100, 0, 1, 8, 5000, 50],
  );
  s.tell('queue.publish q a', 'queue.publish q b delay 0 ttl 0 priority 1 retries 1');
  t.equal(s.ask('queue.publish q c'), '-ERR queue is full');
  t.same(s.info('ready', 'delayed', 'depth', 'published'), [1, 1, 2, 2]);
  t.equal(s.ids('queue.consume q ann count 5'), '2', 'the other is delayed');
  s.now += 50;
  t.equal(s.ids('queue.consume q ann'), 'none', 'ann holds all that one may hold');
  t.equal(s.ids('queue.consume q ann noack'), '1', 'which does not count');
  t.same(s.info('depth', 'acked', 'consumers'), [1, 1, 1]);
  t.equal(s.ask('queue.publish q c delay 0'), '3', 'there is room again');
  s.tell('queue.ack q 2');
  t.equal(s.ids('queue.consume q ann'), '3');
});

t.test('deadlines: a message comes back, and dies when it has no delivery left', async (t) => {
  const s = bench('queue.create q deadline 100 retries 1', 'queue.publish q a', 'queue.publish q b');
  t.equal(s.ids('queue.consume q ann'), '1');
  s.now += 99;
  t.equal(s.ids('queue.peek q'), '2');
  s.now += 1;
  t.equal(s.ids('queue.consume q bob'), '1', 'before the other');
  t.equal(s.ask('queue.ack q consumer ann 1'), 0, 'bob has it');
  s.now += 100;
  t.equal(s.ids('queue.peek q'), '2');
  const dead = messages(s.ask('queue.dlq.list q'))[0];
  t.same([dead.id, dead.deliveries, dead.reason, dead['dead-at']], ['1', 2, 'retries', s.now]);
  t.same(s.info('ready', 'dead', 'depth', 'dead-lettered'), [1, 1, 1, 1]);
  t.same(
    s.events.filter((event) => !event.startsWith('queue.consume')),
    ['queue.deadline q', 'queue.dead q'],
  );
  t.equal(s.ask('queue.ack q 1'), 0, 'too late');
});

t.test('a life that is over: dropped while it waits, and when it comes back', async (t) => {
  const s = bench('queue.create q deadline 1000');
  s.tell('queue.publish q a ttl 100', 'queue.publish q b ttl 100 delay 500', 'queue.publish q c ttl 100');
  t.equal(s.ids('queue.consume q ann'), '1');
  s.now += 100;
  t.same(s.info('ready', 'delayed', 'in-flight', 'expired', 'dead'), [0, 0, 1, 2, 0]);
  t.equal(s.ask('queue.nack q 1'), 1);
  t.equal(s.ids('queue.consume q ann'), 'none');
  t.same(s.info('expired', 'depth', 'dead'), [3, 0, 0]);
});

t.test('NACK: at once, later, or to the dead letters', async (t) => {
  const s = bench('queue.create q retries 1');
  for (const body of ['a', 'b', 'c', 'd']) s.tell(`queue.publish q ${body}`);
  t.equal(s.ids('queue.consume q ann count 4'), '1 2 3 4');
  t.equal(s.ask('queue.nack q consumer bob 1'), 0, 'not his');
  t.equal(s.ask('queue.nack q consumer ann delay 100 1'), 1);
  t.equal(s.ask('queue.nack q dead 2'), 1);
  t.equal(s.ask('queue.nack q 3 3 3'), 1, 'once');
  t.same(s.info('ready', 'delayed', 'in-flight', 'dead'), [1, 1, 1, 1]);
  s.now += 100;
  t.equal(s.ids('queue.consume q ann count 5'), '1 3');
  t.equal(s.ask('queue.nack q delay 5 1'), 1, 'it had one more delivery');
  const dead = messages(s.ask('queue.dlq.list q'));
  t.same(
    dead.map(({ id, reason, payload }) => [id, reason, payload]),
    [
      ['2', 'nack', 'b'],
      ['1', 'retries', 'a'],
    ],
  );
});

t.test('dead letters: listed, put back, removed', async (t) => {
  const s = bench(
    'queue.create q maxdepth 4',
    ...['a', 'b', 'c', 'd'].map((body) => `queue.publish q ${body} ttl 1000`),
  );
  s.tell('queue.consume q ann count 4', 'queue.nack q dead 1 2 3 4');
  t.equal(s.ids('queue.dlq.list q'), '1 2 3 4');
  t.equal(s.ids('queue.dlq.list q count 2'), '1 2');
  t.equal(s.ask('queue.dlq.requeue q 3 9'), 1);
  s.now += 2000;
  const back = messages(s.ask('queue.consume q ann'))[0];
  t.same([back.id, back.deliveries], ['3', 1], 'as if new, and it does not expire');
  t.equal(s.ask('queue.dlq.purge q 1 3'), 1, 'only what is dead');
  s.tell('queue.publish q e', 'queue.publish q f');
  t.equal(s.ask('queue.dlq.requeue q'), '-ERR queue is full');
  t.equal(s.ids('queue.dlq.list q'), '2 4', 'and nothing has changed');
  s.tell('queue.ack q 3');
  t.equal(s.ask('queue.dlq.requeue q'), 2);
  t.equal(s.ask('queue.dlq.requeue q'), 0);
  t.equal(s.ids('queue.peek q'), '2 4 5 6');
  s.tell('queue.consume q ann count 9', 'queue.nack q dead 2 4');
  t.equal(s.ask('queue.dlq.purge q'), 2);
  t.same(s.ask('queue.dlq.list q'), []);
});

t.test('dead letters and names in RESP3', async (t) => {
  const s = bench('queue.create q', 'queue.publish q a', 'queue.consume q ann', 'queue.nack q dead 1');
  s.client.out.resp = 3;
  const { now } = s;
  t.equal(
    s.raw('queue.dlq.list q'),
    `*1\r\n%9\r\n$2\r\nid\r\n$1\r\n1\r\n$7\r\npayload\r\n$1\r\na\r\n$8\r\npriority\r\n:5\r\n$10\r\ndeliveries\r\n:1\r\n` +
      `$9\r\npublished\r\n:${now}\r\n$8\r\ndeadline\r\n:0\r\n$7\r\nheaders\r\n%0\r\n` +
      `$6\r\nreason\r\n$4\r\nnack\r\n$7\r\ndead-at\r\n:${now}\r\n`,
  );
  t.equal(s.raw('queue.peek q'), '*0\r\n');
  t.equal(s.raw('queue.list'), '*1\r\n$1\r\nq\r\n');
});

t.test('PURGE takes what waits, and nothing else', async (t) => {
  const s = bench('queue.create q', 'queue.publish q a', 'queue.publish q b', 'queue.publish q c delay 50');
  s.tell('queue.publish q d', 'queue.consume q ann count 2', 'queue.nack q dead 1');
  t.equal(s.ask('queue.purge q'), 2);
  t.equal(s.ask('queue.purge q'), 0);
  t.same(s.info('ready', 'delayed', 'in-flight', 'dead', 'depth'), [0, 0, 1, 1, 1]);
  t.equal(s.ask('queue.publish q e'), '5', 'ids go on');
});

t.test('what other commands say of a queue', async (t) => {
  const s = bench('queue.create q', 'queue.publish q a', 'queue.publish q b', 'queue.consume q ann', 'set s v');
  t.same(
    ['type q', 'object encoding q', 'exists q', 'ttl q', 'queue.list', 'scan 0 type queue'].map((line) => s.ask(line)),
    ['queue', 'queue', 1, -1, ['q'], ['0', ['q']]],
  );
  t.equal(s.ask('copy q other'), 1);
  t.same(s.ask('debug digest-value q'), s.ask('debug digest-value other'));
  t.equal(s.ask('queue.ack other 1'), 1, 'what is in flight is copied, too');
  t.notSame(s.ask('debug digest-value q'), s.ask('debug digest-value other'));
  t.same(s.askSorted('queue.list match *'), ['other', 'q']);
  t.same(s.ask('queue.list match o*'), ['other']);
  t.equal(s.ask('rename other moved'), 'OK');
  t.equal(s.ask('move moved 1'), 1);
  s.tell('select 1');
  t.equal(s.ids('queue.peek moved'), '2');
  const payload = s.ask('dump moved') as string;
  t.equal(s.ask(['restore', 'restored', '0', payload]), 'OK');
  t.same(s.ask('debug digest-value moved'), s.ask('debug digest-value restored'));
  t.equal(s.ask(['restore', 'restored', '0', payload]), '-BUSYKEY Target key name already exists.');
  t.match(s.ask('debug object moved'), /encoding:queue serializedlength:\d\d+ /);
  s.tell('select 0', 'pexpire q 10');
  s.now += 10;
  t.equal(s.ask('queue.info q'), '-ERR no such queue');
  t.same(s.ask('queue.list'), []);
});

t.test('memory: what it says of a queue is what the arena has counted', async (t) => {
  const s = bench();
  const { space } = s.client.db;
  s.tell('queue.create q');
  const before = space.usedBytes;
  const empty = s.ask('memory usage q') as number;
  for (let i = 0; i < 3000; i++) s.tell(`queue.publish q ${'x'.repeat(i % 200)} priority ${i % 10} ttl 100000`);
  s.tell('queue.consume q ann count 500', 'queue.consume q bob count 5', 'queue.nack q dead 1 2 3 11 12');
  t.equal((s.ask('memory usage q') as number) - empty, space.usedBytes - before);
  t.equal((s.info('bytes')[0] as number) > 3000 * 100, true);
  s.tell('unlink q');
  t.ok(space.larges.hasDoomed, 'freed in slices');
  while (!space.larges.freeDoomed(16));
  t.equal(space.arena.used, 0);
  t.equal(space.arena.outside, space.table.bytes);
});

t.test('DELETE: queues only', async (t) => {
  const s = bench('queue.create a', 'queue.create b', 'set s v');
  t.match(s.ask('queue.delete a s'), /^-WRONGTYPE/);
  t.same(s.askSorted('queue.list'), ['a', 'b'], 'nothing was deleted');
  t.equal(s.ask('queue.delete a none b a'), 2);
  t.same(s.events, ['del a', 'del b']);
  t.equal(s.ask('dbsize'), 1);
});

t.test('WATCH, MULTI, events', async (t) => {
  const s = bench('queue.create q', 'queue.publish q a', 'watch q');
  const other = new Bench(OPEN);
  t.equal(other.ask('queue.publish q a'), '-ERR no such queue');
  s.tell('multi', 'queue.consume q ann block 0', 'queue.consume q ann block 0', 'queue.ack q 1', 'queue.publish q b');
  const [given, none, acked, id] = s.ask('exec') as Value[];
  t.equal(messages(given)[0].id, '1');
  t.same([none, acked, id], [null, 1, '2']);
  t.same(s.events, ['queue.consume q', 'queue.ack q', 'queue.publish q']);
  s.tell('watch q', 'queue.consume q ann', 'multi', 'ping');
  t.equal(s.ask('exec'), null, 'a delivery is a change');
});

t.test('maxmemory counts queues, and refuses what would add to them', async (t) => {
  const s = bench('queue.create q', 'queue.publish q a');
  s.tell('config set maxmemory 1');
  t.match(s.ask('queue.publish q b'), /^-OOM/);
  t.match(s.ask('queue.create other'), /^-OOM/);
  t.equal(s.ids('queue.consume q ann'), '1', 'what takes away is not');
  t.equal(s.ask('queue.ack q 1'), 1);
});

t.test('errors', async (t) => {
  const s = bench('queue.create q', 'queue.publish q a', 'set s v', 'queue.consume q ann');
  const before = s.ask('debug digest');
  const range = (name: string, min: number, max: number): string =>
    `-ERR ${name} is out of range, must be between ${min} and ${max}`;
  const ms = 2 ** 52;
  const many = 2 ** 31 - 1;
  const rows: readonly (readonly [line: string, error: string | RegExp])[] = [
    ['queue.create', "-ERR wrong number of arguments for 'queue.create' command"],
    ['queue.create n deadline 0', range('DEADLINE', 1, ms)],
    ['queue.create n priority 10', range('PRIORITY', 0, 9)],
    ['queue.create n retries -1', range('RETRIES', 0, many)],
    ['queue.create n prefetch x', '-ERR value is not an integer or out of range'],
    ['queue.create n maxdepth', '-ERR syntax error'],
    ['queue.create n foo 1', '-ERR syntax error'],
    ['queue.create s', /^-WRONGTYPE/],
    ['queue.publish none a', '-ERR no such queue'],
    ['queue.publish s a', /^-WRONGTYPE/],
    ['queue.publish q a priority -1', range('PRIORITY', 0, 9)],
    ['queue.publish q a delay -1', range('DELAY', 0, ms)],
    ['queue.publish q a ttl', '-ERR syntax error'],
    ['queue.publish q a headers 1 name', '-ERR HEADERS needs as many names with values as it says'],
    ['queue.publish q a headers 0', range('HEADERS', 1, many)],
    ['queue.publish q a headers 1 name value more', '-ERR syntax error'],
    ['queue.consume q', "-ERR wrong number of arguments for 'queue.consume' command"],
    ['queue.consume q ann count 0', range('COUNT', 1, many)],
    ['queue.consume q ann block -1', range('BLOCK', 0, ms)],
    ['queue.consume q ann deadline 0', range('DEADLINE', 1, ms)],
    ['queue.consume q ann foo', '-ERR syntax error'],
    ['queue.consume none ann block 0', '-ERR no such queue'],
    ['queue.ack q one', '-ERR invalid message id'],
    ['queue.ack q 1 0', '-ERR invalid message id'],
    ['queue.ack q consumer ann', '-ERR invalid message id'],
    ['queue.ack none 1', '-ERR no such queue'],
    ['queue.nack q delay 1', '-ERR syntax error'],
    ['queue.nack q dead x', '-ERR invalid message id'],
    ['queue.nack q delay x 1', '-ERR value is not an integer or out of range'],
    ['queue.peek q count', '-ERR syntax error'],
    ['queue.peek q limit 1', '-ERR syntax error'],
    ['queue.dlq.requeue q x', '-ERR invalid message id'],
    ['queue.dlq.list none', '-ERR no such queue'],
    ['queue.list match', '-ERR syntax error'],
    ['queue.replay q foo 1', '-ERR syntax error'],
    ['queue.replay q publish 1 0 0 0 5 3 x', '-ERR invalid message id'],
    ['queue.replay q publish 2 0 0 0 5 3', '-ERR syntax error'],
    ['queue.replay q publish 2 0 0 0 5 3 x damaged', '-ERR syntax error'],
    ['queue.replay q deliver ann 1 1', '-ERR no such message in that state'],
    ['queue.replay q expire 1', '-ERR no such message in that state'],
    ['queue.replay q back 0 0 7', '-ERR no such message in that state'],
    ['queue.replay q bury 0 2 0 1', range('reason', 0, 1)],
    ['queue.replay none take 1', '-ERR no such queue'],
    ['lpush q a', /^-WRONGTYPE/],
    ['get q', /^-WRONGTYPE/],
  ];
  for (const [line, error] of rows) {
    const reply = s.ask(line);
    if (typeof error === 'string') t.equal(reply, error, line);
    else t.match(reply, error, line);
  }
  t.equal(s.ask('debug digest'), before, 'nothing has changed');
});
