/** Replies as a client reads them: every type, cut at every place, what is no RESP, and everything that Reply can write. */
import t from 'tap';
import { Reply, ReplyPool } from '../../protocol/reply.js';
import { Double, Push, ReplyError, ReplyReader, type ReplyValue, Verbatim } from '../../protocol/reply-reader.js';
import { seeded } from '../random.js';

function bytes(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text, 'latin1'));
}

/** Everything that comes of `text`, fed in pieces of `size`. */
function read(text: string, size = text.length): ReplyValue[] {
  const reader = new ReplyReader();
  const all = bytes(text);
  const found: ReplyValue[] = [];
  for (let i = 0; i < all.length; i += size) {
    reader.feed(all.slice(i, i + size));
    for (let value = reader.next(); value !== undefined; value = reader.next()) found.push(value);
  }
  return found;
}

/** A value with bytes as text, so that it can be compared. */
function shown(value: ReplyValue): unknown {
  if (value instanceof Uint8Array) return `$${Buffer.from(value).toString('latin1')}`;
  if (value instanceof Map) return { map: [...value].map(([k, v]) => [shown(k), shown(v)]) };
  if (value instanceof Set) return { set: [...value].map(shown) };
  if (value instanceof Push) return { push: value.items.map(shown) };
  if (value instanceof ReplyError) return { error: value.text };
  if (value instanceof Double) return { double: value.value };
  if (value instanceof Verbatim) return { [value.format]: shown(value.text) };
  if (Array.isArray(value)) return value.map(shown);
  return value;
}

const CASES: readonly (readonly [wire: string, value: unknown])[] = [
  ['+OK\r\n', 'OK'],
  ['-ERR no\r\n', { error: 'ERR no' }],
  ['!7\r\nERR\r\nno\r\n', { error: 'ERR\r\nno' }],
  [':0\r\n', 0],
  [':-42\r\n', -42],
  [':9007199254740991\r\n', Number.MAX_SAFE_INTEGER],
  [':9223372036854775807\r\n', 9223372036854775807n],
  [':-9223372036854775808\r\n', -9223372036854775808n],
  ['$5\r\nhello\r\n', '$hello'],
  ['$0\r\n\r\n', '$'],
  ['$2\r\n\r\n\r\n', '$\r\n'],
  ['$-1\r\n', null],
  ['*-1\r\n', null],
  ['_\r\n', null],
  ['#t\r\n', true],
  ['#f\r\n', false],
  [',1.5\r\n', { double: 1.5 }],
  [',-inf\r\n', { double: Number.NEGATIVE_INFINITY }],
  [',inf\r\n', { double: Number.POSITIVE_INFINITY }],
  [',nan\r\n', { double: Number.NaN }],
  ['(123456789012345678901234567890\r\n', 123456789012345678901234567890n],
  ['=7\r\ntxt:abc\r\n', { txt: '$abc' }],
  ['*0\r\n', []],
  ['*2\r\n:1\r\n*1\r\n$1\r\na\r\n', [1, ['$a']]],
  ['%1\r\n$1\r\nk\r\n%0\r\n', { map: [['$k', { map: [] }]] }],
  ['~2\r\n:1\r\n:2\r\n', { set: [1, 2] }],
  ['>2\r\n$7\r\nmessage\r\n:1\r\n', { push: ['$message', 1] }],
  ['|1\r\n+ttl\r\n:3600\r\n$1\r\nv\r\n', '$v'],
  ['*2\r\n|1\r\n+a\r\n*0\r\n:1\r\n:2\r\n', [1, 2]],
];

t.test('every type, whole and cut at every place', async (t) => {
  for (const [wire, value] of CASES)
    for (let size = 1; size <= wire.length; size++)
      t.strictSame(read(wire, size).map(shown), [value], `${JSON.stringify(wire)} in pieces of ${size}`);
});

t.test('several replies in one piece, and a bulk string in many', async (t) => {
  const wire = CASES.map(([text]) => text).join('');
  const values = CASES.map(([, value]) => value);
  for (const size of [1, 2, 3, 7, 64, wire.length]) t.strictSame(read(wire, size).map(shown), values);
  const long = 'x'.repeat(300_000);
  t.strictSame(read(`$300000\r\n${long}\r\n:1\r\n`, 4096).map(shown), [`$${long}`, 1]);
});

t.test('what is no RESP', async (t) => {
  const wrong = [
    'hello\r\n',
    ':1x\r\n',
    ':\r\n',
    '(12x\r\n',
    ':1234567890123456x\r\n',
    '$abc\r\n',
    '$-2\r\n',
    '$1\r\nabc\r\n',
    '+OK\rx',
    `${'*1\r\n'.repeat(129)}:1\r\n`,
    `+${'x'.repeat(17 * 1024 * 1024)}`,
  ];
  for (const wire of wrong) t.throws(() => read(wire), { name: 'ReplyFault' }, JSON.stringify(wire.slice(0, 20)));
});

t.test('an error tells its code', async (t) => {
  t.equal(new ReplyError('WRONGTYPE Operation').code, 'WRONGTYPE');
  t.equal(new ReplyError('OOPS').code, 'OOPS');
});

t.test('reads what Reply writes', async (t) => {
  const number = seeded(7);
  const random = (below: number): number => Math.floor(number() * below);
  for (let round = 0; round < 300; round++) {
    const out = new Reply(new ReplyPool());
    out.resp = 3;
    const expected = Array.from({ length: 5 }, () => writeRandom(out, random, 0));
    const wire = Buffer.from(out.buf.subarray(0, out.pos)).toString('latin1');
    t.strictSame(read(wire, 1 + random(wire.length)).map(shown), expected);
  }
});

/** Writes a random value; gives what `shown` must say of it. */
function writeRandom(out: Reply, random: (below: number) => number, depth: number): unknown {
  const n = random(4);
  switch (random(depth < 4 ? 11 : 8)) {
    case 0:
      out.int(n - 2);
      return n - 2;
    case 1:
      out.intText('9223372036854775807');
      return 9223372036854775807n;
    case 2:
      out.bulkText('b'.repeat(n * 40));
      return `$${'b'.repeat(n * 40)}`;
    case 3:
      out.double(n / 4);
      return { double: n / 4 };
    case 4:
      out.bool(n > 1);
      return n > 1;
    case 5:
      out.nil();
      return null;
    case 6:
      out.error(`ERR ${n}`);
      return { error: `ERR ${n}` };
    case 7:
      out.verbatim('txt', 'v'.repeat(n));
      return { txt: `$${'v'.repeat(n)}` };
    case 8:
      out.array(n);
      return Array.from({ length: n }, () => writeRandom(out, random, depth + 1));
    case 9:
      out.map(n);
      return {
        map: Array.from({ length: n }, (_, i) => {
          out.bulkText(`k${i}`);
          return [`$k${i}`, writeRandom(out, random, depth + 1)];
        }),
      };
    default:
      out.push(n);
      return { push: Array.from({ length: n }, () => writeRandom(out, random, depth + 1)) };
  }
}
