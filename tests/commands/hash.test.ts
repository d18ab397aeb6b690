/** Hashes over a socket: what the comparison with redis-server 7.0 cannot show. Fields that expire: hash-expire.test.ts. */
import net from 'node:net';
import t from 'tap';
import { globMatch } from '../../storage/glob.js';
import { Bytes } from '../../storage/memory/bytes.js';
import { Session } from './live-session.js';

function matches(pattern: Bytes, text: Bytes): boolean {
  return globMatch(pattern.buf, pattern.start, pattern.end, text.buf, text.start, text.end, false);
}

t.test('HSCAN goes through a large hash and finds what stays', async (t) => {
  const s = await Session.open();
  await s.ask(`hset h ${Array.from({ length: 3000 }, (_, i) => `f${i} v${i}`).join(' ')}`);
  const seen = new Map<string, string>();
  let cursor = '0';
  let rounds = 0;
  do {
    const [next, found] = (await s.ask(`hscan h ${cursor} COUNT 50`)) as [string, string[]];
    for (let i = 0; i < found.length; i += 2) seen.set(found[i], found[i + 1]);
    cursor = next;
    if (++rounds < 40) await s.ask(`hset h new${rounds} v`);
  } while (cursor !== '0');
  t.ok(rounds > 30, 'in pages');
  for (let i = 0; i < 3000; i++) if (seen.get(`f${i}`) !== `v${i}`) t.fail(`f${i}`);
  const [, names] = (await s.ask('hscan h 0 NOVALUES COUNT 100000 MATCH f29?9')) as [string, string[]];
  t.same(names.sort(), [0, 1, 2, 3, 4, 5, 6, 7, 8, 9].map((i) => `f29${i}9`).sort());
  await s.ask('hset small a 1 b 2');
  t.same(await s.ask('hscan small 0 novalues'), ['0', ['a', 'b']]);
  await s.close();
});

t.test('HRANDFIELD gives different fields, or any number of them', async (t) => {
  const s = await Session.open();
  await s.ask(`hset big ${Array.from({ length: 2000 }, (_, i) => `f${i} v${i}`).join(' ')}`);
  await s.ask(`hset small ${Array.from({ length: 50 }, (_, i) => `f${i} v${i}`).join(' ')}`);
  for (const [key, size] of [
    ['big', 2000],
    ['small', 50],
  ] as const) {
    for (const count of [1, 7, 40, size - 1, size, size * 2]) {
      const fields = (await s.ask(`hrandfield ${key} ${count}`)) as string[];
      t.equal(fields.length, Math.min(count, size));
      t.equal(new Set(fields).size, fields.length);
    }
    const pairs = (await s.ask(`hrandfield ${key} -5000 WITHVALUES`)) as string[];
    t.equal(pairs.length, 10000);
    for (let i = 0; i < pairs.length; i += 2) if (pairs[i + 1] !== `v${pairs[i].slice(1)}`) t.fail(pairs[i]);
    t.match(await s.ask(`hrandfield ${key}`), /^f\d+$/);
  }
  await s.close();
});

t.test('RESP3 has maps and pairs', async (t) => {
  const s = await Session.open();
  const ask = (lines: string): Promise<string> =>
    new Promise((resolve) => {
      let text = '';
      const socket = net.connect(s.server.port, '127.0.0.1', () => socket.write(`${lines}quit\r\n`));
      socket.on('data', (chunk) => (text += chunk.toString('latin1')));
      socket.on('close', () => resolve(text.slice(text.lastIndexOf(':1\r\n') + 4, -5)));
    });
  const one = 'hello 3\r\ndel h\r\nhset h f v\r\n';
  t.equal(await ask(`${one}hgetall h\r\n`), '%1\r\n$1\r\nf\r\n$1\r\nv\r\n');
  t.equal(await ask(`${one}hgetall nokey\r\n`), '%0\r\n');
  t.equal(await ask(`${one}hrandfield h 1 withvalues\r\n`), '*1\r\n*2\r\n$1\r\nf\r\n$1\r\nv\r\n');
  t.equal(await ask(`${one}hrandfield h -2\r\n`), '*2\r\n$1\r\nf\r\n$1\r\nf\r\n');
  t.equal(await ask(`${one}hgetdel h FIELDS 2 f g\r\n`), '*2\r\n$1\r\nv\r\n_\r\n');
  t.equal(await ask(`${one}hgetex h PERSIST FIELDS 2 f g\r\n`), '*2\r\n$1\r\nv\r\n_\r\n');
  t.equal(await ask(`${one}hscan h 0 novalues\r\n`), '*2\r\n$1\r\n0\r\n*1\r\n$1\r\nf\r\n');
  await s.close();
});

t.test('a large value goes in and out whole', async (t) => {
  const s = await Session.open();
  const big = Buffer.alloc(3_000_000, 'xyz');
  await s.redis.hset('h', 'big', big);
  t.ok((await s.redis.hgetBuffer('h', 'big'))?.equals(big));
  t.equal(await s.ask('hstrlen h big'), 3_000_000);
  t.equal(await s.ask('del h'), 1);
  t.equal(s.size, 0);
  await s.ask('hset again f v');
  await s.ask('flushall');
  t.same(await s.ask('hgetall again'), {});
  t.equal(await s.ask('hset again f w'), 1);
  await s.close();
});

t.test('glob patterns', async (t) => {
  const rows: readonly (readonly [string, string, boolean])[] = [
    ['', '', true],
    ['', 'a', false],
    ['*', '', false],
    ['*', 'a', true],
    ['**', 'abc', true],
    ['a*c', 'abc', true],
    ['a*c', 'abcd', false],
    ['*a*b*', 'xxaxxbxx', true],
    ['*a*b*', 'xxbxxaxx', false],
    ['h?llo', 'hello', true],
    ['h?llo', 'hllo', false],
    ['h[ae]llo', 'hallo', true],
    ['h[ae]llo', 'hillo', false],
    ['h[^e]llo', 'hallo', true],
    ['h[^e]llo', 'hello', false],
    ['h[a-c]llo', 'hbllo', true],
    ['h[c-a]llo', 'hbllo', true],
    ['h[a-c]llo', 'hdllo', false],
    ['[a-]', '-', false],
    ['[\\]]', ']', true],
    ['[abc', 'c', true],
    ['[abc', 'd', false],
    ['[', 'a', false],
    ['[^', 'a', true],
    ['[]', 'a', false],
    ['\\*', '*', true],
    ['\\*', 'a', false],
    ['\\', '\\', true],
    ['a\\', 'a\\', true],
    ['a*\\?', 'abc?', true],
    [`${'*a'.repeat(30)}*b`, 'a'.repeat(3000), false],
  ];
  for (const [pattern, text, expected] of rows)
    t.equal(matches(Bytes.from(pattern), Bytes.from(text)), expected, `${pattern} ${text.slice(0, 20)}`);
});
