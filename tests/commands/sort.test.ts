/** SORT and SORT_RO; and COPY, MOVE and RENAME of every type, fields that expire included. */
import t from 'tap';
import { Bytes } from '../../storage/memory/bytes.js';
import { Session } from './session.js';

const SYNTAX = '-ERR syntax error';
const NOT_NUMBERS = "-ERR One or more scores can't be converted into double";
const WRONG = '-WRONGTYPE Operation against a key holding the wrong kind of value';

function filled(): Session {
  const s = new Session();
  s.ask('rpush l 3 1 2 10');
  s.ask('mset w_3 1 w_1 9 w_2 5 w_10 2');
  for (const [id, f] of Object.entries({ 1: 3, 2: 2, 3: 1, 10: 0 })) s.ask(`hset h_${id} f ${f}`);
  return s;
}

t.test('by numbers, by text, some of them', (t) => {
  const s = filled();
  t.same(s.ask('sort l'), ['1', '2', '3', '10']);
  t.same(s.ask('sort l desc'), ['10', '3', '2', '1']);
  t.same(s.ask('sort l asc desc asc'), ['1', '2', '3', '10']);
  t.same(s.ask('sort l alpha'), ['1', '10', '2', '3']);
  t.same(s.ask('sort l alpha desc'), ['3', '2', '10', '1']);
  const limits: Record<string, string[]> = {
    '1 2': ['2', '3'],
    '-1 2': ['1', '2'],
    '1 -1': ['2', '3', '10'],
    '0 0': [],
    '10 5': [],
    '3 9223372036854775807': ['10'],
    '9223372036854775807 1': [],
    '1 2 limit 0 1': ['1'],
  };
  for (const [limit, expected] of Object.entries(limits)) t.same(s.ask(`sort l limit ${limit}`), expected, limit);
  s.ask('rpush words B a C b');
  t.same(s.ask('sort words alpha'), ['B', 'C', 'a', 'b'], 'by bytes');
  t.equal(s.ask('sort words'), NOT_NUMBERS);
  t.same(s.ask('sort no'), []);
  t.end();
});

t.test('what a number is', (t) => {
  const s = new Session();
  const sorted = (...words: string[]): unknown => {
    s.ask('del l');
    s.ask(['rpush', 'l', ...words]);
    return s.ask('sort l');
  };
  t.same(sorted('1e2', '0x10', '', ' 5', '-inf', 'Infinity', '1.5', '-0', '7\0x', '\t-3'), [
    '-inf',
    '\t-3',
    '',
    '-0',
    '1.5',
    ' 5',
    '7\0x',
    '0x10',
    '1e2',
    'Infinity',
  ]);
  for (const word of ['nan', '5 ', ' ', '1e400', '1e-400', '1e-310', '1x', '--1', '.', 'e5', '0x'])
    t.equal(sorted('1', word), NOT_NUMBERS, JSON.stringify(word));
  t.same(sorted('0x1p-1074', '0'), ['0', '0x1p-1074'], 'exact, however small');
  t.same(sorted('2', '2.0', '02'), ['02', '2', '2.0'], 'equal numbers by themselves');
  t.end();
});

t.test('BY', (t) => {
  const s = filled();
  t.same(s.ask('sort l by w_*'), ['3', '10', '2', '1']);
  t.same(s.ask('sort l by w_* desc'), ['1', '2', '10', '3']);
  t.same(s.ask('sort l by h_*->f'), ['10', '3', '2', '1']);
  t.same(s.ask('sort l by h_*->no'), ['1', '10', '2', '3'], 'nothing counts as 0');
  t.same(s.ask('sort l by w_*->f'), ['1', '10', '2', '3'], 'so does a wrong type');
  t.same(s.ask('sort l by l*'), ['1', '10', '2', '3']);
  for (const pattern of ['nosort', '#', 'w_', 'h_->f']) {
    t.same(s.ask(`sort l by ${pattern}`), ['3', '1', '2', '10'], pattern);
    t.same(s.ask(`sort l by ${pattern} desc limit 1 2`), ['2', '1'], `${pattern} backwards`);
  }
  t.same(s.ask(['sort', 'l', 'by', '']), ['3', '1', '2', '10']);
  t.same(s.ask('sort l by nosort by w_*'), ['3', '1', '2', '10'], 'once is enough');
  s.ask('set w_10 x');
  t.equal(s.ask('sort l by w_*'), NOT_NUMBERS);
  s.ask('del w_3');
  t.same(s.ask('sort l by w_* alpha'), ['3', '2', '1', '10'], 'nothing comes first');
  t.same(s.ask('sort l by w_* alpha desc'), ['10', '1', '2', '3']);
  s.ask('mset w_10 same w_3 same w_1 same w_2 same');
  t.same(s.ask('sort l by w_* alpha'), ['3', '1', '2', '10'], 'equal ones stay as they were');
  s.ask(['mset', 'w_10', 'sam', 'w_3', 'same\0', 'w_1', '', 'w_2', 'same']);
  t.same(s.ask('sort l by w_* alpha'), ['1', '10', '2', '3']);
  t.end();
});

