/** The tools over the wire, by the SDK's own client: their list, a call of every one with its result, and how they refuse. */
import { Ajv2020 } from 'ajv/dist/2020.js';
import t from 'tap';
import { connected } from './connected.js';
import { EXAMPLES, YOUNG } from './examples.js';

t.test('initialize tells who answers and what it can', async (t) => {
  const c = await connected();
  t.same(c.client.getServerVersion(), { name: 'synap', title: 'Synap', version: '0.0.0-test' });
  t.same(c.client.getServerCapabilities(), { tools: {}, resources: {}, completions: {} });
  t.match(c.client.getInstructions(), /synap_command/);
  await c.close();
});

t.test('every tool has schemas, hints and texts', async (t) => {
  const c = await connected();
  const { tools } = await c.client.listTools();
  const ajv = new Ajv2020({ strict: false, validateSchema: true });
  t.equal(new Set(tools.map((tool) => tool.name)).size, tools.length, 'each name once');
  for (const tool of tools) {
    const { name, title, description, annotations = {} } = tool;
    t.match(name, /^synap_[a-zA-Z0-9_-]{1,58}$/);
    t.ok(title && description, `${name} has texts`);
    for (const schema of [tool.inputSchema, tool.outputSchema!]) {
      t.equal(schema.type, 'object', name);
      t.doesNotThrow(() => ajv.compile(schema), name);
      for (const [argument, of] of Object.entries(schema.properties ?? {}))
        t.equal(typeof of, 'object', `${name}.${argument}`);
      // What gives text for anything else where it reads no type could not call it.
      for (const [argument, of] of Object.entries(tool.inputSchema.properties ?? {}))
        t.ok((of as { type?: unknown }).type, `${name}.${argument} has a type`);
      for (const argument of schema.required ?? []) t.ok(schema.properties?.[argument], `${name}.${argument}`);
    }
    t.equal(annotations.openWorldHint, false, name);
    t.notOk(annotations.readOnlyHint && annotations.destructiveHint, name);
    for (const hint of ['readOnlyHint', 'destructiveHint', 'idempotentHint'] as const)
      t.equal(typeof annotations[hint], 'boolean', `${name} ${hint}`);
  }
  await c.close();
});

t.test('hints follow from what commands do', async (t) => {
  const c = await connected();
  const { tools } = await c.client.listTools();
  const told = (name: string): string => {
    const { annotations } = tools.find((tool) => tool.name === name)!;
    const words = { readOnlyHint: 'reads', destructiveHint: 'destroys', idempotentHint: 'idempotent' } as const;
    return Object.entries(words)
      .filter(([hint]) => annotations?.[hint as keyof typeof words] === true)
      .map(([, word]) => word)
      .join(' ');
  };
  t.equal(told('synap_kv_get'), 'reads idempotent');
  t.equal(told('synap_kv_delete'), 'destroys idempotent');
  t.equal(told('synap_kv_mset'), 'destroys idempotent');
  t.equal(told('synap_kv_getdel'), 'destroys');
  t.equal(told('synap_list_push'), '');
  t.equal(told('synap_list_pop'), 'destroys');
  t.equal(told('synap_set_inter'), 'reads idempotent');
  t.equal(told('synap_pubsub_publish'), '');
  t.equal(told('synap_info'), 'reads idempotent');
  t.equal(told('synap_command'), 'destroys');
  await c.close();
});

t.test('every tool does what it says, and its result is what its schema says', async (t) => {
  const c = await connected();
  const { tools } = await c.client.listTools();
  const ajv = new Ajv2020({ strict: false });
  const called = new Set<string>();
  for (const [name, given, answer] of EXAMPLES) {
    const tool = tools.find((one) => one.name === name);
    if (tool === undefined) continue;
    called.add(name);
    t.ok(ajv.validate(tool.inputSchema, given), `${name} ${JSON.stringify(given)}: ${ajv.errorsText()}`);
    const result = await c.client.callTool({ name, arguments: given });
    const { structuredContent, content } = result as { structuredContent: object; content: { text: string }[] };
    t.notOk(result.isError, `${name}: ${content[0].text}`);
    if (typeof answer === 'function') t.ok(answer({ ...structuredContent }), `${name}: ${content[0].text}`);
    else t.same(structuredContent, answer, `${name} ${JSON.stringify(given)}`);
    t.ok(ajv.validate(tool.outputSchema!, structuredContent), `${name}: ${ajv.errorsText()}`);
    t.same(JSON.parse(content[0].text), structuredContent, 'the text says the same');
  }
  const missed = tools.map(({ name }) => name).filter((name) => !called.has(name) && !YOUNG.test(name));
  t.same(missed, [], 'every tool has an example');
  await c.close();
});

