/** DEBUG. The digests are those of a Redis 7.0.15 that was given the same commands. */
import net from 'node:net';
import { tmpdir } from 'node:os';
import t from 'tap';
import type { Link } from '../../commands/client.js';
import { doubleDigits } from '../../commands/double-digits.js';
import { createServer } from '../../src/index.js';
import { Session, type Value } from './session.js';

const OPEN = { enableDebugCommand: 'yes' } as const;

function range(n: number, each: (i: number) => string[]): string[] {
  return Array.from({ length: n }, (_, i) => each(i)).flat();
}

/** The first reply to a line. */
function first(to: number | string, line: string): Promise<string> {
  return new Promise((resolve) => {
    const socket = typeof to === 'number' ? net.connect(to, '127.0.0.1') : net.connect(to);
    socket.once('connect', () => socket.write(`${line}\r\n`));
    socket.once('data', (chunk) => {
      socket.destroy();
      resolve(chunk.toString('latin1'));
    });
  });
}

const DATA = [
  'set s hello',
  'set n 12345',
  'set t x px 10000000',
  'rpush l a b 1 2 -3',
  'sadd i 1 2 3 -70000',
  'sadd m a b 1',
  'zadd z 1 a 2.5 b 0.1 c 1e20 d -1e-7 e inf f 1.00000762939453125 g 12345678901234567 h 52770902304404656 i',
  'hset h f v g 1',
  'expire h 100000',
  'select 3',
  'set s hello',
  'select 9',
  'rpush s hello',
  'select 0',
];

t.test('digests are those of Redis', async (t) => {
  const session = new Session(OPEN);
  t.equal(session.ask('debug digest'), '0'.repeat(40), 'nothing at all');
  for (const line of DATA) session.ask(line);
  t.equal(session.ask('debug digest'), '7170b45f59ba2a3d180a6e622f325688dfcec273');
  t.same(session.ask('debug digest-value s n t l i m z h nokey'), [
    '36b23a1456b2dce2c3ed252c456761301dba8060',
    'e1cf90774e995ae03de66e8109dc5cb9d9c2dc83',
    '0745672cb1bf060476eedeb8a28f5ffe1ff5a2be',
    'df2dcf3375e9e7e5076ca00af92f3edaeba7c7e7',
    '3f29aef9686ab7640c6e79734f56219f6f27dcac',
    'e8f32bbb1ad9bf537c8867de4f19fec9e001296d',
    '9b70b80ec9741ea368ef49edb923fb36d748437d',
    '80fc10dd24a73254dffdb8f195facdfef0f881b9',
    '0'.repeat(40),
  ]);
  session.ask(['rpush', 'L', ...range(5000, (i) => [`e${i}`])]);
  session.ask(['sadd', 'S', ...range(1000, (i) => [`e${i}`])]);
  session.ask(['sadd', 'I', ...range(1000, (i) => [`${i * 7}`])]);
  session.ask(['zadd', 'Z', ...range(1000, (i) => [`${i}.5`, `m${i}`])]);
  session.ask(['hset', 'H', ...range(1000, (i) => [`f${i}`, `v${i}`])]);
  t.same(session.ask('debug digest-value L S I Z H'), [
    '2736f4f682084b7d49dc9f2a5dbe49bcb869e207',
    '6fd59ce0581350b36480842ca0065ee9442895b7',
    'a79ae8cb80eac52894278c3be54a817503d4d02e',
    '760f38b18218165b97bc712720e2c292555367df',
    '621c8c425af92f1c1bb66daad7150da1f63b1354',
  ]);
  t.equal(session.ask('debug digest'), 'e0501d820b3ecdb4b8bb63379d4b2b923efd8718');
  t.same(session.ask('debug digest-value'), []);
});

