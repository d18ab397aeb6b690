/** MCP in front of a real redis-server: the tools whose commands it has, and keys as resources. Skipped where there is none. */
import { spawn, spawnSync } from 'node:child_process';
import t from 'tap';
import { freePort } from '../../../free-port.js';
import { connected } from './connected.js';
import { EXAMPLES } from './examples.js';

const installed = spawnSync('redis-server', ['--version']).status === 0;

/** What it does not have, or what its older version does otherwise. */
const OTHER = /^synap_(queue|topic|hash_expire|bitmap|hyperloglog|stream)/;
const YOUNGER = /"withscore":/;

t.test('the same answers', { skip: installed ? false : 'redis-server is not installed' }, async (t) => {
  const port = await freePort();
  const options = ['--port', String(port), '--save', '', '--dir', t.testdir(), '--bind', '127.0.0.1'];
  const redis = spawn('redis-server', options, { stdio: 'ignore' });
  const c = await connected({ url: `redis://127.0.0.1:${port}` });
  while (typeof (await c.call('synap_key_count')) === 'string');
  // The client checks each result against the schema of its tool, once it knows the tools.
  await c.client.listTools();
  let n = 0;
  for (const [name, given, answer] of EXAMPLES) {
    if (OTHER.test(name) || YOUNGER.test(JSON.stringify(given))) continue;
    const result = await c.call(name, given);
    if (typeof answer === 'function') t.ok(typeof result !== 'string' && answer(result), name);
    else t.same(result, answer, `${name} ${JSON.stringify(given)}`);
    n++;
  }
  t.ok(n > 80, `${n} calls`);
  for (const command of [
    ['FLUSHALL'],
    ['RPUSH', 'l', 'a'],
    ['HSET', 'h', 'f', 'v'],
    ['SADD', 's', 'm'],
    ['ZADD', 'z', '1.5', 'm'],
    ['SET', 'k', 'v'],
  ])
    await c.call('synap_command', { command });
  const { resources } = await c.client.listResources();
  const values: Record<string, unknown> = {};
  for (const { uri, name } of resources) {
    const { contents } = await c.client.readResource({ uri });
    values[name] = JSON.parse((contents[0] as { text: string }).text).value;
  }
  t.same(values, { l: ['a'], h: { f: 'v' }, s: ['m'], z: [{ member: 'm', score: 1.5 }], k: 'v' });
  await c.close();
  redis.kill();
});
