/** Upstash's REST protocol: its requests over the wire, and @upstash/redis as it is. */
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import net from 'node:net';
import { Redis } from '@upstash/redis';
import t, { type Test } from 'tap';
import { startGateway } from '../../../src/gateway/gateway.js';
import { LiveRedis } from '../../storage/rdb/live-redis.js';
import { running } from './running.js';

type Answer = { status: number; body: unknown; headers: Headers };

const TOKEN = 'secret';

async function ask(url: string, path: string, init: RequestInit = {}): Promise<Answer> {
  const headers = { authorization: `Bearer ${TOKEN}`, ...(init.headers as Record<string, string>) };
  const response = await fetch(url + path, { ...init, headers });
  return { status: response.status, body: await response.json(), headers: response.headers };
}

function post(url: string, path: string, body: unknown, headers: Record<string, string> = {}): Promise<Answer> {
  return ask(url, path, { method: 'POST', body: JSON.stringify(body), headers });
}

/** A gateway whose server has a password. */
async function locked(options: Parameters<typeof running>[0] = {}) {
  return running(options, { requirepass: TOKEN });
}

const SHAPES: readonly (readonly [command: readonly unknown[], result: unknown])[] = [
  [['SET', 'k', 'v'], 'OK'],
  [['GET', 'k'], 'v'],
  [['GET', 'missing'], null],
  [['INCRBY', 'n', 41], 41],
  [['SET', 'true', true], 'OK'],
  [['GET', 'true'], 'true'],
  [['HSET', 'h', 'a', 1, 'b', 2], 2],
  [
    ['HGETALL', 'h'],
    ['a', '1', 'b', '2'],
  ],
  [['ZADD', 'z', 1.5, 'x', 2, 'y'], 2],
  [['ZSCORE', 'z', 'x'], '1.5'],
  [
    ['ZRANGE', 'z', 0, -1, 'WITHSCORES'],
    ['x', '1.5', 'y', '2'],
  ],
  [
    ['ZPOPMIN', 'z', 2],
    ['x', '1.5', 'y', '2'],
  ],
  [['SADD', 's', 'm'], 1],
  [['SMEMBERS', 's'], ['m']],
  [
    ['CONFIG', 'GET', 'maxmemory-policy'],
    ['maxmemory-policy', 'noeviction'],
  ],
  [
    ['SCAN', 0, 'MATCH', 's', 'COUNT', 1000],
    ['0', ['s']],
  ],
  [['PING'], 'PONG'],
  [['TYPE', 's'], 'set'],
];

t.test('a command as a JSON array, with replies in the shapes of RESP2', async (t) => {
  const world = await locked();
  for (const [command, result] of SHAPES) {
    const { status, body } = await post(world.url, '/', command);
    t.strictSame([status, body], [200, { result }], String(command));
  }
  await world.close();
});

t.test('base64, RESP2, the sync token', async (t) => {
  const world = await locked();
  const { url } = world;
  const base64 = { 'upstash-encoding': 'base64' };
  t.strictSame((await post(url, '/', ['SET', 'k', 'é'], base64)).body, { result: 'OK' });
  t.strictSame((await post(url, '/', ['GET', 'k'], base64)).body, { result: Buffer.from('é').toString('base64') });
  t.strictSame((await post(url, '/', ['PING'], base64)).body, { result: Buffer.from('PONG').toString('base64') });
  await post(url, '/', ['RPUSH', 'l', 'OK', '']);
  t.strictSame((await post(url, '/', ['LRANGE', 'l', 0, -1], base64)).body, { result: ['T0s=', ''] });
  const answer = await post(url, '/', ['GET', 'k'], { 'upstash-sync-token': 'abc' });
  t.equal(answer.headers.get('upstash-sync-token'), 'abc');
  const resp2 = async (...command: unknown[]): Promise<string> => {
    const headers = { authorization: `Bearer ${TOKEN}`, 'upstash-response-format': 'resp2' };
    return (await fetch(url, { method: 'POST', body: JSON.stringify(command), headers })).text();
  };
  t.equal(await resp2('GET', 'k'), '$2\r\né\r\n');
  t.equal(await resp2('GET', 'none'), '$-1\r\n');
  t.equal(await resp2('SET', 'k', 'v'), '+OK\r\n');
  t.equal(await resp2('INCR', 'k'), '-ERR value is not an integer or out of range\r\n');
  t.equal(await resp2('LRANGE', 'l', 0, -1), '*2\r\n$2\r\nOK\r\n$0\r\n\r\n');
  t.equal(await resp2('LLEN', 'l'), ':2\r\n');
  await world.close();
});

