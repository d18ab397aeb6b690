/** MCP on standard input and output: the program as an agent starts it. */
import { spawn } from 'node:child_process';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import t from 'tap';
import { createServer } from '../../../../src/index.js';
import { callTool } from './connected.js';

const PROGRAM = new URL('../../../../bin/synap-gateway.js', import.meta.url).pathname;

t.test('an agent starts it, calls tools, and cancels one', async (t) => {
  const server = await createServer({ requirepass: 'pw' });
  const args = [PROGRAM, '--mcp-stdio', '--url', `redis://:pw@127.0.0.1:${server.port}/2`, '--prefixes', 'a:'];
  const transport = new StdioClientTransport({ command: process.execPath, args, stderr: 'pipe' });
  const client = new Client({ name: 'test', version: '1' });
  await client.connect(transport);
  t.same(await callTool(client, 'synap_kv_set', { key: 'a:1', value: 'v' }), { result: 'OK' });
  t.match(await callTool(client, 'synap_kv_set', { key: 'b:1', value: 'v' }), /^FORBIDDEN/);
  const { resources } = await client.listResources();
  t.same(
    resources.map(({ uri }) => uri),
    ['synap://2/a%3A1'],
    'the database is that of the URL',
  );
  const stop = new AbortController();
  const given = { name: 'synap_command', arguments: { command: ['BLPOP', 'a:list', '0'] } };
  const waiting = client.callTool(given, undefined, { signal: stop.signal });
  while (server.clients.size < 2) await new Promise((resolve) => setTimeout(resolve, 5));
  stop.abort();
  await t.rejects(waiting);
  while (server.clients.size > 1) await new Promise((resolve) => setTimeout(resolve, 5));
  t.same(await callTool(client, 'synap_list_push', { key: 'a:list', values: ['x'] }), { result: 1 });
  await client.close();
  await server.close();
});

t.test('what was asked before the input ended is answered, and nothing else is written', async (t) => {
  const server = await createServer();
  const child = spawn(process.execPath, [PROGRAM, '--mcp-stdio', '--url', `redis://127.0.0.1:${server.port}`]);
  const ask = (id: number, method: string, params = {}): string =>
    `${JSON.stringify({ jsonrpc: '2.0', id, method, params })}\n`;
  child.stdin.end(
    ask(1, 'ping') + ask(2, 'tools/call', { name: 'synap_command', arguments: { command: ['ECHO', 'hi'] } }),
  );
  let [out, err] = ['', ''];
  child.stdout.on('data', (chunk) => (out += chunk));
  child.stderr.on('data', (chunk) => (err += chunk));
  const code = await new Promise((resolve) => child.once('close', resolve));
  t.equal(code, 0);
  t.match(err, /MCP on standard input and output/);
  const lines = out
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  t.same(lines.map(({ id }) => id).sort(), [1, 2]);
  t.match(
    lines.find(({ id }) => id === 2),
    { result: { structuredContent: { result: 'hi' } } },
  );
  await server.close();
});

t.test('what will not do', async (t) => {
  for (const [words, why] of [
    [['--url', 'http://x'], /not a URL of a server/],
    [['--port', '1'], /cannot be used with option '--port/],
    [['--rate-limit', '1'], /cannot be used with option '--rate-limit/],
  ] as const) {
    const child = spawn(process.execPath, [PROGRAM, '--mcp-stdio', ...words]);
    let err = '';
    child.stderr.on('data', (chunk) => (err += chunk));
    const code = await new Promise((resolve) => child.once('close', resolve));
    t.equal(code, 1);
    t.match(err, why);
  }
});
