/** What a WebSocket listens to changes by messages: more and less of it, what is refused, and that nothing else is lost by that. */
import { spawn, spawnSync } from 'node:child_process';
import t from 'tap';
import { startGateway } from '../../../../src/gateway/gateway.js';
import { freePort } from '../../../free-port.js';
import { running } from '../running.js';
import { type Listener, post, socket, until } from './listener.js';

const NOTHING = { channels: [], patterns: [], topics: [] };

async function opened(url: string, query = ''): Promise<Listener> {
  const listener = await socket(url, `/api/v1/pubsub/ws${query}`);
  t.match(await listener.next(), { type: 'connected' });
  return listener;
}

/** Says something. @returns the answer */
async function asked(listener: Listener, message: unknown): Promise<Record<string, unknown>> {
  listener.say(message);
  return listener.next();
}

t.test('more and less', async (t) => {
  const { url, close } = await running();
  const publish = (channel: string) => post(url, 'pubsub/publish', { channel, message: channel });
  const receivers = async (channel: string): Promise<unknown> => (await publish(channel)).receivers;
  const listener = await opened(url);
  t.equal(await receivers('a.b'), 0);
  t.same(await asked(listener, { command: 'subscribe', channels: ['a.b', 'c', 'c'] }), {
    type: 'subscribe',
    ...NOTHING,
    channels: ['a.b', 'c'],
  });
  t.equal(await receivers('a.b'), 1);
  t.same(await listener.next(), { type: 'message', channel: 'a.b', data: 'a.b' });
  const more = { command: 'subscribe', channels: ['c'], patterns: ['a.*'], topics: ['a.*', 'a.#', '*.b'] };
  t.same(await asked(listener, more), {
    type: 'subscribe',
    channels: ['a.b', 'c'],
    patterns: ['a.*'],
    topics: ['a.*', 'a.#', '*.b'],
  });
  // a.* is a pattern and the glob of a topic; a.# comes by a*, *.b by itself.
  t.equal(await receivers('a.b'), 4);
  const by = [];
  for (let i = 0; i < 5; i++) {
    const { type, channel, data, ...how } = await listener.next();
    t.same([type, channel, data], ['message', 'a.b', 'a.b']);
    by.push(JSON.stringify(how));
  }
  t.same(by.sort(), ['{"pattern":"a.*"}', '{"topic":"*.b"}', '{"topic":"a.#"}', '{"topic":"a.*"}', '{}']);

  t.same(
    await asked(listener, {
      command: 'unsubscribe',
      channels: ['a.b', 'none'],
      patterns: ['a.*'],
      topics: ['a.#', '*.b'],
    }),
    { type: 'unsubscribe', channels: ['c'], patterns: [], topics: ['a.*'] },
  );
  t.equal(await receivers('a.b'), 1, 'the glob that a topic needs is kept');
  t.same(await listener.next(), { type: 'message', channel: 'a.b', data: 'a.b', topic: 'a.*' });
  t.same(await asked(listener, { command: 'unsubscribe' }), { type: 'unsubscribe', ...NOTHING });
  t.equal((await post(url, 'pubsub/pubsub_numpat', {})).result, 0);
  t.equal(await receivers('c'), 0);
  t.match(await asked(listener, { command: 'subscribe', patterns: ['*'] }), { patterns: ['*'] });
  t.equal(await receivers('x'), 1);
  t.same(await listener.next(), { type: 'message', channel: 'x', data: 'x', pattern: '*' });
  listener.close();
  await until(async () => (await post(url, 'pubsub/pubsub_numpat', {})).result === 0);
  await close();
});

