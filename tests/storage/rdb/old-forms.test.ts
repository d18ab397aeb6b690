/** Every form that was ever written, made by hand: what it is read as. */
import t, { type Test } from 'tap';
import { Limits } from '../../../storage/limits.js';
import { Bytes } from '../../../storage/memory/bytes.js';
import { Bench } from './bench.js';
import { backlen, bytes, double, intset, length, listpack, little, payload, string, ziplist, zipmap } from './forms.js';

const LONG = 'l'.repeat(300);
const HUGE = 'h'.repeat(20_000);
const FAR = 9_000_000_000_000;
const view = (text: string): Bytes => Bytes.from(text);

type Row = readonly [what: string, body: Uint8Array, shown: string];

/** Restores each value and compares what is there then; a second time after a DUMP and RESTORE of it. */
function reads(t: Test, rows: readonly Row[], limits = new Limits()): void {
  const bench = new Bench(limits);
  for (const [what, body, shown] of rows) {
    t.equal(bench.restore('k', payload(body, 12)), undefined, what);
    t.equal(bench.show('k'), shown, what);
    t.equal(bench.restore('k2', bench.dump('k')), undefined, `${what}, as it is written here`);
    t.equal(bench.show('k2'), shown, what);
  }
  t.equal(bench.leak(), '');
}

t.test('strings', (t) => {
  reads(t, [
    ['plain', bytes(0, string('hello')), 'string embstr [hello]'],
    ['empty', bytes(0, string('')), 'string embstr []'],
    ['8 bits', bytes(0, 0xc0, 0x85), 'string int [-123]'],
    ['16 bits', bytes(0, 0xc1, little(-12345, 2)), 'string int [-12345]'],
    ['32 bits', bytes(0, 0xc2, little(-1234567890, 4)), 'string int [-1234567890]'],
    ['LZF', bytes(0, 0xc3, 6, 30, 1, 97, 98, 0xe0, 19, 1), `string embstr [${'ab'.repeat(15)}]`],
    ['a length of 14 bits', bytes(0, 0x40, 5, 'hello'), 'string embstr [hello]'],
    ['a length of 32 bits', bytes(0, 0x80, 0, 0, 0, 5, 'hello'), 'string embstr [hello]'],
    ['a length of 64 bits', bytes(0, 0x81, 0, 0, 0, 0, 0, 0, 0, 5, 'hello'), 'string embstr [hello]'],
  ]);
  t.end();
});

t.test('lists', (t) => {
  const elements = (n: number): string[] => Array.from({ length: n }, (_, i) => `e${i}`);
  const many = elements(2000);
  reads(t, [
    ['elements', bytes(1, 3, string('a'), 0xc0, 7, string(LONG)), 'list listpack [a 7 <300>]'],
    [
      'a ziplist',
      bytes(
        10,
        string(
          ziplist(
            'a',
            [12n, 4],
            [0n, 4],
            [-5n, 8],
            [300n, 16],
            [-70000n, 24],
            [1n << 30n, 32],
            [-(1n << 62n), 64],
            LONG,
            'b',
            HUGE,
            'c',
          ),
        ),
      ),
      'list quicklist [a 12 0 -5 300 -70000 1073741824 -4611686018427387904 <300> b <20000> c]',
    ],
    ['ziplists', bytes(14, 2, string(ziplist('a', 'b')), string(ziplist([9n, 4]))), 'list quicklist [a b 9]'],
    ['one ziplist', bytes(14, 1, string(ziplist('a', 'b'))), 'list listpack [a b]'],
    [
      'nodes',
      bytes(18, 3, 2, string(listpack('a', 5)), 1, string('plain'), 2, string(listpack('z'))),
      'list quicklist [a 5 plain z]',
    ],
    ['one node', bytes(18, 1, 2, string(listpack('a', -5, 1n << 60n))), `list listpack [a -5 ${1n << 60n}]`],
    [
      'a node without elements among others',
      bytes(18, 2, 2, string(listpack()), 2, string(listpack('a'))),
      'list listpack [a]',
    ],
    ['a plain node alone', bytes(18, 1, 1, string('plain')), 'list listpack [plain]'],
    ['a node beyond the limits', bytes(18, 1, 2, string(listpack(...many))), `list quicklist [${many.join(' ')}]`],
    ['an integer in a long form', bytes(18, 1, 2, string(longInteger())), 'list listpack [a 5]'],
  ]);
  t.end();
});

/** The integer 5 in eight bytes, which no writer does. */
function longInteger(): Uint8Array {
  const parts = bytes(0x81, 'a', backlen(2), 0xf4, little(5, 8), backlen(9));
  return bytes(little(parts.length + 7, 4), little(2, 2), parts, 0xff);
}