t.test('what a digest depends on, and what not', async (t) => {
  const a = new Session(OPEN, 2, 1);
  const b = new Session(OPEN, 2, 2);
  const same = (what: string): void => {
    t.equal(a.ask('debug digest'), b.ask('debug digest'), what);
  };
  const differ = (what: string): void => {
    t.not(a.ask('debug digest'), b.ask('debug digest'), what);
  };
  const both = (line: string): void => {
    a.ask(line);
    b.ask(line);
  };
  a.ask('sadd s 1 2 3');
  b.ask('sadd s 3 x 2 1');
  b.ask('srem s x');
  same('order and encoding of a set');
  a.ask('mset k v q w');
  b.ask('mset q w k v');
  same('order of keys');
  a.ask('set t x ex 100');
  b.ask('set t x ex 200');
  same('how long a key will live');
  a.ask('persist t');
  differ('whether it will end');
  both('persist t');
  a.ask('rpush l a b');
  b.ask('rpush l b a');
  differ('order of a list');
  both('del l');
  same('again');
  a.ask('set n 1');
  b.ask('rpush n 1');
  differ('the type');
  both('del n');
  both('hset h f v g w');
  a.ask('hexpire h 100 fields 1 f');
  differ('a TTL of a field');
  b.ask('hexpire h 200 fields 1 f');
  same('how long a field will live');
  both('del h');
  same('again');
  a.ask('move k 1');
  differ('the number of the database');
  b.ask('move k 1');
  same('databases');
});

t.test('doubles as %.17g writes them', async (t) => {
  const rows: [number, string][] = [
    [0, '0'],
    [-0, '-0'],
    [3, '3'],
    [0.1, '0.10000000000000001'],
    [-2.5, '-2.5'],
    [1e16, '10000000000000000'],
    [1e17, '1e+17'],
    [52770902304404656, '52770902304404656'],
    [123456.789, '123456.789'],
    [0.0001, '0.0001'],
    [0.00001, '1.0000000000000001e-05'],
    [5e-324, '4.9406564584124654e-324'],
    [1.7976931348623157e308, '1.7976931348623157e+308'],
    [1 + 2 ** -17, '1.0000076293945312'],
    [1 + 3 * 2 ** -17, '1.0000228881835938'],
    [Number.POSITIVE_INFINITY, 'inf'],
    [Number.NEGATIVE_INFINITY, '-inf'],
    [Number.NaN, 'nan'],
  ];
  for (const [value, text] of rows) t.equal(doubleDigits(value), text);
});

t.test('DEBUG PROTOCOL', async (t) => {
  const rows: [string, string, string][] = [
    ['string', '$11\r\nHello World\r\n', '$11\r\nHello World\r\n'],
    ['integer', ':12345\r\n', ':12345\r\n'],
    ['double', '$5\r\n3.141\r\n', ',3.141\r\n'],
    ['bignum', '$37\r\n1234567999999999999999999999999999999\r\n', '(1234567999999999999999999999999999999\r\n'],
    ['null', '$-1\r\n', '_\r\n'],
    ['array', '*3\r\n:0\r\n:1\r\n:2\r\n', '*3\r\n:0\r\n:1\r\n:2\r\n'],
    ['set', '*3\r\n:0\r\n:1\r\n:2\r\n', '~3\r\n:0\r\n:1\r\n:2\r\n'],
    ['map', '*6\r\n:0\r\n:0\r\n:1\r\n:1\r\n:2\r\n:0\r\n', '%3\r\n:0\r\n#f\r\n:1\r\n#t\r\n:2\r\n#f\r\n'],
    [
      'attrib',
      '$39\r\nSome real reply following the attribute\r\n',
      '|1\r\n$14\r\nkey-popularity\r\n*2\r\n$7\r\nkey:123\r\n:90\r\n$39\r\nSome real reply following the attribute\r\n',
    ],
    [
      'push',
      '-ERR RESP2 is not supported by this command\r\n',
      '>2\r\n$16\r\nserver-cpu-usage\r\n:42\r\n$40\r\nSome real reply following the push reply\r\n',
    ],
    ['verbatim', '$25\r\nThis is a verbatim\nstring\r\n', '=29\r\ntxt:This is a verbatim\nstring\r\n'],
    ['TRUE', ':1\r\n', '#t\r\n'],
    ['false', ':0\r\n', '#f\r\n'],
  ];
  const two = new Session(OPEN);
  const three = new Session(OPEN, 3);
  for (const [type, in2, in3] of rows) {
    t.equal(two.raw(`debug protocol ${type}`), in2, type);
    t.equal(three.raw(`debug protocol ${type}`), in3, type);
  }
  t.match(two.ask('debug protocol foo'), /^-ERR Wrong protocol type name\. Please use one of the following: string\|/);
});