t.test('GET', (t) => {
  const s = filled();
  s.ask('del w_2');
  t.same(s.ask('sort l get w_* get #'), ['9', '1', null, '2', '1', '3', '2', '10']);
  t.equal(s.raw('sort l get w_* limit 1 1'), '*1\r\n$-1\r\n');
  t.same(s.ask('sort l get h_*->f'), ['3', '2', '1', '0']);
  for (const pattern of ['w_', '*', 'h_*', 'h_*->', 'h_*->f*', 'h_*->f->g', 'w_*->f', '*->f', '->f*', '##'])
    t.same(s.ask(['sort', 'l', 'get', pattern]), [null, null, null, null], pattern);
  s.ask('set w_5x y');
  s.ask('rpush one 5');
  t.same(s.ask('sort one get w_*x'), ['y']);
  s.ask('hset h_5 ->g v f* u');
  t.same(s.ask('sort one get h_*->->g get h_*->f*'), ['v', 'u']);
  s.ask('hset w_5->x f v');
  t.same(s.ask('sort one get w_*->x->f'), [null], 'the field is behind the first arrow');
  s.ask(['sadd', 'long', 'e'.repeat(300)]);
  s.ask(['set', `w_${'e'.repeat(300)}`, 'found']);
  t.same(s.ask('sort long alpha get w_*'), ['found']);
  const three = new Session({}, 3);
  three.ask('rpush l 1');
  t.equal(three.raw('sort l get no_*'), '*1\r\n_\r\n');
  t.end();
});

t.test('STORE', (t) => {
  const s = filled();
  void s.events;
  t.equal(s.ask('sort l store d'), 4);
  t.same(s.ask('lrange d 0 -1'), ['1', '2', '3', '10']);
  t.same(s.events, ['sortstore d']);
  t.equal(s.ask('object encoding d'), 'listpack');
  s.ask('expire d 100');
  t.equal(s.ask('sort l desc limit 0 2 get w_* get no_* store d'), 4);
  t.same(s.ask('lrange d 0 -1'), ['2', '', '1', '']);
  t.equal(s.ask('ttl d'), -1);
  t.equal(s.ask('sort l store l'), 4, 'the source may be the destination');
  t.same(s.ask('lrange l 0 -1'), ['1', '2', '3', '10']);
  void s.events;
  t.equal(s.ask('sort no store d'), 0);
  t.equal(s.ask('exists d'), 0);
  t.equal(s.ask('sort l limit 9 1 store d'), 0);
  t.same(s.events, ['del d'], 'what was not there is not deleted');
  s.ask('set str v');
  t.equal(s.ask('sort l limit 0 1 store str'), 1);
  t.equal(s.ask('type str'), 'list');
  s.ask(['sadd', 'big', ...Array.from({ length: 3000 }, (_, i) => String(i))]);
  t.equal(s.ask('sort big store d'), 3000);
  t.equal(s.ask('object encoding d'), 'quicklist');
  t.same(s.ask('lrange d 2998 -1'), ['2998', '2999']);
  t.end();
});

t.test('sets and sorted sets', (t) => {
  const s = new Session();
  s.ask('sadd s 3 1 2 x');
  s.ask('srem s x');
  t.same(s.ask('sort s'), ['1', '2', '3']);
  t.same(s.ask('sort s by nosort get #'), ['1', '2', '3']);
  s.ask('sadd words b c a');
  t.equal(s.ask('sort words by nosort desc store d'), 3);
  t.same(s.ask('lrange d 0 -1'), ['c', 'b', 'a'], 'what is stored is sorted all the same');
  for (let i = 0; i < 300; i++) s.ask(`zadd z ${i % 7} ${i}`);
  s.ask('zadd y 3 a 1 b 2 c 1 bb');
  t.same(s.ask('sort y by nosort'), ['b', 'bb', 'c', 'a']);
  t.same(s.ask('sort y by nosort desc'), ['a', 'c', 'bb', 'b']);
  t.same(s.ask('sort y by nosort limit 1 2'), ['bb', 'c']);
  t.same(s.ask('sort y by nosort desc limit 1 -1'), ['c', 'bb', 'b']);
  t.same(s.ask('sort y by nosort limit 5 2'), []);
  t.same(s.ask('sort y alpha'), ['a', 'b', 'bb', 'c']);
  t.same(s.ask('sort z limit 100 2'), ['100', '101']);
  t.same(s.ask('sort z by nosort desc limit 0 2'), s.ask('zrevrange z 0 1'));
  t.end();
});

