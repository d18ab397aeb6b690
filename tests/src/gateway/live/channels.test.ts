/** Channels, patterns and topics over WebSocket and event stream; what is refused; slow readers; signs of life. */
import net from 'node:net';
import t from 'tap';
import { running } from '../running.js';
import { type Listener, post, socket, stream, until } from './listener.js';

const KINDS = [
  ['ws', socket],
  ['sse', stream],
] as const;

for (const [kind, open] of KINDS)
  t.test(`${kind}: messages come by channel, by pattern and by topic, each once for each`, async (t) => {
    const { url, close } = await running();
    const path = `/api/v1/pubsub/${kind}?channels=a.b.c,x&patterns=a.*&topics=${encodeURIComponent('a.*.c,a.#,b.*')}`;
    const listener = await open(url, path);
    t.same(await listener.next(), {
      type: 'connected',
      channels: ['a.b.c', 'x'],
      patterns: ['a.*'],
      topics: ['a.*.c', 'a.#', 'b.*'],
    });
    t.same(await post(url, 'pubsub/publish', { channel: 'a.b.c', message: 'm' }), { receivers: 4, channel: 'a.b.c' });
    const by = [];
    for (let i = 0; i < 4; i++) {
      const { type, channel, data, ...how } = await listener.next();
      t.same([type, channel, data], ['message', 'a.b.c', 'm']);
      by.push(JSON.stringify(how));
    }
    t.same(by.sort(), ['{"pattern":"a.*"}', '{"topic":"a.#"}', '{"topic":"a.*.c"}', '{}']);
    await post(url, 'pubsub/publish', { channel: 'b.c.d', message: 'no' });
    await post(url, 'pubsub/publish', { channel: 'b.c', message: { base64: '/wA=' } });
    t.same(await listener.next(), { type: 'message', channel: 'b.c', data: { base64: '/wA=' }, topic: 'b.*' });
    t.same(listener.waiting, []);
    listener.close();
    await until(async () => (await post(url, 'pubsub/pubsub_numpat', {})).result === 0);
    await close();
  });

t.test('what is refused is refused as any request is', async (t) => {
  const { url, close } = await running({ waitingLimit: 2 });
  for (const [kind, open] of KINDS) {
    const path = `/api/v1/pubsub/${kind}`;
    if (kind === 'sse') await t.rejects(open(url, path), { status: 400, code: 'ERR' }, 'a stream without names');
    await t.rejects(open(url, `${path}?channels=a&db=x`), { status: 400, code: 'ERR' }, `${kind} of no database`);
    const elsewhere = { origin: 'http://elsewhere.example' };
    await t.rejects(
      open(url, `${path}?channels=a`, elsewhere),
      { status: 403, code: 'FORBIDDEN' },
      `${kind} of a page`,
    );
    const names = Array.from({ length: 1001 }, (_, i) => i).join(',');
    await t.rejects(open(url, `${path}?channels=${names}`), { status: 400, code: 'ERR' }, `${kind} of too many`);
  }
  await t.rejects(socket(url, '/api/v1/nothing'), { status: 404, code: 'NOTFOUND' });
  const plain = await fetch(`${url}/api/v1/pubsub/ws?channels=a`);
  t.equal(plain.status, 426);
  const both = [await socket(url, '/api/v1/pubsub/ws?channels=a'), await stream(url, '/api/v1/pubsub/sse?channels=a')];
  await t.rejects(socket(url, '/api/v1/pubsub/ws?channels=a'), { status: 503, code: 'BUSY' });
  both[0].close();
  await until(() =>
    socket(url, '/api/v1/pubsub/ws?channels=a').then(
      (one) => one.close() === undefined,
      () => false,
    ),
  );
  for (const one of both) one.close();
  await close();
});

