/** The set family: replies in both protocols, errors, events, forms, and that nothing is left of what was deleted. */
import t from 'tap';
import { checkDrawn } from '../../commands/draws.js';
import { OUT_OF_RANGE } from '../../commands/error.js';
import { Bytes } from '../../storage/memory/bytes.js';
import { INTSET, OBJECT, PACKED } from '../../storage/types.js';
import { Session } from './session.js';

const WRONG = '-WRONGTYPE Operation against a key holding the wrong kind of value';
const NOT_INTEGER = '-ERR value is not an integer or out of range';
const SYNTAX = '-ERR syntax error';

function range(n: number): string {
  return Array.from({ length: n }, (_, i) => i).join(' ');
}

function words(n: number): string {
  return Array.from({ length: n }, (_, i) => `w${i}`).join(' ');
}

function form(s: Session, key: string): number {
  const { space } = s.client.db;
  return space.encoding(space.find(Bytes.from(key)));
}

t.test('members', (t) => {
  const s = new Session();
  t.equal(s.ask('sadd s a b a'), 2);
  t.equal(s.ask('sadd s a'), 0);
  t.equal(s.ask('scard s'), 2);
  t.equal(s.ask('sismember s a'), 1);
  t.equal(s.ask('sismember s z'), 0);
  t.same(s.ask('smismember s z a z'), [0, 1, 0]);
  t.same(s.ask('smembers s'), ['a', 'b']);
  t.equal(s.ask('srem s z a'), 1);
  t.same(s.events, ['sadd s', 'srem s'], 'what changes nothing tells nothing');
  t.equal(s.ask('srem s b b c'), 1);
  t.equal(s.ask('exists s'), 0);
  t.same(s.events, ['srem s', 'del s']);
  t.equal(s.ask('srem s b'), 0);
  t.same(s.ask(['sadd', 's', '', '\0\xff\r\n']), 2);
  t.same(s.askSorted('smembers s'), ['', '\0\xff\r\n']);
  t.same([s.ask('scard no'), s.ask('sismember no a'), s.ask('smembers no')], [0, 0, []]);
  t.same(s.ask('smismember no a b'), [0, 0]);
  t.equal(s.ask('sadd s'), "-ERR wrong number of arguments for 'sadd' command");
  t.end();
});

t.test('every command refuses another type and leaves it alone', (t) => {
  const s = new Session();
  s.ask('set str v');
  s.ask('sadd s a');
  void s.events;
  const dirty = s.server.dirty;
  for (const line of [
    'sadd str a',
    'scard str',
    'sdiff s str',
    'sdiff no str',
    'sdiffstore d s str',
    'sinter s str',
  ].concat(
    [
      'sinter no str',
      'sintercard 2 s str',
      'sinterstore d no str',
      'sismember str a',
      'smembers str',
      'smismember str a',
    ],
    ['smove str s a', 'smove s str a', 'spop str', 'spop str 0', 'srandmember str', 'srandmember str 1', 'srem str a'],
    ['sscan str 0', 'sunion s str', 'sunionstore d s str'],
  ))
    t.equal(s.ask(line), WRONG, line);
  t.equal(s.server.dirty, dirty);
  t.same(s.events, []);
  t.equal(s.ask('smove no str a'), 0, 'nothing to move is found out first');
  t.same(s.ask('smembers s'), ['a']);
  t.equal(s.ask('exists d'), 0);
  t.end();
});

t.test('forms follow Redis 7.2', (t) => {
  const s = new Session();
  s.ask(`sadd i ${range(512)}`);
  t.equal(form(s, 'i'), INTSET);
  s.ask('sadd i 512');
  t.equal(form(s, 'i'), OBJECT);
  s.ask(`sadd many ${range(513)}`);
  t.equal(form(s, 'many'), OBJECT);
  s.ask(`sadd p ${words(128)}`);
  t.equal(form(s, 'p'), PACKED);
  s.ask(`sadd p ${words(129)}`);
  t.equal(form(s, 'p'), OBJECT, 'by the number of arguments, new or not');
  s.ask('sadd x 1 2 three');
  t.equal(form(s, 'x'), PACKED);
  s.ask('sadd x 4');
  s.ask('srem x three');
  t.equal(form(s, 'x'), PACKED);
  s.ask('sunionstore u x');
  t.equal(form(s, 'u'), INTSET, 'a result begins as an intset');
  s.ask('sinterstore u x x');
  t.equal(form(s, 'u'), INTSET, 'an intersection of integers too');
  s.ask('srem i 7');
  s.ask('sinterstore u many i');
  t.equal(form(s, 'u'), INTSET, 'even of tables');
  t.equal(s.ask('scard u'), 512);
  s.ask('sinterstore u many many');
  t.equal(form(s, 'u'), OBJECT, 'when not too many');
  s.server.settings.limits.setMaxListpackEntries = 2;
  s.ask('sadd x five');
  t.equal(form(s, 'x'), OBJECT, 'a limit holds from the next write on');
  t.end();
});

