/** Messages of queues over WebSocket, with acknowledgements, and over an event stream. */
import t from 'tap';
import { running } from '../running.js';
import { post, socket, stream, until } from './listener.js';

const WS = '/api/v1/queue/ws?queue=q';
const SSE = '/api/v1/queue/sse?queue=q';

async function count(url: string, name: string): Promise<number> {
  const response = await fetch(`${url}/api/v1/queue/info?queue=q`);
  return ((await response.json()) as Record<string, number>)[name];
}

t.test('a socket gets messages as they come, and says what became of them', async (t) => {
  const { url, close } = await running();
  await t.rejects(socket(url, `${WS}&consumer=c`), { status: 404, code: 'ERR', message: 'ERR no such queue' });
  await post(url, 'queue/create', { queue: 'q', retries: 5 });
  await t.rejects(socket(url, WS), { status: 400, code: 'ERR', message: "missing argument 'consumer'" });
  const listener = await socket(url, `${WS}&consumer=c`);
  t.same(await listener.next(), { type: 'connected', queue: 'q', consumer: 'c', prefetch: 16, noack: false });
  await post(url, 'queue/publish', { queue: 'q', payload: { n: 1 }, headers: { a: 'b' } });
  const { published, deadline, ...first } = await listener.next();
  t.ok(Number(deadline) > Number(published));
  const message = {
    type: 'message',
    message_id: '1',
    payload: '{"n":1}',
    priority: 5,
    deliveries: 1,
    headers: { a: 'b' },
  };
  t.same(first, message);
  listener.say({ command: 'ack', message_id: '1' });
  t.same(await listener.next(), { type: 'ack', message_id: '1', done: true });
  listener.say({ command: 'ack', message_id: '1' });
  t.same(await listener.next(), { type: 'ack', message_id: '1', done: false });
  t.equal(await count(url, 'acked'), 1);

  await post(url, 'queue/publish', { queue: 'q', payload: { base64: '/wA=' } });
  t.match(await listener.next(), { message_id: '2', payload: { base64: '/wA=' }, deliveries: 1 });
  listener.say({ command: 'nack', message_id: '2' });
  const both = [await listener.next(), await listener.next()];
  t.match(
    both.find(({ type }) => type === 'nack'),
    { message_id: '2', done: true },
  );
  t.match(
    both.find(({ type }) => type === 'message'),
    { message_id: '2', deliveries: 2 },
  );
  listener.say({ command: 'nack', message_id: '2', requeue: false });
  t.match(await listener.next(), { type: 'nack', done: true });
  t.equal(await count(url, 'dead'), 1);
  for (const wrong of [
    { command: 'drop', message_id: '1' },
    { command: 'ack' },
    7,
    null,
    { command: 'ack', message_id: 'x' },
    { command: 'nack', message_id: '1', delay: 'soon' },
    { command: 'nack', message_id: '1', requeue: 'no' },
  ]) {
    listener.say(wrong);
    t.match(await listener.next(), { type: 'error', code: 'ERR' }, JSON.stringify(wrong));
  }
  listener.close();
  await close();
});

t.test('a socket holds no more than its prefetch, and what it holds is given back when it goes', async (t) => {
  const { url, close } = await running();
  await post(url, 'queue/create', { queue: 'q' });
  for (let i = 1; i <= 5; i++) await post(url, 'queue/publish', { queue: 'q', payload: String(i) });
  const listener = await socket(url, `${WS}&consumer=c&prefetch=2`);
  await listener.next();
  t.match([await listener.next(), await listener.next()], [{ payload: '1' }, { payload: '2' }]);
  t.equal(await count(url, 'in-flight'), 2);
  listener.say({ command: 'ack', message_id: '1' });
  t.match(await listener.next(), { type: 'ack' });
  t.match(await listener.next(), { payload: '3' });
  listener.close();
  await until(async () => (await count(url, 'in-flight')) === 0);
  t.equal(await count(url, 'ready'), 4);
  const other = await socket(url, `${WS}&consumer=d&prefetch=1`);
  await other.next();
  t.match(await other.next(), { payload: '2', deliveries: 2 });
  other.close();
  await t.rejects(socket(url, `${WS}&consumer=d&prefetch=0`), { status: 400, code: 'ERR' });
  await close();
});