t.test('who may not log in, or may not listen, gets nothing', async (t) => {
  const { url, close } = await running({}, { requirepass: 'secret' });
  for (const [kind, open] of KINDS) {
    const path = `/api/v1/pubsub/${kind}?channels=a`;
    await t.rejects(open(url, path), { status: 401, code: 'UNAUTHORIZED' });
    await t.rejects(open(url, path, { authorization: 'Bearer wrong' }), { status: 401, code: 'WRONGPASS' });
    for (const one of [
      await open(url, path, { authorization: 'Bearer secret' }),
      await open(url, `${path}&_token=default:secret`),
    ]) {
      t.match(await one.next(), { type: 'connected' });
      one.close();
    }
  }
  await close();
  const narrow = await running({ prefixes: ['app:'] });
  await t.rejects(socket(narrow.url, '/api/v1/pubsub/ws?channels=a'), { status: 403, code: 'FORBIDDEN' });
  await narrow.close();
  const strings = await running({ families: ['string'] });
  await t.rejects(stream(strings.url, '/api/v1/pubsub/sse?channels=a'), { status: 404, code: 'NOTFOUND' });
  await strings.close();
});

t.test('a reader that pauses stops the source, and then gets everything in order', async (t) => {
  const { url, close } = await running({ backlogLimit: 8 << 20 });
  for (const [kind, open] of KINDS) {
    const listener = await open(url, `/api/v1/pubsub/${kind}?channels=big`);
    await listener.next();
    listener.pause();
    const pad = 'x'.repeat(100_000);
    // Until more is under way than may wait in the gateway and in sockets, which is the system's to say: the rest waits in the server.
    let n = 0;
    const stopped = async (): Promise<boolean> => {
      for (let i = 0; i < 20 && n < 600; i++, n++)
        await post(url, 'pubsub/publish', { channel: 'big', message: `${n} ${pad}` });
      const { result } = await post(url, 'connection/client_list', { type: 'PUBSUB' });
      return Number(/ omem=(\d+)/.exec(String(result))?.[1] ?? 0) > 100_000;
    };
    await until(stopped);
    listener.resume();
    for (let i = 0; i < n; i++) t.equal(String((await listener.next()).data).split(' ')[0], String(i));
    listener.close();
  }
  await close();
});

t.test('a reader that takes nothing is closed with a code', async (t) => {
  const { url, close } = await running({ backlogLimit: 1 << 20, heartbeat: 300 });
  const listener = await socket(url, '/api/v1/pubsub/ws?channels=big');
  await listener.next();
  listener.pause();
  await flood(url);
  await until(async () => (await post(url, 'pubsub/pubsub_numsub', { channel: 'big' })).result?.toString() === 'big,0');
  listener.resume();
  const { code } = await listener.closed;
  t.ok(code === 1013 || code === 1006, `closed by ${code}`);
  await close();
});

t.test('too much at once closes with a code and a reason', async (t) => {
  const { url, close } = await running({ backlogLimit: 1000 });
  for (const [kind, open] of KINDS) {
    const listener = await open(url, `/api/v1/pubsub/${kind}?channels=big`);
    await listener.next();
    listener.pause();
    await flood(url, 250);
    listener.resume();
    const { code } = await listener.closed;
    t.ok(code === 1013 || (kind === 'sse' && code === 1006), `${kind} closed by ${code}`);
  }
  await close();
});

/** Publishes 20 MB, so many messages at once. */
async function flood(url: string, together = 1): Promise<void> {
  const commands = new Array(together).fill(['PUBLISH', 'big', 'x'.repeat(500_000 / together)]);
  for (let i = 0; i < 40; i++) await post(url, 'transaction', { commands });
}

t.test('one message may be longer than what may wait', async (t) => {
  const { url, close } = await running({ backlogLimit: 1000 });
  for (const [kind, open] of KINDS) {
    const listener = await open(url, `/api/v1/pubsub/${kind}?channels=big`);
    await listener.next();
    await flood(url);
    for (let i = 0; i < 40; i++) t.equal(String((await listener.next()).data).length, 500_000);
    listener.close();
  }
  await close();
});

t.test('signs of life: comments on a stream; a socket that answers no ping is closed', async (t) => {
  const { url, gateway, close } = await running({ heartbeat: 50 });
  const listener = await stream(url, '/api/v1/pubsub/sse?channels=a');
  t.match(await listener.next(), { type: 'connected' });
  t.match(await listener.next(), { type: 'comment' });
  listener.close();
  const alive = await socket(url, '/api/v1/pubsub/ws?channels=a');
  // Whoever does the handshake by hand and then says nothing.
  const dead = net.connect(gateway.port, '127.0.0.1');
  dead.write(
    'GET /api/v1/pubsub/ws?channels=a HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n' +
      'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n',
  );
  dead.resume();
  await new Promise((resolve) => dead.once('close', resolve));
  await post(url, 'pubsub/publish', { channel: 'a', message: 'm' });
  await alive.next();
  t.match(await alive.next(), { data: 'm' }, 'the one that answers is still there');
  alive.close();
  await close();
});