t.test('SMOVE', (t) => {
  const s = new Session();
  s.ask('sadd a 1 2');
  void s.events;
  t.equal(s.ask('smove a b 1'), 1);
  t.same(s.events, ['srem a', 'sadd b']);
  t.equal(s.ask('smove a b 9'), 0);
  t.equal(s.ask('smove a a 2'), 1);
  t.equal(s.ask('smove a a 9'), 0);
  t.same(s.events, []);
  s.ask('sadd b 2');
  void s.events;
  t.equal(s.ask('smove a b 2'), 1, 'moved to where it was already');
  t.same(s.events, ['srem a', 'del a']);
  t.same(s.ask('smembers b'), ['1', '2']);
  t.equal(s.ask('exists a'), 0);
  t.end();
});

t.test('SPOP', (t) => {
  const s = new Session();
  t.equal(s.ask('spop no'), null);
  t.same(s.ask('spop no 3'), []);
  for (const line of [`sadd s ${range(20)}`, `sadd s ${words(20)}`, `sadd s ${words(600)}`]) {
    s.ask(line);
    const all = new Set(s.ask('smembers s') as string[]);
    const total = all.size;
    void s.events;
    const one = s.ask('spop s') as string;
    t.ok(all.delete(one));
    t.equal(s.ask('scard s'), total - 1);
    t.same(s.ask('spop s 0'), []);
    t.same(s.events, ['spop s']);
    const some = s.ask(`spop s ${total - 5}`) as string[];
    t.equal(some.length, total - 5);
    for (const member of some) t.ok(all.delete(member));
    t.same(s.askSorted('smembers s'), [...all].sort());
    t.same(s.events, ['spop s']);
    const rest = s.ask('spop s 100') as string[];
    t.same(rest.sort(), [...all].sort());
    t.same(s.events, ['spop s', 'del s']);
    s.ask('sadd s x');
    t.equal(s.ask('spop s'), 'x');
    t.same(s.events, ['sadd s', 'spop s', 'del s']);
    t.equal(s.ask('exists s'), 0);
  }
  s.ask('sadd s a b');
  t.ok(['a', 'b'].includes(s.ask('spop s') as string));
  t.equal(s.ask('scard s'), 1, 'of two, one stays');
  t.equal(s.ask('spop s -1'), '-ERR value is out of range, must be positive');
  t.equal(s.ask('spop s x'), '-ERR value is out of range, must be positive');
  t.equal(s.ask('spop s 1 2'), SYNTAX);
  t.end();
});

t.test('SRANDMEMBER', (t) => {
  const s = new Session();
  t.equal(s.ask('srandmember no'), null);
  t.same(s.ask('srandmember no 3'), []);
  t.same(s.ask('srandmember no -3'), []);
  for (const line of [`sadd s ${range(20)}`, `sadd s ${words(20)}`, `sadd s ${words(600)}`]) {
    s.ask(line);
    const all = new Set(s.ask('smembers s') as string[]);
    t.ok(all.has(s.ask('srandmember s') as string));
    for (const count of [1, 7, 15, all.size - 1, all.size, all.size + 1]) {
      const some = s.ask(`srandmember s ${count}`) as string[];
      t.equal(some.length, Math.min(count, all.size));
      t.equal(new Set(some).size, some.length, 'different members');
      t.ok(some.every((member) => all.has(member)));
    }
    const drawn = s.ask('srandmember s -2000') as string[];
    t.equal(drawn.length, 2000);
    t.ok(drawn.every((member) => all.has(member)));
    t.ok(new Set(drawn).size > all.size / 2);
    t.equal(s.ask('scard s'), all.size);
    s.ask('del s');
  }
  s.ask('sadd s a');
  t.same(s.ask('srandmember s 0'), []);
  t.equal(s.ask('srandmember s x'), NOT_INTEGER);
  t.equal(s.ask('srandmember s 9223372036854775808'), NOT_INTEGER);
  t.match(
    s.ask('srandmember s -9223372036854775808'),
    /^-ERR value is out of range, value must between -9223372036854775807/,
  );
  t.equal(s.ask('srandmember s 1 2'), SYNTAX);
  t.end();
});