t.test('who may', async (t) => {
  const text = (name: string): string =>
    `-ERR ${name.toUpperCase()} command not allowed. If the enable-${name}-command option is set to "local", you can run it from a local connection, otherwise you need to set this option in the configuration file, and then restart the server.`;
  const closed = new Session({ requirepass: 'p' });
  t.equal(closed.ask('debug digest'), text('debug'));
  t.equal(closed.ask('debug'), "-ERR wrong number of arguments for 'debug' command", 'arity comes first');
  closed.ask('auth p');
  t.equal(closed.ask('multi'), 'OK');
  t.equal(closed.ask('debug digest'), text('debug'));
  t.match(closed.ask('exec'), /^-EXECABORT/);
  const unixsocket = `${tmpdir()}/synap-debug-${process.pid}.sock`;
  const server = await createServer({ enableDebugCommand: 'local', unixsocket });
  t.equal(await first(server.port, 'debug error X'), '-X\r\n');
  t.equal(await first(unixsocket, 'debug error X'), '-X\r\n');
  const far = new Session({ enableDebugCommand: 'local' });
  t.equal(far.ask('debug digest'), text('debug'), 'no connection at all');
  for (const address of ['10.0.0.1:4711', '[2001:db8::1]:80', '?:0']) {
    far.client.link = { address, schedule: () => {}, kill: () => {} } as Link;
    t.equal(far.ask('debug digest'), text('debug'), address);
  }
  await server.close();
});

