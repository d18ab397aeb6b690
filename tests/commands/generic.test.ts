/** The generic family: names, copies, databases, expiry, KEYS, SCAN, OBJECT; replies, errors, events, access counts. */
import t from 'tap';
import { Bytes } from '../../storage/memory/bytes.js';
import { Session } from './session.js';

const SYNTAX = '-ERR syntax error';
const NOT_INTEGER = '-ERR value is not an integer or out of range';
const DB_RANGE = '-ERR DB index is out of range';
const SAME = '-ERR source and destination objects are the same';

t.test('DEL, UNLINK, EXISTS, TOUCH, TYPE', (t) => {
  const s = new Session();
  s.ask('mset a 1 b 2 c 3');
  void s.events;
  t.equal(s.ask('exists a a no b'), 3);
  t.equal(s.ask('touch a no b'), 2);
  t.equal(s.ask('del a no a'), 1);
  t.equal(s.ask('unlink b c'), 2);
  t.same(s.events, ['del a', 'del b', 'del c']);
  s.ask('sadd s 1');
  t.same([s.ask('type s'), s.ask('type no')], ['set', 'none']);
  t.equal(s.raw('type s'), '+set\r\n');
  t.end();
});

t.test('what counts as a look, and what as an access', (t) => {
  const s = new Session();
  const { space } = s.client.db;
  const { stats } = s.server;
  s.ask('set k 5');
  const clocks = (): number => space.accessClock(space.find(Bytes.from('k')));
  const look = (line: string): [number, number, boolean] => {
    space.setAccessClock(space.find(Bytes.from('k')), 1);
    space.clock = 7;
    const before = [stats.keyspaceHits, stats.keyspaceMisses];
    s.ask(line);
    return [stats.keyspaceHits - before[0], stats.keyspaceMisses - before[1], clocks() === 7];
  };
  t.same(look('get k'), [1, 0, true]);
  t.same(look('touch k no'), [1, 1, true]);
  t.same(look('persist k'), [0, 0, true]);
  for (const quiet of [
    'exists k no',
    'ttl k',
    'pttl k',
    'type k',
    'object encoding k',
    'object refcount k',
    'expiretime k',
  ])
    t.same(look(quiet), [1, quiet.includes('no') ? 1 : 0, false], quiet);
  t.same(look('ttl no'), [0, 1, false]);
  for (const quiet of ['keys *', 'scan 0', 'rename no x', 'expire no 1']) t.same(look(quiet), [0, 0, false], quiet);
  t.end();
});

t.test('RENAME and RENAMENX', (t) => {
  const s = new Session();
  t.equal(s.ask('rename no x'), '-ERR no such key');
  t.equal(s.ask('renamenx no no'), '-ERR no such key');
  s.ask('set a v ex 100');
  s.ask('sadd b 1 2');
  void s.events;
  t.equal(s.ask('rename a a'), 'OK');
  t.equal(s.ask('renamenx a a'), 0);
  t.equal(s.ask('renamenx a b'), 0);
  t.same(s.events, []);
  t.equal(s.ask('rename a b'), 'OK');
  t.same(s.events, ['rename_from a', 'rename_to b']);
  t.same([s.ask('exists a'), s.ask('get b'), s.ask('ttl b')], [0, 'v', 100], 'the TTL goes along');
  s.ask('set c w');
  t.equal(s.ask('renamenx c d'), 1);
  t.equal(s.ask('rename b d'), 'OK');
  t.equal(s.ask('ttl d'), 100);
  s.ask('set e x');
  s.ask('rename e d');
  t.equal(s.ask('ttl d'), -1, 'and is not inherited');
  s.now += 200_000;
  t.equal(s.ask('get d'), 'x');
  t.end();
});

