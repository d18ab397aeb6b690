/** What happens to keys, over WebSocket and event stream; and what becomes of notify-keyspace-events. */
import t from 'tap';
import { running } from '../running.js';
import { post, socket, stream } from './listener.js';

const DIRECTIVE = 'notify-keyspace-events';

async function directive(url: string): Promise<string> {
  const { result } = await post(url, 'server/config_get', { parameter: [DIRECTIVE] });
  return (result as Record<string, string>)[DIRECTIVE];
}

t.test('events of the keys that were named, in their database, and of no others', async (t) => {
  const { url, close } = await running({}, { databases: 4 });
  for (const [kind, open] of [
    ['ws', socket],
    ['sse', stream],
  ] as const) {
    const listener = await open(url, `/api/v1/key/${kind}?key=a&key=${encodeURIComponent('é:[*]')}&db=2`);
    t.same(await listener.next(), { type: 'connected', keys: ['a', 'é:[*]'], notifications: 'AK' });
    await post(url, 'kv/set', { key: 'a', value: '1' });
    await post(url, 'kv/set?db=2', { key: 'b', value: '1' });
    await post(url, 'kv/set?db=2', { key: 'a', value: '1' });
    t.same(await listener.next(), { type: 'event', key: 'a', event: 'set' });
    await post(url, 'key/rename?db=2', { source: 'a', destination: 'é:[*]' });
    t.same(await listener.next(), { type: 'event', key: 'a', event: 'rename_from' });
    t.same(await listener.next(), { type: 'event', key: 'é:[*]', event: 'rename_to' });
    await post(url, 'key/del?db=2', { keys: ['é:[*]', 'b'] });
    t.same(await listener.next(), { type: 'event', key: 'é:[*]', event: 'del' });
    listener.close();
  }
  await close();
});

t.test('only what is missing is added', async (t) => {
  const { url, close } = await running();
  await post(url, 'server/config_set', { parameter_value: { [DIRECTIVE]: 'Em' } });
  const listener = await socket(url, '/api/v1/key/ws?key=a');
  t.match(await listener.next(), { notifications: 'AKEm' });
  t.equal(await directive(url), 'AKEm');
  listener.close();
  await close();
});

t.test('who may not turn it on is told what is needed', async (t) => {
  const { url, server, close } = await running({ readOnly: true });
  const wanted = {
    status: 409,
    code: 'ERR',
    message: /notify-keyspace-events is ''.*CONFIG SET notify-keyspace-events KA/,
  };
  await t.rejects(socket(url, '/api/v1/key/ws?key=a'), wanted);
  await t.rejects(stream(url, '/api/v1/key/sse?key=a'), wanted);
  t.equal(await directive(url), '');
  // Somebody who may has turned on a part.
  const writer = await running({ url: `redis://127.0.0.1:${server.port}` });
  await post(writer.url, 'server/config_set', { parameter_value: { [DIRECTIVE]: 'K$' } });
  const listener = await stream(url, '/api/v1/key/sse?key=a');
  t.match(await listener.next(), { type: 'connected', notifications: '$K' });
  await post(writer.url, 'list/push', { key: 'a', values: ['not told'] });
  await post(writer.url, 'kv/del', { keys: ['a'] });
  await post(writer.url, 'kv/set', { key: 'a', value: '1' });
  t.same(await listener.next(), { type: 'event', key: 'a', event: 'set' });
  listener.close();
  await writer.close();
  await close();
});

t.test('limits of the gateway hold for the keys', async (t) => {
  const narrow = await running({ prefixes: ['app:'] });
  const other = '/api/v1/key/ws?key=app:a&key=other';
  await t.rejects(socket(narrow.url, other), { status: 403, code: 'FORBIDDEN' });
  // It may not ask how notifications are set, so it says that it does not know.
  const listener = await socket(narrow.url, '/api/v1/key/ws?key=app:a');
  t.same(await listener.next(), { type: 'connected', keys: ['app:a'], notifications: null });
  listener.close();
  await t.rejects(stream(narrow.url, '/api/v1/key/sse'), {
    status: 400,
    code: 'ERR',
    message: "missing argument 'key'",
  });
  const many = Array.from({ length: 1001 }, (_, i) => `key=app:${i}`).join('&');
  await t.rejects(stream(narrow.url, `/api/v1/key/sse?${many}`), { status: 400, code: 'ERR' });
  await narrow.close();
  const lists = await running({ families: ['list'] });
  await t.rejects(socket(lists.url, '/api/v1/key/ws?key=a'), { status: 404, code: 'NOTFOUND' });
  await lists.close();
});
