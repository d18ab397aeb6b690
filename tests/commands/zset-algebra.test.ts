/** The sorted set family, the rest: union and the like, popping, members at random, scanning. */
import t, { type Test } from 'tap';
import { Settings } from '../../commands/settings.js';
import { Session } from './session.js';

const NOT_INTEGER = '-ERR value is not an integer or out of range';
const SYNTAX = '-ERR syntax error';

function session(entries: number): Session {
  const settings = new Settings();
  settings.limits.zsetMaxListpackEntries = entries;
  return new Session(settings);
}

function both(name: string, body: (t: Test, s: Session) => void): void {
  t.test(name, (t) => {
    for (const entries of [128, 0]) body(t, session(entries));
    t.end();
  });
}

both('union, intersection and difference', (t, s) => {
  s.ask('zadd a 1 x 2 y 3 z');
  s.ask('zadd b 10 y 20 z 30 w');
  s.ask('sadd set z w 7');
  t.same(s.ask('zunion 2 a b withscores'), ['x', '1', 'y', '12', 'z', '23', 'w', '30']);
  t.same(s.ask('zunion 3 a set none withscores'), ['7', '1', 'w', '1', 'x', '1', 'y', '2', 'z', '4']);
  t.same(s.ask('zinter 2 a b withscores'), ['y', '12', 'z', '23']);
  t.same(s.ask('zinter 3 a b set withscores'), ['z', '24']);
  t.same(s.ask('zinter 2 a none'), []);
  t.same(s.ask('zdiff 2 a b withscores'), ['x', '1']);
  t.same(s.ask('zdiff 2 set a withscores'), ['7', '1', 'w', '1']);
  t.same(s.ask('zdiff 2 a a'), []);
  t.same(s.ask('zdiff 2 none a'), []);
  t.same(s.ask('zunion 2 a b weights 2 0.5 aggregate max withscores'), ['x', '2', 'y', '5', 'z', '10', 'w', '15']);
  t.same(s.ask('zunion 2 a b aggregate min withscores'), ['x', '1', 'y', '2', 'z', '3', 'w', '30']);
  t.same(s.ask('zinter 2 a b AGGREGATE MIN WEIGHTS 10 1 WITHSCORES'), ['y', '10', 'z', '20']);
  t.same(s.ask('zunion 1 a aggregate min aggregate sum weights 3 weights 2 withscores'), [
    'x',
    '2',
    'y',
    '4',
    'z',
    '6',
  ]);
  t.same([s.ask('zintercard 2 a b'), s.ask('zintercard 2 a b limit 1'), s.ask('zintercard 2 a b limit 0')], [2, 1, 2]);
  t.equal(s.ask('zintercard 2 a none'), 0);
});

both('what is not a number counts as 0', (t, s) => {
  s.ask('zadd p inf x 0 y');
  s.ask('zadd q -inf x inf y');
  t.same(s.ask('zunion 2 p q withscores'), ['x', '0', 'y', 'inf']);
  t.same(s.ask('zunion 1 p weights 0 withscores'), ['x', '0', 'y', '0']);
  t.same(s.ask('zinter 2 p q weights 0 1 withscores'), ['x', '-inf', 'y', 'inf']);
  t.same(s.ask('zinter 2 p q weights inf 0 withscores'), ['x', '0', 'y', '0']);
});

both('storing', (t, s) => {
  s.ask('zadd a 1 x 2 y');
  s.ask('zadd b 10 y');
  void s.events;
  t.equal(s.ask('zunionstore d 2 a b weights 1 2'), 2);
  t.same(s.ask('zrange d 0 -1 withscores'), ['x', '1', 'y', '22']);
  t.equal(s.ask('zinterstore a 2 a b'), 1, 'onto a source');
  t.same(s.ask('zrange a 0 -1 withscores'), ['y', '12']);
  t.equal(s.ask('zdiffstore d 2 d b'), 1);
  t.same(s.ask('zrange d 0 -1 withscores'), ['x', '1']);
  t.same(s.events, ['zunionstore d', 'zinterstore a', 'zdiffstore d']);
  t.equal(s.ask('zdiffstore d 2 d d'), 0);
  t.equal(s.ask('zinterstore d 2 a none'), 0);
  t.same(s.events, ['del d'], 'an empty result deletes');
  const { dirty } = s.server;
  t.equal(s.ask('zinterstore d 2 a none'), 0);
  t.equal(s.server.dirty, dirty);
  const { arena } = s.client.db.space;
  s.ask('del a b');
  t.equal(arena.used, 0, 'nothing is left of results');
});

