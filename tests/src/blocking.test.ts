/** Who waits for a key is served in order, once, after the command that made it ready; and every other way in which a wait ends. */
import t from 'tap';
import { UNBLOCKED } from '../../commands/error.js';
import { family } from '../../commands/spec/family.js';
import { READONLY } from '../../commands/spec/flags.js';
import { createServer } from '../../src/index.js';
import { Bytes } from '../../storage/memory/bytes.js';
import { LIST } from '../../storage/types.js';
import { play } from '../script.js';

const tick = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 1));

/** Scripts that run alike against redis-server 7.0.15. */
const SCENES: Readonly<Record<string, string>> = {
  'first come, first served, as many as there are elements': `
    A> BLPOP k 0
    B> BRPOP k 0
    C> BLMPOP 0 1 k LEFT COUNT 10
    D> BLPOP k 0
    E  RPUSH k 1 2 3 4 5 => :5
    A< [k,1]
    B< [k,5]
    C< [k,[2,3,4]]
    D?
    E  EXISTS k => :0
    E  RPUSH k 6 => :1
    D< [k,6]
    E  EXISTS k => :0`,
  'several keys: the first that gets a value wins, a key named twice counts once': `
    A> BLPOP a b b a 0
    B> BLPOP b 0
    C  RPUSH b 1 2 => :2
    A< [b,1]
    B< [b,2]
    C  RPUSH b 3 => :1
    C  LLEN b => :1
    A  LPOP b => 3`,
  'a transaction is served after its EXEC, by what is left then': `
    A> BLPOP k 0
    C  MULTI => +OK
    C  RPUSH k 1 => +QUEUED
    C  RPUSH k 2 => +QUEUED
    C  LPOP k => +QUEUED
    C  EXEC => [:1,:2,1]
    A< [k,2]
    A> BLPOP k 0
    C  MULTI => +OK
    C  RPUSH k 1 => +QUEUED
    C  DEL k => +QUEUED
    C  EXEC => [:1,:1]
    A?
    C  MULTI => +OK
    C  DEL k => +QUEUED
    C  RPUSH k new => +QUEUED
    C  EXEC => [:0,:1]
    A< [k,new]`,
  'inside MULTI nobody waits': `
    A  MULTI => +OK
    A  BLPOP k 0 => +QUEUED
    A  BLMOVE k l LEFT LEFT 0 => +QUEUED
    A  BRPOPLPUSH k l 0 => +QUEUED
    A  BLMPOP 0 1 k LEFT => +QUEUED
    A  EXEC => [nil[],nil,nil,nil[]]`,
  'moves wake those who wait for what they moved': `
    A> BLMOVE a b LEFT RIGHT 0
    B> BLMOVE b c LEFT RIGHT 0
    C> BRPOPLPUSH c d 0
    D> BLPOP d 0
    E  RPUSH a x => :1
    A< x
    B< x
    C< x
    D< [d,x]
    E  EXISTS a b c d => :0
    A> BRPOPLPUSH a a 0
    E  RPUSH a 1 2 => :2
    A< 2
    E  LRANGE a 0 -1 => [2,1]`,
  'a value of another type wakes nobody; a wrong target is an error then, and takes nothing': `
    A> BLPOP k 0
    B  SET k v => +OK
    A?
    B  DEL k => :1
    B  RPUSH k 1 => :1
    A< [k,1]
    B  SET t v => +OK
    A> BLMOVE k t LEFT LEFT 0
    B  RPUSH k 1 => :1
    A< -WRONGTYPE Operation against a key holding the wrong kind of value
    B  LRANGE k 0 -1 => [1]
    A  BLPOP t 0 => -WRONGTYPE Operation against a key holding the wrong kind of value`,
  'further commands of a waiting client wait too': `
    A> BLPOP k 0
    A> PING
    A> BLPOP k 0
    A> ECHO late
    B  RPUSH k 1 => :1
    A< [k,1]
    A< +PONG
    A?
    B  RPUSH k 2 => :1
    A< [k,2]
    A< late`,
  'who is gone is served no more': `
    A> BLPOP k 0
    B> BLPOP k 0
    C> BLPOP k 0
    B!
    A!
    D  RPUSH k 1 => :1
    C< [k,1]
    D  EXISTS k => :0`,
  'a timeout, with fractions': `
    A> BLPOP k 0.02
    B> BLMOVE k l LEFT LEFT 0.01
    C> BLMPOP 0.015 2 k l LEFT
    D> BLPOP k 0
    A< nil[]
    B< nil[]
    C< nil[]
    A  PING => +PONG
    D?
    E  RPUSH k 1 => :1
    D< [k,1]`,
  'only the database of the client counts': `
    A  SELECT 1 => +OK
    A> BLPOP k 0
    B  RPUSH k 0 => :1
    A?
    B  SELECT 1 => +OK
    B  RPUSH k 1 => :1
    A< [k,1]
    B  SELECT 0 => +OK
    B  LLEN k => :1`,
  'a WATCHed key that a served client changes fails the transaction': `
    A> BLPOP k 0
    B  WATCH k => +OK
    B  MULTI => +OK
    B  PING => +QUEUED
    C  RPUSH k 1 => :1
    A< [k,1]
    B  EXEC => nil[]`,
};

