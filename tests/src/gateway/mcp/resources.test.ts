/** Keys as resources: the list, pages of values of every type, what is refused, and completion. */
import t from 'tap';
import { type Connected, connected } from './connected.js';

async function read(c: Connected, uri: string): Promise<Record<string, unknown>> {
  const { contents } = await c.client.readResource({ uri });
  t.equal(contents[0].uri, uri);
  t.equal(contents[0].mimeType, 'application/json');
  return JSON.parse((contents[0] as { text: string }).text);
}

/** All pages of a key: the values, and how many pages. */
async function pages(c: Connected, uri: string): Promise<[values: unknown[], pages: number]> {
  const values: unknown[] = [];
  let count = 0;
  for (let next: string | null = uri; next !== null; count++) {
    const page = await read(c, next);
    values.push(...(Array.isArray(page.value) ? page.value : [page.value]));
    next = page.next as string | null;
  }
  return [values, count];
}

async function run(c: Connected, ...commands: unknown[][]): Promise<void> {
  for (const command of commands) {
    const result = await c.call('synap_command', { command });
    if (typeof result === 'string') throw new Error(result);
  }
}

t.test('a key of every type', async (t) => {
  const c = await connected();
  await run(
    c,
    ['SET', 'a/b c', 'text', 'PX', '100000'],
    ['RPUSH', 'l', '1', '2'],
    ['HSET', 'h', 'f', 'v'],
    ['SADD', 's', 'm'],
    ['ZADD', 'z', '1.5', 'm'],
    ['SET', { base64: '/wA=' }, { base64: '/w==' }],
    ['COPY', 'l', 'l3', 'DB', '3'],
  );
  const { ttl, ...text } = await read(c, 'synap://0/a%2Fb%20c');
  t.same(text, { db: 0, key: 'a/b c', type: 'string', length: 4, value: 'text', next: null });
  t.ok((ttl as number) > 90000);
  t.match(await read(c, 'synap://0/l'), { type: 'list', ttl: null, length: 2, value: ['1', '2'] });
  t.match(await read(c, 'synap://0/h'), { type: 'hash', length: 1, value: { f: 'v' } });
  t.match(await read(c, 'synap://0/s'), { type: 'set', length: 1, value: ['m'] });
  t.match(await read(c, 'synap://0/z'), { type: 'zset', length: 1, value: [{ member: 'm', score: 1.5 }] });
  t.match(await read(c, 'synap://0/%FF%00'), { key: { base64: '/wA=' }, value: { base64: '/w==' } });
  t.match(await read(c, 'synap://3/l3'), { db: 3, value: ['1', '2'] }, 'in its own database');
  await c.close();
});

t.test('queues and topics', async (t) => {
  const c = await connected();
  const { tools } = await c.client.listTools();
  const has = (name: string): boolean => tools.some((tool) => tool.name === name);
  if (has('synap_queue_create')) {
    await run(c, ['QUEUE.CREATE', 'q'], ['QUEUE.PUBLISH', 'q', 'a'], ['QUEUE.PUBLISH', 'q', 'b']);
    const page = await read(c, 'synap://0/q?count=1');
    t.match(page, { type: 'queue', length: null, value: [{ payload: 'a' }], next: null });
    t.match(await c.call('synap_queue_info', { queue: 'q' }), { result: { ready: 2 } }, 'nothing was consumed');
  }
  if (has('synap_topic_create')) {
    await run(c, ['TOPIC.CREATE', 't'], ['TOPIC.PUBLISH', 't', 'a']);
    t.match(await read(c, 'synap://0/t'), { type: 'topic', value: { published: 1 }, next: null });
  }
  await c.close();
});

t.test('pages together are the whole value', async (t) => {
  const c = await connected();
  const many = Array.from({ length: 1050 }, (_, i) => `x${i}`);
  await run(
    c,
    ['RPUSH', 'l', ...many],
    ['SADD', 's', ...many],
    ['ZADD', 'z', ...many.flatMap((x, i) => [String(i), x])],
    ['HSET', 'h', ...many.flatMap((x) => [x, x])],
    ['SET', 'text', 'é'.repeat(3000)],
  );
  const [list, listPages] = await pages(c, 'synap://0/l');
  t.same(list, many);
  t.equal(listPages, 11);
  t.equal((await pages(c, 'synap://0/l?count=1000'))[1], 2);
  const [members, setPages] = await pages(c, 'synap://0/s');
  t.same(new Set(members), new Set(many));
  t.ok(setPages > 5);
  const [sorted] = await pages(c, 'synap://0/z?count=500');
  t.same(
    sorted,
    many.map((member, score) => ({ member, score })),
  );
  const [fields, hashPages] = await pages(c, 'synap://0/h');
  t.same(Object.assign({}, ...(fields as object[])), Object.fromEntries(many.map((x) => [x, x])));
  t.ok(hashPages > 5);
  const [texts, textPages] = await pages(c, 'synap://0/text?count=1');
  t.equal(texts.join(''), 'é'.repeat(3000), 'no character is cut');
  t.ok(textPages >= 6);
  await c.close();
});

