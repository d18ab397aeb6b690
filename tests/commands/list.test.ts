/** The list commands: every option and refusal, as redis-server 7.0.15 answers them; events, RESP3, and where 7.2 differs. */
import t from 'tap';
import { createServer } from '../../src/index.js';
import { Bytes } from '../../storage/memory/bytes.js';
import { play } from '../script.js';

const WRONGTYPE = '-WRONGTYPE Operation against a key holding the wrong kind of value';
const NOT_INTEGER = '-ERR value is not an integer or out of range';
const RANK_ZERO =
  "-ERR RANK can't be zero: use 1 to start from the first match, 2 from the second ... or use negative to start from the end of the list";

/** One script; the parts build on each other. */
const SCRIPT: Readonly<Record<string, string>> = {
  adding: `
    A  RPUSH l a b c => :3
    A  LPUSH l z y => :5
    A  LRANGE l 0 -1 => [y,z,a,b,c]
    A  RPUSHX l d e => :7
    A  LPUSHX l x => :8
    A  LPUSHX none 1 => :0
    A  RPUSHX none 1 => :0
    A  EXISTS none => :0
    A  LLEN l => :8
    A  LLEN none => :0
    A  TYPE l => +list
    A  RPUSH l "" => :9
    A  LINDEX l -1 => ""
    A  RPUSH => -ERR wrong number of arguments for 'rpush' command
    A  RPUSH l => -ERR wrong number of arguments for 'rpush' command
    A  LPUSHX l => -ERR wrong number of arguments for 'lpushx' command`,
  'by index': `
    A  LINDEX l 0 => x
    A  LINDEX l -2 => e
    A  LINDEX l 99 => nil
    A  LINDEX l -99 => nil
    A  LINDEX l 01 => ${NOT_INTEGER}
    A  LINDEX l 1.5 => ${NOT_INTEGER}
    A  LINDEX l 9223372036854775807 => nil
    A  LINDEX l 9223372036854775808 => ${NOT_INTEGER}
    A  LINDEX none abc => nil
    A  LSET l 0 first => +OK
    A  LSET l -1 last => +OK
    A  LSET l 99 v => -ERR index out of range
    A  LSET l -99 v => -ERR index out of range
    A  LSET l abc v => ${NOT_INTEGER}
    A  LSET none 0 v => -ERR no such key
    A  LSET none abc v => -ERR no such key
    A  LRANGE l 0 -1 => [first,y,z,a,b,c,d,e,last]
    A  LRANGE l 1 2 => [y,z]
    A  LRANGE l -2 -1 => [e,last]
    A  LRANGE l -99 1 => [first,y]
    A  LRANGE l 3 1 => []
    A  LRANGE l 99 100 => []
    A  LRANGE l 5 99 => [c,d,e,last]
    A  LRANGE l -9223372036854775808 9223372036854775807 => [first,y,z,a,b,c,d,e,last]
    A  LRANGE l a 1 => ${NOT_INTEGER}
    A  LRANGE l 1 a => ${NOT_INTEGER}
    A  LRANGE none 0 -1 => []
    A  LRANGE none 0 a => ${NOT_INTEGER}`,
  'by value': `
    A  DEL l => :1
    A  RPUSH l 1 2 3 1 2 3 1 2 3 -5 007 7 => :12
    A  LINSERT l BEFORE 2 x => :13
    A  LINSERT l after 3 y => :14
    A  LINSERT l BEFORE -5 z => :15
    A  LINSERT l BEFORE 7 seven => :16
    A  LINSERT l BEFORE none z => :-1
    A  LINSERT none BEFORE a b => :0
    A  LINSERT l foo 1 2 => -ERR syntax error
    A  LINSERT l BEFORE 1 => -ERR wrong number of arguments for 'linsert' command
    A  LRANGE l 0 -1 => [1,x,2,3,y,1,2,3,1,2,3,z,-5,007,seven,7]
    A  LREM l 1 1 => :1
    A  LREM l -1 1 => :1
    A  LREM l 0 3 => :3
    A  LREM l 5 2 => :3
    A  LREM l -5 nothing => :0
    A  LREM l -9223372036854775808 y => :1
    A  LREM l abc 1 => ${NOT_INTEGER}
    A  LREM none 0 1 => :0
    A  LRANGE l 0 -1 => [x,1,z,-5,007,seven,7]
    A  LREM l 0 1 => :1
    A  LREM l 0 x => :1
    A  LREM l 0 z => :1
    A  LREM l 0 -5 => :1
    A  LREM l 0 007 => :1
    A  LREM l 0 seven => :1
    A  LREM l 0 7 => :1
    A  EXISTS l => :0`,
  positions: `
    A  RPUSH l a b c 1 2 3 c c => :8
    A  LPOS l c => :2
    A  LPOS l c RANK 2 => :6
    A  LPOS l c RANK -1 => :7
    A  LPOS l c RANK -2 COUNT 2 => [:6,:2]
    A  LPOS l c COUNT 0 => [:2,:6,:7]
    A  LPOS l c COUNT 2 => [:2,:6]
    A  LPOS l c RANK 2 COUNT 0 => [:6,:7]
    A  LPOS l c RANK 9 COUNT 0 => []
    A  LPOS l c RANK 9 => nil
    A  LPOS l c COUNT 0 MAXLEN 3 => [:2]
    A  LPOS l c COUNT 0 MAXLEN 2 => []
    A  LPOS l c RANK -1 MAXLEN 1 => :7
    A  LPOS l a RANK -1 MAXLEN 7 => nil
    A  LPOS l c RANK -9223372036854775807 => nil
    A  LPOS l 2 => :4
    A  LPOS l 02 => nil
    A  LPOS none c => nil
    A  LPOS none c COUNT 1 => []
    A  LPOS l c RANK 0 => ${RANK_ZERO}
    A  LPOS l c RANK x => ${NOT_INTEGER}
    A  LPOS l c COUNT -1 => -ERR COUNT can't be negative
    A  LPOS l c COUNT x => -ERR COUNT can't be negative
    A  LPOS l c MAXLEN -1 => -ERR MAXLEN can't be negative
    A  LPOS l c MAXLEN x => -ERR MAXLEN can't be negative
    A  LPOS l c RANK => -ERR syntax error
    A  LPOS l c FOO 1 => -ERR syntax error
    A  LPOS none c RANK 0 => ${RANK_ZERO}
    A  LPOS l => -ERR wrong number of arguments for 'lpos' command`,
  trimming: `
    A  LTRIM l 1 -2 => +OK
    A  LRANGE l 0 -1 => [b,c,1,2,3,c]
    A  LTRIM l -3 99 => +OK
    A  LRANGE l 0 -1 => [2,3,c]
    A  LTRIM l a 1 => ${NOT_INTEGER}
    A  LTRIM l 1 a => ${NOT_INTEGER}
    A  LTRIM none 0 1 => +OK
    A  LTRIM none a 1 => ${NOT_INTEGER}
    A  LTRIM l 5 1 => +OK
    A  EXISTS l => :0`,
  popping: `
    A  RPUSH l 1 2 3 4 5 6 7 => :7
    A  LPOP l => 1
    A  RPOP l => 7
    A  LPOP l 2 => [2,3]
    A  RPOP l 2 => [6,5]
    A  LPOP l 0 => []
    A  RPOP l -1 => -ERR value is out of range, must be positive
    A  LPOP l x => -ERR value is out of range, must be positive
    A  LPOP l 1 2 => -ERR wrong number of arguments for 'lpop' command
    A  LPOP l 99 => [4]
    A  LPOP l => nil
    A  LPOP l 0 => nil[]
    A  RPOP l 1 => nil[]
    A  RPOP none x => -ERR value is out of range, must be positive
    A  RPUSH m 1 2 3 4 5 => :5
    A  LMPOP 2 none m LEFT => [m,[1]]
    A  LMPOP 1 m right COUNT 2 => [m,[5,4]]
    A  LMPOP 1 m LEFT COUNT 99 => [m,[2,3]]
    A  LMPOP 1 m LEFT => nil[]
    A  LMPOP 0 m LEFT => -ERR numkeys should be greater than 0
    A  LMPOP -1 m LEFT => -ERR numkeys should be greater than 0
    A  LMPOP x m LEFT => -ERR numkeys should be greater than 0
    A  LMPOP 1 m => -ERR wrong number of arguments for 'lmpop' command
    A  LMPOP 2 m LEFT => -ERR syntax error
    A  LMPOP 1 m UP => -ERR syntax error
    A  LMPOP 1 m LEFT COUNT => -ERR syntax error
    A  LMPOP 1 m LEFT COUNT 0 => -ERR count should be greater than 0
    A  LMPOP 1 m LEFT COUNT x => -ERR count should be greater than 0
    A  LMPOP 1 m LEFT COUNT 1 COUNT 1 => -ERR syntax error
    A  LMPOP 1 m LEFT FOO 1 => -ERR syntax error
    A  LMPOP 99999999999999999999 m LEFT => -ERR numkeys should be greater than 0
    A  LMPOP 9223372036854775807 m LEFT => -ERR syntax error`,
  moving: `
    A  RPUSH l 1 2 3 => :3
    A  LMOVE l m LEFT RIGHT => 1
    A  LMOVE l m RIGHT LEFT => 3
    A  LMOVE l m left left => 2
    A  EXISTS l => :0
    A  LRANGE m 0 -1 => [2,3,1]
    A  RPOPLPUSH m m => 1
    A  LMOVE m m LEFT RIGHT => 1
    A  LMOVE m m LEFT LEFT => 2
    A  LMOVE m m RIGHT RIGHT => 1
    A  LRANGE m 0 -1 => [2,3,1]
    A  RPOPLPUSH m n => 1
    A  RPOPLPUSH none n => nil
    A  LMOVE none none LEFT LEFT => nil
    A  LMOVE m n UP LEFT => -ERR syntax error
    A  LMOVE m n LEFT DOWN => -ERR syntax error`,
  'a key of another type': `
    A  SET s v => +OK
    A  RPUSH s 1 => ${WRONGTYPE}
    A  LPUSH s 1 => ${WRONGTYPE}
    A  LPUSHX s 1 => ${WRONGTYPE}
    A  RPUSHX s 1 => ${WRONGTYPE}
    A  LPOP s => ${WRONGTYPE}
    A  LPOP s 1 => ${WRONGTYPE}
    A  LPOP s 0 => ${WRONGTYPE}
    A  LPOP s -1 => -ERR value is out of range, must be positive
    A  RPOP s x => -ERR value is out of range, must be positive
    A  LLEN s => ${WRONGTYPE}
    A  LINDEX s 0 => ${WRONGTYPE}
    A  LINDEX s x => ${WRONGTYPE}
    A  LRANGE s 0 1 => ${WRONGTYPE}
    A  LRANGE s x 1 => ${NOT_INTEGER}
    A  LSET s 0 v => ${WRONGTYPE}
    A  LSET s x v => ${WRONGTYPE}
    A  LINSERT s BEFORE a b => ${WRONGTYPE}
    A  LINSERT s foo a b => -ERR syntax error
    A  LREM s 0 a => ${WRONGTYPE}
    A  LREM s x a => ${NOT_INTEGER}
    A  LTRIM s 0 1 => ${WRONGTYPE}
    A  LTRIM s x 1 => ${NOT_INTEGER}
    A  LPOS s a => ${WRONGTYPE}
    A  LPOS s a RANK 0 => ${RANK_ZERO}
    A  RPOPLPUSH s m => ${WRONGTYPE}
    A  RPOPLPUSH m s => ${WRONGTYPE}
    A  RPOPLPUSH none s => nil
    A  LMOVE s m LEFT LEFT => ${WRONGTYPE}
    A  LMOVE m s LEFT LEFT => ${WRONGTYPE}
    A  LMPOP 1 s LEFT => ${WRONGTYPE}
    A  LMPOP 2 none s LEFT => ${WRONGTYPE}
    A  BLPOP none s 0 => ${WRONGTYPE}
    A  BLMOVE s m LEFT LEFT 0 => ${WRONGTYPE}
    A  BLMOVE m s LEFT LEFT 0 => ${WRONGTYPE}
    A  BRPOPLPUSH s m 0 => ${WRONGTYPE}
    A  BLMPOP 0 1 s LEFT => ${WRONGTYPE}
    A  GET m => ${WRONGTYPE}
    A  LRANGE m 0 -1 => [2,3]`,
  'with something to take nobody waits': `
    A  RPUSH l 1 2 3 4 5 6 7 8 9 10 => :10
    A  BLPOP none l 0 => [l,1]
    A  BRPOP l none 0 => [l,10]
    A  BLMOVE l m LEFT LEFT 0 => 2
    A  BRPOPLPUSH l m 0 => 9
    A  BLMPOP 0 2 none l LEFT COUNT 2 => [l,[3,4]]
    A  BLPOP l 1e1 => [l,5]
    A  BLPOP l 0x1 => [l,6]
    A  BLPOP l -0 => [l,7]
    A  BLPOP l x => -ERR timeout is not a float or out of range
    A  BLPOP l -1 => -ERR timeout is negative
    A  BLPOP l -0.001 => [l,8]
    A  BLPOP l nan => -ERR timeout is not a float or out of range
    A  BLPOP l 1.5.5 => -ERR timeout is not a float or out of range
    A  BLPOP l . => -ERR timeout is not a float or out of range
    A  BLMOVE l m UP LEFT x => -ERR syntax error
    A  BLMOVE l m LEFT LEFT x => -ERR timeout is not a float or out of range
    A  BLMOVE l m LEFT LEFT -1 => -ERR timeout is negative
    A  BRPOPLPUSH l m x => -ERR timeout is not a float or out of range
    A  BLMPOP x 1 l LEFT => -ERR timeout is not a float or out of range
    A  BLMPOP -1 1 l LEFT => -ERR timeout is negative
    A  BLMPOP 0 0 l LEFT => -ERR numkeys should be greater than 0
    A  BLMPOP x 1 l UP => -ERR syntax error
    A  BLMPOP 0 1 l LEFT COUNT 0 => -ERR count should be greater than 0
    A  BLPOP l => -ERR wrong number of arguments for 'blpop' command
    A  BLMPOP 0 1 l => -ERR wrong number of arguments for 'blmpop' command
    A  BLPOP none 0.001 => nil[]
    A  BLMOVE none m LEFT LEFT 0.001 => nil[]
    A  BRPOPLPUSH none m .001 => nil[]
    A  BLMPOP 0.001 1 none LEFT => nil[]`,
};