t.test('errors of the algebra in Redis`s order', (t) => {
  const s = new Session();
  s.ask('zadd z 1 a');
  s.ask('set str v');
  for (const name of ['zunion', 'zinter', 'zdiff', 'zintercard'])
    t.equal(s.ask(`${name} 0 z`), `-ERR at least 1 input key is needed for '${name}' command`);
  for (const name of ['zunionstore', 'zinterstore', 'zdiffstore']) {
    t.equal(s.ask(`${name} d -1 z`), `-ERR at least 1 input key is needed for '${name}' command`);
    t.equal(s.ask(`${name} d x z`), NOT_INTEGER);
    t.equal(s.ask(`${name} d 2 z`), SYNTAX);
    t.equal(s.ask(`${name} d 1 z withscores`), SYNTAX);
  }
  t.equal(s.ask('zunion 1 z weights x'), '-ERR weight value is not a float');
  t.match(s.ask('zunion 1 str weights x'), /^-WRONGTYPE/, 'keys are looked up before options');
  for (const bad of ['weights', 'weights 1 2', 'aggregate', 'aggregate foo', 'limit 1'])
    t.equal(s.ask(`zunion 1 z ${bad}`), SYNTAX);
  for (const bad of ['weights 1', 'aggregate sum', 'foo']) t.equal(s.ask(`zdiff 1 z ${bad}`), SYNTAX);
  for (const bad of ['-1', 'x']) t.equal(s.ask(`zintercard 1 z limit ${bad}`), "-ERR LIMIT can't be negative");
  t.equal(s.ask('zintercard 1 z limit'), SYNTAX);
  t.equal(s.ask('zintercard 1 z withscores'), SYNTAX);
  t.end();
});

both('popping', (t, s) => {
  s.ask('zadd z 1 a 2 b 3 c 4 d 5 e 6 f');
  void s.events;
  t.same(s.ask('zpopmin z'), ['a', '1']);
  t.same(s.ask('zpopmax z 2'), ['f', '6', 'e', '5']);
  t.same(s.ask('zpopmin z 0'), []);
  t.same(s.ask('zpopmin none 0'), []);
  t.same(s.events, ['zpopmin z', 'zpopmax z']);
  t.same(s.ask('zmpop 2 none z min'), ['z', [['b', '2']]]);
  t.same(s.ask('zmpop 1 z MAX COUNT 9'), [
    'z',
    [
      ['d', '4'],
      ['c', '3'],
    ],
  ]);
  t.same(s.events, ['zpopmin z', 'zpopmax z', 'del z']);
  t.equal(s.raw('zmpop 1 z min'), '*-1\r\n');
  t.equal(s.raw('zpopmin z'), '*0\r\n');
  for (const bad of ['-1', 'x', '1.5'])
    t.equal(s.ask(`zpopmin z ${bad}`), '-ERR value is out of range, must be positive');
  t.equal(s.ask('zpopmin z 1 2'), SYNTAX);
  for (const bad of ['0', '-1', 'x']) {
    t.equal(s.ask(`zmpop ${bad} z min`), '-ERR numkeys should be greater than 0');
    t.equal(s.ask(`zmpop 1 z min count ${bad}`), '-ERR count should be greater than 0');
  }
  for (const bad of ['2 z min', '1 z foo', '1 z min foo 1', '1 z min count', '1 z min count 1 count 1'])
    t.equal(s.ask(`zmpop ${bad}`), SYNTAX);
});