t.test('what is no key, no page or no URI', async (t) => {
  const c = await connected();
  await run(c, ['RPUSH', 'l', 'a'], ['SADD', 's', 'a']);
  const rows: [uri: string, code: number, text: RegExp][] = [
    ['synap://0/none', -32002, /NOTFOUND no such key/],
    ['synap://99999/l', -32602, /DB index is out of range/],
    ['synap://0/l?cursor=x', -32602, /invalid cursor/],
    ['synap://0/s?cursor=1-1', -32602, /invalid cursor/],
    ['synap://0/l?count=0', -32602, /count must be from 1 to 1000/],
    ['synap://0/l?count=1001', -32602, /count must be/],
    ['synap://0/l?x=1', -32602, /unknown parameter 'x'/],
    ['synap://0/%F', -32602, /two hexadecimal digits/],
    ['redis://0/l', -32602, /not the URI of a key/],
    [`synap://0/l?cursor=${'9'.repeat(200)}`, -32602, /invalid cursor/],
  ];
  for (const [uri, code, text] of rows) await t.rejects(c.client.readResource({ uri }), { code, message: text }, uri);
  await c.close();
});

t.test('the list is a scan in pages', async (t) => {
  const c = await connected();
  await run(c, ['MSET', ...Array.from({ length: 500 }, (_, i) => [`key:${i}`, 'v']).flat()]);
  const uris = new Set<string>();
  let count = 0;
  let cursor: string | undefined;
  do {
    const page = await c.client.listResources(cursor === undefined ? {} : { cursor });
    t.ok(page.resources.length <= 300, 'a page is bounded');
    for (const { uri, name } of page.resources) {
      uris.add(uri);
      t.equal(uri, `synap://0/${name.replace(':', '%3A')}`);
    }
    cursor = page.nextCursor;
    count++;
  } while (cursor !== undefined);
  t.equal(uris.size, 500);
  t.ok(count > 2);
  await t.rejects(c.client.listResources({ cursor: 'x' }), /invalid cursor/);
  await t.rejects(c.client.listResources({ cursor: '1:0' }), /invalid cursor/);
  const { resourceTemplates } = await c.client.listResourceTemplates();
  t.same(
    resourceTemplates.map(({ uriTemplate }) => uriTemplate),
    ['synap://{db}/{key}', 'synap://{db}/{key}{?cursor,count}'],
  );
  await c.close();
});

t.test('completion of keys and databases', async (t) => {
  const c = await connected();
  await run(
    c,
    ['MSET', 'user:1', 'a', 'user:2', 'b', 'us*r', 'c', 'zebra', 'd'],
    ['COPY', 'user:1', 'user:9', 'DB', '2'],
  );
  const ask = async (name: string, value: string, given: Record<string, string> = {}): Promise<string[]> => {
    const { completion } = await c.client.complete({
      ref: { type: 'ref/resource', uri: 'synap://{db}/{key}' },
      argument: { name, value },
      context: { arguments: given },
    });
    return completion.values;
  };
  t.same(await ask('key', 'user:'), ['user:1', 'user:2']);
  t.same(await ask('key', 'us*'), ['us*r'], 'a pattern is meant as it is');
  t.same(await ask('key', 'user:', { db: '2' }), ['user:9']);
  t.same(await ask('key', 'q'), []);
  t.same(await ask('db', ''), ['0']);
  t.same(await ask('count', '1'), []);
  await t.rejects(
    c.client.complete({ ref: { type: 'ref/resource', uri: 'x://' }, argument: { name: 'key', value: '' } }),
    /no such template/,
  );
  await run(c, ['MSET', ...Array.from({ length: 300 }, (_, i) => [`many:${i}`, 'v']).flat()]);
  t.equal((await ask('key', 'many:')).length, 100, 'at most a hundred');
  await c.close();
});
