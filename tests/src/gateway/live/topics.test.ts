/** The events of topics, over WebSocket and event stream: from the first, from an offset, from now on, and resumed. */
import t from 'tap';
import { running } from '../running.js';
import { type Listener, post, socket, stream } from './listener.js';

async function publish(url: string, data: string, partition = 0): Promise<void> {
  await post(url, 'topic/publish', { topic: 't', data, partition, type: 'made', headers: { h: 'v' } });
}

async function data(listener: Listener, n: number): Promise<string> {
  const all = [];
  for (let i = 0; i < n; i++) all.push((await listener.next()).data);
  return all.join(' ');
}

for (const [kind, open] of [
  ['ws', socket],
  ['sse', stream],
] as const)
  t.test(`${kind}: what was before and what comes`, async (t) => {
    const { url, close } = await running();
    const path = `/api/v1/topic/${kind}?topic=t`;
    await t.rejects(open(url, path), { status: 404, code: 'ERR', message: 'ERR no such topic' });
    await post(url, 'topic/create', { topic: 't', partitions: 2 });
    await publish(url, 'a');
    await publish(url, 'b');
    await publish(url, 'other', 1);
    const listener = await open(url, `${path}&partition=0`);
    t.same(await listener.next(), { type: 'connected', topic: 't', partitions: [0] });
    const { time, id, ...first } = await listener.next();
    t.ok(Number.isInteger(time));
    t.equal(id, kind === 'sse' ? '0' : undefined);
    const event = { type: 'event', partition: 0, key: null, event: 'made', headers: { h: 'v' } };
    t.same(first, { ...event, offset: 0, data: 'a' });
    t.match(await listener.next(), { offset: 1, data: 'b' });
    await publish(url, 'c');
    t.match(await listener.next(), { offset: 2, data: 'c' });
    listener.close();

    const later = await open(url, `${path}&partition=0&offset=2`);
    await later.next();
    t.equal(await data(later, 1), 'c');
    later.close();
    const fresh = await open(url, `${path}&partition=0&offset=$`);
    await fresh.next();
    await publish(url, 'd');
    t.equal(await data(fresh, 1), 'd');
    fresh.close();
    const all = await open(url, path);
    t.same((await all.next()).partitions, [0, 1]);
    t.same((await data(all, 5)).split(' ').sort(), ['a', 'b', 'c', 'd', 'other']);
    all.close();
    await t.rejects(open(url, `${path}&partition=2`), { status: 404, code: 'ERR', message: 'no such partition' });
    await t.rejects(open(url, `${path}&offset=-1`), { status: 400, code: 'ERR' });
    await close();
  });

t.test('a stream goes on behind its Last-Event-ID, of one partition and of all', async (t) => {
  const { url, close } = await running();
  await post(url, 'topic/create', { topic: 't', partitions: 2 });
  for (const text of ['a', 'b', 'c']) await publish(url, text);
  await publish(url, 'x', 1);
  const one = await stream(url, '/api/v1/topic/sse?topic=t&partition=0', { 'last-event-id': '0' });
  await one.next();
  t.equal(await data(one, 2), 'b c');
  one.close();

  const all = await stream(url, '/api/v1/topic/sse?topic=t');
  await all.next();
  let last = '';
  for (let i = 0; i < 4; i++) last = String((await all.next()).id);
  t.equal(last, '0:2,1:0');
  all.close();
  await publish(url, 'd');
  await publish(url, 'y', 1);
  const again = await stream(url, '/api/v1/topic/sse?topic=t', { 'last-event-id': last });
  await again.next();
  t.same((await data(again, 2)).split(' ').sort(), ['d', 'y']);
  again.close();
  // Nothing of the second has been sent.
  const half = await stream(url, '/api/v1/topic/sse?topic=t', { 'last-event-id': '0:3,1:-1' });
  await half.next();
  t.equal(await data(half, 2), 'x y');
  half.close();
  for (const id of ['x', '7:0', '0']) {
    const wrong = stream(url, '/api/v1/topic/sse?topic=t', { 'last-event-id': id });
    await t.rejects(wrong, { status: 400, code: 'ERR' }, id);
  }
  await close();
});

t.test('a reader who keeps up gets events of any size', async (t) => {
  const { url, close } = await running({ backlogLimit: 100_000 });
  await post(url, 'topic/create', { topic: 't' });
  const commands = Array.from({ length: 20 }, (_, i) => ['TOPIC.PUBLISH', 't', `${i} ${'x'.repeat(200_000)}`]);
  await post(url, 'transaction', { commands });
  for (const [open, kind] of [
    [socket, 'ws'],
    [stream, 'sse'],
  ] as const) {
    const listener = await open(url, `/api/v1/topic/${kind}?topic=t`);
    await listener.next();
    for (let i = 0; i < 20; i++) t.match((await listener.next()).data, new RegExp(`^${i} x+$`));
    listener.close();
  }
  await close();
});

t.test('a topic that is deleted says so and ends; one that a reader cannot keep up with waits', async (t) => {
  const { url, close } = await running({ backlogLimit: 2_000_000 });
  await post(url, 'topic/create', { topic: 't' });
  const listener = await socket(url, '/api/v1/topic/ws?topic=t');
  await listener.next();
  listener.pause();
  const pad = 'x'.repeat(10_000);
  for (let i = 0; i < 3000; i += 100)
    await post(url, 'transaction', {
      commands: Array.from({ length: 100 }, (_, j) => ['TOPIC.PUBLISH', 't', `${i + j} ${pad}`]),
    });
  listener.resume();
  for (let i = 0; i < 3000; i++) {
    const { data } = await listener.next();
    if (!String(data).startsWith(`${i} `)) t.fail(`event ${i} is ${String(data).slice(0, 10)}`);
  }
  t.same(listener.waiting, []);
  await post(url, 'topic/topic_delete', { key: 't' });
  t.match(await listener.next(), { type: 'error', error: 'ERR no such topic' });
  t.match(await listener.closed, { code: 1011 });
  await close();
});