t.test('errors, and what SORT_RO may not', (t) => {
  const s = filled();
  s.ask('set str v');
  s.ask('hset hash f v');
  for (const key of ['str', 'hash']) {
    t.equal(s.ask(`sort ${key}`), WRONG);
    t.equal(s.ask(`sort_ro ${key} by nosort`), WRONG);
    t.equal(s.ask(`sort ${key} store d`), WRONG);
  }
  t.same(s.ask('sort_ro l by w_* get # desc limit 0 2'), ['1', '2']);
  for (const line of ['sort l foo', 'sort l by', 'sort l get', 'sort l store', 'sort l limit 1', 'sort_ro l store d'])
    t.equal(s.ask(line), SYNTAX, line);
  for (const line of ['sort l limit x 1', 'sort l limit 1 x', 'sort l limit 99999999999999999999 1'])
    t.equal(s.ask(line), '-ERR value is not an integer or out of range', line);
  t.equal(s.ask('sort'), "-ERR wrong number of arguments for 'sort' command");
  t.equal(s.ask('exists d'), 0);
  t.end();
});

t.test('a key that expires while it is looked at changes nothing else', (t) => {
  const s = filled();
  s.ask('pexpire w_1 10');
  s.ask('pexpire h_3 10');
  s.now += 10;
  t.same(s.ask('sort l by w_*'), ['1', '3', '10', '2']);
  t.same(s.ask('sort l get h_*->f'), ['3', '2', null, '0']);
  s.ask('pexpire l 5');
  s.now += 5;
  t.same(s.ask('sort l'), []);
  t.end();
});

t.test('every type is copied, moved and renamed whole', (t) => {
  const s = new Session();
  const many = Array.from({ length: 1000 }, (_, i) => String(i));
  const long = 'x'.repeat(100);
  const makers: Record<string, string[][]> = {
    str: [['set', 'k', 'v']],
    'large string': [['set', 'k', 'v'.repeat(50_000)]],
    list: [['rpush', 'k', 'a', '1', '']],
    'large list': [['rpush', 'k', ...many, long]],
    intset: [['sadd', 'k', '1', '70000']],
    set: [['sadd', 'k', 'a', '1']],
    'large set': [['sadd', 'k', ...many, long]],
    zset: [['zadd', 'k', '1.5', 'a', '-inf', 'b']],
    'large zset': [['zadd', 'k', ...many.flatMap((m) => [m, m])]],
    hash: [['hset', 'k', 'f', 'v', '1', '2']],
    'large hash': [['hset', 'k', ...many.flatMap((m) => [m, m]), 'f', long]],
    'hash with expiry': [
      ['hset', 'k', 'f', 'v', 'g', 'w'],
      ['hexpire', 'k', '100', 'fields', '1', 'f'],
    ],
    'large hash with expiry': [
      ['hset', 'k', ...many.flatMap((m) => [m, m])],
      ['hexpire', 'k', '100', 'fields', '1', '7'],
    ],
  };
  const show = (key: string): unknown => {
    const type = s.ask(`type ${key}`) as string;
    const read = { string: 'get K', list: 'lrange K 0 -1', set: 'smembers K', zset: 'zrange K 0 -1 withscores' }[type];
    const value = s.askSorted((read ?? 'hgetall K').replace('K', key));
    return [type, s.ask(`object encoding ${key}`), s.ask(`pttl ${key}`), value];
  };
  const total = (): number =>
    s.server.databases.reduce((n, { space }) => n + space.arena.used + space.arena.outside, 0);
  for (const [name, lines] of Object.entries(makers)) {
    for (const line of lines) t.notMatch(s.ask(line), /^-/, name);
    s.ask('pexpire k 500000');
    const before = show('k');
    s.ask('copy k copy');
    t.same(show('copy'), before, `${name}: copied`);
    s.ask('rename copy other');
    t.same(show('other'), before, `${name}: renamed`);
    t.equal(s.ask('exists copy'), 0);
    s.ask('move other 1');
    s.ask('select 1');
    t.same(show('other'), before, `${name}: moved`);
    const { space } = s.client.db;
    if (name.includes('expiry')) {
      t.equal(space.fieldExpires, 1);
      s.ask('rename other again');
      t.equal(space.fieldExpires, 1);
      s.now += 100_000;
      t.equal(s.ask(`hexists again ${name.startsWith('large') ? '7' : 'f'}`), 0, 'the field dies in time');
      t.equal(space.fieldExpires, 0);
      s.ask('rename again other');
    }
    s.ask('del other');
    s.ask('select 0');
    s.ask('del k');
    for (const db of s.server.databases) while (!db.space.larges.freeDoomed(16));
    t.equal(s.client.db.space.fieldExpires, 0);
    t.equal(s.client.db.space.expires, 0);
    t.equal(s.client.db.space.find(Bytes.from('k')), 0);
  }
  t.equal(
    total(),
    s.server.databases.reduce((n, { space }) => n + space.table.bytes, 0),
    'nothing is left',
  );
  t.end();
});
