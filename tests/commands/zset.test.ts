/** The sorted set family, members and intervals: replies in both protocols, errors, events, forms, expiry. */
import t, { type Test } from 'tap';
import { Settings } from '../../commands/settings.js';
import { Bytes } from '../../storage/memory/bytes.js';
import { OBJECT, PACKED } from '../../storage/types.js';
import { Session } from './session.js';

const WRONG = '-WRONGTYPE Operation against a key holding the wrong kind of value';
const NOT_INTEGER = '-ERR value is not an integer or out of range';
const NOT_FLOAT = '-ERR value is not a valid float';
const BOUND = '-ERR min or max is not a float';
const LEX_BOUND = '-ERR min or max not valid string range item';
const SYNTAX = '-ERR syntax error';

function form(s: Session, key: string): number {
  const { space } = s.client.db;
  return space.encoding(space.find(Bytes.from(key)));
}

/** A session whose sorted sets are all of one form. */
function session(entries: number, resp: 2 | 3 = 2): Session {
  const settings = new Settings();
  settings.limits.zsetMaxListpackEntries = entries;
  return new Session(settings, resp);
}

/** Both forms must answer alike. */
function both(name: string, body: (t: Test, s: Session) => void): void {
  t.test(name, (t) => {
    for (const entries of [128, 0]) body(t, session(entries));
    t.end();
  });
}

both('ZADD, its conditions and counts', (t, s) => {
  t.equal(s.ask('zadd z 1 a 2 b 1 a'), 2);
  t.same(s.events, ['zadd z']);
  t.equal(s.ask('zadd z 1 a 2 b'), 0);
  t.same(s.events, [], 'equal scores change nothing');
  t.equal(s.ask('zadd z 5 a 3 c'), 1);
  t.equal(s.ask('zadd z ch 6 a 4 d'), 2);
  t.equal(s.ask('zadd z NX CH 9 a 5 e'), 1);
  t.equal(s.ask('zadd z xx ch 7 a 9 none'), 1);
  t.equal(s.ask('zadd z gt ch 1 a 8 b 6 f'), 2);
  t.equal(s.ask('zadd z lt ch 1 a 9 b'), 1);
  t.equal(s.ask('zadd z xx gt ch 2 a 1 none'), 1);
  t.same(s.ask('zrange z 0 -1 withscores'), ['a', '2', 'c', '3', 'd', '4', 'e', '5', 'f', '6', 'b', '8']);
  void s.events;
  t.equal(s.ask('zadd z incr 3 a'), '5');
  t.same(s.events, ['zincr z']);
  t.equal(s.ask('zadd z incr nx 1 a'), null);
  t.equal(s.ask('zadd z incr xx 1 none'), null);
  t.equal(s.ask('zadd z incr gt -1 a'), null);
  t.equal(s.ask('zadd z incr gt 0 a'), null, 'an increment of 0 is not greater');
  t.equal(s.ask('zadd z incr 0 a'), '5');
  t.same(s.events, []);
  t.equal(s.ask('zadd none xx 1 a'), 0);
  t.equal(s.ask('zadd none xx incr 1 a'), null);
  t.equal(s.ask('exists none'), 0);
});

both('scores: infinite, not a number, and how they look', (t, s) => {
  t.equal(s.ask('zincrby z 1.5 a'), '1.5');
  t.equal(s.ask('zincrby z -1e2 a'), '-98.5');
  t.equal(s.ask('zincrby z +inf a'), 'inf');
  t.equal(s.ask('zincrby z -inf a'), '-ERR resulting score is not a number (NaN)');
  t.equal(s.ask('zadd z incr -inf a'), '-ERR resulting score is not a number (NaN)');
  t.equal(s.ask('zscore z a'), 'inf');
  for (const text of ['nan', '', 'x', ' 1', '1e400', '1 ']) {
    t.equal(s.ask(['zadd', 'z', text, 'b']), NOT_FLOAT);
    t.equal(s.ask(['zincrby', 'z', text, 'b']), NOT_FLOAT);
  }
  t.equal(s.ask('zadd z 1 b x c'), NOT_FLOAT);
  t.equal(s.ask('zscore z b'), null, 'nothing is added when one score is bad');
  s.ask('zadd d 0x10 hex 3.1 short 1e20 big 100000000000000000 whole 0.1 tenth 1e-7 tiny');
  t.same(s.ask('zmscore d hex short big whole tenth tiny none'), [
    '16',
    '3.1',
    '1e+20',
    '100000000000000000',
    '0.1',
    '1e-7',
    null,
  ]);
});

