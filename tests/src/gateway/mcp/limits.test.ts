/** What MCP hides and refuses by --read-only, --families, --prefixes and logins, and the manners of its endpoint. */
import t from 'tap';
import { connected } from './connected.js';

async function names(c: Awaited<ReturnType<typeof connected>>): Promise<string[]> {
  return (await c.client.listTools()).tools.map(({ name }) => name);
}

t.test('read-only', async (t) => {
  const c = await connected({ readOnly: true });
  const { tools } = await c.client.listTools();
  const writing = tools.filter(
    ({ name, annotations }) => annotations?.readOnlyHint !== true && name !== 'synap_pubsub_publish',
  );
  t.same(
    writing.map(({ name }) => name),
    [],
  );
  t.ok(tools.some(({ name }) => name === 'synap_kv_get'));
  for (const command of [
    ['SET', 'k', 'v'],
    ['FLUSHALL'],
    ['SHUTDOWN', 'NOSAVE'],
    ['CONFIG', 'SET', 'maxmemory', '1'],
    ['DEBUG', 'FLUSHALL'],
  ])
    t.match(await c.call('synap_command', { command }), /^FORBIDDEN /, command.join(' '));
  t.match(
    await c.call('synap_transaction', {
      commands: [
        ['GET', 'k'],
        ['DEL', 'k'],
      ],
    }),
    /^FORBIDDEN /,
  );
  t.same(await c.call('synap_command', { command: ['GET', 'k'] }), { result: null });
  await t.rejects(c.call('synap_kv_set', { key: 'k', value: 'v' }), /no tool/);
  await c.close();
});

t.test('families', async (t) => {
  const c = await connected({ families: ['hash'] });
  const all = await names(c);
  t.ok(all.includes('synap_hash_set'));
  t.same(
    all.filter((name) => !name.startsWith('synap_hash_')),
    ['synap_command', 'synap_transaction'],
  );
  t.same(c.client.getServerCapabilities(), { tools: {} }, 'keys cannot be told without TYPE and SCAN');
  t.match(await c.call('synap_command', { command: ['GET', 'k'] }), /^FORBIDDEN 'get' is not allowed here/);
  t.same(await c.call('synap_hash_len', { key: 'k' }), { result: 0 });
  await c.close();
});

t.test('prefixes', async (t) => {
  const c = await connected({ prefixes: ['app:', 'app:x', 'tmp*'] });
  const all = await names(c);
  t.notOk(all.includes('synap_key_count'), 'what tells about all keys is hidden');
  t.notOk(all.includes('synap_info'));
  t.same(await c.call('synap_kv_set', { key: 'app:1', value: 'v' }), { result: 'OK' });
  t.same(await c.call('synap_kv_set', { key: 'app:x1', value: 'v' }), { result: 'OK' });
  t.same(await c.call('synap_kv_set', { key: 'tmp*1', value: 'v' }), { result: 'OK' });
  t.match(await c.call('synap_kv_get', { key: 'secret' }), /^FORBIDDEN keys must begin with 'app:'/);
  t.match(await c.call('synap_kv_mset', { values: { 'app:2': 'v', secret: 'v' } }), /^FORBIDDEN/);
  t.match(await c.call('synap_scan', {}), /^FORBIDDEN/);
  t.match(await c.call('synap_scan', { pattern: 'app:1', count: 1000 }), { keys: [{ key: 'app:1' }] });
  for (const command of [['KEYS', '*'], ['FLUSHALL'], ['DBSIZE'], ['RANDOMKEY']])
    t.match(await c.call('synap_command', { command }), /^FORBIDDEN/, command[0]);
  const { resources } = await c.client.listResources();
  t.same(
    resources.map(({ name }) => name).sort(),
    ['app:1', 'app:x1', 'tmp*1'],
    'one prefix after the other, each key once',
  );
  await t.rejects(c.client.readResource({ uri: 'synap://0/secret' }), /FORBIDDEN/);
  const { completion } = await c.client.complete({
    ref: { type: 'ref/resource', uri: 'synap://{db}/{key}' },
    argument: { name: 'key', value: 'a' },
  });
  t.same(completion.values, ['app:1', 'app:x1']);
  await c.close();
});

t.test('the login is that of the request', async (t) => {
  const c = await connected({}, { requirepass: 'secret' }, { authorization: 'Bearer secret' });
  t.same(await c.call('synap_kv_set', { key: 'k', value: 'v' }), { result: 'OK' });
  const post = async (headers: Record<string, string>): Promise<string> => {
    const response = await fetch(`${c.url}/mcp`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'application/json, text/event-stream', ...headers },
      body: JSON.stringify({
        jsonrpc: '2.0',
        id: 1,
        method: 'tools/call',
        params: { name: 'synap_kv_get', arguments: { key: 'k' } },
      }),
    });
    return `${response.status} ${await response.text()}`;
  };
  t.match(await post({ authorization: 'Bearer secret' }), /^200 .*"structuredContent":\{"result":"v"\}/);
  t.match(await post({}), /^401 .*UNAUTHORIZED/);
  t.match(await post({ authorization: 'Bearer wrong' }), /^401 .*WRONGPASS/);
  t.match(await post({ authorization: 'Bearer secret', 'x-synap-db': '1' }), /"structuredContent":\{"result":null\}/);
  t.match(await post({ authorization: 'Bearer secret', origin: 'http://evil.example' }), /^403 /);
  await c.close();
});

t.test('a gateway that lets nobody in without a login says so by status', async (t) => {
  const c = await connected({ anonymous: false }, {}, { authorization: 'Basic ZGVmYXVsdDo=' });
  const response = await fetch(`${c.url}/mcp`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{}',
  });
  t.equal(response.status, 401);
  t.match(response.headers.get('www-authenticate'), /Bearer/);
  await c.close();
});