t.test('replies', async (t) => {
  const server = await createServer();
  for (const [name, script] of Object.entries(SCRIPT)) t.same(await play(server.port, script), [], name);
  await server.close();
});

/** A command, and the events of class `l` and `g` that it causes. */
const EVENTS: readonly (readonly [command: string, events: string])[] = [
  ['RPUSH l 1 2 3', 'rpush l'],
  ['LPUSHX l 0', 'lpush l'],
  ['RPUSHX none 0', ''],
  ['LSET l 0 0', 'lset l'],
  ['LINSERT l BEFORE 1 0.5', 'linsert l'],
  ['LINSERT l BEFORE nothing 0.5', ''],
  ['LREM l 0 0.5', 'lrem l'],
  ['LREM l 0 0.5', ''],
  ['LTRIM l 0 -1', 'ltrim l'],
  ['LPOP l 0', ''],
  ['LPOP l 2', 'lpop l'],
  ['LMOVE l m LEFT RIGHT', 'rpush m, lpop l'],
  ['LMOVE l l LEFT LEFT', 'lpush l, lpop l'],
  ['RPOPLPUSH l m', 'lpush m, rpop l, del l'],
  ['LMPOP 1 m RIGHT COUNT 5', 'rpop m, del m'],
  ['RPUSH l 1 2', 'rpush l'],
  ['BLMOVE l l LEFT RIGHT 0', 'rpush l, lpop l'],
  ['BRPOP l 0', 'rpop l'],
  ['LTRIM l 5 6', 'ltrim l, del l'],
  ['RPUSH l 1', 'rpush l'],
  ['LREM l 0 1', 'lrem l, del l'],
  ['BLPOP none 0.001', ''],
];

