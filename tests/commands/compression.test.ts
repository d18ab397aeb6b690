/**
 * value-compression-threshold as clients see it: not at all, but for memory. The compatibility cases on servers with and without it,
 * reply for reply; what INFO, MEMORY USAGE and CONFIG tell; and long values over a socket.
 */
import { Redis } from 'ioredis';
import t from 'tap';
import { type Case, loadCases } from '../../compat-suite/case.js';
import { createServer } from '../../src/index.js';
import { Bytes } from '../../storage/memory/bytes.js';
import { Session } from './session.js';

const CASES = new URL('../../../compat-suite/cases/', import.meta.url);
const FAMILIES = ['strings', 'generic', 'sort', 'transactions', 'debug', 'memory', 'hashes', 'lists'];
/** What tells of time, memory or chance, and what only a live connection can be asked. */
const UNEQUAL =
  /^(memory|info|randomkey|debug (object|set-active|sleep|jmap|restart|populate|segfault|panic|oom)|command|lolwut)/i;
const JSON_TEXT = '{"id":1,"name":"ann","tags":["a","b"],"on":true},'.repeat(40);

/** The lines of one connection in a case. */
function lines({ steps }: Case): string[][] {
  return steps
    .filter(
      (step) => step.connection === '1' && step.act === 'ask' && step.words.length > 0 && !UNEQUAL.test(step.text),
    )
    .map((step) => [...step.words]);
}

for (const resp of [2, 3] as const) {
  t.test(`cases reply the same with a threshold of 64 bytes, RESP${resp}`, async (t) => {
    let compared = 0;
    let compressed = 0;
    for (const one of loadCases(CASES)) {
      if (!FAMILIES.includes(one.family)) continue;
      const plain = new Session({}, resp);
      const packing = new Session({}, resp);
      packing.ask('CONFIG SET value-compression-threshold 64');
      for (const words of lines(one)) {
        const expected = plain.raw(words);
        const got = packing.raw(words);
        if (got !== expected) t.equal(got, expected, `${one.family} ${one.name}: ${words.join(' ').slice(0, 60)}`);
        compared++;
        for (const { space } of packing.server.databases) if (space.compression.values > 0) compressed++;
      }
      t.same(packing.events, plain.events, `${one.family} ${one.name}`);
      t.equal(packing.raw('DEBUG DIGEST'), plain.raw('DEBUG DIGEST'));
    }
    t.ok(compared > 500, `${compared} replies`);
    t.ok(compressed > 60, `${compressed} of them with something compressed`);
  });
}

t.test('what tells of it', async (t) => {
  const s = new Session();
  const figures = (): number[] =>
    [...String(s.ask('INFO memory')).matchAll(/^compressed_values\w*:(\d+)/gm)].map((found) => Number(found[1]));
  const used = s.server.usedMemory();
  t.same(s.ask('CONFIG GET value-compression-threshold'), ['value-compression-threshold', '0']);
  s.ask(['SET', 'plain', JSON_TEXT]);
  t.same(figures(), [0, 0, 0]);
  t.equal(s.ask('CONFIG SET value-compression-threshold 1kb'), 'OK');
  t.same(s.ask('CONFIG GET value-compression-threshold'), ['value-compression-threshold', '1024']);
  for (const wrong of ['63', '1', '-1', 'x', '1kib'])
    t.match(s.ask(`CONFIG SET value-compression-threshold ${wrong}`), /^-ERR CONFIG SET failed/, wrong);
  t.same(figures(), [0, 0, 0], 'what is there stays as it is');
  s.ask(['SET', 'k', JSON_TEXT]);
  const [values, before, after] = figures();
  t.same([values, before], [1, JSON_TEXT.length]);
  t.ok(after < JSON_TEXT.length / 10);
  t.equal(s.ask('STRLEN k'), JSON_TEXT.length);
  t.equal(s.ask('OBJECT ENCODING k'), 'raw');
  t.ok(Number(s.ask('MEMORY USAGE k')) < 200, 'the bytes that it takes');
  t.ok(Number(s.ask('MEMORY USAGE plain')) > JSON_TEXT.length);
  s.ask('COPY k copy DB 3');
  s.ask('RENAME k other');
  t.same(figures(), [2, 2 * before, 2 * after], 'a copy counts, another name does not');
  s.ask('CONFIG SET value-compression-threshold 0');
  t.equal(s.ask('GET other'), JSON_TEXT, 'what is compressed stays so');
  t.same(figures(), [2, 2 * before, 2 * after]);
  s.ask(['SET', 'other', JSON_TEXT]);
  t.same(figures(), [1, before, after], 'until it is written again');
  s.ask('SWAPDB 0 3');
  t.same(figures(), [1, before, after]);
  s.ask('DEL copy');
  t.same(figures(), [0, 0, 0]);
  s.ask('SELECT 3');
  s.ask('DEL other plain');
  t.equal(s.server.usedMemory(), used, 'every byte comes back');
});

