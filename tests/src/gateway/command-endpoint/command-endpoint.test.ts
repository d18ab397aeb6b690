/** The envelope: errors, batches, transactions by client, subscriptions that are polled, limits, logins. */
import { spawnSync } from 'node:child_process';
import t, { type Test } from 'tap';
import type { GatewayOptions } from '../../../../src/gateway/options.js';
import { LiveRedis } from '../../../storage/rdb/live-redis.js';
import { running } from '../running.js';

interface Answer {
  readonly success: boolean;
  readonly request_id: string | null;
  readonly payload: unknown;
  readonly error: string | null;
  readonly code?: string;
}

async function endpoint(options: GatewayOptions = {}, password?: string) {
  const world = await running(options, password === undefined ? {} : { requirepass: password });
  const url = `${world.url}/api/v1/command`;
  const post = async (
    body: unknown,
    headers: Record<string, string> = {},
  ): Promise<{ status: number; body: unknown }> => {
    const init = {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify(body),
    };
    const response = await fetch(url, init);
    return { status: response.status, body: await response.json() };
  };
  const call = async (command: string, payload: Record<string, unknown> = {}): Promise<Answer> =>
    (await post({ command, request_id: 'r', payload })).body as Answer;
  return { post, call, close: world.close, url: world.url };
}

t.test('the envelope', async (t) => {
  const { post, close } = await endpoint();
  t.strictSame(await post({ command: 'kv.set', request_id: 'x', payload: { key: 'k', value: 'v' } }), {
    status: 200,
    body: { success: true, request_id: 'x', payload: { success: true, written: true, key: 'k' }, error: null },
  });
  t.strictSame(await post({ command: 'kv.get', payload: { key: 'k' } }), {
    status: 200,
    body: { success: true, request_id: null, payload: 'v', error: null },
  });
  t.strictSame(await post({ command: 'kv.dbsize' }), {
    status: 200,
    body: { success: true, request_id: null, payload: { size: 1 }, error: null },
  });
  for (const body of [{}, { command: 1 }, { command: 'x', payload: [] }, { command: 'x', payload: 1 }, 1, null, [1]])
    t.match(await post(body), { status: 422, body: { code: 'ERR', error: String } }, JSON.stringify(body));
  t.match(await post({ command: 'x', request_id: 1 }), { status: 422 });
  await close();
});

