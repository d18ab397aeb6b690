/** SLOWLOG: what gets in, how it is cut, what is kept out, and what a parked command's time is. */
import t from 'tap';
import { Client } from '../../commands/client.js';
import { dispatch } from '../../commands/dispatch.js';
import { Reply } from '../../protocol/reply.js';
import { Bytes } from '../../storage/memory/bytes.js';
import { Session, type Value } from './session.js';

/** A server on which every command takes 15 microseconds and is slow. */
function slow(limit = 128): Session {
  const session = new Session({ slowlogLogSlowerThan: 0, slowlogMaxLen: limit });
  session.step = 1 / 64; // exact, so that sums are: 15.625 microseconds
  return session;
}

/** The arguments of the entries, latest first. */
function commands(session: Session, count = -1): Value {
  session.server.settings.slowlogLogSlowerThan = -1;
  const entries = session.ask(`SLOWLOG GET ${count}`) as Value[][];
  session.server.settings.slowlogLogSlowerThan = 0;
  return entries.map((entry) => (entry[3] as string[]).join(' '));
}

t.test('an entry tells id, time, microseconds, arguments, address and name', async (t) => {
  const session = slow();
  session.client.name = 'bob';
  session.ask('SET k v');
  session.now += 1999;
  session.ask('GET k');
  t.same(session.ask('SLOWLOG GET'), [
    [1, 1_700_000_001, 15, ['GET', 'k'], '?:0', 'bob'],
    [0, 1_700_000_000, 15, ['SET', 'k', 'v'], '?:0', 'bob'],
  ]);
  t.equal(session.ask('SLOWLOG LEN'), 3);
  t.same(session.ask('SLOWLOG GET 1'), [[3, 1_700_000_001, 15, ['SLOWLOG', 'LEN'], '?:0', 'bob']]);
  t.equal(session.ask('SLOWLOG RESET'), 'OK');
  t.same(commands(session), ['SLOWLOG RESET'], 'RESET is noted after it has emptied the log; ids go on');
});

t.test('the threshold', async (t) => {
  const session = slow();
  for (const [threshold, noted] of [
    [15, 1],
    [16, 0],
    [-1, 0],
    [0, 1],
  ]) {
    session.server.timing.slowlog.clear();
    session.server.settings.slowlogLogSlowerThan = threshold;
    session.ask('PING');
    t.equal(session.server.timing.slowlog.entries.length, noted, `${threshold}`);
  }
});

t.test('only the latest are kept, and GET gives ten unless told', async (t) => {
  const session = slow(12);
  for (let i = 0; i < 20; i++) session.ask(`ECHO ${i}`);
  t.equal((commands(session, -1) as Value[]).length, 12);
  t.equal((commands(session, 10) as Value[])[0], 'ECHO 19');
  session.server.settings.slowlogLogSlowerThan = -1;
  t.equal((session.ask('SLOWLOG GET') as Value[]).length, 10);
  t.same(session.ask('SLOWLOG GET 0'), []);
  session.server.settings.slowlogMaxLen = 0;
  session.server.settings.slowlogLogSlowerThan = 0;
  session.ask('PING');
  t.equal(session.ask('SLOWLOG LEN'), 0);
});

t.test('long commands are cut', async (t) => {
  const session = slow();
  const keys = Array.from({ length: 31 }, (_, i) => `${i}`);
  session.ask(['DEL', ...keys]);
  session.ask(['DEL', ...keys, 'x']);
  session.ask(['ECHO', 'a'.repeat(128)]);
  session.ask(['ECHO', 'a'.repeat(152)]);
  t.same(commands(session), [
    `ECHO ${'a'.repeat(128)}... (24 more bytes)`,
    `ECHO ${'a'.repeat(128)}`,
    `DEL ${keys.slice(0, 30).join(' ')} ... (2 more arguments)`,
    `DEL ${keys.join(' ')}`,
  ]);
});

t.test('secrets are kept out', async (t) => {
  const session = slow();
  session.ask('AUTH bob secret');
  session.ask('HELLO 2 AUTH bob secret SETNAME n');
  session.ask('CONFIG SET maxmemory-policy noeviction masterauth secret');
  session.ask('CONFIG SET REQUIREPASS secret');
  t.same(commands(session), [
    'CONFIG SET REQUIREPASS (redacted)',
    'CONFIG SET maxmemory-policy noeviction masterauth (redacted)',
    'HELLO 2 AUTH (redacted) (redacted) SETNAME n',
    'AUTH (redacted) (redacted)',
  ]);
});

t.test('what MULTI queued is noted, EXEC is not, nor what was refused', async (t) => {
  const session = slow();
  for (const line of ['MULTI', 'SET a 1', 'GET a', 'EXEC', 'GET', 'NOSUCH', 'LPUSH a x']) session.ask(line);
  t.same(commands(session), ['LPUSH a x', 'GET a', 'SET a 1', 'MULTI']);
});

t.test('of a command that waited only the time that it ran counts', async (t) => {
  const session = slow();
  const { server } = session;
  const waiting = new Client(2, server, new Reply(server.replies), server.databases[0], [], undefined);
  const run = (line: string): void => {
    waiting.argv = line.split(' ').map((word) => Bytes.from(word));
    waiting.argc = waiting.argv.length;
    server.beginTurn();
    dispatch(waiting);
  };
  run('BLPOP q 0');
  t.not(waiting.wait, undefined);
  t.same(commands(session), [], 'not while it waits');
  t.equal(server.commands.byName.get('blpop')!.calls, 0);
  session.now += 5000;
  session.ask('RPUSH q x');
  t.equal(waiting.wait, undefined);
  t.same(commands(session), ['BLPOP q 0', 'RPUSH q x']);
  const blpop = server.commands.byName.get('blpop')!;
  t.equal(blpop.calls, 1);
  t.equal(blpop.usec, 31.25, 'it ran twice');
  run('BLPOP q 1');
  session.now += 2000;
  server.beginTurn();
  server.blocking.expire();
  t.equal(waiting.wait, undefined);
  t.equal(blpop.calls, 2);
  t.equal(blpop.usec, 46.875);
  t.equal((commands(session) as Value[]).length, 2, 'who waited in vain is in no log');
});

t.test('errors', async (t) => {
  const session = new Session();
  for (const word of ['x', '-2', '9223372036854775808', '1.5'])
    t.equal(session.ask(`SLOWLOG GET ${word}`), '-ERR count should be greater than or equal to -1', word);
  t.equal(
    session.ask('SLOWLOG GET 1 2'),
    "-ERR unknown subcommand or wrong number of arguments for 'GET'. Try SLOWLOG HELP.",
  );
  t.equal(session.ask('SLOWLOG FOO'), "-ERR unknown subcommand 'FOO'. Try SLOWLOG HELP.");
  t.equal(session.ask('SLOWLOG LEN x'), "-ERR wrong number of arguments for 'slowlog|len' command");
  t.match(session.ask('SLOWLOG HELP'), [/^SLOWLOG <subcommand>/]);
  const { rejected } = session.server.commands.byName.get('slowlog|len')!;
  t.equal(rejected, 1);
});