t.test('pipelines and transactions', async (t) => {
  const world = await locked({ batchLimit: 3 });
  const { url } = world;
  const commands = [
    ['SET', 'a', 'x'],
    ['INCR', 'a'],
    ['GET', 'a'],
  ];
  const notInteger = { error: 'ERR value is not an integer or out of range', code: 'ERR' };
  for (const path of ['/pipeline', '/multi-exec']) {
    const { status, body } = await post(url, path, commands);
    t.strictSame([status, body], [200, [{ result: 'OK' }, notInteger, { result: 'x' }]], path);
    t.strictSame((await post(url, path, [])).body, [], 'nothing is nothing');
    t.equal((await post(url, path, [...commands, ['PING']])).status, 413, 'too many');
    t.equal((await post(url, path, { a: 1 })).status, 400);
    t.equal((await post(url, path, [[]])).status, 400);
    t.equal((await post(url, path, [['SET', 'a', null]])).status, 400);
  }
  const aborted = await post(url, '/multi-exec', [['SET', 'a', 'y'], ['GET']]);
  t.equal(aborted.status, 400);
  t.match(aborted.body, { error: /wrong number of arguments/ });
  t.strictSame((await post(url, '/', ['GET', 'a'])).body, { result: 'x' }, 'none of them has run');
  t.strictSame(
    (await post(url, '/pipeline', [['NOSUCH'], ['SUBSCRIBE', 'c'], ['PING']])).body,
    [
      { error: "ERR unknown command 'NOSUCH', with args beginning with: ", code: 'ERR' },
      { error: "'subscribe' cannot be used in a single request", code: 'ERR' },
      { result: 'PONG' },
    ],
    'one that is refused does not keep the others',
  );
  await world.close();
});

t.test('words in the path', async (t) => {
  const world = await locked();
  const { url } = world;
  t.strictSame((await ask(url, '/set/k/a%20b%2Fc?EX=100')).body, { result: 'OK' });
  t.strictSame((await ask(url, '/get/k')).body, { result: 'a b/c' });
  t.match((await ask(url, '/TTL/k')).body, { result: /^(100|99)$/ });
  const body = Buffer.from([0, 1, 255]);
  t.strictSame((await ask(url, '/set/bin?NX', { method: 'POST', body })).body, { result: 'OK' });
  t.strictSame((await ask(url, '/set/bin?NX', { method: 'PUT', body })).body, { result: null });
  t.strictSame((await ask(url, '/get/bin', { headers: { 'upstash-encoding': 'base64' } })).body, { result: 'AAH/' });
  t.strictSame((await ask(url, '/set/j', { method: 'POST', body: '{"a":1}' })).body, { result: 'OK' });
  t.strictSame((await ask(url, '/get/j')).body, { result: '{"a":1}' });
  t.strictSame((await ask(url, '/config/get/port')).body, { result: ['port', String(world.redis.port)] });
  t.equal((await fetch(`${url}/get/k?_token=${TOKEN}`)).status, 200);
  t.equal((await fetch(`${url}/set/k/v?_token=${TOKEN}`)).status, 200);
  t.equal((await fetch(`${url}/get/k`)).status, 401);
  t.equal((await ask(url, '/get')).status, 400);
  t.equal((await ask(url, '/get/%ff')).status, 400);
  for (const path of ['/favicon.ico', '/api/v1/none', '/nosuch/k', '/%20', '/..%2fetc'])
    t.match(await ask(url, path), { status: 404, body: { code: 'NOTFOUND' } }, path);
  t.strictSame((await post(url, '/api/v1/string/get', { key: 'k' }, { 'content-type': 'application/json' })).body, {
    result: 'v',
  });
  await world.close();
});

