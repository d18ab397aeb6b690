/** Resources that an agent has subscribed to, over standard input and output: what it is told, and when it is not. */
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { ResourceUpdatedNotificationSchema } from '@modelcontextprotocol/sdk/types.js';
import t from 'tap';
import { createServer, type SynapServer } from '../../../../src/index.js';
import { until } from '../live/listener.js';
import { callTool, connected } from './connected.js';

const PROGRAM = new URL('../../../../bin/synap-gateway.js', import.meta.url).pathname;

interface Agent {
  readonly client: Client;
  /** URIs that were told, in their order. */
  readonly told: string[];
}

async function agent(port: number, ...options: string[]): Promise<Agent> {
  const args = [PROGRAM, '--mcp-stdio', '--url', `redis://127.0.0.1:${port}`, ...options];
  const client = new Client({ name: 'test', version: '1' });
  const told: string[] = [];
  client.setNotificationHandler(ResourceUpdatedNotificationSchema, ({ params }) => void told.push(params.uri));
  await client.connect(new StdioClientTransport({ command: process.execPath, args, stderr: 'pipe' }));
  return { client, told };
}

function run({ client }: Agent, ...command: unknown[]): Promise<unknown> {
  return callTool(client, 'synap_command', { command });
}

t.test('a resource that changes is told', async (t) => {
  const server = await createServer();
  const one = await agent(server.port);
  t.same(one.client.getServerCapabilities()?.resources, { subscribe: true });
  const [uri, page, odd] = ['synap://0/list', 'synap://0/list?count=5', 'synap://3/%FF%00'];
  for (const each of [uri, uri, page, odd]) await one.client.subscribeResource({ uri: each });
  await run(one, 'RPUSH', 'list', 'a');
  await until(() => one.told.length >= 2);
  t.same(one.told.splice(0).sort(), [uri, page], 'each URI of the key, once');
  for (let i = 0; i < 50; i++) await run(one, 'RPUSH', 'list', 'b');
  await run(one, 'COPY', 'list', { base64: '/wA=' }, 'DB', '3');
  await until(() => one.told.includes(odd));
  t.ok(one.told.filter((each) => each === uri).length < 50, 'not at each change');
  await one.client.unsubscribeResource({ uri });
  await new Promise((resolve) => setTimeout(resolve, 250));
  one.told.splice(0);
  await run(one, 'DEL', 'list');
  await until(() => one.told.length > 0);
  t.same(one.told.splice(0), [page]);
  await one.client.unsubscribeResource({ uri: page });
  await one.client.unsubscribeResource({ uri: page });
  t.same(await callTool(one.client, 'synap_command', { command: ['PUBSUB', 'NUMSUB', '__keyspace@0__:list'] }), {
    result: ['__keyspace@0__:list', 0],
  });
  await one.client.close();
  await server.close();
});

t.test('a server that comes back has everything told', async (t) => {
  let server: SynapServer = await createServer();
  const { port } = server;
  const one = await agent(port);
  await one.client.subscribeResource({ uri: 'synap://0/k' });
  await server.close();
  server = await createServer({ port });
  await until(() => one.told.length === 1);
  t.same(one.told.splice(0), ['synap://0/k']);
  await run(one, 'SET', 'k', 'v');
  await until(() => one.told.length === 1);
  await one.client.close();
  await server.close();
});

t.test('what is refused', async (t) => {
  const server = await createServer();
  const narrow = await agent(server.port, '--prefixes', 'a:');
  const subscribe = (uri: string) => narrow.client.subscribeResource({ uri });
  await t.rejects(subscribe('synap://0/b'), { code: -32602, message: /FORBIDDEN/ });
  await t.rejects(subscribe('http://x'), { code: -32602, message: /not the URI of a key/ });
  await t.rejects(subscribe('synap://99/a%3A'), { message: /DB index is out of range/ });
  await subscribe('synap://0/a%3A');
  await narrow.client.close();
  const reader = await agent(server.port, '--read-only');
  const off = { code: -32602, message: /notify-keyspace-events/ };
  await t.rejects(reader.client.subscribeResource({ uri: 'synap://0/a' }), off, 'it may not turn that on');
  await reader.client.close();

  const many = await agent(server.port);
  for (let i = 0; i < 1000; i += 100)
    await Promise.all(
      Array.from({ length: 100 }, (_, j) => many.client.subscribeResource({ uri: `synap://0/key${i + j}` })),
    );
  await t.rejects(many.client.subscribeResource({ uri: 'synap://0/more' }), { message: /more than 1000/ });
  await many.client.close();
  await server.close();

  // Without a connection there is nobody to tell.
  const http = await connected();
  t.same(http.client.getServerCapabilities()?.resources, {});
  await http.close();
});