t.test('sets', (t) => {
  const numbers = Array.from({ length: 600 }, (_, i) => i * 3);
  const words = Array.from({ length: 200 }, (_, i) => `w${i}`);
  reads(t, [
    ['members', bytes(2, 3, string('a'), 0xc0, 7, string('b')), 'set listpack [7 a b]'],
    ['integers', bytes(2, 2, 0xc0, 9, 0xc0, 7), 'set intset [7 9]'],
    ['a long member', bytes(2, 2, string(LONG), string('b')), 'set hashtable [<300> b]'],
    ['16 bits', bytes(11, string(intset(2, -5, 0, 7))), 'set intset [-5 0 7]'],
    ['32 bits', bytes(11, string(intset(4, -70000, 70000))), 'set intset [-70000 70000]'],
    [
      '64 bits',
      bytes(11, string(intset(8, -(1n << 60n), 0, 1n << 60n))),
      `set intset [${-(1n << 60n)} 0 ${1n << 60n}]`,
    ],
    ['wider than it need be', bytes(11, string(intset(8, 1, 2))), 'set intset [1 2]'],
    [
      'an intset beyond the limit',
      bytes(11, string(intset(2, ...numbers))),
      `set hashtable [${numbers.map(String).sort().join(' ')}]`,
    ],
    ['a listpack', bytes(20, string(listpack('a', 'b', 7))), 'set listpack [7 a b]'],
    ['a listpack beyond the limit', bytes(20, string(listpack(...words))), `set hashtable [${words.sort().join(' ')}]`],
  ]);
  t.end();
});

t.test('sorted sets', (t) => {
  const members = Array.from({ length: 200 }, (_, i) => `m${i}`);
  const shown = members.map((m, i) => `${m}=${i}`).join(' ');
  reads(t, [
    [
      'scores as text',
      bytes(3, 3, string('b'), 3, '2.5', string('a'), 255, string('c'), 254),
      'zset listpack [a=-Infinity b=2.5 c=Infinity]',
    ],
    ['doubles', bytes(5, 2, string('b'), double(2.5), string('a'), double(-1e300)), 'zset listpack [a=-1e+300 b=2.5]'],
    ['a long member', bytes(5, 1, string(LONG), double(1)), 'zset skiplist [<300>=1]'],
    ['a ziplist', bytes(12, string(ziplist('a', [1n, 4], 'b', '1.5'))), 'zset listpack [a=1 b=1.5]'],
    ['a listpack', bytes(17, string(listpack('a', -7, 'b', 'inf'))), 'zset listpack [a=-7 b=Infinity]'],
    ['out of order', bytes(17, string(listpack('b', 2, 'a', 1))), 'zset listpack [a=1 b=2]'],
    ['ties out of order', bytes(17, string(listpack('b', 1, 'a', 1))), 'zset listpack [a=1 b=1]'],
    [
      'a listpack beyond the limit',
      bytes(17, string(listpack(...members.flatMap((m, i) => [m, i])))),
      `zset skiplist [${shown}]`,
    ],
    [
      'many doubles',
      bytes(5, length(200), ...members.map((m, i) => bytes(string(m), double(i)))),
      `zset skiplist [${shown}]`,
    ],
  ]);
  t.end();
});

t.test('hashes', (t) => {
  const fields = Array.from({ length: 600 }, (_, i) => `f${i}`);
  const shown = fields
    .map((f) => `${f}=v`)
    .sort()
    .join(' ');
  reads(t, [
    ['fields', bytes(4, 2, string('b'), string('2'), string('a'), 0xc0, 1), 'hash listpack [a=1 b=2]'],
    ['a long value', bytes(4, 1, string('a'), string(LONG)), 'hash hashtable [a=<300>]'],
    [
      'many fields',
      bytes(4, length(600), ...fields.map((f) => bytes(string(f), string('v')))),
      `hash hashtable [${shown}]`,
    ],
    [
      'a zipmap',
      bytes(
        9,
        string(
          zipmap([
            ['a', '1'],
            ['b', LONG],
            [LONG, ''],
          ]),
        ),
      ),
      'hash listpack [<300>= a=1 b=<300>]',
    ],
    [
      'a zipmap with free bytes',
      bytes(
        9,
        string(
          zipmap(
            [
              ['a', '1'],
              ['b', '2'],
            ],
            3,
          ),
        ),
      ),
      'hash listpack [a=1 b=2]',
    ],
    ['a zipmap that must be counted', bytes(9, string(zipmap([['a', '1']], 0, 254))), 'hash listpack [a=1]'],
    ['a ziplist', bytes(13, string(ziplist('a', [1n, 4], 'b', HUGE))), 'hash listpack [a=1 b=<20000>]'],
    ['a listpack', bytes(16, string(listpack('a', 1, 'b', 'x'))), 'hash listpack [a=1 b=x]'],
    [
      'a listpack beyond the limit',
      bytes(16, string(listpack(...fields.flatMap((f) => [f, 'v'])))),
      `hash hashtable [${shown}]`,
    ],
  ]);
  t.end();
});

