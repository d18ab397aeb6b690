/** Looking ahead in pipelines: it finds the keys that are really next, and changes nothing, whatever the input. */
import t from 'tap';
import { firstKeys } from '../../protocol/look-ahead.js';
import { RequestDecoder } from '../../protocol/request.js';
import { warm } from '../../src/net/prefetch.js';
import { Bytes } from '../../storage/memory/bytes.js';
import { STRING } from '../../storage/types.js';
import { Session } from '../commands/session.js';
import { seeded } from '../random.js';

const random = seeded(11);
const below = (n: number): number => Math.floor(random() * n);

function request(words: readonly string[]): string {
  return `*${words.length}\r\n${words.map((word) => `$${word.length}\r\n${word}\r\n`).join('')}`;
}

function bytes(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text, 'latin1'));
}

/** What `firstKeys` finds in `text`, as strings. */
function keysIn(text: string, most = 64): string[] {
  const buf = bytes(text);
  const bounds = new Int32Array(2 * most);
  const n = firstKeys(buf, 0, buf.length, bounds);
  return Array.from({ length: n }, (_, i) => text.slice(bounds[2 * i], bounds[2 * i + 1]));
}

t.test('the first key of each command', async (t) => {
  const words = Array.from({ length: 40 }, () =>
    Array.from({ length: 1 + below(5) }, () => 'x'.repeat(below(200)) + below(1000)),
  );
  const text = words.map(request).join('');
  const keys = words.filter((each) => each.length > 1).map((each) => each[1]);
  t.same(keysIn(text), keys);
  t.same(keysIn(text, 5), keys.slice(0, 5), 'not more than there is room for');
});

t.test('it stops at what is not there yet, and at what is no plain request', async (t) => {
  const whole = request(['GET', 'a']);
  const next = request(['SET', 'b', 'value']);
  for (let n = 0; n < next.length; n++) t.same(keysIn(whole + next.slice(0, n)), ['a']);
  t.same(keysIn(`${whole}GET b\r\n${whole}`), ['a']);
  t.same(keysIn(`${whole}*-1\r\n${whole}`), ['a']);
  t.same(keysIn(`${whole}*2\r\n$3\r\nGET\r\n$9999999999\r\nb\r\n`), ['a']);
  t.same(keysIn(`${whole}*2\r\n:3\r\nGET\r\n$1\r\nb\r\n`), ['a']);
  for (let i = 0; i < 20_000; i++) {
    const buf = bytes(request(['GET', 'key']) + request(['SET', 'k', 'v']));
    for (let k = 1 + below(4); k > 0; k--) buf[below(buf.length)] = below(256);
    const bounds = new Int32Array(8);
    const n = firstKeys(buf, 0, buf.length, bounds);
    const inside = bounds.subarray(0, 2 * n).every((p, k) => p >= (k === 0 ? 0 : bounds[k - 1]) && p <= buf.length - 2);
    if (n > 2 || !inside) t.fail(`${n} keys at ${bounds} in ${Buffer.from(buf).toString('latin1')}`);
  }
});

t.test('prefetching leaves the decoder and the table as they were', async (t) => {
  const { space } = new Session().server.databases[0];
  const { table } = space;
  const key = new Bytes();
  const digits = new Uint8Array(8);
  for (let i = 0; i < 1 << 20; i++) {
    for (let d = 0, n = i; d < 8; d++, n = Math.floor(n / 10)) digits[d] = 48 + (n % 10);
    space.find(key.set(digits, 0, 8));
    space.create(key, STRING, 0, 0);
  }
  const decoder = new RequestDecoder(() => new Bytes());
  const words = Array.from({ length: 50 }, (_, i) => ['GET', i % 2 === 0 ? `${i}000000`.slice(0, 8) : `absent:${i}`]);
  const input = bytes(words.map(request).join(''));
  decoder.feed(input, input.length);
  t.equal(warm(decoder, table), 32);
  for (const each of words) {
    t.ok(decoder.next());
    t.same(
      decoder.argv.slice(0, decoder.argc).map((word) => word.toString()),
      each,
    );
  }
  t.notOk(decoder.next());
  t.equal(table.size, 1 << 20);
  t.equal(table.find(key.set(bytes('00000000'), 0, 8)) !== 0, true);
});