t.test('errors of ZADD in Redis`s order', (t) => {
  const s = new Session();
  s.ask('set str v');
  t.equal(s.ask('zadd z 1'), "-ERR wrong number of arguments for 'zadd' command");
  t.equal(s.ask('zadd z nx xx'), SYNTAX);
  t.equal(s.ask('zadd z 1 a 2'), SYNTAX);
  t.equal(s.ask('zadd z nx xx 1 a'), '-ERR XX and NX options at the same time are not compatible');
  for (const two of ['gt lt', 'nx gt', 'lt nx'])
    t.equal(s.ask(`zadd z ${two} 1 a`), '-ERR GT, LT, and/or NX options at the same time are not compatible');
  t.equal(s.ask('zadd z incr 1 a 2 b'), '-ERR INCR option supports a single increment-element pair');
  t.equal(s.ask('zadd str x a'), NOT_FLOAT);
  t.equal(s.ask('zadd str 1 a'), WRONG);
  t.equal(s.ask('zadd z foo 1 a'), SYNTAX);
  t.equal(s.ask('zadd z foo a'), NOT_FLOAT);
  t.equal(s.ask('exists z'), 0);
  t.end();
});

t.test('every command refuses another type and leaves it alone', (t) => {
  const s = new Session();
  s.ask('set str v');
  s.ask('zadd z 1 a');
  void s.events;
  const { dirty } = s.server;
  const lines = ['zcard str', 'zcount str 0 1', 'zincrby str 1 a', 'zlexcount str - +', 'zmscore str a', 'zrank str a'];
  lines.push('zrevrank str a withscore', 'zrem str a', 'zscore str a', 'zrange str 0 1', 'zrangebyscore str 0 1');
  lines.push('zrangebylex str - +', 'zrevrange str 0 1', 'zrevrangebyscore str 1 0', 'zrevrangebylex str + -');
  lines.push('zremrangebyrank str 0 1', 'zremrangebyscore str 0 1', 'zremrangebylex str - +', 'zrangestore d str 0 1');
  lines.push(
    'zpopmin str',
    'zpopmax str 1',
    'zmpop 2 none str min',
    'zrandmember str',
    'zrandmember str 1',
    'zscan str 0',
  );
  lines.push('zunion 2 z str', 'zinter 2 none str', 'zdiff 2 z str', 'zintercard 2 z str', 'zunionstore d 2 z str');
  lines.push('zinterstore d 2 z str', 'zdiffstore d 2 z str');
  for (const line of lines) t.equal(s.ask(line), WRONG, line);
  t.equal(s.ask('get z'), WRONG);
  t.equal(s.server.dirty, dirty);
  t.same(s.events, []);
  t.equal(s.ask('exists d'), 0);
  t.same(s.ask('zrange z 0 -1'), ['a']);
  t.end();
});

both('removing, ranks and the empty set', (t, s) => {
  s.ask('zadd z 1 a 1 b 2 c 0.5 d');
  t.same([s.ask('zrank z d'), s.ask('zrank z b'), s.ask('zrevrank z b'), s.ask('zrank z none')], [0, 2, 1, null]);
  t.same(s.ask('zrank z c withscore'), [3, '2']);
  t.same(s.ask('zrevrank z d WITHSCORE'), [3, '0.5']);
  t.equal(s.raw('zrank z none withscore'), '*-1\r\n');
  t.equal(s.raw('zrank none a'), '$-1\r\n');
  t.equal(s.ask('zrank z a withscores'), SYNTAX);
  t.equal(s.ask('zrank z a withscore x'), "-ERR wrong number of arguments for 'zrank' command");
  t.equal(s.ask('zcard z'), 4);
  void s.events;
  t.equal(s.ask('zrem z a none a'), 1);
  t.equal(s.ask('zrem z none'), 0);
  t.equal(s.ask('zrem none a'), 0);
  t.same(s.events, ['zrem z']);
  t.equal(s.ask('zrem z b c d'), 3);
  t.same(s.events, ['zrem z', 'del z']);
  t.same([s.ask('exists z'), s.ask('zcard z'), s.ask('zscore z a'), s.ask('zrange z 0 -1')], [0, 0, null, []]);
  t.equal(s.client.db.space.arena.used, 0, 'nothing is left of it');
});

