/** UMICP: envelopes over the tools, what is refused, and what is told of the tools. */
import t from 'tap';
import { running } from './running.js';

const NOW = '2026-01-02T03:04:05Z';

function envelope(capabilities: object, changes: object = {}): object {
  return { v: '1.0', msg_id: 'm1', ts: NOW, from: 'agent', to: 'synap', op: 'data', capabilities, ...changes };
}

t.test('a tool is called by an envelope', async (t) => {
  const c = await running();
  const send = async (body: unknown): Promise<[status: number, answer: Record<string, unknown>]> => {
    const response = await fetch(`${c.url}/umicp`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    return [response.status, (await response.json()) as Record<string, unknown>];
  };
  const [status, { ts, ...answer }] = await send(envelope({ operation: 'synap_kv_set', key: 'k', value: 'v' }));
  t.equal(status, 200);
  t.ok(Math.abs(Date.parse(ts as string) - Date.now()) < 60_000);
  t.same(answer, {
    v: '1.0',
    msg_id: 'resp-m1',
    from: 'synap',
    to: 'agent',
    op: 'data',
    capabilities: {
      status: 'success',
      result: [{ type: 'text', text: '{"result":"OK"}' }],
      structured: { result: 'OK' },
      original_message_id: 'm1',
    },
  });
  const written = { operation: 'REQUEST', message_id: 'm2', timestamp: NOW, from: 'a', to: 'b' };
  t.match(
    await send({ ...written, capabilities: { operation: 'synap_kv_get', key: 'k' } }),
    [200, { msg_id: 'resp-m2', capabilities: { structured: { result: 'v' } } }],
    'the names that the documentation of the first Synap has',
  );
  t.match(await send(envelope({ operation: 'synap_list_len', key: 'k' })), [
    200,
    {
      op: 'control',
      msg_id: 'err-m1',
      capabilities: { status: 'error', error: /^WRONGTYPE/, original_message_id: 'm1' },
    },
  ]);
  t.match(await send(envelope({ operation: 'no_such' })), [200, { op: 'control', capabilities: { status: 'error' } }]);
  const bad: [unknown, RegExp][] = [
    [{}, /'op' of an envelope/],
    [[], /must be a JSON object/],
    [envelope({ operation: 'synap_kv_get' }, { op: 'x' }), /'op' of an envelope must be one of/],
    [envelope({ operation: 'synap_kv_get' }, { v: '2.0' }), /'v' of an envelope/],
    [envelope({ operation: 'synap_kv_get' }, { ts: 'now' }), /'ts' of an envelope/],
    [envelope({ operation: 'synap_kv_get' }, { from: '' }), /'from' of an envelope/],
    [envelope({ operation: 'synap_kv_get' }, { to: 5 }), /'to' of an envelope/],
    [envelope({ operation: 'synap_kv_get' }, { msg_id: 'x'.repeat(2000) }), /'msg_id' of an envelope/],
    [envelope({}), /'capabilities.operation' of an envelope/],
    [envelope([1]), /must be a JSON object/],
  ];
  for (const [body, error] of bad) t.match(await send(body), [400, { error, code: 'ERR' }]);
  await c.close();
});

t.test('logins and limits hold', async (t) => {
  const c = await running({ readOnly: true }, { requirepass: 'pw' });
  const send = async (capabilities: object, headers = {}): Promise<string> => {
    const response = await fetch(`${c.url}/umicp`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify(envelope(capabilities)),
    });
    return `${response.status} ${await response.text()}`;
  };
  const login = { authorization: 'Bearer pw' };
  t.match(await send({ operation: 'synap_kv_get', key: 'k' }), /^401 /);
  t.match(await send({ operation: 'synap_kv_get', key: 'k' }, { authorization: 'Bearer wrong' }), /^401 .*WRONGPASS/);
  t.match(await send({ operation: 'synap_kv_get', key: 'k' }, login), /"structured":\{"result":null\}/);
  t.match(await send({ operation: 'synap_kv_set', key: 'k', value: 'v' }, login), /unknown operation/);
  t.match(await send({ operation: 'synap_command', command: ['DEL', 'k'] }, login), /FORBIDDEN/);
  await c.close();
});

t.test('discovery tells each tool', async (t) => {
  const c = await running();
  const told = (await (await fetch(`${c.url}/umicp/discover`)).json()) as {
    operations: { name: string; input_schema: object; output_schema: object }[];
    total_operations: number;
    server_info: { operations_count: number };
  };
  t.match(told, { protocol: 'UMICP', version: '0.2.3', server_info: { server: 'synap', version: '0.0.0-test' } });
  t.equal(told.total_operations, told.operations.length);
  t.equal(told.server_info.operations_count, told.operations.length);
  t.ok(told.operations.length > 60);
  t.match(
    told.operations.find(({ name }) => name === 'synap_hash_get'),
    { title: 'Hash get', input_schema: { required: ['key', 'field'] }, annotations: { readOnlyHint: true } },
  );
  await c.close();
});