t.test('keyspace events', async (t) => {
  const server = await createServer();
  const heard: string[] = [];
  server.onEvent((_db, _kind, event, key) => heard.push(`${event} ${key}`));
  for (const [command, events] of EVENTS) {
    heard.length = 0;
    await play(server.port, `A> ${command}`);
    t.equal(heard.join(', '), events, command);
  }
  heard.length = 0;
  await play(server.port, 'A> BLPOP k 0\nB  RPUSH k 1 => :1\nA< [k,1]');
  t.equal(heard.join(', '), 'rpush k, lpop k, del k', 'who waited is served after the push');
  await server.close();
});

t.test('a refused command changes nothing', async (t) => {
  const server = await createServer();
  await play(server.port, 'A> RPUSH l 1 2 3\nA> SET s v');
  const { dirty } = server;
  for (const command of [
    'LSET l 9 v',
    'LMOVE l s LEFT LEFT',
    'RPUSH s 1',
    'LPOP l -1',
    'LINSERT l UP 1 2',
    'LTRIM l 0 x',
  ])
    await play(server.port, `A> ${command}`);
  t.equal(server.dirty, dirty);
  t.same(await play(server.port, 'A  LRANGE l 0 -1 => [1,2,3]\nA  GET s => v'), []);
  await server.close();
});