t.test('hashes whose fields expire', (t) => {
  const min = little(FAR, 8);
  const three = [`a=1@${FAR}`, 'b=2', `c=3@${FAR + 9}`].join(' ');
  const distance = (n: number): Uint8Array => length(n);
  reads(t, [
    [
      'fields',
      bytes(
        24,
        min,
        3,
        distance(10),
        string('c'),
        string('3'),
        0,
        string('b'),
        string('2'),
        distance(1),
        string('a'),
        string('1'),
      ),
      `hash listpackex [${three}]`,
    ],
    [
      'fields with absolute times',
      bytes(
        22,
        2,
        0x81,
        [0, 0, ...Buffer.from(FAR.toString(16).padStart(12, '0'), 'hex')],
        string('a'),
        string('1'),
        0,
        string('b'),
        string('2'),
      ),
      `hash listpackex [a=1@${FAR} b=2]`,
    ],
    [
      'triplets',
      bytes(25, min, string(listpack('a', 1, FAR, 'c', 3, FAR + 9, 'b', 2, 0))),
      `hash listpackex [${three}]`,
    ],
    [
      'triplets without the earliest',
      bytes(23, string(listpack('a', 1, FAR, 'b', 2, 0))),
      `hash listpackex [a=1@${FAR} b=2]`,
    ],
    [
      'triplets out of order',
      bytes(25, min, string(listpack('b', 2, 0, 'c', 3, FAR + 9, 'a', 1, FAR))),
      `hash listpackex [${three}]`,
    ],
  ]);
  const large = new Limits();
  large.hashMaxListpackEntries = 1;
  reads(
    t,
    [
      [
        'triplets beyond the limit',
        bytes(25, min, string(listpack('a', 1, FAR, 'b', 2, 0))),
        `hash hashtable [a=1@${FAR} b=2]`,
      ],
      [
        'many fields',
        bytes(24, min, 2, 0, string('b'), string('2'), 1, string('a'), string('1')),
        `hash hashtable [a=1@${FAR} b=2]`,
      ],
    ],
    large,
  );
  t.end();
});

t.test('blocks of many elements, which are added some at a time', (t) => {
  const names = Array.from({ length: 5000 }, (_, i) => `n${String(i).padStart(4, '0')}`);
  const numbers = names.map((_, i) => i * 70_000);
  const limits = new Limits();
  limits.listMaxListpackSize = 10_000;
  const blob = (block: Uint8Array): Uint8Array => string(block);
  const sorted = (all: readonly (string | number)[]): string => all.map(String).sort().join(' ');
  const odd = bytes(listpack(...names).subarray(0, -1), longInteger().subarray(9));
  odd.set(little(odd.length, 4), 0);
  odd.set(little(5001, 2), 4);
  const zset = names.map((n, i) => `${n}=${i}`).join(' ');
  const fields = names.map((n) => `${n}=v`).join(' ');
  reads(
    t,
    [
      ['a list', bytes(18, 1, 2, blob(odd)), `list quicklist [${names.join(' ')} 5]`],
      [
        'a list of two nodes',
        bytes(18, 2, 2, blob(odd), 2, blob(listpack('z'))),
        `list quicklist [${names.join(' ')} 5 z]`,
      ],
      ['a set', bytes(20, blob(listpack(...names))), `set hashtable [${names.join(' ')}]`],
      ['integers', bytes(11, blob(intset(8, ...numbers))), `set hashtable [${sorted(numbers)}]`],
      ['a sorted set', bytes(17, blob(listpack(...names.flatMap((n, i) => [n, i])))), `zset skiplist [${zset}]`],
      ['a hash', bytes(16, blob(listpack(...names.flatMap((n) => [n, 'v'])))), `hash hashtable [${fields}]`],
      ['triplets', bytes(23, blob(listpack(...names.flatMap((n) => [n, 'v', 0])))), `hash hashtable [${fields}]`],
    ],
    limits,
  );
  const bench = new Bench();
  const twice = listpack(...names.flatMap((n) => [n, 'v']), names[4999], 'v');
  t.match(bench.restore('k', payload(bytes(16, blob(twice)))), /repeats/);
  t.match(bench.restore('k', payload(bytes(18, 2, 2, blob(odd), 2, string('x')))), /damaged/);
  t.equal(bench.restore('k', payload(bytes(0, string('fine')))), undefined, 'and what comes next is read as ever');
  t.equal(bench.show('k'), 'string embstr [fine]');
  t.equal(bench.leak(), '');
  t.end();
});

t.test('a hash whose fields have lost their TTLs is written as any other', (t) => {
  const bench = new Bench();
  const { db } = bench;
  const packed = db.hashOrNew(view('small'));
  packed.set(view('a'), view('1'), FAR);
  packed.set(view('b'), view('2'));
  packed.setExpiry(view('a'), -1);
  t.equal(bench.dump('small')[0], 4);
  t.equal(bench.restore('copy', bench.dump('small')), undefined);
  t.equal(bench.show('copy'), 'hash listpack [a=1 b=2]');
  t.equal(bench.leak(), '');
  t.end();
});