t.test('SSCAN', (t) => {
  const s = new Session();
  t.same(s.ask('sscan no 0'), ['0', []]);
  t.same(s.ask('sscan no 0 nonsense'), ['0', []], 'options are not looked at without a key');
  s.ask('sadd s ab ac b');
  t.same(s.ask('sscan s 0 match a*'), ['0', ['ab', 'ac']]);
  t.same(s.ask('sscan s 0 match * count 1'), ['0', ['ab', 'ac', 'b']], 'a small set comes at once');
  t.same(s.ask('sscan s 18446744073709551615'), ['0', ['ab', 'ac', 'b']]);
  s.ask(`sadd big ${words(1000)}`);
  const seen = new Set<string>();
  let cursor = '0';
  let calls = 0;
  do {
    const [next, members] = s.ask(`sscan big ${cursor} count 20`) as [string, string[]];
    for (const member of members) seen.add(member);
    cursor = next;
    calls++;
  } while (cursor !== '0');
  t.equal(seen.size, 1000);
  t.ok(calls > 10);
  t.equal(s.ask('sscan s x'), '-ERR invalid cursor');
  for (const cursor of [
    ['5x'],
    ['+'],
    ['-'],
    ['18446744073709551616'],
    ['-18446744073709551616'],
    [' 5'],
    ['9'.repeat(400)],
  ])
    t.equal(s.ask(['sscan', 's', ...cursor]), '-ERR invalid cursor');
  for (const cursor of [['+5'], ['-1'], ['0'.repeat(50)], [''], ['-18446744073709551615']])
    t.equal((s.ask(['sscan', 's', ...cursor]) as string[])[0], '0');
  for (const rest of ['count 0', 'count -1', 'count', 'match', 'novalues', 'type set', 'count 5 match'])
    t.equal(s.ask(`sscan s 0 ${rest}`), SYNTAX, rest);
  t.equal(s.ask('sscan s 0 count x'), NOT_INTEGER);
  t.end();
});

t.test('RESP3 has its own type for sets', (t) => {
  const s = new Session({}, 3);
  s.ask('sadd s 1 2');
  t.equal(s.raw('smembers s'), '~2\r\n$1\r\n1\r\n$1\r\n2\r\n');
  t.equal(s.raw('smembers no'), '~0\r\n');
  for (const line of ['sinter s', 'sunion s', 'sdiff s', 'sunion s s s s s'])
    t.equal(s.raw(line), '~2\r\n$1\r\n1\r\n$1\r\n2\r\n');
  t.equal(s.raw('srandmember s 2'), '*2\r\n$1\r\n1\r\n$1\r\n2\r\n');
  t.equal(s.raw('spop s 0'), '~0\r\n');
  t.equal(s.raw('spop no'), '_\r\n');
  t.equal(s.raw('smismember s 1'), '*1\r\n:1\r\n');
  t.equal(s.raw('spop s 2'), '~2\r\n$1\r\n1\r\n$1\r\n2\r\n');
  t.end();
});

t.test('SINTERCARD', (t) => {
  const s = new Session();
  s.ask(`sadd a ${range(10)}`);
  s.ask(`sadd b ${range(8)} x`);
  t.equal(s.ask('sintercard 2 a b'), 8);
  t.equal(s.ask('sintercard 2 a b limit 3'), 3);
  t.equal(s.ask('sintercard 2 a b limit 0'), 8);
  t.equal(s.ask('sintercard 2 a b limit 1 LIMIT 100'), 8);
  t.equal(s.ask('sintercard 2 a no'), 0);
  t.equal(s.ask('sintercard 1 a'), 10);
  for (const n of ['0', 'x', '-1']) t.equal(s.ask(`sintercard ${n} a`), '-ERR numkeys should be greater than 0');
  t.equal(s.ask('sintercard 3 a b'), "-ERR Number of keys can't be greater than number of args");
  for (const n of ['-1', 'x']) t.equal(s.ask(`sintercard 1 a limit ${n}`), "-ERR LIMIT can't be negative");
  for (const rest of ['limit', 'foo 1', 'b']) t.equal(s.ask(`sintercard 1 a ${rest}`), SYNTAX);
  t.end();
});

t.test('set algebra agrees with a model, whatever the forms', (t) => {
  const s = new Session();
  const sets: Record<string, string[]> = {
    no: [],
    ints: range(300).split(' '),
    few: ['1', '7', '500'],
    mixed: ['1', '7', 'w1', 'w2', 'w300'],
    table: words(400).split(' '),
    more: [...words(200).split(' '), ...range(100).split(' ')],
  };
  for (const [key, members] of Object.entries(sets)) if (members.length > 0) s.ask(['sadd', key, ...members]);
  const names = Object.keys(sets);
  const models: Record<string, (all: string[][]) => string[]> = {
    sinter: ([first, ...rest]) => first.filter((m) => rest.every((set) => set.includes(m))),
    sunion: (all) => [...new Set(all.flat())],
    sdiff: ([first, ...rest]) => first.filter((m) => !rest.some((set) => set.includes(m))),
  };
  for (const a of names)
    for (const b of names)
      for (const extra of [[], ['few'], ['few', 'mixed', 'ints', 'more'], ['no']])
        for (const [name, model] of Object.entries(models)) {
          const keys = [a, b, ...extra];
          const expected = model(keys.map((key) => sets[key])).sort();
          const line = `${name} ${keys.join(' ')}`;
          if (!t.strictSame(s.askSorted(line), expected, line)) throw new Error(line);
          s.ask(`${name}store dest ${keys.join(' ')}`);
          if (!t.strictSame(s.askSorted('smembers dest'), expected, `${line}, stored`)) throw new Error(line);
        }
  t.end();
});