t.test('words and their number', async (t) => {
  const session = new Session(OPEN);
  const unknown = (word: string): string =>
    `-ERR unknown subcommand or wrong number of arguments for '${word}'. Try DEBUG HELP.`;
  for (const line of [
    'Foo',
    'sleep',
    'digest x',
    'object',
    'object a b',
    'error',
    'help x',
    'jmap',
    'populate 1 2 3 4',
  ])
    t.equal(session.ask(`debug ${line}`), unknown(line.split(' ')[0]), line);
  const lines = session.ask('debug help') as string[];
  t.equal(lines[0], 'DEBUG <subcommand> [<arg> [value] [opt] ...]. Subcommands are:');
  t.same(lines.slice(-2), ['HELP', '    Prints this help.']);
  const usages = lines.slice(1).filter((line) => !line.startsWith(' '));
  t.equal(usages.length, 16);
  for (const usage of usages) {
    // RELOAD would write a file: tests/src/persistence/snapshot.test.ts asks for it.
    if (usage.startsWith('RELOAD')) continue;
    const call = usage.replace(/ \[.*/, '').replace(/<[^>]*>/g, '0');
    t.notMatch(String(session.ask(`debug ${call}`)), /^-ERR unknown subcommand/, `${usage} exists`);
  }
});

t.test('DEBUG OBJECT and LISTPACK', async (t) => {
  const written: string[] = [];
  const server = await createServer({ ...OPEN, write: (line) => written.push(line) });
  t.equal(await first(server.port, 'rpush l a 12 "x\\x00"'), ':3\r\n');
  t.equal(await first(server.port, 'debug listpack l'), '+Listpack structure printed on stdout\r\n');
  t.same(
    written.filter((line) => line.includes('listpack element')).map((line) => line.replace(/^.* \* /, '')),
    ['listpack element 0 at 6: "a"\n', 'listpack element 1 at 9: "12"\n', 'listpack element 2 at 11: "x\\x00"\n'],
  );
  t.equal(await first(server.port, 'debug log hello'), '+OK\r\n');
  t.match(written.at(-1), /# DEBUG LOG: hello\n$/);
  await server.close();

  const session = new Session({ ...OPEN });
  session.server.settings.limits.listMaxListpackSize = 2;
  const rows: [string, string, RegExp][] = [
    ['set k 5', 'k', /refcount:2147483647 encoding:int serializedlength:2 lru:\d+ lru_seconds_idle:0$/],
    ['set k 300', 'k', /encoding:int serializedlength:3 /],
    ['set k -70000', 'k', /encoding:int serializedlength:5 /],
    ['set k hello', 'k', /refcount:1 encoding:embstr serializedlength:6 /],
    ['rpush a x y', 'a', /encoding:listpack serializedlength:16 lru:\d+ lru_seconds_idle:0$/],
    [
      'rpush a z',
      'a',
      /encoding:quicklist .* ql_nodes:2 ql_avg_node:1.50 ql_listpack_max:2 ql_compressed:0 ql_uncompressed_size:23$/,
    ],
    ['sadd i 1 2', 'i', /encoding:intset serializedlength:13 /],
    ['zadd z 1 a', 'z', /encoding:listpack serializedlength:13 /],
    ['hset h a b', 'h', /encoding:listpack serializedlength:14 /],
  ];
  for (const [line, key, told] of rows) {
    session.ask(line);
    const reply = session.ask(`debug object ${key}`) as string;
    t.match(reply, /^Value at:0x[0-9a-f]+ refcount:/, line);
    t.match(reply, told, line);
  }
  session.ask(['sadd', 'S', ...range(1000, (i) => [`e${i}`])]);
  t.match(session.ask('debug object S'), /encoding:hashtable serializedlength:4892 /);
  t.match(session.ask('debug htstats-key S'), / number of elements: 1000\n/);
  t.match(session.ask('debug htstats 0'), /^\[Dictionary HT\]\n table size: \d+\n number of elements: 6\n/);
  t.match(new Session(OPEN, 3).raw('debug htstats 1'), /^=\d+\r\ntxt:\[Dictionary HT\]\nNo stats available/);
  for (const line of ['object nokey', 'listpack nokey', 'htstats-key nokey'])
    t.equal(session.ask(`debug ${line}`), '-ERR no such key', line);
  t.equal(session.ask('debug listpack S'), '-ERR Not a listpack encoded object.');
  t.equal(session.ask('debug listpack k'), '-ERR Not a listpack encoded object.');
  t.match(session.ask('debug htstats-key z'), /^-ERR The value stored at the specified key is not represented using/);
  t.equal(session.ask('debug htstats 16'), '-ERR Out of range database');
  t.equal(session.ask('debug htstats x'), '-ERR value is not an integer or out of range');
});

t.test('DEBUG POPULATE', async (t) => {
  const session = new Session(OPEN);
  session.ask('set key:1 mine');
  t.equal(session.ask('debug populate 3'), 'OK');
  t.same(session.ask('mget key:0 key:1 key:2 key:3'), ['value:0', 'mine', 'value:2', null]);
  t.equal(session.ask('debug populate 2 pre 3'), 'OK');
  t.equal(session.ask('debug populate 1 long 10'), 'OK');
  t.same(session.ask('mget pre:0 pre:1 long:0'), ['val', 'val', 'value:0\0\0\0']);
  for (const line of ['-1', 'x', '1 p -1', '1 p x'])
    t.equal(session.ask(`debug populate ${line}`), '-ERR value is out of range, must be positive', line);
  t.equal(session.ask('dbsize'), 6);
});

t.test('switches and what only replies', async (t) => {
  const session = new Session(OPEN);
  const bad = '-ERR argument must be a memory value bigger than 1 and smaller than 4gb';
  const rows: [string, Value][] = [
    ['quicklist-packed-threshold 100b', 'OK'],
    ['quicklist-packed-threshold 5gb', bad],
    ['quicklist-packed-threshold -1', bad],
    ['quicklist-packed-threshold x', bad],
    ['quicklist-packed-threshold 4294967295', bad],
    ['error FOO', '-FOO'],
    ['stringmatch-len h?l* hello', 1],
    ['stringmatch-len H* hello', 0],
    ['sleep x', 'OK'],
  ];
  for (const [line, reply] of rows) t.equal(session.ask(`debug ${line}`), reply, line);
  t.equal(session.raw(['debug', 'error', 'A b\nc']), '-A b c\r\n');
  const { limits } = session.server.settings;
  t.equal(limits.listPackedThreshold, 100);
  session.ask('debug quicklist-packed-threshold 0');
  t.equal(limits.listPackedThreshold, 1 << 30);
  const start = performance.now();
  t.equal(session.ask('debug sleep 0.05'), 'OK');
  t.ok(performance.now() - start >= 49, 'the whole process has slept');
  t.equal(session.server.stats.errorReplies, 4, 'ERROR is no error');
});

t.test('SET-ACTIVE-EXPIRE leaves what has expired alone', async (t) => {
  let now = 1_700_000_000_000;
  const server = await createServer({ ...OPEN, hz: 100, clock: () => now });
  const size = (): number => server.databases[0].size;
  const ticks = async (until: () => boolean): Promise<void> => {
    for (let i = 0; i < 300 && !until(); i++) await new Promise((resolve) => setTimeout(resolve, 10));
  };
  t.equal(await first(server.port, 'debug set-active-expire 0'), '+OK\r\n');
  await first(server.port, 'set k v px 10');
  now += 1000;
  let ticked = 0;
  await ticks(() => ++ticked === 10);
  t.equal(size(), 1);
  await first(server.port, 'debug set-active-expire 1');
  await ticks(() => size() === 0);
  t.equal(size(), 0);
  await server.close();
});