const ERRORS: readonly (readonly [
  command: string,
  payload: Record<string, unknown>,
  code: string,
  error: RegExp | string,
])[] = [
  ['foo', {}, 'ERR', 'Unknown command: foo'],
  ['kv.constructor', {}, 'ERR', 'Unknown command: kv.constructor'],
  ['__proto__', {}, 'ERR', 'Unknown command: __proto__'],
  ['kv.get', {}, 'ERR', "missing argument 'key'"],
  ['kv.get', { key: null }, 'ERR', "missing argument 'key'"],
  ['kv.get', { key: 'k', more: 1 }, 'ERR', "unknown argument 'more'"],
  ['kv.get', { key: 'k', type: 'xml' }, 'ERR', "argument 'type' must be one of string, json, bytes"],
  ['kv.set', { key: 'k', value: 'v', nx: 1 }, 'ERR', "argument 'nx' must be true or false"],
  ['kv.set', { key: 'k', value: 'v', ttl: 1.5 }, 'ERR', "argument 'ttl' must be an integer"],
  ['kv.set', { key: 'k', value: 'v', ttl: 1, keepttl: true }, 'ERR', /syntax error/],
  ['kv.set', { key: 'k', value: 'v', expiry: { type: 'weeks', value: 1 } }, 'ERR', /^argument 'expiry.type' must be/],
  ['kv.set', { key: 'k', value: { base64: '!' } }, 'ERR', "argument 'value' is not base64"],
  ['kv.incr', { key: 'text' }, 'ERR', /not an integer/],
  ['kv.mset', { pairs: [] }, 'ERR', "argument 'pairs' must be at least one"],
  ['kv.mset', { pairs: ['a'] }, 'ERR', "argument 'pairs' must be an object"],
  ['kv.scan', { limit: 0 }, 'ERR', /between 1 and/],
  ['kv.stats', { key: 'k' }, 'ERR', "unknown argument 'key'"],
  ['hash.get', { key: 'text', field: 'f' }, 'WRONGTYPE', /^WRONGTYPE/],
  ['hash.del', { key: 'h', fields: [] }, 'ERR', "argument 'fields' must be at least one"],
  [
    'list.insert',
    { key: 'l', position: 'under', pivot: 'a', value: 'b' },
    'ERR',
    /^argument 'position' must be one of/,
  ],
  ['list.lset', { key: 'none', index: 0, value: 'b' }, 'ERR', /no such key/],
  ['sortedset.zadd', { key: 'z', members: ['a'], scores: [] }, 'ERR', /^argument 'scores' must be as many/],
  ['sortedset.zadd', { key: 'z', member: 'a', score: 'high' }, 'ERR', /not a valid float/],
  ['queue.publish', { queue: 'none', payload: [1] }, 'ERR', /no such queue/],
  ['queue.publish', { queue: 'none', payload: [256] }, 'ERR', /array of bytes/],
  ['stream.delete', { room: 'none' }, 'NOTFOUND', "Room 'none' not found"],
  ['key.rename', { source: 'none', destination: 'x' }, 'ERR', /no such key/],
  ['string.get', { nokey: 1 }, 'ERR', "unknown argument 'nokey'"],
  ['transactions.multi', {}, 'ERR', /cannot be used in a single request/],
  ['pubsub.poll', { subscriber_id: 'none' }, 'NOTFOUND', "no subscriber 'none'"],
  ['pubsub.subscribe', { topics: [] }, 'ERR', "argument 'topics' must be at least one"],
  ['transaction.exec', {}, 'ERR', 'EXEC without MULTI'],
  ['transaction.discard', {}, 'ERR', 'DISCARD without MULTI'],
  ['transaction.watch', { keys: [] }, 'ERR', "argument 'keys' must be at least one"],
  ['transaction.multi', { keys: ['a'] }, 'ERR', "unknown argument 'keys'"],
];

t.test('errors are answers', async (t) => {
  const { call, close } = await endpoint();
  await call('kv.set', { key: 'text', value: 'x' });
  for (const [command, payload, code, error] of ERRORS)
    t.match(
      await call(command, payload),
      { success: false, request_id: 'r', payload: null, code, error },
      `${command} ${error}`,
    );
  await close();
});

t.test('a batch', async (t) => {
  const { post, close } = await endpoint({ batchLimit: 3 });
  const envelopes = [
    { command: 'kv.incr', request_id: '1', payload: { key: 'n' } },
    { command: 'nothing', request_id: '2', payload: {} },
    { command: 'kv.incr', request_id: '3', payload: { key: 'n' } },
  ];
  t.match(await post(envelopes), {
    status: 200,
    body: [
      { request_id: '1', payload: { value: 1 } },
      { request_id: '2', success: false },
      { request_id: '3', payload: { value: 2 } },
    ],
  });
  t.strictSame((await post([])).body, []);
  t.match(await post([...envelopes, envelopes[0]]), { status: 413, body: { code: 'TOOLARGE' } });
  await close();
});

