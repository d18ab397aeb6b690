/** SWAPDB, FLUSHDB and FLUSHALL, ROLE, MODULE, LOLWUT, TIME, DBSIZE. The scripts were played against Redis 7.0 first. */
import t from 'tap';
import { createServer } from '../../src/index.js';
import { play } from '../script.js';
import { Session } from './session.js';

t.test('SWAPDB', async (t) => {
  const session = new Session();
  for (const line of ['SET a 1', 'SADD s x', 'ZADD z 1 m', 'RPUSH l e', 'HSET h f v', 'EXPIRE a 100'])
    session.ask(line);
  session.ask('SELECT 3');
  session.ask('SET b 2');
  const { dirty } = session.server;
  t.equal(session.ask('SWAPDB 0 3'), 'OK');
  t.equal(session.server.dirty, dirty + 1);
  t.equal(session.ask('DBSIZE'), 5, 'the client sees what the other held');
  t.same(session.askSorted('KEYS *'), ['a', 'h', 'l', 's', 'z']);
  t.equal(session.ask('TTL a'), 100);
  t.same(session.ask('HGET h f'), 'v');
  session.ask('SADD s y');
  session.ask('ZADD z 2 n');
  session.ask('RPUSH l g');
  t.same([session.ask('SCARD s'), session.ask('ZCARD z'), session.ask('LLEN l')], [2, 2, 2]);
  session.ask('SELECT 0');
  t.same(session.ask('KEYS *'), ['b']);
  session.ask('SET c 3');
  t.equal(session.ask('SWAPDB 3 3'), 'OK');
  t.equal(session.ask('SWAPDB 3 0'), 'OK');
  t.same([session.ask('GET a'), session.ask('DBSIZE')], ['1', 5]);
  session.now += 100_001;
  t.equal(session.ask('GET a'), null, 'clocks go on in both');
  t.equal(session.server.databases[0].index, 0);
});

t.test('SWAPDB: errors', async (t) => {
  const session = new Session();
  for (const [line, reply] of [
    ['SWAPDB x 0', '-ERR invalid first DB index'],
    ['SWAPDB 0 x', '-ERR invalid second DB index'],
    ['SWAPDB 99999999999 0', '-ERR invalid first DB index'],
    ['SWAPDB 0 16', '-ERR DB index is out of range'],
    ['SWAPDB -1 0', '-ERR DB index is out of range'],
    ['SWAPDB 0', "-ERR wrong number of arguments for 'swapdb' command"],
  ])
    t.equal(session.ask(line), reply, line);
  t.equal(session.server.dirty, 0);
});

t.test('SWAPDB and FLUSHDB with others who watch and wait', async (t) => {
  const server = await createServer();
  t.teardown(() => server.close());
  const complaints = await play(
    server.port,
    `
    # a watched key that is exchanged, or comes into being, fails its watchers
    A  SET k 1 => +OK
    A  WATCH k => +OK
    B  SWAPDB 0 1 => +OK
    A  MULTI => +OK
    A  PING => +QUEUED
    A  EXEC => nil[]
    A  WATCH k => +OK
    B  SWAPDB 1 0 => +OK
    A  MULTI => +OK
    A  PING => +QUEUED
    A  EXEC => nil[]
    A  WATCH other => +OK
    B  SWAPDB 1 0 => +OK
    A  MULTI => +OK
    A  PING => +QUEUED
    A  EXEC => [+PONG]
    # a client waits for the number's key, whatever is exchanged
    B  SELECT 5 => +OK
    B  RPUSH q x y => :2
    A> BLPOP q 0
    C> BLMOVE q w LEFT RIGHT 0
    B  SWAPDB 5 0 => +OK
    A< [q,x]
    C< y
    B  SELECT 0 => +OK
    B  LRANGE w 0 -1 => [y]
    # what waits stays with its number after that
    A> BLPOP q 0
    B  SWAPDB 0 2 => +OK
    A?
    B  RPUSH q z => :1
    A< [q,z]
    # flushing what is watched
    B  SET k 1 => +OK
    A  WATCH k => +OK
    B  FLUSHDB => +OK
    A  MULTI => +OK
    A  PING => +QUEUED
    A  EXEC => nil[]
    A  WATCH k => +OK
    B  FLUSHALL ASYNC => +OK
    A  MULTI => +OK
    A  PING => +QUEUED
    A  EXEC => [+PONG]
    `,
  );
  t.same(complaints, []);
});