t.test('a message whose deadline has passed is held no more', async (t) => {
  const { url, close } = await running();
  await post(url, 'queue/create', { queue: 'q', deadline: 100 });
  await post(url, 'queue/publish', { queue: 'q', payload: 'a' });
  const listener = await socket(url, `${WS}&consumer=c&prefetch=1`);
  await listener.next();
  t.match(await listener.next(), { message_id: '1', deliveries: 1 });
  t.match(
    await listener.next(),
    { message_id: '1', deliveries: 2 },
    'the reader has room again, and gets it once more',
  );
  listener.say({ command: 'ack', message_id: '1' });
  t.match(await listener.next(), { type: 'ack', done: true });
  listener.close();
  await close();
});

t.test('what a reader that was closed did not get is given back', async () => {
  const { url, close } = await running({ backlogLimit: 1000, heartbeat: 1000 });
  for (const [open, path] of [
    [socket, WS],
    [stream, SSE],
  ] as const) {
    await post(url, 'queue/create', { queue: 'q' });
    for (let i = 0; i < 16; i++) await post(url, 'queue/publish', { queue: 'q', payload: 'x'.repeat(1 << 21) });
    const listener = await open(url, `${path}&consumer=c`);
    listener.pause();
    await until(async () => (await count(url, 'in-flight')) === 16);
    await until(async () => (await count(url, 'ready')) > 0);
    listener.resume();
    listener.close();
    await post(url, 'queue/delete', { queue: 'q' });
  }
  await close();
});

t.test('a reader that went away while it waited has taken nothing', async (t) => {
  const { url, close } = await running();
  await post(url, 'queue/create', { queue: 'q' });
  for (const [open, path] of [
    [socket, WS],
    [stream, SSE],
  ] as const) {
    const listener = await open(url, `${path}&consumer=gone`);
    await listener.next();
    await until(async () =>
      String((await post(url, 'connection/client_list', {})).result).includes('cmd=queue.consume'),
    );
    listener.close();
    await until(
      async () => !String((await post(url, 'connection/client_list', {})).result).includes('cmd=queue.consume'),
    );
  }
  await post(url, 'queue/publish', { queue: 'q', payload: 'kept' });
  t.equal(await count(url, 'ready'), 1);
  t.equal(await count(url, 'delivered'), 0);
  await close();
});

t.test('a stream: with noack, or acknowledged by POST', async (t) => {
  const { url, close } = await running();
  await post(url, 'queue/create', { queue: 'q' });
  await post(url, 'queue/publish', { queue: 'q', payload: 'a' });
  const free = await stream(url, `${SSE}&consumer=c&noack=true`);
  t.match(await free.next(), { type: 'connected', noack: true });
  t.match(await free.next(), { type: 'message', payload: 'a' });
  t.equal(await count(url, 'depth'), 0);
  free.close();
  await until(
    async () => !String((await post(url, 'connection/client_list', {})).result).includes('cmd=queue.consume'),
  );
  const listener = await stream(url, `${SSE}&consumer=c`);
  await listener.next();
  await post(url, 'queue/publish', { queue: 'q', payload: 'b' });
  const { message_id } = await listener.next();
  t.equal(await count(url, 'in-flight'), 1);
  t.same(await post(url, 'queue/ack', { queue: 'q', ids: [message_id] }), { acknowledged: 1 });
  listener.close();
  await close();
});

t.test('a gateway that only reads has no such routes', async (t) => {
  const { url, close } = await running({ readOnly: true });
  await t.rejects(socket(url, `${WS}&consumer=c`), { status: 404, code: 'NOTFOUND' });
  await close();
});
