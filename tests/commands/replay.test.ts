/** Replay: what it runs, what it refuses, what it leaves as it was, and MULTI ... EXEC as a whole or not at all. */
import t from 'tap';
import { Replay, SELECTED } from '../../commands/replay.js';
import { Bytes } from '../../storage/memory/bytes.js';
import { Session } from './session.js';

function start(settings: ConstructorParameters<typeof Session>[0] = {}): {
  session: Session;
  replay: Replay;
  run: (line: string, db?: number) => string | undefined;
} {
  const session = new Session(settings);
  const replay = new Replay(session.server);
  const run = (line: string, db = SELECTED): string | undefined => {
    const argv = line.split(' ').map((word) => Bytes.from(word));
    replay.begin();
    try {
      return replay.run(db, argv, argv.length);
    } finally {
      replay.end();
    }
  };
  return { session, replay, run };
}

t.test('time does not count, and is what it was afterwards', async (t) => {
  const { session, run } = start();
  const { server } = session;
  const past = session.now - 1000;
  t.equal(run(`SET k v PXAT ${past}`), undefined);
  t.equal(run('APPEND k w'), undefined, 'which finds it');
  t.equal(run(`PEXPIREAT k ${session.now + 5000}`), undefined);
  t.equal(run('HSET h f 1'), undefined);
  t.equal(run(`HPEXPIREAT h ${past} FIELDS 1 f`), undefined);
  t.equal(run('HINCRBY h f 1'), undefined);
  t.equal(run(`HPEXPIREAT h ${session.now + 7000} FIELDS 1 f`), undefined);
  t.equal(server.now, session.now);
  t.equal(server.databases[0].space.now, session.now);
  t.equal(session.ask('GET k'), 'vw');
  t.equal(session.ask('PTTL k'), 5000);
  t.equal(session.ask('HGET h f'), '2');
  t.same(session.ask('HPTTL h FIELDS 1 f'), [7000]);
  run(`SET gone v PXAT ${past}`);
  t.equal(session.ask('GET gone'), null, 'what has expired is gone once time counts again');
});

t.test('access clocks stay in the present', async (t) => {
  const { session, run } = start();
  session.ask('PING');
  run('SET k v');
  run('FLUSHALL');
  run('SET k v');
  t.equal(session.ask('OBJECT IDLETIME k'), 0);
  session.now += 60_000;
  session.ask('PING');
  run('APPEND k w');
  t.equal(session.ask('OBJECT IDLETIME k'), 0);
});

t.test('databases: named, selected, unknown', async (t) => {
  const { session, run } = start();
  t.equal(run('SET a 1'), undefined);
  t.equal(run('SET b 1', 2), undefined);
  t.equal(run('SET c 1'), undefined, 'in the same');
  t.equal(run('SELECT 3'), undefined);
  t.equal(run('SET d 1'), undefined);
  t.equal(run('SET e 1', 99), 'ERR DB index is out of range');
  t.equal(run('SELECT 99'), 'ERR DB index is out of range');
  t.equal(run('SWAPDB 3 4'), undefined);
  t.same(
    [0, 2, 3, 4].map((db) => [session.ask(`SELECT ${db}`), session.askSorted('KEYS *')][1]),
    [['a'], ['b', 'c'], [], ['d']],
  );
});

t.test('nothing is counted and nobody is told', async (t) => {
  const { session, run } = start({ notifyKeyspaceEvents: 0x7fff, maxmemory: 1, requirepass: 'x' });
  const { server } = session;
  const effects: unknown[] = [];
  server.effects.start({ take: (...all) => effects.push(all) });
  const { attention, dirty } = server;
  const stats = JSON.stringify(server.stats);
  session.events;
  t.equal(run('SET k v'), undefined, 'in spite of password and maxmemory');
  t.equal(run('SUNIONSTORE d none'), undefined);
  t.match(run('INCR k'), /^ERR value is not an integer/);
  t.equal(run('FLUSHDB'), undefined);
  t.equal(run('SET k v'), undefined);
  t.equal(server.dirty, dirty);
  t.equal(server.attention, attention);
  t.equal(JSON.stringify(server.stats), stats);
  t.same(
    [...server.commands.byName.values()].filter((row) => row.calls + row.failed + row.rejected > 0),
    [],
  );
  t.same(session.events, []);
  t.same(effects, []);
  const { tellsNew, tellsMisses } = server.databases[0].space;
  t.ok(tellsNew && tellsMisses, 'events are told again');
});

