/** What a request says arrives as it was said, whatever names and bytes are in it, or is refused. */
import t from 'tap';
import { running } from './running.js';

t.test('bodies and queries', async (t) => {
  const { url, close } = await running();
  const send = async (path: string, body: string | Uint8Array, type = 'application/json') => {
    const response = await fetch(url + path, { method: 'POST', headers: { 'content-type': type }, body });
    return { status: response.status, body: (await response.json()) as Record<string, unknown> };
  };
  const ask = async (path: string) => {
    const response = await fetch(url + path);
    return { status: response.status, body: (await response.json()) as Record<string, unknown> };
  };
  const types = ['application/json', 'application/x-www-form-urlencoded'];

  t.test('names that mean something to JavaScript are names', async (t) => {
    const fields = '{"__proto__":"p","constructor":"c","toString":"t"}';
    const hash = JSON.parse(fields);
    for (const [i, type] of types.entries()) {
      const key = `h${i}`;
      const { body } = await send('/api/v1/hash/mset', `{"key":"${key}","fields":${fields}}`, type);
      t.match(body, { success: true, created: 3 }, type);
      t.equal(JSON.stringify((await ask(`/api/v1/hash/getall/${key}`)).body.fields), JSON.stringify(hash), type);
    }
    const payload = `{"key":"h2","fields":${fields}}`;
    t.match(await send('/api/v1/command', `{"command":"hash.mset","payload":${payload}}`), { body: { success: true } });
    t.match(await send('/api/v1/hash/hgetall', '{"key":"h2"}'), { body: { result: hash } });
  });

  t.test('no argument can be smuggled in as a prototype', async (t) => {
    const step = '{"command":"hash/get","__proto__":{"key":"h0","field":"toString"}}';
    t.match(await send('/api/v1/transaction', `{"commands":[${step}]}`), { status: 400 });
    t.match(await send('/api/v1/hash/get', '{"__proto__":{"key":"h0"},"field":"f"}'), { status: 404 });
    t.match(await send('/api/v1/hash/hget', '{"__proto__":{"key":"h0"},"field":"f"}'), { status: 400 });
    t.match(await ask('/api/v1/hash/hget?__proto__=h0&field=f'), { status: 400 });
    t.match(await send('/api/v1/command', '{"command":"kv.get","payload":{"__proto__":{"key":"h0"}}}'), {
      body: { success: false },
    });
  });

  t.test('what is no UTF-8 is refused rather than changed', async (t) => {
    const broken = (text: string): Uint8Array => Buffer.from(text, 'latin1');
    for (const type of types)
      t.match(await send('/api/v1/string/set', broken('{"key":"k","value":"\xff"}'), type), {
        status: 400,
        body: { error: /UTF-8/, code: 'ERR' },
      });
    t.match(await send('/', broken('["SET","k","\xff"]')), { status: 400, body: { error: /UTF-8/ } });
    t.match(await send('/mcp', broken('"\xff"')), { status: 400, body: { error: { code: -32700 } } });
    for (const path of ['/api/v1/string/get?key=%FF', '/api/v1/kv/get?key=%E9', '/get?k=%FF'])
      t.match(await ask(path), { status: 400, body: { error: /UTF-8/, code: 'ERR' } }, path);
    for (const path of ['/api/v1/kv/get/%FF', '/get/%FF'])
      t.match(await ask(path), { status: 400, body: { error: /%FF/, code: 'ERR' } }, path);
    t.same((await ask('/api/v1/kv/get?key=%C3%A9+%25')).body, { value: null });
  });
  t.teardown(close);
});