t.test('FLUSHDB and FLUSHALL', async (t) => {
  const session = new Session();
  const fill = (): void => {
    for (const line of ['SELECT 1', 'SET x 1', 'SELECT 0', 'SET a 1', 'SET b 2']) session.ask(line);
  };
  for (const mode of ['', ' SYNC', ' async']) {
    fill();
    t.equal(session.ask(`FLUSHDB${mode}`), 'OK');
    t.equal(session.ask('DBSIZE'), 0);
    t.equal(session.server.databases[1].size, 1);
    fill();
    t.equal(session.ask(`FLUSHALL${mode}`), 'OK');
    t.equal(session.server.databases[1].size + session.server.databases[0].size, 0);
  }
  fill();
  for (const line of ['FLUSHALL foo', 'FLUSHALL ASYNC SYNC', 'FLUSHDB SYNC x', 'FLUSHDB ASYN'])
    t.equal(session.ask(line), '-ERR syntax error', line);
  t.equal(session.ask('DBSIZE'), 2, 'a refused flush deletes nothing');
});

t.test('ROLE, MODULE, DBSIZE', async (t) => {
  const session = new Session();
  t.equal(session.raw('ROLE'), '*3\r\n$6\r\nmaster\r\n:0\r\n*0\r\n');
  t.equal(session.raw('MODULE LIST'), '*0\r\n');
  t.match(session.ask('MODULE HELP'), [/^MODULE <subcommand>/, 'LIST']);
  t.equal(session.ask('MODULE FOO'), "-ERR unknown subcommand 'FOO'. Try MODULE HELP.");
  t.equal(session.ask('DBSIZE x'), "-ERR wrong number of arguments for 'dbsize' command");
});

t.test('TIME tells microseconds that agree with the clock', async (t) => {
  const session = new Session();
  const us = (): number => {
    const [seconds, micro] = session.ask('TIME') as string[];
    t.ok(Number(micro) < 1e6);
    return Number(seconds) * 1e6 + Number(micro);
  };
  session.step = 0.1;
  let last = us();
  t.equal(Math.floor(last / 1000), session.now);
  for (let i = 0; i < 10; i++) {
    const next = us();
    t.ok(next >= last, 'never back');
    t.equal(Math.floor(next / 1000), session.now, 'never another millisecond than the clock has');
    last = next;
  }
  t.equal(last, session.now * 1000 + 999, 'waits for the clock');
  session.now += 5;
  session.step = 0.01;
  const first = us();
  t.equal(first, session.now * 1000, 'goes on with the clock');
  t.ok(us() > first && us() < first + 1000);
});

t.test('LOLWUT', async (t) => {
  const session = new Session({}, 3);
  const line = 'Redis ver. 7.2.4\n';
  const picture = session.raw('LOLWUT');
  t.match(picture, /^=\d+\r\ntxt:/);
  t.ok(picture.endsWith(`\n\n${line}\r\n`));
  session.client.out.resp = 2;
  t.not(session.ask('LOLWUT'), session.ask('LOLWUT'), 'another one each time');
  const rows = (session.ask('LOLWUT VERSION 5 20 3') as string).split('\n');
  t.equal(rows.length, 3 + 3);
  t.ok(rows.every((row) => row.length <= 20));
  t.equal((session.ask('LOLWUT 100000 100000 100000') as string).split('\n').length, 50 + 3);
  t.equal(session.ask('LOLWUT VERSION 99'), line);
  for (const words of ['LOLWUT VERSION x', 'LOLWUT x', 'LOLWUT VERSION 5 x'])
    t.equal(session.ask(words), '-ERR value is not an integer or out of range', words);
});