t.test('a GET that writes', async (t) => {
  const world = await running();
  const { url } = world;
  const site = (name: string) => ({ headers: { 'sec-fetch-site': name, authorization: 'Basic ZGVmYXVsdDo=' } });
  t.equal((await fetch(`${url}/flushall`)).status, 403, 'without a login');
  t.equal(
    (await fetch(`${url}/flushall`, site('cross-site'))).status,
    403,
    'with a login that a browser has remembered',
  );
  t.equal((await fetch(`${url}/eval_ro/return 1/0`)).status, 403, 'nor one that may run for ever');
  t.equal((await fetch(`${url}/eval_ro/return 1/0`, { headers: { authorization: 'Bearer any' } })).status, 200);
  t.equal((await fetch(`${url}/flushall`, { method: 'POST' })).status, 200);
  t.equal((await fetch(`${url}/get/k`)).status, 200);
  await world.close();
});

t.test('errors and limits', async (t) => {
  const world = await locked();
  t.match(await ask(world.url, '/', { method: 'POST', body: 'no' }), { status: 400, body: { error: /JSON/ } });
  await post(world.url, '/', ['SET', 'k', 'v']);
  t.match(await post(world.url, '/', ['LPUSH', 'k', 'v']), { status: 409, body: { error: /^WRONGTYPE/ } });
  t.match(await post(world.url, '/', ['GET', 'k'], { authorization: 'Bearer wrong' }), {
    status: 401,
    body: { error: /^WRONGPASS/ },
  });
  await world.close();
  const limits = [{ readOnly: true }, { families: ['string'] }, { prefixes: ['app:'] }];
  for (const limit of limits) {
    const limited = await locked(limit);
    const { body } = await post(limited.url, '/pipeline', [
      ['LPUSH', 'l', 'x'],
      ['EVAL', 'return 1', '0'],
      ['GET', 'app:1'],
    ]);
    t.match(body, [{ code: 'FORBIDDEN' }, { code: 'FORBIDDEN' }, { result: null }]);
    t.equal((await ask(limited.url, '/eval/return%201/0')).status, 403);
    const subscribed = await fetch(`${limited.url}/subscribe/x`, { headers: { authorization: `Bearer ${TOKEN}` } });
    t.equal(subscribed.status, limit.readOnly ? 200 : 403);
    await subscribed.body?.cancel();
    await limited.close();
  }
});

/** The data of the first `n` events. */
async function events(response: Response, n: number): Promise<string[]> {
  const reader = response.body!.getReader();
  const all: string[] = [];
  let pieces: string[] = [];
  while (all.length < n) {
    const piece = Buffer.from((await reader.read()).value ?? []).toString();
    pieces.push(piece);
    if (!piece.endsWith('\n')) continue;
    const parts = pieces.join('').split('\n\n');
    pieces = [parts.pop()!];
    all.push(...parts);
  }
  await reader.cancel();
  return all.slice(0, n);
}

t.test('events', async (t) => {
  const world = await locked({ waitingLimit: 2 });
  const { url } = world;
  const headers = { authorization: `Bearer ${TOKEN}` };
  const one = await fetch(`${url}/subscribe/news`, { method: 'POST', headers });
  const all = await fetch(`${url}/psubscribe/n*`, { headers });
  t.equal(one.headers.get('content-type'), 'text/event-stream');
  t.equal((await fetch(`${url}/subscribe/more`, { headers })).status, 503, 'no more at one time');
  await post(url, '/', ['PUBLISH', 'news', 'a\nb']);
  t.strictSame(await events(one, 2), ['data: subscribe,news,1', 'data: message,news,a\ndata: b']);
  t.strictSame(await events(all, 2), ['data: psubscribe,n*,1', 'data: pmessage,n*,news,a\ndata: b']);
  let monitor = await fetch(`${url}/monitor`, { headers });
  for (let i = 0; i < 100 && monitor.status === 503; i++) monitor = await fetch(`${url}/monitor`, { headers });
  await post(url, '/', ['GET', 'seen']);
  const [ok, line] = await events(monitor, 2);
  t.equal(ok, 'data: "OK"');
  t.match(line, /^data: ".*\\"GET\\" \\"seen\\""$/);
  t.equal((await ask(url, '/subscribe')).status, 400);
  t.equal((await ask(url, '/monitor/x')).status, 400);
  await world.close();
});

