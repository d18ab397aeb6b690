/** What is HTTP about the REST door: bytes, statuses, logins, limits, who may call, and requests that are given up. */
import http from 'node:http';
import t from 'tap';
import { until } from '../live/listener.js';
import { running } from '../running.js';

const OCTETS = 'application/octet-stream';
const JSON_TYPE = { 'content-type': 'application/json' };

interface Answer {
  readonly status: number;
  readonly body: Record<string, unknown>;
}

async function call(url: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Answer> {
  const sent =
    body === undefined
      ? { headers }
      : { method: 'POST', headers: { ...JSON_TYPE, ...headers }, body: JSON.stringify(body) };
  const response = await fetch(`${url}/api/v1/${path}`, sent);
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}

/** By node:http, which lets one say what one is called. */
function raw(url: string, path: string, headers: Record<string, string>): Promise<number> {
  return new Promise((resolve, reject) =>
    http
      .get(`${url}/api/v1/${path}`, { headers, agent: false }, (response) => resolve(response.resume().statusCode!))
      .on('error', reject),
  );
}

t.test('bytes go in as a body and come out as one', async (t) => {
  const { url, close } = await running();
  const bytes = Uint8Array.from({ length: 256 }, (_, i) => i);
  const put = (path: string, body: Uint8Array) =>
    fetch(`${url}/api/v1/${path}`, { method: 'POST', headers: { 'content-type': OCTETS }, body });
  const take = async (path: string): Promise<Buffer> => {
    const response = await fetch(`${url}/api/v1/${path}`, { headers: { accept: OCTETS } });
    t.equal(response.headers.get('content-type'), OCTETS);
    return Buffer.from(await response.arrayBuffer());
  };
  t.same(await (await put('kv/set?key=b&ttl=100', bytes)).json(), { success: true, key: 'b', written: true });
  t.same(await (await put('kv/set?key=b&nx=true', bytes)).json(), { success: true, key: 'b', written: false });
  t.same(await take('kv/get?key=b'), Buffer.from(bytes));
  t.same(await take('kv/get/b'), Buffer.from(bytes));
  t.same(await take('string/get?key=b'), Buffer.from(bytes));
  t.ok(Number((await call(url, 'key/ttl/b')).body.ttl) > 90);
  t.same(await (await put('kv/append?key=b', new Uint8Array(0))).json(), { length: 256 });
  t.same((await call(url, 'kv/get/b')).body, { value: { base64: Buffer.from(bytes).toString('base64') } });
  await put('hash/set?key=h', bytes).then(async (response) => {
    t.equal(response.status, 400, 'where no argument is meant');
    t.same(await response.json(), { error: 'the body must be a JSON object', code: 'ERR' });
  });
  // What is no string stays JSON.
  const none = await fetch(`${url}/api/v1/kv/get?key=none`, { headers: { accept: OCTETS } });
  t.same(await none.json(), { value: null });
  await close();
});

t.test('bytes in JSON: keys, fields and values', async (t) => {
  const { url, close } = await running();
  const key = { base64: 'AP8=' };
  t.same(
    (
      await call(url, 'hash/mset', {
        key,
        fields: [
          [key, { base64: '/w==' }],
          ['f', 'é'],
        ],
      })
    ).body.created,
    2,
  );
  t.same((await call(url, 'hash/mget', { key, fields: [key, 'f'] })).body, { values: [{ base64: '/w==' }, 'é'] });
  t.same((await call(url, 'key/list?pattern=*')).body, { keys: [{ base64: 'AP8=' }], count: 1 });
  t.match(await call(url, 'kv/set', { key: 'a', value: { base64: 'a' } }), { status: 400, body: { code: 'ERR' } });
  await close();
});

t.test('values in the form that is wanted: what was written comes back', async (t) => {
  const { url, close } = await running();
  const value = { n: [1, true, null], s: 'é' };
  const text = JSON.stringify(value);
  await call(url, 'kv/set', { key: '7', value });
  t.same((await call(url, 'kv/get?key=7')).body, { value: text });
  t.same((await call(url, 'kv/get?key=7&as=string')).body, { value: text });
  t.same((await call(url, 'kv/get/7?as=json')).body, { value });
  t.same((await call(url, 'kv/get/7?as=bytes')).body, { value: [...Buffer.from(text)] });
  t.match(await call(url, 'kv/get/7?as=xml'), {
    status: 400,
    body: { error: "argument 'as' must be one of string, json, bytes" },
  });
  t.same((await call(url, 'kv/set?as=json', { key: '7', value: 30, get: true })).body.old_value, value);
  t.same((await call(url, 'kv/mget?as=json', { keys: ['7', 'none'] })).body, { values: [30, null] });
  t.same((await call(url, 'key/list?as=json')).body, { keys: ['7'], count: 1 }, 'a key is no value');
  await call(url, 'hash/mset', { key: 'h', fields: { '1': value, b: 'text' } });
  t.same((await call(url, 'hash/getall/h?as=json')).body, { fields: { '1': value, b: 'text' } });
  t.same((await call(url, 'hash/scan/h?as=json')).body, { cursor: '0', fields: { '1': value, b: 'text' } });
  await call(url, 'list/push', { key: '1', values: [value, 'text', 2] });
  t.same((await call(url, 'list/range/1?as=json')).body, { values: [value, 'text', 2], key: '1' });
  t.same((await call(url, 'list/bpop?as=json', { keys: ['1'], timeout: 1 })).body, { key: '1', value });
  await call(url, 'sortedset/add', { key: 'z', member: value, score: 1.5 });
  t.same((await call(url, 'sortedset/range/z?as=json')).body.members, [{ member: value, score: 1.5 }]);
  t.same((await call(url, 'sortedset/scan/z?as=json')).body.members, [{ member: value, score: 1.5 }]);
  await call(url, 'queue/create', { queue: 'q' });
  await call(url, 'queue/publish', { queue: 'q', payload: value });
  const [message] = (await call(url, 'queue/peek/q?as=json')).body.messages as Record<string, unknown>[];
  t.match(message, { id: '1', payload: value });
  await call(url, 'topic/create', { topic: 't' });
  await call(url, 'topic/publish', { topic: 't', data: value });
  const [event] = (await call(url, 'topic/read/t?as=json')).body.events as Record<string, unknown>[];
  t.match(event, { offset: 0, data: value });
  await close();
});

t.test('bodies: JSON also where curl does not say so; what cannot be read is refused', async (t) => {
  const { url, close } = await running();
  const post = async (type: string, body: string): Promise<Answer> => {
    const response = await fetch(`${url}/api/v1/kv/set`, { method: 'POST', headers: { 'content-type': type }, body });
    return { status: response.status, body: (await response.json()) as Record<string, unknown> };
  };
  t.match(await post('application/x-www-form-urlencoded', '{"key":"a","value":"b"}'), { status: 200 });
  for (const [type, body, status] of [
    ['application/json', '{', 400],
    ['application/json', '[]', 400],
    ['application/json', '"x"', 400],
    ['application/json', '{"__proto__":{"key":"a"},"value":"b"}', 400],
    ['text/plain', 'x', 400],
    ['text/xml', '<x/>', 415],
  ] as const) {
    const answer = await post(type, body);
    t.equal(answer.status, status, `${type} ${body}`);
    t.match(answer.body, { error: String, code: 'ERR' });
  }
  t.match(await call(url, 'nothing/at/all'), { status: 404, body: { code: 'NOTFOUND' } });
  const wrong = await fetch(`${url}/api/v1/kv/set`);
  t.equal(wrong.status, 404, 'what writes cannot be asked by GET');
  await close();
});

t.test('databases: by query and by header', async (t) => {
  const { url, close } = await running({}, { databases: 4 });
  await call(url, 'kv/set?db=3', { key: 'a', value: 'three' });
  t.same((await call(url, 'kv/get?key=a&db=3')).body, { value: 'three' });
  t.same((await call(url, 'kv/get/a', undefined, { 'x-synap-db': '3' })).body, { value: 'three' });
  t.same((await call(url, 'kv/get/a')).body, { value: null });
  t.match(await call(url, 'kv/get/a?db=4'), { status: 400, body: { code: 'ERR' } });
  t.match(await call(url, 'kv/get/a?db=-1'), { status: 400, body: { error: 'invalid DB index' } });
  await close();
});

t.test("logins are the server's", async (t) => {
  const { url, close } = await running({}, { requirepass: 'secret' });
  const ask = (authorization?: string): Promise<Answer> =>
    call(url, 'kv/get/a', undefined, authorization === undefined ? {} : { authorization });
  t.match(await ask(), { status: 401, body: { code: 'UNAUTHORIZED' } });
  const challenge = await fetch(`${url}/api/v1/kv/get/a`);
  t.match(challenge.headers.get('www-authenticate'), /Bearer/);
  t.match(await ask('Bearer wrong'), { status: 401, body: { code: 'WRONGPASS' } });
  t.match(await ask('Digest x'), { status: 401 });
  t.match(await ask(`Basic ${btoa('nobody:secret')}`), { status: 401, body: { code: 'WRONGPASS' } });
  for (const right of [
    'Bearer secret',
    'Bearer default:secret',
    `Basic ${btoa('default:secret')}`,
    `basic ${btoa(':secret')}`,
  ])
    t.match(await ask(right), { status: 200, body: { value: null } }, right);
  t.match(await call(url, 'kv/get/a?_token=secret'), { status: 200 });
  // One refused does not spoil the others.
  const many = await Promise.all(['Bearer secret', 'Bearer wrong', 'Bearer secret'].map(ask));
  t.same(
    many.map(({ status }) => status),
    [200, 401, 200],
  );
  await close();
  const open = await running({ anonymous: true }, { requirepass: 'secret' });
  t.match(await call(open.url, 'kv/get/a'), { status: 200 });
  await open.close();
});

t.test('limits: bodies, batches, requests a minute', async (t) => {
  const { url, close } = await running({ bodyLimit: 1000, batchLimit: 3 });
  const large = { key: 'a', value: 'x'.repeat(1000) };
  t.match(await call(url, 'kv/set', large), { status: 413, body: { code: 'TOOLARGE' } });
  const commands = [
    ['INCR', 'n'],
    ['INCR', 'n'],
    ['INCR', 'n'],
  ];
  t.same((await call(url, 'transaction', { commands })).body, { results: [1, 2, 3] });
  t.match(await call(url, 'transaction', { commands: [...commands, ['INCR', 'n']] }), { status: 413 });
  t.same((await call(url, 'kv/get/n')).body, { value: '3' });
  await close();
  const few = await running({ rateLimit: 3 });
  for (let i = 0; i < 3; i++) t.equal((await call(few.url, 'kv/get/a')).status, 200);
  t.match(await call(few.url, 'kv/get/a'), { status: 429, body: { code: 'TOOMANY' } });
  await few.close();
});

t.test('a transaction is whole or not at all', async (t) => {
  const { url, close } = await running({ readOnly: false, prefixes: ['app:'] });
  const refused = await call(url, 'transaction', {
    commands: [
      ['SET', 'app:a', '1'],
      ['SET', 'other', '1'],
    ],
  });
  t.match(refused, { status: 403, body: { code: 'FORBIDDEN' } });
  t.same((await call(url, 'kv/get/app:a')).body, { value: null }, 'nothing has run');
  await close();
  const free = await running();
  const twice = Array.from({ length: 20 }, () =>
    call(free.url, 'transaction', { commands: [['INCR', 'n'], ['GET', 'n'], { command: 'kv/incr', key: 'n' }] }),
  );
  for (const { body } of await Promise.all(twice)) {
    const [first, text, last] = body.results as [number, string, { value: number }];
    t.same([text, last], [String(first), { value: first + 1 }], 'nothing came between');
  }
  for (const commands of [[7], [[]], [['WATCH', 'a']], [{ key: 'a' }], [{ command: 'nothing' }], [[null]], 'x'])
    t.match(await call(free.url, 'transaction', { commands }), { status: 400, body: { code: 'ERR' } });
  await free.close();
});

t.test('a gateway that only reads, or knows some families, shows no others', async (t) => {
  for (const [options, hidden, refused, shown] of [
    [{ readOnly: true }, ['kv/set', 'string/set', 'list/push', 'kv/del'], [['SET', 'a', 'b']], ['kv/get', 'hash/hget']],
    [
      { families: ['hash', 'list'] },
      ['kv/get', 'string/get', 'key/ttl', 'info'],
      [['GET', 'a']],
      ['hash/set', 'list/push'],
    ],
  ] as const) {
    const { url, close } = await running(options);
    const { paths } = (await (await fetch(`${url}/openapi.json`)).json()) as { paths: Record<string, unknown> };
    for (const path of hidden) {
      t.notOk(paths[`/api/v1/${path}`], `${path} is not shown`);
      t.match(await call(url, path, { key: 'a', value: 'b' }), { status: 404, body: { code: 'NOTFOUND' } });
    }
    for (const path of shown) t.ok(paths[`/api/v1/${path}`], `${path} is shown`);
    t.match(await call(url, 'transaction', { commands: refused }), { status: 403, body: { code: 'FORBIDDEN' } });
    await close();
  }
});

t.test('a gateway for some prefixes lets nothing through to other keys', async (t) => {
  const { url, close } = await running({ prefixes: ['app:'] });
  t.match(await call(url, 'kv/set', { key: 'app:a', value: '1' }), { status: 200 });
  t.match(await call(url, 'key/scan?match=app:*'), { status: 200, body: { keys: ['app:a'] } });
  for (const [path, body] of [
    ['kv/set', { key: 'b', value: '1' }],
    ['kv/mget', { keys: ['app:a', 'b'] }],
    ['kv/mset', { pairs: { 'app:a': '1', b: '2' } }],
    ['key/rename', { source: 'app:a', destination: 'b' }],
    ['list/push', { key: 'b', values: ['x'] }],
    ['pubsub/publish', { channel: 'app:c', message: 'm' }],
    ['server/flushall', {}],
    ['server/config_set', { parameter_value: { maxmemory: '1' } }],
  ] as const)
    t.match(await call(url, path, body), { status: 403, body: { code: 'FORBIDDEN' } }, path);
  for (const path of ['kv/get/b', 'key/scan', 'key/list', 'key/randomkey', 'info', 'slowlog'])
    t.match(await call(url, path), { status: 403, body: { code: 'FORBIDDEN' } }, path);
  await close();
});

t.test('who gives up waiting takes nothing', async (t) => {
  const { url, close } = await running();
  const waits = async (): Promise<boolean> =>
    String((await call(url, 'connection/client_list', {})).body.result).includes('cmd=blpop');
  for (const path of ['list/bpop', 'list/blpop']) {
    const abort = new AbortController();
    const body = JSON.stringify(path === 'list/bpop' ? { keys: ['l'], timeout: 0 } : { key: 'l', timeout: 0 });
    const waiting = fetch(`${url}/api/v1/${path}`, { method: 'POST', headers: JSON_TYPE, body, signal: abort.signal });
    await until(waits);
    abort.abort();
    await t.rejects(waiting);
    await until(async () => !(await waits()));
    await call(url, 'list/push', { key: 'l', values: ['kept'] });
    t.same((await call(url, 'list/range/l')).body.values, ['kept']);
    await call(url, 'kv/del', { keys: ['l'] });
  }
  // And who waits on is served.
  const served = call(url, 'list/bpop', { keys: ['l'], timeout: 5 });
  await until(waits);
  await call(url, 'list/push', { key: 'l', values: ['x'] });
  t.same((await served).body, { key: 'l', value: 'x' });
  await close();
});

t.test('pages of others, and names that point here, are refused', async (t) => {
  const { url, gateway, close } = await running({ allowOrigins: ['https://app.example'] });
  const here = `127.0.0.1:${gateway.port}`;
  t.equal(await raw(url, 'kv/get/a', { host: 'evil.example' }), 403);
  t.equal(await raw(url, 'kv/get/a', { host: 'localhost:1' }), 200);
  t.equal(await raw(url, 'kv/get/a', { host: here, origin: 'http://evil.example' }), 403);
  t.equal(await raw(url, 'kv/get/a', { host: here, origin: 'null' }), 403);
  t.equal(await raw(url, 'kv/get/a', { host: here, origin: `http://${here}` }), 200);
  t.equal(await raw(url, 'kv/get/a', { host: here, origin: 'https://app.example' }), 200);
  // A form of another page can send this without being asked for permission.
  const form = await fetch(`${url}/api/v1/kv/set`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded', origin: 'http://evil.example' },
    body: '{"key":"a","value":"b"}',
  });
  t.equal(form.status, 403);
  t.same((await call(url, 'kv/get/a')).body, { value: null });
  await close();
});