/** Runs a script against a server of its own, and asks that nothing of it stays. */
async function scene(t: Test, script: string): Promise<void> {
  const s = await createServer();
  t.same(await play(s.port, script), []);
  for (let i = 0; i < 100 && s.clients.size > 0; i++) await tick();
  t.equal(s.blocking.clients, 0, 'nobody waits');
  t.equal(s.blocking.keys, 0, 'no key is waited for');
  t.equal(s.blocking.timed, 0, 'no deadline is kept');
  t.equal(s.attention, 0, 'changes need no attention');
  await s.close();
}

type Test = Pick<typeof t, 'same' | 'equal'>;

for (const [name, script] of Object.entries(SCENES)) t.test(name, (t) => scene(t, script));

t.test('the handler runs again: with several keys ready it takes them in its own order (Redis 7.2)', (t) =>
  scene(
    t,
    `
    A> BLPOP b a 0
    B  MULTI => +OK
    B  RPUSH a 1 => +QUEUED
    B  RPUSH b 2 => +QUEUED
    B  EXEC => [:1,:1]
    A< [b,2]
    A  LPOP a => 1
    A> BLPOP a b 0
    B  SET a string => +OK
    A?
    B  RPUSH b 3 => :1
    A< -WRONGTYPE Operation against a key holding the wrong kind of value
    B  LLEN b => :1`,
  ),
);

t.test('a waiting command is counted once, when it is answered', async (t) => {
  const server = await createServer();
  const { calls } = server.commands.byName.get('blpop')!;
  await play(server.port, 'A> BLPOP k 0\nB> BLPOP k 0.001\nB< nil[]\nC  RPUSH k 1 => :1\nA< [k,1]');
  t.equal(server.commands.byName.get('blpop')!.calls - calls, 2);
  await server.close();
});

t.test('CLIENT UNBLOCK, as a timeout or with an error; only who waits for a key can be unblocked', async (t) => {
  const server = await createServer();
  const blocked = async (error: boolean): Promise<string[]> => {
    const script = play(server.port, `A> BLPOP k 0\nA< ${error ? `-${UNBLOCKED.message}` : 'nil[]'}\nA  PING => +PONG`);
    while (server.blocking.clients === 0) await tick();
    const client = [...server.clients.values()].find((c) => c.wait !== undefined)!;
    t.equal(server.blocking.unblock(client, error), true);
    t.equal(server.blocking.unblock(client, error), false);
    server.endTurn();
    return script;
  };
  t.same(await blocked(false), []);
  t.same(await blocked(true), []);
  t.equal(server.stats.errors.get('UNBLOCKED'), 1);
  await server.close();
});

t.test('time is the clock that was given', async (t) => {
  let now = 1_700_000_000_000;
  const server = await createServer({ clock: () => now, hz: 200 });
  const script = play(server.port, 'A> BLPOP k 1000\nB> BLPOP k 500\nC> BLPOP k 0\nB< nil[]\nA?\nA< nil[]\nC?');
  while (server.blocking.clients < 3) await tick();
  t.equal(server.blocking.timed, 2);
  now += 499_999;
  for (let i = 0; i < 10; i++) await tick();
  t.equal(server.blocking.timed, 2);
  now += 1;
  while (server.blocking.timed > 1) await tick();
  now += 500_000;
  t.same(await script, []);
  await server.close();
});