t.test('COPY', (t) => {
  const s = new Session();
  s.ask('set a v ex 100');
  s.ask('sadd s 1 2 x');
  void s.events;
  t.equal(s.ask('copy a b'), 1);
  t.same([s.ask('get b'), s.ask('ttl b')], ['v', 100]);
  t.equal(s.ask('copy s b'), 0);
  t.equal(s.ask('copy s b replace'), 1);
  t.same(s.askSorted('smembers b'), ['1', '2', 'x']);
  t.equal(s.ask('ttl b'), -1);
  t.equal(s.ask('copy no b replace'), 0);
  t.equal(s.ask('copy s s db 3'), 1);
  t.equal(s.ask('copy s t DB 1 REPLACE db 2'), 1);
  t.same(s.events, ['copy_to b', 'copy_to b', 'copy_to s@3', 'copy_to t@2']);
  s.ask('sadd s y');
  s.ask('select 3');
  t.same(s.askSorted('smembers s'), ['1', '2', 'x'], 'a copy is its own');
  s.ask('select 0');
  for (const line of ['copy a a', 'copy no no', 'copy a a db 0 replace']) t.equal(s.ask(line), SAME, line);
  for (const line of ['copy a c foo', 'copy a c db', 'copy a c replace db']) t.equal(s.ask(line), SYNTAX, line);
  for (const line of ['copy a c db 16', 'copy a c db -1']) t.equal(s.ask(line), DB_RANGE, line);
  t.equal(s.ask('copy a c db x'), NOT_INTEGER);
  t.equal(s.ask('copy a c db 2147483648'), '-ERR value is out of range, value must between -2147483648 and 2147483647');
  t.equal(s.ask('exists c'), 0);
  t.end();
});

t.test('MOVE', (t) => {
  const s = new Session();
  s.ask('set a v px 100000');
  void s.events;
  t.equal(s.ask('move a 9'), 1);
  t.same(s.events, ['move_from a', 'move_to a@9']);
  t.equal(s.ask('exists a'), 0);
  s.ask('set a w');
  t.equal(s.ask('move a 9'), 0, 'there is one of that name');
  t.equal(s.ask('move no 9'), 0);
  t.equal(s.ask('move a 0'), SAME);
  t.equal(s.ask('move a 16'), DB_RANGE);
  t.equal(s.ask('move a x'), NOT_INTEGER);
  s.ask('select 9');
  t.same([s.ask('get a'), s.ask('pttl a')], ['v', 100000]);
  s.now += 100_000;
  s.ask('select 0');
  t.equal(s.ask('move a 9'), 1, 'what has expired is not in the way');
  t.end();
});

t.test('a WATCH fails for each key that a command changes', (t) => {
  const run = (watched: string, db: string, line: string): unknown => {
    const s = new Session();
    s.ask('mset a 1 b 2');
    s.ask(`select ${db}`);
    s.ask(`watch ${watched}`);
    s.ask('select 0');
    s.ask(line);
    s.ask('multi');
    return s.ask('exec');
  };
  for (const line of ['rename a b', 'del a', 'expire a 10', 'expire a -1', 'move a 1', 'unlink a'])
    t.equal(run('a', '0', line), null, line);
  for (const line of ['rename a b', 'copy a b replace']) t.equal(run('b', '0', line), null, line);
  for (const line of ['move a 1', 'copy b a db 1']) t.equal(run('a', '1', line), null, line);
  for (const line of ['copy a c', 'persist a', 'touch a', 'rename b c', 'copy a b', 'expire a 10 xx', 'copy b a db 1'])
    t.same(run('a', '0', line), [], line);
  t.end();
});