t.test('what a page of another site can have sent without an Origin is refused, but for links to pages', async (t) => {
  const { url, gateway, close } = await running();
  const host = `127.0.0.1:${gateway.port}`;
  const of = (site: string, mode: string) => ({ host, 'sec-fetch-site': site, 'sec-fetch-mode': mode });
  await call(url, 'command', { command: 'queue.create', payload: { queue: 'q' } });
  await call(url, 'command', { command: 'queue.publish', payload: { queue: 'q', payload: 'm' } });
  const consuming = 'queue/sse?queue=q&consumer=c&noack=true';
  for (const site of ['cross-site', 'same-site'])
    for (const mode of ['no-cors', 'navigate']) {
      t.equal(await raw(url, consuming, of(site, mode)), 403, `${consuming}, ${site}, ${mode}`);
      t.equal(await raw(url, 'scripting/eval_ro?script=return%201', of(site, mode)), 403);
    }
  const stats = await call(url, 'command', { command: 'queue.stats', payload: { queue: 'q' } });
  t.match(stats.body, { payload: { ready: 1 } }, 'nothing was taken');
  t.equal(await raw(url, 'kv/get/a', of('same-origin', 'cors')), 200);
  t.equal(await raw(url, 'kv/get/a', of('none', 'navigate')), 200);
  t.equal(await raw(url, '../../', of('cross-site', 'navigate')), 200);
  t.equal(await raw(url, '../../docs?db=0', of('cross-site', 'navigate')), 200);
  t.equal(await raw(url, '../../', of('cross-site', 'no-cors')), 403);
  await close();
});