t.test('a transaction', async (t) => {
  const { call, close } = await endpoint({ batchLimit: 8 });
  const mine = { client_id: 'a' };
  t.match(await call('transaction.multi', mine), { success: true, payload: { success: true, message: String } });
  t.match(await call('transaction.multi', mine), { success: false, error: /nested/ });
  const queued = { success: true, payload: { success: true, queued: true } };
  t.match(await call('kv.set', { ...mine, key: 'k', value: { a: 1 } }), queued);
  t.match(await call('kv.incr', { ...mine, key: 'k' }), queued);
  t.match(await call('hash.set', { ...mine, key: 'h', field: 'f', value: 'v' }), queued);
  t.match(await call('hash.get', { ...mine, key: 'h', field: 'f' }), queued);
  t.match(await call('string.strlen', { ...mine, key: 'k' }), queued);
  t.match(await call('kv.get', { ...mine }), { success: false, error: "missing argument 'key'" });
  t.match(await call('kv.scan', mine), { success: false, error: /cannot be part of a transaction/ });
  t.match(await call('kv.get', { key: 'k' }), { payload: null }, 'nothing has run');
  t.match(await call('kv.get', { client_id: 'b', key: 'k' }), { payload: null }, 'another client is not in it');
  t.strictSame((await call('transaction.exec', mine)).payload, {
    success: true,
    results: [
      { success: true, written: true, key: 'k' },
      { error: 'ERR value is not an integer or out of range', code: 'ERR' },
      { success: true, created: true, key: 'h', field: 'f' },
      { found: true, value: 'v' },
      7,
    ],
  });
  t.match(await call('transaction.exec', mine), { success: false, error: 'EXEC without MULTI' });
  await call('transaction.multi', mine);
  await call('kv.del', { ...mine, key: 'k' });
  t.match(await call('transaction.discard', mine), { success: true });
  t.match(await call('kv.get', { ...mine, key: 'k' }), { payload: '{"a":1}' }, 'forgotten');
  await call('transaction.multi', mine);
  for (let i = 0; i < 8; i++) await call('kv.incr', { ...mine, key: 'n' });
  t.match(await call('kv.incr', { ...mine, key: 'n' }), { success: false, code: 'TOOLARGE' });
  t.strictSame((await call('transaction.exec', mine)).payload, {
    success: true,
    results: [1, 2, 3, 4, 5, 6, 7, 8].map((value) => ({ value, key: 'n' })),
  });
  await close();
});

t.test('a transaction that watches', async (t) => {
  const { call, close } = await endpoint();
  const mine = { client_id: 'a' };
  const attempt = async (between: () => Promise<unknown>): Promise<unknown> => {
    await call('transaction.watch', { ...mine, keys: ['k'] });
    await between();
    await call('transaction.multi', mine);
    await call('kv.set', { ...mine, key: 'k', value: 'mine' });
    return (await call('transaction.exec', mine)).payload;
  };
  t.match(await attempt(async () => call('kv.get', { key: 'k' })), { success: true });
  t.match(await attempt(async () => call('list.lpush', { key: 'other', values: ['x'] })), { success: true });
  const theirs = () => call('string.append', { key: 'k', value: '+theirs' });
  t.match(await attempt(theirs), { success: false, aborted: true, message: String });
  t.match(
    await attempt(async () => {
      await theirs();
      await call('transaction.unwatch', mine);
    }),
    { success: true },
  );
  t.match(await call('kv.get', { key: 'k' }), { payload: 'mine' });
  t.match(await call('transaction.unwatch', { client_id: 'nobody' }), { success: true });
  await close();
});

t.test('transactions of two users have nothing in common', async (t) => {
  const { post, close } = await endpoint({ anonymous: false }, 'secret');
  const as = (login: string) => async (command: string, payload: Record<string, unknown>) =>
    (await post({ command, payload: { client_id: 'a', ...payload } }, { authorization: `Bearer ${login}` })).body;
  const admin = as('secret');
  await admin('server.config_set', { client_id: 'none', parameter_value: { maxmemory: '0' } });
  t.match(await admin('transaction.multi', {}), { success: true });
  const other = async (command: string, payload: Record<string, unknown>) =>
    (
      await post(
        { command, payload: { client_id: 'a', ...payload } },
        { authorization: 'Bearer secret', 'x-synap-db': '1' },
      )
    ).body;
  t.match(await other('kv.incr', { key: 'n' }), { payload: { value: 1 } }, 'not queued');
  t.match(await other('transaction.exec', {}), { success: false, error: 'EXEC without MULTI' });
  t.match(await admin('transaction.exec', {}), { payload: { success: true, results: { length: 0 } } });
  await close();
});

async function poll(call: (command: string, payload: Record<string, unknown>) => Promise<Answer>, more = {}) {
  return (await call('pubsub.poll', { subscriber_id: 's', ...more })).payload;
}