t.test('expiry: conditions, units, distant times, events', (t) => {
  const s = new Session();
  s.ask('set k v');
  void s.events;
  t.equal(s.ask('expire no 10'), 0);
  t.equal(s.ask('expire k 100 xx'), 0);
  t.equal(s.ask('expire k 100 gt'), 0, 'for ever is longer');
  t.equal(s.ask('expire k 100 lt'), 1);
  t.equal(s.ask('expire k 100 nx'), 0);
  t.equal(s.ask('expire k 100 lt'), 0);
  t.equal(s.ask('expire k 200 gt xx'), 1);
  t.equal(s.ask('expire k 50 xx LT'), 1);
  t.equal(s.ask('pttl k'), 50_000);
  t.equal(s.ask('expiretime k'), s.now / 1000 + 50);
  t.same(s.events, ['expire k', 'expire k', 'expire k']);
  t.equal(s.ask('persist k'), 1);
  t.equal(s.ask('persist k'), 0);
  t.equal(s.ask('persist no'), 0);
  t.same(s.events, ['persist k']);
  t.equal(s.ask('pexpire k 1500'), 1);
  t.same([s.ask('ttl k'), s.ask('pttl k'), s.ask('pexpiretime k')], [2, 1500, s.now + 1500]);
  s.now += 1499;
  t.equal(s.ask('get k'), 'v');
  s.now += 1;
  t.same([s.ask('get k'), s.ask('ttl k'), s.ask('pexpiretime k')], [null, -2, -2]);
  s.ask('set k v');
  void s.events;
  t.equal(s.ask('expireat k 1'), 1);
  t.same([s.events, s.ask('exists k')], [['del k'], 0], 'a time that has passed deletes');
  s.ask('set k v');
  t.equal(s.ask('pexpire k 0 nx'), 1);
  t.equal(s.ask('exists k'), 0);
  s.ask('set k v');
  t.equal(s.ask('pexpireat k 9223372036854775807'), 1);
  t.equal(s.ask('expireat k 9223372036854775'), 1);
  t.ok((s.ask('pttl k') as number) > 9e18);
  t.equal(s.ask('pexpire k 9000000000000000000'), 1);
  for (const line of [
    'expireat k 9223372036854776',
    'expire k 9223372036854775',
    'pexpire k 9223372036854775807',
  ].concat('expireat k -9223372036854776'))
    t.equal(s.ask(line), `-ERR invalid expire time in '${line.split(' ')[0]}' command`, line);
  t.equal(s.ask('pexpireat k -9223372036854775808'), 1);
  t.equal(s.ask('exists k'), 0);
  for (const n of ['x', '', ' 1', '1.5', '9223372036854775808']) t.equal(s.ask(['expire', 'k', n]), NOT_INTEGER, n);
  t.equal(s.ask('expire k 1 foo'), '-ERR Unsupported option foo');
  t.equal(s.ask('expire k x foo'), '-ERR Unsupported option foo');
  t.equal(s.ask('expire k 1 nx gt'), '-ERR NX and XX, GT or LT options at the same time are not compatible');
  t.equal(s.ask('expire k 1 gt lt'), '-ERR GT and LT options at the same time are not compatible');
  t.end();
});

t.test('KEYS', (t) => {
  const s = new Session();
  t.same(s.ask('keys *'), []);
  s.ask('mset user:1 a user:2 b user: c other d x*y e');
  s.ask(['set', '', 'empty']);
  s.ask('set gone v px 10');
  t.same(s.askSorted('keys gone*'), ['gone']);
  s.now += 10;
  t.same(s.askSorted('keys *'), ['', 'other', 'user:', 'user:1', 'user:2', 'x*y']);
  t.same(s.askSorted('keys user:*'), ['user:', 'user:1', 'user:2']);
  t.same(s.askSorted('keys user:?'), ['user:1', 'user:2']);
  t.same(s.askSorted('keys user:[2-9]'), ['user:2']);
  t.same(s.askSorted('keys *er*'), ['other', 'user:', 'user:1', 'user:2']);
  t.same(s.askSorted('keys x\\*y'), ['x*y']);
  t.same(s.ask('keys other'), ['other']);
  t.same(s.ask('keys gone'), []);
  t.same(s.ask('keys user'), []);
  t.same(s.ask(['keys', '']), ['']);
  t.equal((s.ask('keys **') as string[]).length, 5, 'only a lone star matches the empty key');
  for (let i = 0; i < 5000; i++) s.ask(`set many:${i} v`);
  t.equal((s.ask('keys many:*') as string[]).length, 5000);
  t.equal(new Set(s.ask('keys *') as string[]).size, 5006);
  t.equal((s.ask('keys many:*7') as string[]).length, 500);
  t.end();
});