t.test('pages of allowed origins may send what they ask for', async (t) => {
  const origin = 'https://app.example';
  const { url, close } = await running({ allowOrigins: [origin] });
  const wanted = 'authorization,upstash-encoding,upstash-sync-token,upstash-telemetry-sdk';
  const asked = { origin, 'access-control-request-method': 'POST', 'access-control-request-headers': wanted };
  const { headers } = await fetch(`${url}/pipeline`, { method: 'OPTIONS', headers: asked });
  t.equal(headers.get('access-control-allow-headers'), wanted);
  const answer = await fetch(url, {
    method: 'POST',
    headers: { origin, 'upstash-sync-token': 'abc' },
    body: '["PING"]',
  });
  t.equal(answer.headers.get('upstash-sync-token'), 'abc');
  t.match(answer.headers.get('access-control-expose-headers'), /upstash-sync-token/);
  await close();
});

t.test('a server that cannot be reached is said to be', async (t) => {
  const { url, server, gateway } = await running();
  await server.close();
  t.match(await call(url, 'kv/get/a'), { status: 502, body: { code: 'UNAVAILABLE' } });
  t.match(await call(url, 'transaction', { commands: [['PING']] }), { status: 502, body: { code: 'UNAVAILABLE' } });
  await gateway.close();
});