both('ranges by rank', (t, s) => {
  s.ask('zadd z 1 a 2 b 3 c 4 d');
  t.same(s.ask('zrange z 0 -1'), ['a', 'b', 'c', 'd']);
  t.same(s.ask('zrange z 1 2'), ['b', 'c']);
  t.same(s.ask('zrange z -2 100'), ['c', 'd']);
  t.same(s.ask('zrange z -100 0'), ['a']);
  for (const none of ['2 1', '4 5', '-9 -8', '9223372036854775807 1']) t.same(s.ask(`zrange z ${none}`), [], none);
  t.same(s.ask('zrange z 0 1 rev'), ['d', 'c']);
  t.same(s.ask('zrange z -1 -1 REV WITHSCORES'), ['a', '1']);
  t.same(s.ask('zrevrange z 1 2 withscores'), ['c', '3', 'b', '2']);
  t.same(s.ask('zrange z 0 1 limit 5 -1'), ['a', 'b'], 'a count of -1 passes for no LIMIT');
  t.equal(s.ask('zrange z 0 x'), NOT_INTEGER);
  t.equal(s.ask('zrange z 0 9223372036854775808'), NOT_INTEGER);
  const limit = '-ERR syntax error, LIMIT is only supported in combination with either BYSCORE or BYLEX';
  t.equal(s.ask('zrange z 0 1 limit 0 1'), limit);
  for (const bad of ['rev rev', 'foo', 'limit 0', 'byscore bylex', 'bylex bylex'])
    t.equal(s.ask(`zrange z 0 1 ${bad}`), SYNTAX);
  t.equal(s.ask('zrevrange z 0 1 rev'), SYNTAX);
  t.equal(s.ask('zremrangebyrank z 1 x'), NOT_INTEGER);
  void s.events;
  t.equal(s.ask('zremrangebyrank z 5 9'), 0);
  t.equal(s.ask('zremrangebyrank z 1 -2'), 2);
  t.equal(s.ask('zremrangebyrank z 0 -1'), 2);
  t.same(s.events, ['zremrangebyrank z', 'zremrangebyrank z', 'del z']);
});

both('ranges by score', (t, s) => {
  s.ask('zadd z -inf low 1 a 1 b 2 c 2.5 d inf high');
  t.same(s.ask('zrangebyscore z 1 2'), ['a', 'b', 'c']);
  t.same(s.ask('zrangebyscore z (1 2.5'), ['c', 'd']);
  t.same(s.ask('zrangebyscore z 1 (2.5 withscores'), ['a', '1', 'b', '1', 'c', '2']);
  t.same(s.ask('zrangebyscore z -inf +inf limit 1 2'), ['a', 'b']);
  t.same(s.ask('zrangebyscore z (-inf (inf limit 1 -1'), ['b', 'c', 'd']);
  t.same(s.ask('zrevrangebyscore z 2 1 limit 0 2'), ['c', 'b']);
  t.same(s.ask('zrange z 2 1 byscore rev limit 1 5'), ['b', 'a']);
  t.same(s.ask('zrange z 1 2 byscore rev'), []);
  t.same(s.ask('zrangebyscore z 0 3 limit -1 5'), []);
  t.same(s.ask('zrangebyscore z 0 3 limit 0 0'), []);
  t.same(
    [s.ask('zcount z 1 2'), s.ask('zcount z (1 (2.5'), s.ask('zcount z 2 1'), s.ask('zcount none 0 1')],
    [3, 1, 0, 0],
  );
  t.equal(s.ask(['zcount', 'z', '', ' 1']), 2, 'bounds are read as leniently as by strtod');
  for (const bad of ['x 1', '1 (x', 'nan 1', '1 ((2']) {
    t.equal(s.ask(`zrangebyscore z ${bad}`), BOUND);
    t.equal(s.ask(`zcount z ${bad}`), BOUND);
    t.equal(s.ask(`zremrangebyscore z ${bad}`), BOUND);
  }
  t.equal(s.ask('zrangebyscore z x 1 foo'), SYNTAX, 'options are read first');
  t.equal(s.ask('zrangebyscore z 0 1 limit x 1'), NOT_INTEGER);
  t.equal(s.ask('zrangebyscore z 0 1 byscore'), SYNTAX);
  void s.events;
  t.equal(s.ask('zremrangebyscore z (1 2.5'), 2);
  t.equal(s.ask('zremrangebyscore z (1 2.5'), 0);
  t.same(s.events, ['zremrangebyscore z']);
  t.same(s.ask('zrange z 0 -1'), ['low', 'a', 'b', 'high']);
});