t.test('only POST, JSON-RPC and bounded bodies', async (t) => {
  const c = await connected({ bodyLimit: 1000, allowOrigins: ['http://app.example'] });
  for (const method of ['GET', 'DELETE']) {
    const response = await fetch(`${c.url}/mcp`, { method });
    t.equal(response.status, 405);
    t.equal(response.headers.get('allow'), 'POST');
  }
  const post = (body: string, headers = {}): Promise<Response> =>
    fetch(`${c.url}/mcp`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'application/json, text/event-stream', ...headers },
      body,
    });
  const parse = await post('{');
  t.equal(parse.status, 400);
  t.match(await parse.json(), { jsonrpc: '2.0', id: null, error: { code: -32700, message: /^Parse error: / } });
  t.equal((await post('{"a":1}')).status, 400);
  t.equal((await post(JSON.stringify('x'.repeat(2000)))).status, 413);
  const allowed = await post('{"jsonrpc":"2.0","id":1,"method":"ping"}', { origin: 'http://app.example' });
  t.same(await allowed.json(), { jsonrpc: '2.0', id: 1, result: {} });
  t.equal(allowed.headers.get('access-control-allow-origin'), 'http://app.example');
  t.equal(allowed.headers.get('x-content-type-options'), 'nosniff');
  t.equal(allowed.headers.get('mcp-session-id'), null);
  const unknown = await post('{"jsonrpc":"2.0","id":1,"method":"no/such"}');
  t.match(await unknown.json(), { error: { code: -32601 } });
  for (const [method, params, message] of [
    ['tools/call', { name: 'nothing' }, "no tool 'nothing'"],
    ['tools/list', { cursor: 'x' }, 'invalid cursor'],
    ['resources/templates/list', { cursor: 'x' }, 'invalid cursor'],
    ['resources/list', { cursor: 'x' }, 'ERR invalid cursor'],
  ] as const) {
    const response = await post(JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }));
    t.same(await response.json(), { jsonrpc: '2.0', id: 1, error: { code: -32602, message } }, method);
  }
  await c.close();
});

t.test('who goes away while a command waits takes nothing', async (t) => {
  const c = await connected();
  const stop = new AbortController();
  const waiting = c.client.callTool(
    { name: 'synap_command', arguments: { command: ['BLPOP', 'jobs', '0'] } },
    undefined,
    { signal: stop.signal },
  );
  const blocked = async (): Promise<boolean> => {
    const info = (await c.call('synap_info', { sections: ['clients'] })) as {
      sections: { clients: Record<string, string> };
    };
    return info.sections.clients.blocked_clients === '1';
  };
  while (!(await blocked()));
  const response = fetch(`${c.url}/mcp`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'application/json, text/event-stream' },
    body: JSON.stringify({
      jsonrpc: '2.0',
      id: 2,
      method: 'tools/call',
      params: { name: 'synap_command', arguments: { command: ['BLPOP', 'others', '0'] } },
    }),
    signal: stop.signal,
  });
  stop.abort();
  await t.rejects(waiting);
  await t.rejects(response);
  await c.call('synap_list_push', { key: 'others', values: ['a'] });
  t.same(await c.call('synap_list_range', { key: 'others' }), { result: ['a'] });
  await c.close();
});

t.test('requests share nothing, not even when their ids are the same', async (t) => {
  const c = await connected();
  const call = (key: string, db: number) => ({
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
      'x-synap-db': String(db),
    },
    body: JSON.stringify({
      jsonrpc: '2.0',
      id: 1,
      method: 'tools/call',
      params: { name: 'synap_command', arguments: { command: ['SET', key, `${key} in ${db}`, 'GET'] } },
    }),
  });
  const ask = async (key: string, db: number): Promise<unknown> => {
    const answer = (await (await fetch(`${c.url}/mcp`, call(key, db))).json()) as {
      result: { structuredContent: { result: unknown } };
    };
    return answer.result.structuredContent.result;
  };
  const all = Array.from({ length: 64 }, (_, i) => [`k${i % 8}`, i >> 3] as const);
  t.same(
    await Promise.all(all.map(([key, db]) => ask(key, db))),
    all.map(() => null),
  );
  t.same(
    await Promise.all(all.map(([key, db]) => ask(key, db))),
    all.map(([key, db]) => `${key} in ${db}`),
  );
  await c.close();
});

t.test('a batch is bounded as those of other doors are', async (t) => {
  const c = await connected({ batchLimit: 3 });
  const send = async (count: number): Promise<number> => {
    const headers = { 'content-type': 'application/json', accept: 'application/json, text/event-stream' };
    const body = JSON.stringify(Array.from({ length: count }, (_, id) => ({ jsonrpc: '2.0', id, method: 'ping' })));
    return (await fetch(`${c.url}/mcp`, { method: 'POST', headers, body })).status;
  };
  t.equal(await send(3), 200);
  t.equal(await send(4), 413);
  await c.close();
});

t.test('a batch is answered as one', async (t) => {
  const c = await connected();
  const response = await fetch(`${c.url}/mcp`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'application/json, text/event-stream' },
    body: JSON.stringify(
      ['a', 'b'].map((text, id) => ({
        jsonrpc: '2.0',
        id,
        method: 'tools/call',
        params: { name: 'synap_command', arguments: { command: ['ECHO', text] } },
      })),
    ),
  });
  const answers = (await response.json()) as { id: number; result: { structuredContent: unknown } }[];
  t.same(answers.map(({ id, result }) => [id, result.structuredContent]).sort(), [
    [0, { result: 'a' }],
    [1, { result: 'b' }],
  ]);
  await c.close();
});