t.test('many changes at once are made one after another, and messages meanwhile come', async (t) => {
  const { url, close } = await running();
  const listener = await opened(url, '?channels=steady');
  for (let i = 0; i < 40; i++) listener.say({ command: 'subscribe', channels: [`c${i}`] });
  listener.say({ command: 'unsubscribe', channels: ['c0', 'c39'] });
  const published = Promise.all(
    Array.from({ length: 20 }, (_, i) => post(url, 'pubsub/publish', { channel: 'steady', message: String(i) })),
  );
  const answers: Record<string, unknown>[] = [];
  const data = new Set<unknown>();
  while (answers.length < 41 || data.size < 20) {
    const message = await listener.next();
    if (message.type === 'message') data.add(message.data);
    else answers.push(message);
  }
  await published;
  t.same(
    answers.map(({ channels }) => (channels as string[]).length),
    [...Array.from({ length: 40 }, (_, i) => i + 2), 39],
  );
  listener.close();
  await close();
});

t.test('what is refused changes nothing', async (t) => {
  const { url, close } = await running();
  const listener = await opened(url, '?channels=app:a');
  for (const [message, error, code] of [
    [{ command: 'subscribe' }, /must be given/, 'ERR'],
    [{ command: 'subscribe', channels: 'app:b' }, "argument 'channels' must be an array of names", 'ERR'],
    [{ command: 'subscribe', channels: [''] }, "argument 'channels' must be an array of names", 'ERR'],
    [{ command: 'subscribe', channel: ['app:b'] }, "unknown argument 'channel'", 'ERR'],
    [{ command: 'publish' }, /^a message must be/, 'ERR'],
    [7, /^a message must be/, 'ERR'],
    [null, /^a message must be/, 'ERR'],
    [
      { command: 'subscribe', channels: Array.from({ length: 1000 }, (_, i) => `app:${i}`) },
      'more than 1000 names',
      'ERR',
    ],
  ] as const)
    t.match(await asked(listener, message), { type: 'error', error, code }, JSON.stringify(message)?.slice(0, 100));
  t.same(await asked(listener, { command: 'subscribe', channels: ['app:c'] }), {
    type: 'subscribe',
    ...NOTHING,
    channels: ['app:a', 'app:c'],
  });
  t.equal((await post(url, 'pubsub/publish', { channel: 'app:b', message: 'm' })).receivers, 0);
  for (let i = 0; i < 200; i++) listener.say({ command: 'subscribe', channels: ['app:c'] });
  t.match(await listener.closed, { code: 1008 });
  await close();
  const narrow = await running({ prefixes: ['app:'] });
  const refused = await opened(narrow.url);
  for (const names of [{ channels: ['a'] }, { patterns: ['*'] }, { topics: ['a.#'] }])
    t.match(await asked(refused, { command: 'subscribe', ...names }), { type: 'error', code: 'FORBIDDEN' });
  t.same(await asked(refused, { command: 'unsubscribe' }), { type: 'unsubscribe', ...NOTHING });
  refused.close();
  await narrow.close();
});

const installed = spawnSync('redis-server', ['--version']).status === 0;

t.test('half of a change is none', { skip: installed ? false : 'redis-server is not installed' }, async (t) => {
  const port = await freePort();
  const user = 'user narrow on >pw ~* +@all resetchannels &app:* &app.*';
  const redis = spawn('redis-server', [
    '--port',
    String(port),
    '--save',
    '',
    '--dir',
    t.testdir(),
    '--user',
    ...user.split(' ').slice(1),
  ]);
  const gateway = await startGateway({ url: `redis://narrow:pw@127.0.0.1:${port}`, port: 0, anonymous: true });
  const url = `http://127.0.0.1:${gateway.port}`;
  await until(async () => (await fetch(`${url}/api/v1/key/count`)).ok);
  const listener = await opened(url, '?channels=app:a');
  const half = { command: 'subscribe', channels: ['app:b'], patterns: ['other*'] };
  t.match(await asked(listener, half), { type: 'error', code: 'NOPERM' });
  t.equal((await post(url, 'pubsub/publish', { channel: 'app:b', message: 'm' })).receivers, 0);
  t.match(await asked(listener, { command: 'subscribe', channels: ['app:c'] }), { channels: ['app:a', 'app:c'] });
  t.equal((await post(url, 'pubsub/publish', { channel: 'app:a', message: 'm' })).receivers, 1);
  t.match(await listener.next(), { channel: 'app:a' });
  listener.close();
  await gateway.close();
  redis.kill();
});