both('ranges by member', (t, s) => {
  s.ask(['zadd', 'z', '0', 'a', '0', 'b', '0', 'ba', '0', 'c', '0', '', '0', '10', '0', '9', '0', '\xff']);
  t.same(s.ask('zrangebylex z - +'), ['', '10', '9', 'a', 'b', 'ba', 'c', '\xff']);
  t.same(s.ask('zrangebylex z [a (c'), ['a', 'b', 'ba']);
  t.same(s.ask('zrangebylex z (a [c limit 1 1'), ['ba']);
  t.same(s.ask('zrange z [c (a bylex rev'), ['c', 'ba', 'b']);
  t.same(s.ask('zrevrangebylex z [b -'), ['b', 'a', '9', '10', '']);
  t.same(s.ask(['zrangebylex', 'z', '[', '(9']), ['', '10']);
  for (const none of ['+ -', '+ +', '- -', '[c [a', '(b (b']) t.same(s.ask(`zrangebylex z ${none}`), [], none);
  t.same([s.ask('zlexcount z - +'), s.ask('zlexcount z [b [ba'), s.ask('zlexcount z (b (ba')], [8, 2, 0]);
  for (const bad of ['a c', '- x', '+x +', '[a']) {
    const words = bad.split(' ');
    if (words.length === 1) words.push('');
    t.equal(s.ask(['zrangebylex', 'z', ...words]), LEX_BOUND);
    t.equal(s.ask(['zlexcount', 'z', ...words]), LEX_BOUND);
    t.equal(s.ask(['zremrangebylex', 'z', ...words]), LEX_BOUND);
  }
  const scores = '-ERR syntax error, WITHSCORES not supported in combination with BYLEX';
  t.equal(s.ask('zrange z a c bylex withscores'), scores);
  void s.events;
  t.equal(s.ask('zremrangebylex z [9 (b'), 2);
  t.same(s.events, ['zremrangebylex z']);
  t.same(s.ask('zrangebylex z - +'), ['', '10', 'b', 'ba', 'c', '\xff']);
});

both('ZRANGESTORE', (t, s) => {
  s.ask('zadd z 1 a 2 b 3 c 4 d');
  s.ask('set str v');
  void s.events;
  t.equal(s.ask('zrangestore d z 1 2'), 2);
  t.same(s.ask('zrange d 0 -1 withscores'), ['b', '2', 'c', '3']);
  t.equal(s.ask('zrangestore d z (4 1 byscore rev limit 0 2'), 2);
  t.same(s.ask('zrange d 0 -1'), ['b', 'c']);
  t.equal(s.ask('zrangestore z z 0 0'), 1, 'onto itself');
  t.same(s.ask('zrange z 0 -1'), ['a']);
  t.equal(s.ask('zrangestore str z 0 0'), 1, 'onto another type');
  t.same(s.events, ['zrangestore d', 'zrangestore d', 'zrangestore z', 'zrangestore str']);
  t.equal(s.ask('zrangestore str z 5 9'), 0);
  t.equal(s.ask('zrangestore str none 0 9'), 0);
  t.same(s.events, ['del str']);
  t.equal(s.ask('zrangestore d z 0 1 withscores'), SYNTAX);
});