t.test('who reads slowly gets every event', async (t) => {
  const world = await locked();
  const headers = { authorization: `Bearer ${TOKEN}` };
  const response = await fetch(`${world.url}/subscribe/big`, { headers });
  const size = 1024 * 1024;
  for (let i = 0; i < 20; i++) {
    const body = String(i).padStart(size, '.');
    t.strictSame((await ask(world.url, '/publish/big', { method: 'POST', body })).body, { result: 1 });
  }
  const [, ...messages] = await events(response, 21);
  t.strictSame(
    messages.map((message) => [message.length, Number(message.slice(-2).replace('.', ''))]),
    Array.from({ length: 20 }, (_, i) => ['data: message,big,'.length + size, i]),
  );
  await world.close();
});

t.test('who reads nothing is closed, so that the server does not keep what it would read', async (t) => {
  const world = await locked({ heartbeat: 50, backlogLimit: 8 * 1024 * 1024 });
  const { port } = new URL(world.url);
  const reader = net.connect(Number(port), '127.0.0.1');
  reader.write(`GET /monitor HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer ${TOKEN}\r\n\r\n`);
  await once(reader, 'data');
  reader.pause();
  const lent = async (): Promise<number> => {
    const metrics = await fetch(`${world.url}/metrics`, { headers: { authorization: `Bearer ${TOKEN}` } });
    return Number(/^synap_gateway_links_lent (\d+)/m.exec(await metrics.text())![1]);
  };
  t.equal(await lent(), 1);
  const body = '.'.repeat(1024 * 1024);
  // More than sockets hold, and less than what the server keeps for a reader.
  for (let i = 0; i < 16; i++) await ask(world.url, '/set/k', { method: 'POST', body });
  for (let i = 0; i < 200 && (await lent()) > 0; i++) await new Promise((done) => setTimeout(done, 10));
  t.equal(await lent(), 0);
  reader.destroy();
  await world.close();
});

t.test('@upstash/redis', async (t) => {
  const world = await locked();
  const redis = new Redis({ url: world.url, token: TOKEN, retry: false, enableTelemetry: false });
  await work(t, redis);
  await world.close();
});