both('members at random', (t, s) => {
  const n = 40;
  for (let i = 0; i < n; i++) s.ask(`zadd z ${i} m${i}`);
  const seen = new Set<unknown>();
  for (let i = 0; i < 600; i++) seen.add(s.ask('zrandmember z'));
  t.equal(seen.size, n, 'every one comes');
  for (const count of [1, 5, 13, 14, 39]) {
    const met = new Map<unknown, number>();
    for (let i = 0; i < 800; i++) {
      const got = s.ask(`zrandmember z ${count}`) as string[];
      if (new Set(got).size !== count) t.equal(new Set(got).size, count);
      for (const member of got) met.set(member, (met.get(member) ?? 0) + 1);
    }
    const mean = (800 * count) / n;
    t.equal(met.size, n);
    t.ok(Math.max(...met.values()) < mean + 6 * Math.sqrt(mean), 'none comes much more often than the others');
  }
  t.equal((s.ask('zrandmember z -100') as string[]).length, 100);
  t.same(s.ask('zrandmember z 40'), s.ask('zrange z 0 -1'));
  const pairs = s.ask('zrandmember z -3 WITHSCORES') as string[];
  t.equal(pairs.length, 6);
  t.equal(pairs[0], `m${pairs[1]}`);
  t.same([s.ask('zrandmember none'), s.ask('zrandmember none 2'), s.ask('zrandmember z 0')], [null, [], []]);
  t.equal(s.ask('zrandmember z x'), NOT_INTEGER);
  const range = '-ERR value is out of range, value must between -9223372036854775807 and 9223372036854775807';
  t.equal(s.ask('zrandmember z -9223372036854775808'), range);
  t.equal(s.ask('zrandmember z 9223372036854775807 withscores'), '-ERR value is out of range');
  t.equal(s.ask('zrandmember z 1 foo'), SYNTAX);
  t.equal(s.ask('zrandmember z 1 withscores foo'), SYNTAX);
});

t.test('scanning', (t) => {
  const s = new Session();
  s.ask('zadd small 1 a 2.5 b 1e20 c -0 d');
  t.same(s.ask('zscan small 0'), ['0', ['d', '0', 'a', '1', 'b', '2.5', 'c', '1e+20']]);
  t.same(s.ask('zscan small 5 match [ab] count 1'), ['0', ['a', '1', 'b', '2.5']]);
  t.same(s.ask('zscan none 0 foo'), ['0', []]);
  t.equal(s.ask('zscan small x'), '-ERR invalid cursor');
  t.equal(s.ask('zscan small 0 count 0'), SYNTAX);
  t.equal(s.ask('zscan small 0 count x'), NOT_INTEGER);
  t.equal(s.ask('zscan small 0 match'), SYNTAX);
  t.equal(s.ask('zscan small 0 type zset'), SYNTAX);
  for (let i = 0; i < 3000; i++) s.ask(`zadd big ${i / 10} m${i}`);
  const seen = new Map<string, string>();
  let cursor = '0';
  let calls = 0;
  do {
    const [next, found] = s.ask(`zscan big ${cursor} count 50`) as [string, string[]];
    for (let i = 0; i < found.length; i += 2) {
      if (seen.has(found[i])) t.fail(`${found[i]} came twice`);
      seen.set(found[i], found[i + 1]);
    }
    cursor = next;
    s.ask(`zadd big 1 other${calls++}`);
  } while (cursor !== '0');
  t.ok(calls > 20 && calls < 80, `${calls} calls`);
  for (let i = 0; i < 3000; i++) if (Number(seen.get(`m${i}`)) !== i / 10) t.fail(`m${i} has ${seen.get(`m${i}`)}`);
  t.equal(seen.get('m31'), '3.1000000000000001', 'of a big set, with 17 digits');
  s.ask('zadd big 0 zero 1e20 large 1e-7 tiny inf inf -inf low -0 minus');
  const [, found] = s.ask('zscan big 0 count 100000 match [!-~]*[a-z]') as [string, string[]];
  const scores = Object.fromEntries(found.map((word, i) => [word, found[i + 1]]).filter((_, i) => i % 2 === 0));
  t.match(scores, { zero: '0', large: '1e+20', tiny: '9.9999999999999995e-08', inf: 'inf', low: '-inf', minus: '-0' });
  t.end();
});
