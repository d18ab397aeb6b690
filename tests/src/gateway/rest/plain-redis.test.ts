/** The gateway in front of a real redis-server answers as in front of ours, as far as its commands go. Skipped where there is none. */
import { spawn, spawnSync } from 'node:child_process';
import t from 'tap';
import { startGateway } from '../../../../src/gateway/gateway.js';
import { freePort } from '../../../free-port.js';
import { post, socket } from '../live/listener.js';
import { type Document, difference, readCalls, waysOf } from './calls.js';

const installed = spawnSync('redis-server', ['--version']).status === 0;

/** What only we have, what is each server's own, and what follows from it. */
const OTHER =
  / (queue|topic|connection|generic|pubsub)\/| server\/(?!flush)|hash\/(h?p?expire|h?p?ttl|h?persist|hgetex|hsetex|hgetdel|hdel|hscan.*novalues)/;
const OWN = / (key\/(encoding|memory|list|scan)|slowlog|sort)|string\/get {"key":"r"}/;

/** Sets have no order. */
function unordered(path: string, value: unknown): unknown {
  if (!path.startsWith('set/')) return value;
  return JSON.parse(JSON.stringify(value), (_name, inner) => (Array.isArray(inner) ? inner.sort() : inner));
}

t.test('the same answers', { skip: installed ? false : 'redis-server is not installed' }, async (t) => {
  const port = await freePort();
  const options = ['--port', String(port), '--save', '', '--dir', t.testdir(), '--bind', '127.0.0.1'];
  const redis = spawn('redis-server', options, { stdio: 'ignore' });
  const gateway = await startGateway({ url: `redis://127.0.0.1:${port}`, port: 0 }, '0.0.0-test');
  const url = `http://127.0.0.1:${gateway.port}`;
  for (let up = false; !up; ) up = (await fetch(`${url}/api/v1/key/count`)).ok;
  const document = (await (await fetch(`${url}/openapi.json`)).json()) as Document;
  let n = 0;
  for (const call of readCalls('routes.txt').filter(({ line }) => !OTHER.test(line) && !OWN.test(line)))
    for (const way of waysOf(call, document)) {
      const body = way.body === undefined ? {} : { body: way.body, headers: { 'content-type': 'application/json' } };
      const response = await fetch(url + way.url, { method: way.method, ...body });
      const answer = await response.json();
      const wrong =
        response.status === call.status
          ? difference(unordered(call.path, answer), unordered(call.path, call.answer))
          : `status ${response.status}`;
      n++;
      if (wrong !== undefined) t.fail(`${way.method} ${way.url} ${way.body ?? ''}: ${wrong}`);
    }
  t.ok(n > 250, `${n} requests`);
  const listener = await socket(url, '/api/v1/key/ws?key=w');
  t.match(await listener.next(), { type: 'connected', notifications: 'AK' });
  await post(url, 'kv/set', { key: 'w', value: '1' });
  t.same(await listener.next(), { type: 'event', key: 'w', event: 'set' });
  listener.close();
  await gateway.close();
  redis.kill();
});