/** A page of real work. */
async function work(t: Test, redis: Redis): Promise<void> {
  t.equal(await redis.set('s', 'text', { ex: 100 }), 'OK');
  t.equal(await redis.get('s'), 'text');
  t.equal(await redis.set('s', 'x', { nx: true }), null);
  t.ok((await redis.ttl('s')) > 90);
  await redis.set('o', { a: [1, { b: true }], é: 'ü' });
  t.strictSame(await redis.get('o'), { a: [1, { b: true }], é: 'ü' });
  t.equal(await redis.incrby('n', 5), 5);
  t.equal(await redis.incrbyfloat('n', 0.5), 5.5);
  t.strictSame(await redis.mget('s', 'none', 'n'), ['text', null, 5.5]);
  t.equal(await redis.getrange('s', 1, 2), 'ex');
  t.equal(await redis.hset('h', { name: 'ann', age: 30, tags: ['x'] }), 3);
  t.strictSame(await redis.hgetall('h'), { name: 'ann', age: 30, tags: ['x'] });
  t.strictSame(await redis.hmget('h', 'name', 'none'), { name: 'ann', none: null });
  t.strictSame((await redis.hscan('h', 0))[1].length, 6);
  t.equal(await redis.rpush<unknown>('l', 'a', 'b', { c: 1 }), 3);
  t.strictSame(await redis.lrange('l', 0, -1), ['a', 'b', { c: 1 }]);
  t.equal(await redis.lpop('l'), 'a');
  t.equal(await redis.sadd('set', 'a', 'b'), 2);
  t.strictSame((await redis.smembers('set')).sort(), ['a', 'b']);
  t.equal(await redis.sismember('set', 'a'), 1);
  t.equal(await redis.zadd('z', { score: 1, member: 'one' }, { score: 2.5, member: 'two' }), 2);
  t.strictSame(await redis.zrange('z', 0, -1, { withScores: true }), ['one', 1, 'two', 2.5]);
  t.equal(await redis.zscore('z', 'two'), 2.5);
  t.strictSame(await redis.zpopmax('z', 1), ['two', 2.5]);
  t.strictSame(await seen(redis), ['h', 'l', 'n', 'o', 's', 'set', 'z']);
  const pipeline = redis.pipeline().set('p', 1).incr('p').get('p').hgetall('h');
  t.strictSame(await pipeline.exec(), ['OK', 2, 2, { name: 'ann', age: 30, tags: ['x'] }]);
  t.strictSame(await redis.multi().incr('p').lpush('list', 'x').exec(), [3, 1]);
  await t.rejects(redis.multi().set('p', 'x').incr('p').exec(), /not an integer/);
  await t.rejects(redis.lpush('s', 'x'), /WRONGTYPE/);
  const outcome = await redis.pipeline().get('s').incr('s').exec({ keepErrors: true });
  t.match(outcome, [{ result: 'text' }, { error: /not an integer/ }]);
  await Promise.all(Array.from({ length: 50 }, (_, i) => redis.set(`many:${i}`, i)));
  t.strictSame(await Promise.all(Array.from({ length: 50 }, (_, i) => redis.get(`many:${i}`))), [...Array(50).keys()]);
  const subscriber = redis.subscribe<{ hello: string }>('news');
  const message = new Promise((resolve) => subscriber.on('message', resolve));
  await new Promise((resolve) => subscriber.on('subscribe', resolve));
  t.equal(await redis.publish('news', { hello: 'world' }), 1);
  t.match(await message, { channel: 'news', message: { hello: 'world' } });
  await subscriber.unsubscribe();
  t.equal(await redis.flushdb(), 'OK');
  t.equal(await redis.dbsize(), 0);
}

/** Every key, by SCAN. */
async function seen(redis: Redis): Promise<string[]> {
  const keys: string[] = [];
  let cursor = '0';
  do {
    const [next, some] = await redis.scan(cursor, { count: 2 });
    keys.push(...some);
    cursor = next;
  } while (cursor !== '0');
  return keys.sort();
}

const hasRedis = spawnSync('redis-server', ['--version']).status === 0;

t.test('a subscription that the server refuses', { skip: !hasRedis && 'no redis-server' }, async (t) => {
  const live = await LiveRedis.start();
  await live.ask('acl setuser mute on >secret ~* +@all resetchannels &open');
  const gateway = await startGateway({ url: `redis://127.0.0.1:${live.port}`, port: 0, waitingLimit: 1 }, '0.0.0');
  const url = `http://127.0.0.1:${gateway.port}`;
  const headers = { authorization: 'Bearer mute:secret' };
  for (let i = 0; i < 3; i++)
    t.match(
      await ask(url, '/subscribe/x', { headers }),
      { status: 403, body: { code: 'NOPERM' } },
      'and nothing is kept of it',
    );
  const payload = { topics: ['x', 'y.*'], subscriber_id: 's' };
  const refused = await post(
    url,
    '/api/v1/command',
    { command: 'pubsub.subscribe', payload },
    { ...headers, 'content-type': 'application/json' },
  );
  t.match(refused.body, { success: false, code: 'NOPERM' });
  t.match(await ask(url, '/subscribe/x', { headers }), { status: 403 }, 'nor of this one');
  const call = async (command: string, more: object) => {
    const json = { ...headers, 'content-type': 'application/json' };
    return (await post(url, '/api/v1/command', { command, payload: { subscriber_id: 's', ...more } }, json)).body;
  };
  t.match(await call('pubsub.subscribe', { topics: ['open'] }), { success: true });
  for (const topics of [['x'], ['open', 'x', 'y.*', 'z.*'], ['y.#']])
    t.match(await call('pubsub.subscribe', { topics }), { success: false, code: 'NOPERM' });
  await live.ask('publish open hello');
  t.match(await call('pubsub.poll', { wait_ms: 5000 }), {
    payload: { messages: [{ topic: 'open', payload: 'hello' }] },
  });
  await gateway.close();
  await live.stop();
});