t.test('a destination may be a source, of another type, or a key with a TTL', (t) => {
  const s = new Session();
  s.ask('sadd a 1 2 3');
  s.ask('sadd b 2 3 4');
  void s.events;
  t.equal(s.ask('sinterstore a a b'), 2);
  t.same(s.events, ['sinterstore a']);
  t.same(s.ask('smembers a'), ['2', '3']);
  t.equal(s.ask('sunionstore b a b'), 3);
  t.equal(s.ask('sdiffstore b b a'), 1);
  t.same(s.ask('smembers b'), ['4']);
  t.same(s.events, ['sunionstore b', 'sdiffstore b']);
  t.equal(s.ask('sdiffstore b b b'), 0);
  t.equal(s.ask('exists b'), 0);
  t.same(s.events, ['del b']);
  t.equal(s.ask('sdiffstore b b a'), 0, 'an empty result and nothing to delete');
  t.same(s.events, []);
  s.ask('set str v');
  s.ask('expire str 100');
  t.equal(s.ask('sunionstore str a'), 2);
  t.equal(s.ask('ttl str'), -1);
  t.equal(s.ask('type str'), 'set');
  s.ask('set str v');
  t.equal(s.ask('sinterstore str a no'), 0);
  t.equal(s.ask('exists str'), 0);
  // A few large members minus many: taking out is less work than asking.
  s.ask(`sadd big ${range(100)}`);
  t.equal(s.ask('sdiffstore d big a no a a'), 98);
  t.equal(s.ask('sdiffstore d a big'), 0);
  t.end();
});

t.test('expired sets are missing ones', (t) => {
  const s = new Session();
  s.ask('sadd a 1 2');
  s.ask('sadd b 1 2');
  s.ask('pexpire a 10');
  t.same(s.ask('sinter a b'), ['1', '2']);
  s.now += 11;
  t.same(s.ask('sinter a b'), []);
  t.same(s.ask('sdiff b a'), ['1', '2']);
  t.equal(s.ask('sadd a 5'), 1);
  t.same(s.ask('smembers a'), ['5']);
  t.end();
});

t.test('nothing is left of what was deleted', (t) => {
  const s = new Session();
  const { space } = s.client.db;
  for (let round = 0; round < 3; round++) {
    s.ask(`sadd a ${range(600)}`);
    s.ask(`sadd b ${words(600)}`);
    s.ask('sadd c 1 2 x');
    for (const name of ['sunion', 'sinter', 'sdiff']) {
      s.ask(`${name} a b c no a b`);
      s.ask(`${name}store d a b c no`);
      s.ask(`${name}store c a c`);
    }
    s.ask('spop a 300');
    s.ask('del a b c d');
  }
  while (!space.larges.freeDoomed(16));
  t.equal(space.size, 0);
  t.equal(space.arena.used, 0);
  t.equal(space.arena.outside, space.table.bytes);
  t.end();
});

t.test(
  'draws that no client can mean are refused, instead of answering nobody for as long as there is memory',
  async (t) => {
    const s = new Session();
    for (const line of ['sadd e a b', 'hset h a 1 b 2', 'zadd z 1 a 2 b']) s.ask(line);
    for (const key of ['srandmember e', 'hrandfield h', 'zrandmember z']) {
      for (const count of ['-4194305', '-2147483648', '-2147483649', '-9223372036854775807'])
        t.equal(s.ask(`${key} ${count}`), '-ERR value is out of range', `${key} ${count}`);
      t.equal(
        s.ask(`${key} -9223372036854775808`),
        '-ERR value is out of range, value must between -9223372036854775807 and 9223372036854775807',
      );
      t.equal((s.ask(`${key} -1000`) as string[]).length, 1000);
      t.same(s.ask(`${key.split(' ')[0]} missing -9223372036854775807`), []);
    }
    s.client.out.pos = 2 ** 28 + 1;
    t.throws(() => checkDrawn(s.client), OUT_OF_RANGE, 'more than 256 MiB of reply');
  },
);