t.test('what Redis 7.2 made other than 7.0', async (t) => {
  const server = await createServer();
  t.same(
    await play(
      server.port,
      `
      A  RPUSH l a => :1
      A  LPOS l a RANK -9223372036854775808 => -ERR value is out of range, value must between -9223372036854775807 and 9223372036854775807
      A  BLPOP l inf => -ERR timeout is out of range
      A  BLPOP l 9223372036854776 => -ERR timeout is out of range
      A  BLPOP l 9223372036854775 => -ERR timeout is out of range
      A  BLPOP l 1e4000 => -ERR timeout is out of range
      A  BLPOP l -inf => -ERR timeout is negative`,
    ),
    [],
  );
  const encoding = (): string => {
    const { space, lists } = server.databases[0];
    return lists.encodingName(space.find(Bytes.from('l')));
  };
  t.equal(encoding(), 'listpack');
  await play(server.port, `A> RPUSH l ${'x'.repeat(8200)}`);
  t.equal(encoding(), 'quicklist');
  await play(server.port, 'A> RPOP l');
  t.equal(encoding(), 'listpack');
  await server.close();
});

t.test('large lists by their commands', async (t) => {
  const server = await createServer();
  const values = Array.from({ length: 3000 }, (_, i) => (i % 7 === 0 ? `${i}${'x'.repeat(100)}` : `${i}`));
  const big = 'y'.repeat(200_000);
  t.same(
    await play(
      server.port,
      `
      A  RPUSH l ${values.join(' ')} => :3000
      A  LRANGE l 1000 1600 => [${values.slice(1000, 1601).join(',')}]
      A  LINDEX l 2999 => 2999
      A  LPOS l 2500 => :2500
      A  LSET l 1500 ${big} => +OK
      A  LINSERT l AFTER 1499 ${big} => :3001
      A  LINDEX l 1501 => ${big}
      A  LMOVE l l RIGHT LEFT => 2999
      A  LREM l 0 ${big} => :2
      A  LTRIM l 100 -101 => +OK
      A  LPOP l 2 => [99,100]
      A  RPOP l => ${values[2898]}
      A  LLEN l => :2796
      A  DEL l => :1`,
    ),
    [],
  );
  await server.close();
});

t.test('RESP3 has one null, and arrays stay arrays', async (t) => {
  const server = await createServer();
  t.same(
    await play(
      server.port,
      `
      A3
      A  RPUSH l a b => :2
      A  LPOP none => null
      A  LPOP none 1 => null
      A  LMPOP 1 none LEFT => null
      A  LPOS l none => null
      A  LPOS l a COUNT 0 => [:0]
      A  BLPOP none 0.001 => null
      A  BLMOVE none l LEFT LEFT 0.001 => null
      A  BLMPOP 0 1 l LEFT COUNT 2 => [l,[a,b]]`,
    ),
    [],
  );
  await server.close();
});