t.test('renamed and disabled commands, and strings longer than clients may make', async (t) => {
  const renameCommand = [
    { from: 'set', to: 'put' },
    { from: 'flushall', to: '' },
  ];
  const { session, run } = start({ renameCommand, protoMaxBulkLen: 4 });
  t.equal(run('set k abc'), undefined);
  t.equal(run('APPEND k def'), undefined);
  t.equal(session.server.settings.protoMaxBulkLen, 4);
  t.equal(session.ask('GET k'), 'abcdef');
  t.equal(run('FLUSHALL'), undefined);
  t.match(run('PUT k v'), /^ERR unknown command 'PUT'/);
});

t.test('what cannot run says why', async (t) => {
  const { session, run } = start();
  const refused = 'ERR only changes of the dataset can be replayed';
  t.match(run('NONE k'), /^ERR unknown command 'NONE'/);
  t.equal(run('SET k'), "ERR wrong number of arguments for 'set' command");
  for (const line of ['GET k', 'SHUTDOWN', 'MONITOR', 'SUBSCRIBE c', 'CLIENT LIST', 'DEBUG SLEEP 1'])
    t.equal(run(line), refused, line);
  t.equal(run('SADD k a'), undefined);
  t.equal(run('LPUSH k a'), 'WRONGTYPE Operation against a key holding the wrong kind of value');
  t.equal(run('EXEC'), 'ERR EXEC without MULTI');
  t.equal(run('DEBUG POPULATE 2 p'), undefined);
  t.equal(session.ask('DBSIZE'), 3);
  const replay = new Replay(session.server);
  t.match(replay.run(0, [], 0), /unknown command/);
});

t.test('what would block does not', async (t) => {
  const { session, run } = start();
  t.equal(run('BLPOP k 0'), undefined);
  t.equal(run('RPUSH k a b'), undefined);
  t.equal(run('BLPOP k 0'), undefined);
  t.equal(run('BLMOVE none k LEFT RIGHT 0'), undefined);
  t.same(session.ask('LRANGE k 0 -1'), ['b']);
  t.equal(session.server.blocking.clients, 0);
});

t.test('MULTI ... EXEC', async (t) => {
  const { session, replay, run } = start();
  t.equal(run('MULTI'), undefined);
  t.ok(replay.inTransaction);
  t.equal(run('SET a 1'), undefined);
  t.equal(run('SELECT 1'), undefined);
  t.equal(run('SET b 1'), undefined);
  t.equal(run('MULTI'), 'ERR MULTI calls can not be nested');
  t.equal(session.ask('DBSIZE'), 0, 'nothing yet');
  t.equal(run('EXEC'), undefined);
  t.notOk(replay.inTransaction);
  t.equal(session.ask('GET a'), '1');
  t.equal(run('SET c 1'), undefined);
  session.ask('SELECT 1');
  t.same(session.askSorted('KEYS *'), ['b', 'c'], 'SELECT counts after EXEC');

  run('MULTI');
  run('SET d 1');
  run('INCRBY b x');
  run('SET e 1');
  t.match(run('EXEC'), /^ERR value is not an integer/, 'the first error is told');
  t.same(session.ask('EXISTS d e'), 2, 'and the others have run');

  run('MULTI');
  run('FLUSHALL');
  replay.discard();
  t.notOk(replay.inTransaction);
  t.equal(run('EXEC'), 'ERR EXEC without MULTI');
  t.equal(session.ask('EXISTS b'), 1, 'one that has not ended has done nothing');
});

t.test('the database of a transaction is that of each of its commands', async (t) => {
  const { session, run } = start();
  run('MULTI', 1);
  run('SET a 1', 1);
  run('SET b 1', 2);
  t.equal(run('SET c 1', 99), 'ERR DB index is out of range');
  t.equal(run('EXEC', 0), undefined);
  session.ask('SELECT 1');
  t.same(session.ask('KEYS *'), ['a']);
  session.ask('SELECT 2');
  t.same(session.ask('KEYS *'), ['b']);
});

t.test('a long reply is not kept', async (t) => {
  const { session, replay, run } = start();
  const value = 'x'.repeat(1000);
  for (let i = 0; i < 300; i++) run(`RPUSH k ${value}`);
  t.equal(run('LPOP k 250'), undefined);
  t.ok(replay.client.out.buf.length <= 64 * 1024);
  t.equal(session.ask('LLEN k'), 50);
});