t.test('errors are results', async (t) => {
  const c = await connected();
  await c.call('synap_kv_set', { key: 'k', value: 'v' });
  const rows: [string, Record<string, unknown>, string][] = [
    ['synap_list_range', { key: 'k' }, 'WRONGTYPE Operation against a key holding the wrong kind of value'],
    ['synap_kv_incrby', { key: 'k' }, 'ERR value is not an integer or out of range'],
    ['synap_kv_get', {}, "ERR missing argument 'key'"],
    ['synap_kv_get', { key: 'k', kei: 1 }, "ERR unknown argument 'kei'"],
    ['synap_kv_set', { key: 'k', value: null }, "ERR argument 'value' must not be null"],
    [
      'synap_kv_set',
      { key: 'k', value: 'v', ttl: 1, px: 1 },
      "ERR only one of 'ttl', 'px', 'exat', 'pxat', 'keepttl' can be given",
    ],
    [
      'synap_list_push',
      { key: 'k', values: ['a'], direction: 'up' },
      "ERR argument 'direction' must be one of right, left",
    ],
    [
      'synap_list_push',
      { key: 'k', values: ['a'], direction: '__proto__' },
      "ERR argument 'direction' must be one of right, left",
    ],
    ['synap_hash_expire', { key: 'k', ttl: 1, fields: [] }, "ERR argument 'fields.field' must be at least one"],
    ['synap_scan', { cursor: 'x' }, "ERR argument 'cursor' must be digits as text"],
    ['synap_scan', { count: 0 }, "ERR argument 'count' must be an integer from 1 to 1000"],
    ['synap_scan', { cursor: '0', x: 1 }, "ERR unknown argument 'x'"],
    ['synap_scan', { pattern: 5 }, "ERR argument 'pattern' must be text"],
    ['synap_info', { sections: 'memory' }, "ERR argument 'sections' must be an array of names"],
    ['synap_command', { command: [] }, "ERR argument 'command' must be an array of 1 to 10000 words"],
    ['synap_command', { command: ['GET', null] }, "ERR argument 'command[1]' must not be null"],
    ['synap_command', { command: ['NOSUCH'] }, "ERR unknown command 'NOSUCH'"],
    ['synap_command', { command: ['MULTI'] }, "ERR 'multi' cannot be used in a single request"],
    ['synap_transaction', { commands: [] }, "ERR argument 'commands' must be an array of 1 to 1000 commands"],
    [
      'synap_transaction',
      { commands: [['SET', 'k', 'new'], ['GET']] },
      "ERR wrong number of arguments for 'get' command",
    ],
  ];
  for (const [name, given, error] of rows)
    t.equal(await c.call(name, given), error, `${name} ${JSON.stringify(given)}`);
  t.same(await c.call('synap_kv_get', { key: 'k' }), { result: 'v' }, 'a transaction that is refused has done nothing');
  await t.rejects(c.call('synap_nothing'), /no tool 'synap_nothing'/);
  await c.close();
});

t.test('one of what may be several can be given by its own name', async (t) => {
  const c = await connected();
  await c.call('synap_kv_mset', { values: { a: '1', b: '2' } });
  t.same(await c.call('synap_kv_delete', { key: 'a' }), { result: 1 });
  t.same(await c.call('synap_key_exists', { key: ['a', 'b'] }), { result: 1 });
  t.match(await c.call('synap_kv_delete', { key: 'a', keys: ['b'] }), "ERR unknown argument 'key'");
  await c.close();
});

t.test('a result that is too long is refused', async (t) => {
  const c = await connected();
  await c.call('synap_kv_set', { key: 'long', value: 'x'.repeat(5 * 1024 * 1024) });
  t.match(await c.call('synap_kv_get', { key: 'long' }), /^TOOLARGE The result is larger than 4194304 bytes/);
  t.same(await c.call('synap_kv_getrange', { key: 'long', start: 0, end: 2 }), { result: 'xxx' });
  await c.close();
});