t.test('a subscription', async (t) => {
  const { call, close } = await endpoint({ waitingLimit: 1 });
  const topics = ['news', 'user.*', 'log.#', '#.end'];
  t.strictSame((await call('pubsub.subscribe', { subscriber_id: 's', topics })).payload, {
    subscriber_id: 's',
    topics,
    subscription_count: 4,
  });
  for (const topic of [
    'news',
    'news.x',
    'user.a',
    'user.a.b',
    'log',
    'log.a.b',
    'logs',
    'end',
    'a.end',
    'log.end',
    'bend',
  ])
    await call('pubsub.publish', { topic, payload: { topic } });
  const messages = ['news', 'user.a', 'log', 'log.a.b', 'end', 'a.end', 'log.end'].map((topic) => ({
    topic,
    payload: { topic },
  }));
  t.strictSame(await poll(call, { limit: 2, type: 'json' }), { messages: messages.slice(0, 2) });
  t.strictSame(await poll(call, { type: 'json' }), { messages: messages.slice(2) }, 'each once');
  t.strictSame(await poll(call), { messages: [] });
  const waiting = poll(call, { wait_ms: 20_000 });
  await call('pubsub.publish', { topic: 'news', payload: 'late' });
  t.strictSame(await waiting, { messages: [{ topic: 'news', payload: 'late' }] });
  t.match(await call('pubsub.info', { topic: 'news' }), { payload: { subscriber_count: 1 } });
  t.match(await call('pubsub.stats'), { payload: { total_topics: 1, total_wildcard_subscriptions: 3 } });
  t.match(await call('pubsub.subscribe', { topics: ['x'] }), { success: false, code: 'BUSY' }, 'no more links');
  t.strictSame((await call('pubsub.unsubscribe', { subscriber_id: 's', topics: ['news', 'none'] })).payload, {
    unsubscribed: 1,
  });
  await call('pubsub.publish', { topic: 'news', payload: 'unheard' });
  t.strictSame(await poll(call), { messages: [] });
  t.strictSame((await call('pubsub.unsubscribe', { subscriber_id: 's' })).payload, { unsubscribed: 3 });
  t.match(await call('pubsub.poll', { subscriber_id: 's' }), { success: false, code: 'NOTFOUND' });
  const named = await call('pubsub.subscribe', { topics: ['x'] });
  t.match(named.payload, { subscriber_id: /^[0-9a-f-]{36}$/ });
  await close();
});

t.test('a subscription holds a bounded number of messages, and loses none', async (t) => {
  const { call, post, close } = await endpoint();
  await call('pubsub.subscribe', { subscriber_id: 's', topics: ['many'] });
  const envelopes = Array.from({ length: 500 }, (_, i) => ({
    command: 'pubsub.publish',
    payload: { topic: 'many', payload: i },
  }));
  for (let i = 0; i < 3; i++) await post(envelopes);
  let code: string | undefined;
  for (let i = 0; i < 500 && code !== 'BUSY'; i++)
    ({ code } = await call('pubsub.subscribe', { subscriber_id: 's', topics: ['more'] }));
  t.equal(code, 'BUSY', 'nothing can be changed while more is waiting to be read');
  let seen = 0;
  for (let polls = 0; seen < 1500 && polls < 100; polls++) {
    const { messages } = (await poll(call, { limit: 1000, wait_ms: 1000 })) as { messages: { payload: string }[] };
    for (const { payload } of messages) t.equal(payload, String(seen++ % 500));
  }
  t.equal(seen, 1500);
  await close();
});

async function limited(
  t: Test,
  options: GatewayOptions,
  rows: readonly (readonly [string, Record<string, unknown>, boolean])[],
) {
  const { call, close } = await endpoint(options);
  for (const [command, payload, allowed] of rows) {
    const answer = await call(command, payload);
    t.equal(answer.code !== 'FORBIDDEN', allowed, `${command} ${JSON.stringify(options)}`);
  }
  await close();
}