t.test('two keys with the same hash are two keys', async (t) => {
  const seen = new Map<number, string>();
  let pair: [string, string] | undefined;
  for (let i = 0; pair === undefined; i++) {
    const key = `key:${i}`;
    const hash = Bytes.from(key).hash();
    const other = seen.get(hash);
    if (other !== undefined) pair = [other, key];
    seen.set(hash, key);
  }
  const [x, y] = pair;
  await scene(
    t,
    `
    A> BLPOP ${x} 0
    B> BLPOP ${y} 0
    C> BLPOP ${x} ${y} 0
    D  RPUSH ${x} 1 => :1
    A< [${x},1]
    B?
    D  RPUSH ${x} 2 => :1
    C< [${x},2]
    A> BLPOP ${x} 0
    D  RPUSH ${y} 3 => :1
    B< [${y},3]
    A!`,
  );
});

t.test('who asks for it runs again after any change, and queues up anew', async (t) => {
  const server = await createServer();
  const tests = family('generic', {
    // Answers with the length of a list as soon as it has two elements, and whenever the key is gone.
    waittwo: { syntax: 'key', reply: 'ok', flags: READONLY, since: '0.0.0', complexity: 'O(1)', summary: 'For tests.' },
  });
  let runs = 0;
  server.commands.add(tests, {
    waittwo: (c) => {
      const list = c.db.list(c.argv[1]);
      if (runs++ === 0 || list?.length === 1) c.block(1, 2, Number.POSITIVE_INFINITY, LIST, 'nil', true);
      else c.out.int(list === undefined ? 0 : list.length);
    },
  });
  t.same(
    await play(
      server.port,
      `
      A> WAITTWO k
      B  RPUSH k 1 => :1
      A?
      B  RPUSH k 2 => :2
      A< :2
      B  LPOP k => 1
      A> WAITTWO k
      B  DEL k => :1
      A< :0`,
    ),
    [],
  );
  t.equal(runs, 5);
  await server.close();
});

t.test('an exchanged database wakes who waits for a key that is in it now', async (t) => {
  const server = await createServer();
  const script = play(server.port, 'B  RPUSH k 1 => :1\nA  SELECT 1 => +OK\nA> BLPOP none k 0\nA< [k,1]');
  while (server.blocking.clients === 0) await tick();
  const [zero, one] = server.databases;
  [zero.space, one.space] = [one.space, zero.space];
  [zero.lists, one.lists] = [one.lists, zero.lists];
  server.blocking.exchanged(one);
  server.blocking.serve();
  server.endTurn();
  t.same(await script, []);
  await server.close();
});

t.test('input behind a waiting command is kept whole, whatever its size', async (t) => {
  const server = await createServer();
  const big = 'x'.repeat(100_000);
  const lines = Array.from({ length: 40 }, (_, i) => `A> ECHO ${i}${big}`);
  const answers = Array.from({ length: 40 }, (_, i) => `A< ${i}${big}`);
  t.same(
    await play(server.port, ['A> BLPOP k 0', ...lines, 'B  RPUSH k 1 => :1', 'A< [k,1]', ...answers].join('\n')),
    [],
  );
  await server.close();
});

t.test('two hundred clients wait and are served in order, or leave', async (t) => {
  const server = await createServer();
  const names = Array.from({ length: 200 }, (_, i) => String.fromCharCode(0x100 + i));
  const lines = names.map((name, i) => `${name}> BLPOP k${i % 3} k3 ${i % 5 === 0 ? 0 : 100 - (i % 7)}`);
  const gone = names.filter((_, i) => i % 4 === 1);
  const left = names.filter((_, i) => i % 4 !== 1);
  lines.push(...gone.map((name) => `${name}!`));
  lines.push(`Z  RPUSH k3 ${left.map((_, i) => i).join(' ')} => :${left.length}`);
  lines.push(...left.map((name, i) => `${name}< [k3,${i}]`));
  t.same(await play(server.port, lines.join('\n')), []);
  t.equal(server.blocking.keys, 0);
  t.equal(server.blocking.timed, 0);
  await server.close();
});
