/** Every form that was ever written, made by hand: what it is read as, and that the damaged are refused. */
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

t.test('what is damaged is refused, and nothing is left of it', (t) => {
  const bench = new Bench();
  const rows: readonly (readonly [body: Uint8Array, reason: RegExp | string])[] = [
    [bytes(), /ends/],
    [bytes(0, 5, 'hell'), /ends/],
    [bytes(0, 0x82), /no length begins with byte 130/],
    [bytes(0, 0xc4), /no string begins with byte 196/],
    [bytes(1, 0xc0, 1), /special form/],
    [bytes(0, 0x81, 0, 0, 0, 1, 0, 0, 0, 0), /more than 512 MiB/],
    [bytes(0, 0xc3, 1, 0x80, 0, 1, 0, 0, 5), /turns 1 bytes into 65536/],
    [bytes(0, 0xc3, 3, 5, 1, 97, 98), /damaged/],
    [bytes(0, 0xc3, 3, 5, 0x20, 97, 98), /damaged/],
    [bytes(1, 0), 'empty'],
    [bytes(2, 0), 'empty'],
    [bytes(4, 0), 'empty'],
    [bytes(5, 0), 'empty'],
    [bytes(10, string(ziplist())), 'empty'],
    [bytes(11, string(intset(2))), 'empty'],
    [bytes(16, string(listpack())), 'empty'],
    [bytes(17, string(listpack())), 'empty'],
    [bytes(18, 1, 2, string(listpack())), 'empty'],
    [bytes(20, string(listpack())), 'empty'],
    [bytes(25, little(FAR, 8), string(listpack())), 'empty'],
    [bytes(2, 2, string('a'), string('a')), /a member repeats/],
    [bytes(20, string(listpack('a', 'b', 'a'))), /repeats/],
    [bytes(20, string(listpack('5', 5))), /repeats/],
    [bytes(4, 2, string('a'), string('1'), string('a'), string('2')), /a field repeats/],
    [bytes(16, string(listpack('a', 1, 'a', 2))), /repeats/],
    [bytes(16, string(listpack('a', 1, 'b'))), /in the middle/],
    [bytes(17, string(listpack('a', 'one'))), /not a number/],
    [bytes(17, string(listpack('a', 'nan'))), /not a number/],
    [bytes(17, string(listpack('a', 1, 'a', 2))), /repeats/],
    [bytes(5, 1, string('a'), double(Number.NaN)), /not a number/],
    [bytes(5, 2, string('a'), double(1), string('a'), double(2)), /a member repeats/],
    [bytes(3, 1, string('a'), 253), /not a number/],
    [bytes(3, 1, string('a'), 3, 'abc'), /not a number/],
    [bytes(11, string(intset(2, 2, 1))), /not in order/],
    [bytes(11, string(intset(8, 2, 2))), /not in order/],
    [bytes(11, string(bytes(little(3, 4), little(1, 4), 0, 0, 0))), /damaged/],
    [bytes(11, string(bytes(little(2, 4), little(2, 4), 0, 0))), /damaged/],
    [bytes(11, string('x')), /damaged/],
    [bytes(18, 1, 3, string('x')), /kind 3/],
    [bytes(18, 2, 2, string(listpack('a')), 2, string('x')), /listpack that is damaged/],
    [bytes(14, 1, string(listpack('a'))), /ziplist that is damaged/],
    [bytes(9, string(zipmap([['a', '1']], 0, 2))), /zipmap that is damaged/],
    [bytes(9, string(bytes(1, 1, 'a'))), /zipmap that is damaged/],
    [bytes(9, string(bytes(1, 1, 'a', 9, 0, '1', 0xff))), /zipmap that is damaged/],
    [bytes(25, little(FAR, 8), string(listpack('a', 1, 'x'))), /at no time/],
    [bytes(25, little(FAR, 8), string(listpack('a', 1, -1))), /at no time/],
    [bytes(25, little(FAR, 8), string(listpack('a', 1, 1n << 60n))), /at no time/],
    [bytes(24, little(1n << 62n, 8), 1, 1, string('a'), string('1')), /at no time/],
    [bytes(8, string('x')), /type 8, which is unknown/],
    [bytes(15, 1, string('x')), /a stream \(type 15\)/],
    [bytes(19, 1), /a stream \(type 19\)/],
    [bytes(21, 1), /a stream \(type 21\)/],
    [bytes(7, moduleNumber('ReJSON-RL')), /module type 'ReJSON-RL'/],
    [bytes(6, moduleNumber('MBbloom--')), /module type 'MBbloom--'/],
  ];
  for (const [body, reason] of rows) {
    const found = bench.restore('k', payload(body));
    if (typeof reason === 'string') t.equal(found, reason, Buffer.from(body).toString('hex'));
    else t.match(found ?? 'no error', reason, Buffer.from(body).toString('hex'));
    t.equal(bench.show('k'), 'none');
  }
  t.equal(bench.leak(), '');
  t.end();
});

/** The number in which a module's name is kept, with the version 3 of its values. */
function moduleNumber(name: string): Uint8Array {
  const characters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
  let n = 0n;
  for (const c of name) n = (n << 6n) | BigInt(characters.indexOf(c));
  const buf = Buffer.alloc(9);
  buf[0] = 0x81;
  buf.writeBigUInt64BE((n << 10n) | 3n, 1);
  return buf;
}

t.test('listpacks whose parts contradict each other', (t) => {
  const bench = new Bench();
  const good = listpack('a', LONG, 5, HUGE);
  const change = (at: number, value: number): Uint8Array => {
    const bad = Buffer.from(good);
    bad[at] = value;
    return bad;
  };
  const rows: readonly (readonly [string, Uint8Array])[] = [
    ['total', change(0, good[0] + 1)],
    ['count', change(4, 5)],
    ['end', change(good.length - 1, 0)],
    ['length behind the first', change(8, 3)],
    ['an unknown encoding', change(6, 0xf7)],
    ['an element beyond the end', change(6, 0xbf)],
    ['shorter than a header', good.subarray(0, 5)],
    ['cut', good.subarray(0, good.length - 10)],
  ];
  t.equal(bench.restore('k', payload(bytes(18, 1, 2, string(good)))), undefined);
  for (const [what, block] of rows)
    t.match(bench.restore('k', payload(bytes(18, 1, 2, string(block)))) ?? 'no error', /damaged|repeats/, what);
  t.equal(bench.leak(), '');
  t.end();
});