t.test('an expired and an evicted value are counted off', async (t) => {
  const s = new Session();
  s.ask('CONFIG SET value-compression-threshold 64');
  s.ask(['SET', 'k', JSON_TEXT, 'PX', '50']);
  const { compression } = s.server.databases[0].space;
  t.equal(compression.values, 1);
  s.now += 50;
  t.equal(s.ask('GET k'), null);
  t.same({ ...compression }, { values: 0, bytesBefore: 0, bytesAfter: 0 });
  for (let i = 0; i < 50; i++) s.ask(['SET', `k${i}`, `${i}${JSON_TEXT}`]);
  t.equal(compression.values, 50);
  s.ask(['CONFIG', 'SET', 'maxmemory-policy', 'allkeys-random', 'maxmemory', String(s.server.usedMemory() - 2000)]);
  s.ask('SET more x');
  t.ok(compression.values < 50);
  t.equal(compression.bytesBefore > 0, true);
  s.ask('FLUSHALL');
  t.match(s.ask('INFO memory'), /^compressed_values:0\r$/m);
  s.server.eviction.close();
});

t.test('long values over a socket', async (t) => {
  const server = await createServer({ valueCompressionThreshold: 64 });
  const redis = new Redis(server.port, '127.0.0.1', { enableReadyCheck: false });
  const { strings, space } = server.databases[0];
  const long = Buffer.from(JSON_TEXT.repeat(1500)); // 3 MB
  await redis.set('long', long);
  t.equal(space.compression.values, 1);
  t.ok(space.compression.bytesAfter < long.length / 50);
  t.ok((await redis.getBuffer('long'))?.equals(long));
  // A pipeline replies with all of them before any is sent; each has its own bytes.
  const texts = Array.from({ length: 30 }, (_, i) => `${i}:${JSON_TEXT}`);
  await redis.mset(texts.flatMap((text, i) => [`k${i}`, text]));
  const replies = await redis.pipeline(texts.map((_, i) => ['get', `k${i}`])).exec();
  t.same(
    replies?.map(([, text]) => text),
    texts,
  );
  t.same(await redis.mget(texts.map((_, i) => `k${i}`)), texts);
  await redis.append('long', 'end');
  t.equal(await redis.getrange('long', -4, -1), ',end');
  t.equal(await redis.strlen('long'), long.length + 3);
  await redis.set('again', long);
  await redis.getBuffer('again');
  // The view of the last read shows what it was read into; soon after, that is gone.
  const view = strings.get(space.find(Bytes.from('again')));
  t.equal(view.buf.length, long.length);
  for (let i = 0; i < 100 && view.buf.length > 0; i++) await new Promise((later) => setTimeout(later, 50));
  t.equal(view.buf.length, 0, 'a long value leaves no working memory behind');
  redis.disconnect();
  await server.close();
});