t.test('the end of the server, and of the gateway, ends the subscriptions', async (t) => {
  const { url, server, gateway } = await running();
  const [ws, sse]: Listener[] = [
    await socket(url, '/api/v1/pubsub/ws?channels=a'),
    await stream(url, '/api/v1/pubsub/sse?channels=a'),
  ];
  await server.close();
  t.match(await ws.closed, { code: 1011 });
  t.match(await sse.closed, { code: 1011 });
  await gateway.close();
  const again = await running();
  const open = [
    await socket(again.url, '/api/v1/pubsub/ws?channels=a'),
    await stream(again.url, '/api/v1/pubsub/sse?channels=a'),
  ];
  await again.close();
  for (const one of open) t.ok((await one.closed).code > 1000);
});

t.test('what a reader says where nothing can be said, or what is no JSON', async (t) => {
  const { url, close } = await running();
  const listener = await socket(url, '/api/v1/pubsub/ws?channels=a');
  await listener.next();
  listener.say({ command: 'x' });
  t.match(await listener.next(), { type: 'error', code: 'ERR' });
  listener.say('{');
  t.same(await listener.closed, { code: 1008, reason: 'messages must be JSON' });
  await close();
});

t.test('a handshake that is none leaves nothing behind', async (t) => {
  const { url, gateway, close } = await running();
  const answer = (lines: string): Promise<string> =>
    new Promise((resolve) => {
      let text = '';
      const client = net.connect(gateway.port, '127.0.0.1', () => client.write(lines));
      client.on('data', (chunk) => (text += chunk));
      client.on('close', () => resolve(text));
    });
  const ask = 'GET /api/v1/pubsub/ws?channels=a HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: Upgrade\r\n';
  t.match(await answer(`${ask}Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\r\n`), /^HTTP\/1.1 400 /, 'no key');
  const key = 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n';
  t.match(await answer(`${ask}Upgrade: websocket\r\n${key}Sec-WebSocket-Version: 7\r\n\r\n`), /^HTTP\/1.1 4/);
  t.match(await answer(`${ask}Upgrade: h2c\r\n\r\n`), /^HTTP\/1.1 426 /);
  await until(async () => String((await post(url, 'pubsub/pubsub_numsub', { channel: 'a' })).result) === 'a,0');
  // An upgrade that nothing wants is answered as a request.
  const plain = ask.replace('pubsub/ws?channels=a', 'kv/get?key=a');
  t.match(await answer(`${plain}Upgrade: h2c\r\n\r\n`), /^HTTP\/1.1 200 [\s\S]*\{"value":null\}$/);
  await close();
});

t.test('messages must be text', async (t) => {
  const { url, close } = await running();
  const listener = await socket(url, '/api/v1/pubsub/ws?channels=a');
  listener.say(Buffer.from('{}'));
  t.same(await listener.closed, { code: 1008, reason: 'messages must be text' });
  await close();
});

t.test('a page of another origin that is allowed may read a stream', async (t) => {
  const origin = 'https://app.example';
  const { url, close } = await running({ allowOrigins: [origin] });
  const abort = new AbortController();
  const response = await fetch(`${url}/api/v1/pubsub/sse?channels=a`, { headers: { origin }, signal: abort.signal });
  t.equal(response.status, 200);
  t.equal(response.headers.get('access-control-allow-origin'), origin);
  t.equal(response.headers.get('content-type'), 'text/event-stream');
  t.equal(response.headers.get('cache-control'), 'no-store');
  t.equal(response.headers.get('x-content-type-options'), 'nosniff');
  abort.abort();
  await until(async () => String((await post(url, 'pubsub/pubsub_numsub', { channel: 'a' })).result) === 'a,0');
  await close();
});