t.test('who goes away while it polls takes nothing along', async (t) => {
  const { call, url, close } = await endpoint();
  await call('pubsub.subscribe', { subscriber_id: 's', topics: ['news'] });
  const abort = new AbortController();
  const body = JSON.stringify({ command: 'pubsub.poll', payload: { subscriber_id: 's', wait_ms: 20_000 } });
  const init = { method: 'POST', headers: { 'content-type': 'application/json' }, body, signal: abort.signal };
  const poll1 = fetch(`${url}/api/v1/command`, init).catch((e: Error) => e.name);
  await new Promise((resolve) => setTimeout(resolve, 100));
  abort.abort();
  t.equal(await poll1, 'AbortError');
  await new Promise((resolve) => setTimeout(resolve, 100));
  await call('pubsub.publish', { topic: 'news', payload: 'kept' });
  t.strictSame(await poll(call, { wait_ms: 5000 }), { messages: [{ topic: 'news', payload: 'kept' }] });
  await close();
});

const noRedis = spawnSync('redis-server', ['--version']).status !== 0 && 'no redis-server';

t.test('a transaction that the server refuses', { skip: noRedis }, async (t) => {
  const live = await LiveRedis.start(['--rename-command', 'STRLEN', '']);
  const { call, close } = await endpoint({ url: `redis://127.0.0.1:${live.port}` });
  const mine = { client_id: 'a' };
  await call('transaction.multi', mine);
  await call('kv.incr', { ...mine, key: 'n' });
  await call('kv.strlen', { ...mine, key: 'n' });
  t.match(await call('transaction.exec', mine), { success: false, error: /^ERR unknown command/ });
  t.match(await call('kv.exists', { ...mine, key: 'n' }), { payload: { exists: false } }, 'nothing has run');
  t.match(await call('transaction.exec', mine), { error: 'EXEC without MULTI' });
  await close();
  await live.stop();
});

t.test('what is not allowed', async (t) => {
  await limited(t, { readOnly: true }, [
    ['kv.get', { key: 'k' }, true],
    ['kv.set', { key: 'k', value: 'v' }, false],
    ['kv.flushall', {}, false],
    ['string.append', { key: 'k', value: 'v' }, false],
    ['transaction.multi', { client_id: 'a' }, true],
    ['kv.set', { client_id: 'a', key: 'k', value: 'v' }, false],
  ]);
  await limited(t, { families: ['hash'] }, [
    ['hash.set', { key: 'k', field: 'f', value: 'v' }, true],
    ['kv.get', { key: 'k' }, false],
    ['info', {}, false],
    ['pubsub.subscribe', { topics: ['x'] }, false],
    ['transaction.watch', { keys: ['x'] }, false],
  ]);
  await limited(t, { prefixes: ['app:'] }, [
    ['kv.set', { key: 'app:1', value: 'v' }, true],
    ['kv.mget', { keys: ['app:1', 'other'] }, false],
    ['kv.scan', { prefix: 'app:' }, true],
    ['kv.scan', {}, false],
    ['set.interstore', { destination: 'x', keys: ['app:1'] }, false],
    ['transaction.watch', { keys: ['app:1'], client_id: 'a' }, true],
    ['transaction.watch', { keys: ['x'], client_id: 'a' }, false],
    ['pubsub.subscribe', { topics: ['app:x'] }, false],
  ]);
});

t.test('logins', async (t) => {
  const { post, close } = await endpoint({ anonymous: false }, 'secret');
  const envelope = { command: 'kv.dbsize', payload: {} };
  t.match(await post(envelope), { status: 401, body: { code: 'UNAUTHORIZED' } });
  t.match(await post(envelope, { authorization: 'Bearer wrong' }), { status: 401, body: { code: 'WRONGPASS' } });
  t.match(await post(envelope, { authorization: 'Bearer secret' }), { status: 200, body: { success: true } });
  const basic = `Basic ${Buffer.from('default:secret').toString('base64')}`;
  t.match(await post(envelope, { authorization: basic }), { status: 200, body: { success: true } });
  await close();
});