t.test('RESP3: doubles, and pairs where scores are asked for', (t) => {
  const s = session(128, 3);
  s.ask('zadd z 1.5 a 2 b');
  t.equal(s.raw('zscore z a'), ',1.5\r\n');
  t.equal(s.raw('zscore z none'), '_\r\n');
  t.equal(s.raw('zincrby z 1 b'), ',3\r\n');
  t.equal(s.raw('zadd z incr nx 1 b'), '_\r\n');
  t.equal(s.raw('zmscore z a x'), '*2\r\n,1.5\r\n_\r\n');
  t.equal(s.raw('zrank z a withscore'), '*2\r\n:0\r\n,1.5\r\n');
  t.equal(s.raw('zrank z x withscore'), '_\r\n');
  t.equal(s.raw('zrange z 0 -1'), '*2\r\n$1\r\na\r\n$1\r\nb\r\n');
  t.equal(s.raw('zrange z 0 0 withscores'), '*1\r\n*2\r\n$1\r\na\r\n,1.5\r\n');
  t.equal(s.raw('zunion 1 z withscores'), '*2\r\n*2\r\n$1\r\na\r\n,1.5\r\n*2\r\n$1\r\nb\r\n,3\r\n');
  t.equal(s.raw('zscan z 0 match a'), '*2\r\n$1\r\n0\r\n*2\r\n$1\r\na\r\n$3\r\n1.5\r\n');
  t.equal(s.raw('zrandmember z 5 withscores'), '*2\r\n*2\r\n$1\r\na\r\n,1.5\r\n*2\r\n$1\r\nb\r\n,3\r\n');
  t.equal(s.raw('zmpop 1 z max'), '*2\r\n$1\r\nz\r\n*1\r\n*2\r\n$1\r\nb\r\n,3\r\n');
  t.equal(s.raw('zpopmin z 3'), '*1\r\n*2\r\n$1\r\na\r\n,1.5\r\n');
  s.ask('zadd z inf a');
  t.equal(s.raw('zpopmin z'), '*2\r\n$1\r\na\r\n,inf\r\n', 'flat without a count');
  t.equal(s.raw('zmpop 1 z max'), '_\r\n');
  t.end();
});

t.test('forms, as OBJECT ENCODING of Redis 7.2 would name them', (t) => {
  const s = new Session();
  const pairs = (n: number) => Array.from({ length: n }, (_, i) => `${i} m${i}`).join(' ');
  s.ask(`zadd z ${pairs(128)}`);
  t.equal(form(s, 'z'), PACKED);
  s.ask('zadd z 1 m128');
  t.equal(form(s, 'z'), OBJECT);
  s.ask('zrem z m128 m127');
  t.equal(form(s, 'z'), OBJECT, 'there is no way back');
  s.ask('zrangestore d z 0 -1');
  t.equal(form(s, 'd'), PACKED, 'but for what is stored anew');
  s.ask(`zadd same ${'1 m '.repeat(129).trim()}`);
  t.equal(form(s, 'same'), OBJECT, 'the number of pairs decides beforehand');
  s.ask(['zadd', 'long', '1', 'x'.repeat(65)]);
  t.equal(form(s, 'long'), OBJECT);
  s.ask(['zadd', 'short', '1', 'x'.repeat(64)]);
  t.equal(form(s, 'short'), PACKED);
  s.ask(['zadd', 'short', '1', 'x'.repeat(65)]);
  t.equal(form(s, 'short'), OBJECT);
  t.equal(s.ask('type short'), 'zset');
  t.end();
});

both('COPY, RENAME, MOVE and OBJECT ENCODING', (t, s) => {
  s.ask('zadd z 1 a 2.5 b -inf c');
  const all = ['c', '-inf', 'a', '1', 'b', '2.5'];
  t.equal(s.ask('copy z y'), 1);
  t.equal(s.ask('zadd y 9 d'), 1);
  t.same(s.ask('zrange z 0 -1 withscores'), all);
  t.equal(s.ask('copy z y replace'), 1);
  t.same(s.ask('zrange y 0 -1 withscores'), all);
  t.equal(s.ask('object encoding y'), s.ask('object encoding z'));
  t.ok(['listpack', 'skiplist'].includes(s.ask('object encoding y') as string));
  t.equal(s.ask('rename y x'), 'OK');
  t.equal(s.ask('move x 1'), 1);
  s.ask('select 1');
  t.same(s.ask('zrange x 0 -1 withscores'), all);
  s.ask('select 0');
  s.ask('unlink z');
  t.equal(s.client.db.space.arena.used, 0, 'nothing is left of it');
});

t.test('a TTL outlives changes, but not a result stored over it', (t) => {
  const s = new Session();
  s.ask('zadd z 1 a 2 b');
  s.ask('expire z 100');
  s.ask('zadd z 3 c');
  s.ask('zpopmin z');
  t.equal(s.ask('ttl z'), 100);
  s.ask('zunionstore z 1 z');
  t.equal(s.ask('ttl z'), -1);
  s.ask('expire z 100');
  s.now += 100_000;
  t.equal(s.ask('zadd z ch 1 x'), 1);
  t.same(s.ask('zrange z 0 -1'), ['x']);
  t.end();
});
