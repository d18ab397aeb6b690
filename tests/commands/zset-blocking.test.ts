/** Waiting for members: BZPOPMIN, BZPOPMAX, BZMPOP. The scripts run alike against redis-server 7.0.15. */
import t from 'tap';
import { createServer } from '../../src/index.js';
import { play } from '../script.js';
import { Session } from './session.js';

const SCENES: Readonly<Record<string, string>> = {
  'who has members is served at once': `
    A  ZADD z 1 a 2 b 3 c 4 d => :4
    A  BZPOPMIN none z 0 => [z,a,1]
    A  BZPOPMAX z none 0 => [z,d,4]
    A  BZMPOP 0 2 none z MIN COUNT 5 => [z,[[b,2],[c,3]]]
    A  EXISTS z => :0`,
  'first come, first served, as many as there are members': `
    A> BZPOPMIN z 0
    B> BZPOPMAX z 0
    C> BZMPOP 0 1 z MAX COUNT 2
    D> BZPOPMIN z 0
    E  ZADD z 1 a 2 b 3 c 4 d => :4
    A< [z,a,1]
    B< [z,d,4]
    C< [z,[[c,3],[b,2]]]
    D?
    E  ZINCRBY z 0.5 e => 0.5
    D< [z,e,0.5]
    E  EXISTS z => :0`,
  'whatever makes a sorted set wakes': `
    A> BZPOPMIN d 0
    B  ZADD z 1 a 2 b => :2
    B  ZUNIONSTORE d 1 z => :2
    A< [d,a,1]
    A  DEL d => :1
    A> BZPOPMIN d 0
    B  ZRANGESTORE d z 1 1 => :1
    A< [d,b,2]
    A> BZPOPMIN d 0
    B  SADD d x => :1
    A?
    B  DEL d => :1
    B  ZADD d XX 1 x => :0
    A?
    B  ZADD d 1 x => :1
    A< [d,x,1]`,
  'a transaction is served after its EXEC; inside MULTI nobody waits': `
    A> BZPOPMIN z 0
    B  MULTI => +OK
    B  BZPOPMIN y 0 => +QUEUED
    B  BZMPOP 0 1 y MIN => +QUEUED
    B  ZADD z 1 a 2 b => +QUEUED
    B  ZREM z a => +QUEUED
    B  EXEC => [nil[],nil[],:2,:1]
    A< [z,b,2]`,
  'a timeout, and another type': `
    A  BZPOPMIN z 0.01 => nil[]
    A  BZPOPMAX z y 0.01 => nil[]
    A  BZMPOP 0.01 1 z MAX => nil[]
    A  SET s v => +OK
    A  BZPOPMIN z s 0 => -WRONGTYPE Operation against a key holding the wrong kind of value`,
  RESP3: `
    A3
    A  ZADD z 1.5 a 2 b 3 c => :3
    A  BZPOPMIN z 0 => [z,a,,1.5]
    A  BZMPOP 0 1 z MIN COUNT 2 => [z,[[b,,2],[c,,3]]]
    A  BZMPOP 0.01 1 z MIN => null`,
};

for (const [what, script] of Object.entries(SCENES))
  t.test(what, async (t) => {
    const server = await createServer();
    t.same(await play(server.port, script), []);
    await server.close();
  });

t.test('errors, in Redis`s order, and events', (t) => {
  const s = new Session();
  s.ask('set str v');
  s.ask('zadd z 1 a');
  void s.events;
  t.equal(s.ask('bzpopmin z'), "-ERR wrong number of arguments for 'bzpopmin' command");
  for (const name of ['bzpopmin', 'bzpopmax']) {
    t.equal(s.ask(`${name} str x`), '-ERR timeout is not a float or out of range');
    t.equal(s.ask(`${name} str -1`), '-ERR timeout is negative');
    t.match(s.ask(`${name} str 0`), /^-WRONGTYPE/);
  }
  t.equal(s.ask('bzmpop x 0 z min'), '-ERR numkeys should be greater than 0');
  t.equal(s.ask('bzmpop x 1 z foo'), '-ERR syntax error');
  t.equal(s.ask('bzmpop x 2 z min'), '-ERR syntax error');
  t.equal(s.ask('bzmpop x 1 z min count 0'), '-ERR count should be greater than 0');
  t.equal(s.ask('bzmpop x 1 z min count 1'), '-ERR timeout is not a float or out of range');
  t.equal(s.ask('bzmpop -1 1 z min'), '-ERR timeout is negative');
  t.same(s.events, []);
  t.same(s.ask('bzpopmax z 0'), ['z', 'a', '1']);
  t.same(s.events, ['zpopmax z', 'del z']);
  t.end();
});
