/** Modes of a client that outlive one command: NO-TOUCH, and PAUSE where keys expire meanwhile. */
import t from 'tap';
import { Session } from './session.js';

t.test('NO-TOUCH: what is looked at keeps its clock, but for TOUCH; others are not concerned', (t) => {
  const session = new Session();
  const [{ space }] = session.server.databases;
  const clock = (): number => space.accessClock(space.find(session.client.argv[1]));
  space.clock = 100;
  session.ask('SET k v');
  session.ask('CLIENT NO-TOUCH ON');
  space.clock = 200;
  session.ask('GET k');
  t.equal(clock(), 100);
  session.ask('MULTI');
  session.ask('GET k');
  session.ask('EXEC');
  session.ask('STRLEN k');
  t.equal(clock(), 100);
  t.equal(session.ask('TOUCH k none'), 1);
  t.equal(clock(), 200);
  t.equal(space.touching, true);
  space.clock = 300;
  session.ask('GET k');
  t.equal(clock(), 200);
  session.ask('RESET');
  session.ask('GET k');
  t.equal(clock(), 300);
  t.end();
});

t.test('a key that expired during a pause is taken anew, never twice', (t) => {
  const session = new Session();
  const [db] = session.server.databases;
  const { arena } = db.space;
  for (const line of [
    'SET k newer',
    'RPUSH k a',
    'SADD k 1',
    'ZADD k 1 a',
    'HSET k f v',
    'SINTERSTORE k s',
    'RENAME o k',
    'COPY o k',
  ]) {
    session.ask('FLUSHALL');
    session.ask('SADD s x');
    session.ask('SET o other');
    session.ask(line);
    const used = db.space.usedBytes;
    const { size } = db.space;
    session.ask('FLUSHALL');
    session.ask('SADD s x');
    session.ask('SET o other');
    session.ask(`SET k ${'v'.repeat(40)} PX 10`);
    session.now += 20;
    db.space.reaping = false;
    session.ask(line);
    t.equal(db.space.size, size, `${line}: one entry`);
    t.equal(session.ask('TTL k'), -1, `${line}: without the old one's TTL`);
    t.equal(db.space.expires, 0, `${line}: no TTL is counted`);
    t.equal(db.space.usedBytes, used, `${line}: nothing has leaked`);
    db.space.reaping = true;
    session.ask('DEL k');
    t.equal(session.ask('EXISTS k'), 0, line);
  }
  t.ok(arena.used >= 0);
  t.end();
});

t.test('a pause that begins in a transaction does not keep its own writes from a key that expires', (t) => {
  const session = new Session();
  for (const line of ['SET k v PX 20', 'MULTI', 'CLIENT PAUSE 300 WRITE', 'SET k 2', 'TTL k', 'DBSIZE'])
    session.ask(line);
  session.now += 25;
  t.same(session.ask('EXEC'), ['OK', 'OK', -1, 1]);
  t.equal(session.ask('GET k'), '2');
  session.server.pause.stop();
  t.end();
});
