/** What time does to waiting clients: CLIENT PAUSE, and the heap of deadlines against a sorted array. */
import net from 'node:net';
import t from 'tap';
import { PAUSED } from '../../commands/gates.js';
import { family } from '../../commands/spec/family.js';
import { READONLY } from '../../commands/spec/flags.js';
import { Deadlines } from '../../src/blocking/deadlines.js';
import { createServer } from '../../src/index.js';
import { Bytes } from '../../storage/memory/bytes.js';
import { seeded } from '../random.js';
import { play } from '../script.js';

const tick = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 1));

t.test('CLIENT PAUSE holds writes, or everything, until its time or its end', async (t) => {
  let now = 1_700_000_000_000;
  const server = await createServer({ clock: () => now, hz: 200 });
  t.same(await play(server.port, 'A  SET k 1 => +OK\nA  PEXPIRE k 50 => :1'), []);
  server.pause.start(now + 1000, false);
  const script = play(
    server.port,
    `
    A> SET a 1
    B> RPUSH l 1
    B> LLEN l
    C> BLPOP l 0
    D  GET a => nil
    D  MULTI => +OK
    D> RPUSH l 2
    E  MULTI => +OK
    E  GET a => +QUEUED
    E  EXEC => [nil]
    A?
    B?
    C?
    A< +OK
    B< :1
    B< :0
    C< [l,1]
    D< +QUEUED
    D  EXEC => [:1]`,
  );
  while (server.pause.clients < 4) await tick();
  now += 100;
  for (let i = 0; i < 10; i++) await tick();
  t.equal(server.databases[0].space.find(Bytes.from('k')), 0, 'an expired key is hidden');
  t.equal(server.stats.expiredKeys, 0, 'but does not expire');
  server.pause.start(now + 100, false);
  t.equal(server.pause.until, now + 900, 'a second pause does not shorten the first');
  await tick();
  now += 900;
  t.same(await script, []);
  t.equal(server.pause.until, 0);
  t.equal(server.gates & PAUSED, 0);
  server.pause.start(now + 1e9, true);
  const all = play(server.port, 'A> PING\nA< +PONG');
  const dead = net.connect(server.port, '127.0.0.1', () => dead.write('ping\r\n'));
  while (server.pause.clients < 3) await tick(); // the script's own control is held too
  dead.destroy();
  while (server.pause.clients > 2) await tick();
  server.pause.stop();
  server.endTurn();
  server.pause.stop();
  await all;
  await server.close();
});

t.test('a pause that ends inside EXEC lets nobody in between', async (t) => {
  const server = await createServer();
  const tests = family('generic', {
    unpause: { syntax: '', reply: 'ok', flags: READONLY, since: '0.0.0', complexity: 'O(1)', summary: 'For tests.' },
  });
  server.commands.add(tests, {
    unpause: (c) => {
      c.server.pause.stop();
      c.out.ok();
    },
  });
  server.pause.start(server.now + 1e6, false);
  t.same(
    await play(
      server.port,
      `
      A> SET k held
      B  MULTI => +OK
      B  UNPAUSE => +QUEUED
      B  GET k => +QUEUED
      B  EXEC => [+OK,nil]
      A< +OK
      B  GET k => held`,
    ),
    [],
  );
  await server.close();
});

t.test('deadlines come in order, whatever is added and removed', (t) => {
  const random = seeded(7);
  const deadlines = new Deadlines<{ deadline: number; slot: number }>(() => {});
  const model: { deadline: number; slot: number }[] = [];
  for (let i = 0; i < 5000; i++) {
    if (random() < 0.6) {
      const item = { deadline: Math.floor(random() * 1000), slot: -1 };
      deadlines.add(item);
      model.push(item);
    } else if (random() < 0.5 && model.length > 0) {
      const [item] = model.splice(Math.floor(random() * model.length), 1);
      deadlines.remove(item);
      deadlines.remove(item);
    } else {
      const now = Math.floor(random() * 300);
      model.sort((a, b) => a.deadline - b.deadline);
      const due = deadlines.takeDue(now);
      if (due?.deadline !== (model[0]?.deadline <= now ? model[0].deadline : undefined)) t.fail(`at ${i}`);
      if (due !== undefined) model.splice(model.indexOf(due), 1);
    }
    if (deadlines.size !== model.length) t.fail(`size at ${i}`);
  }
  t.pass();
  t.end();
});