t.test('SCAN', (t) => {
  const s = new Session();
  t.same(s.ask('scan 0'), ['0', []]);
  for (let i = 0; i < 2000; i++) s.ask(`set k${i} v`);
  for (let i = 0; i < 100; i++) s.ask(`sadd s${i} m`);
  s.ask('set gone v px 10');
  s.now += 10;
  const walk = (rest: string): string[] => {
    const seen: string[] = [];
    let cursor = '0';
    do {
      const [next, keys] = s.ask(`scan ${cursor} ${rest}`.trim()) as [string, string[]];
      seen.push(...keys);
      cursor = next;
    } while (cursor !== '0');
    return seen;
  };
  for (const rest of ['', 'count 1', 'count 77', 'count 100000']) {
    const seen = walk(rest);
    t.equal(seen.length, 2100, rest);
    t.equal(new Set(seen).size, 2100, 'nothing twice');
  }
  t.equal(walk('match k*7 count 50').length, 200);
  t.equal(walk('type set').length, 100);
  t.equal(walk('TYPE STRING match k1*').length, 1111);
  t.equal(walk('type list').length + walk('type nonsense').length, 0);
  t.equal(s.ask('scan x'), '-ERR invalid cursor');
  for (const line of ['scan 0 type', 'scan 0 count 0', 'scan 0 match', 'scan 0 foo bar', 'scan 0 novalues'])
    t.equal(s.ask(line), SYNTAX, line);
  t.equal(s.ask('scan 0 count x'), NOT_INTEGER);
  t.end();
});

t.test('RANDOMKEY', (t) => {
  const s = new Session();
  t.equal(s.ask('randomkey'), null);
  s.ask('mset a 1 b 2 c 3');
  s.ask('pexpire a 10');
  const seen = new Set<unknown>();
  for (let i = 0; i < 100; i++) seen.add(s.ask('randomkey'));
  t.same([...seen].sort(), ['a', 'b', 'c']);
  s.now += 10;
  for (let i = 0; i < 20; i++) t.not(s.ask('randomkey'), 'a');
  t.equal(s.server.stats.expiredKeys, 1);
  t.end();
});

t.test('OBJECT', (t) => {
  const s = new Session();
  const { space } = s.client.db;
  s.ask('mset i 9999 j 10000 n -1 e short');
  s.ask(['set', 'r', 'x'.repeat(45)]);
  s.ask('sadd ints 1');
  s.ask('sadd few a');
  s.ask(['sadd', 'wide', 'x'.repeat(65)]);
  const encodings = { i: 'int', e: 'embstr', r: 'raw', ints: 'intset', few: 'listpack', wide: 'hashtable', no: null };
  for (const [key, name] of Object.entries(encodings)) t.equal(s.ask(`object encoding ${key}`), name, key);
  t.same(s.ask('object refcount i'), 2147483647);
  for (const key of ['j', 'n', 'e', 'few']) t.equal(s.ask(`object refcount ${key}`), 1, key);
  space.clock = 1000;
  s.ask('get e');
  space.clock = 1007;
  t.equal(s.ask('object idletime e'), 7);
  t.equal(s.ask('object idletime e'), 7, 'looking is no access');
  space.clock = 3;
  space.setAccessClock(space.find(Bytes.from('e')), 0xffffff);
  t.equal(s.ask('object idletime e'), 4, 'the clock has turned over');
  t.match(s.ask('object freq e'), /^-ERR An LFU maxmemory policy is not selected/);
  for (const sub of ['freq', 'idletime', 'refcount', 'encoding']) t.equal(s.ask(`object ${sub} no`), null);
  space.lfu = true;
  s.ask('set hot v');
  t.equal(s.ask('object freq hot'), 5);
  t.match(s.ask('object idletime hot'), /^-ERR An LFU maxmemory policy is selected/);
  const lines = s.ask('OBJECT help') as string[];
  t.match(lines[0], /^OBJECT <subcommand>/);
  t.match(lines.join('\n'), /\nENCODING <key>\n {4}\S.*\n[\s\S]*\nHELP\n {4}\S/);
  t.equal(lines.length, 11);
  t.equal(s.ask('object'), "-ERR wrong number of arguments for 'object' command");
  t.equal(s.ask('object foo'), "-ERR unknown subcommand 'foo'. Try OBJECT HELP.");
  t.equal(s.ask('object encoding'), "-ERR wrong number of arguments for 'object|encoding' command");
  t.equal(s.ask('object help me'), "-ERR wrong number of arguments for 'object|help' command");
  t.match(s.ask('object|encoding few'), /^-ERR unknown command/);
  t.end();
});
