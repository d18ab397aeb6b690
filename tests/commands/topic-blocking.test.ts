/** Readers of topics that wait: several clients over sockets, played from scripts (tests/script.ts), and time that passes meanwhile. */
import t from 'tap';
import { createServer } from '../../src/index.js';
import { play } from '../script.js';

/** An event as a script's reply: its time differs. */
const TIME = '1700000000000';
function event(partition: number, offset: number, data: string): string {
  return `[partition,:${partition},offset,:${offset},time,:${TIME},key,nil,type,nil,data,${data},headers,[]]`;
}

const SCENES: Readonly<Record<string, string>> = {
  'every reader gets the event, whoever came first': `
    P  TOPIC.CREATE t PARTITIONS 2 => :1
    A> TOPIC.READ t BLOCK 0 FROM 0 0
    B> TOPIC.READ t BLOCK 0 FROM 0 0 1 0
    C> TOPIC.READ t BLOCK 0 FROM 1 0
    D> TOPIC.READ t BLOCK 0 FROM 0 1
    P  TOPIC.PUBLISH t a PARTITION 0 => [:0,:0]
    A< [${event(0, 0, 'a')}]
    B< [${event(0, 0, 'a')}]
    C?
    D?
    P  TOPIC.PUBLISH t b PARTITION 0 => [:0,:1]
    D< [${event(0, 1, 'b')}]
    P  TOPIC.PUBLISH t c PARTITION 1 => [:1,:0]
    C< [${event(1, 0, 'c')}]`,
  'what comes after now': `
    P  TOPIC.CREATE t PARTITIONS 2 => :1
    P  TOPIC.PUBLISH t old PARTITION 0 => [:0,:0]
    A> TOPIC.READ t BLOCK 0 FROM 0 $ 1 $
    A?
    P  TOPIC.GROUP.CREATE t g => :1
    A?
    P  MULTI => +OK
    P  TOPIC.PUBLISH t b PARTITION 0 => +QUEUED
    P  TOPIC.PUBLISH t c PARTITION 0 => +QUEUED
    P  EXEC => [[:0,:1],[:0,:2]]
    A< [${event(0, 1, 'b')},${event(0, 2, 'c')}]`,
  'what is there already, and RESP3': `
    P  TOPIC.CREATE t => :1
    P  TOPIC.PUBLISH t a => [:0,:0]
    A  TOPIC.READ t BLOCK 0 FROM 0 0 => [${event(0, 0, 'a')}]
    A3
    A> TOPIC.READ t BLOCK 0 FROM 0 1
    P  TOPIC.PUBLISH t b KEY k HEADERS 1 h v => [:0,:1]
    A< [%{partition,:0,offset,:1,time,:${TIME},key,k,type,null,data,b,headers,%{h,v}}]`,
  'the topic goes, or becomes something else': `
    P  TOPIC.CREATE t => :1
    A> TOPIC.READ t BLOCK 0 FROM 0 0
    P  DEL t => :1
    A< -ERR no such topic
    P  TOPIC.CREATE t => :1
    A> TOPIC.READ t BLOCK 0 FROM 0 0
    P  SET t v => +OK
    A< -WRONGTYPE Operation against a key holding the wrong kind of value
    P  TOPIC.CREATE u => :1
    P  TOPIC.PUBLISH u a => [:0,:0]
    P  DEL t => :1
    P  TOPIC.CREATE t => :1
    A> TOPIC.READ t BLOCK 0 FROM 0 0
    P  RENAME u t => +OK
    A< [${event(0, 0, 'a')}]`,
  'a member that waits hears of another generation at once': `
    P  TOPIC.CREATE t PARTITIONS 2 => :1
    P  TOPIC.GROUP.CREATE t g => :1
    A  TOPIC.GROUP.JOIN t g a => [generation,:1,partitions,[[partition,:0,offset,:0],[partition,:1,offset,:0]]]
    A> TOPIC.READ t GROUP g a 1 BLOCK 0 FROM 0 0 1 0
    B  TOPIC.GROUP.JOIN t g b => [generation,:2,partitions,[[partition,:1,offset,:0]]]
    A< -FENCED group 'g' is at generation 2, not 1
    A> TOPIC.READ t GROUP g a 2 BLOCK 0 FROM 0 0
    P  TOPIC.PUBLISH t x PARTITION 1 => [:1,:0]
    A?
    B  TOPIC.GROUP.COMMIT t g b 2 1 1 => +OK
    A?
    P  TOPIC.PUBLISH t y PARTITION 0 => [:0,:0]
    A< [${event(0, 0, 'y')}]`,
};

for (const [what, script] of Object.entries(SCENES))
  t.test(what, async (t) => {
    const server = await createServer({ clock: () => Number(TIME) });
    t.same(await play(server.port, script), []);
    await server.close();
  });

t.test('a timeout', async (t) => {
  const server = await createServer();
  t.same(
    await play(
      server.port,
      `
      P  TOPIC.CREATE t => :1
      A  TOPIC.READ t BLOCK 20 FROM 0 0 => nil[]
      B3
      B  TOPIC.READ t BLOCK 1 FROM 0 0 => null`,
    ),
    [],
  );
  await server.close();
});

t.test('time passes while somebody waits', async (t) => {
  let now = Number(TIME);
  const server = await createServer({ clock: () => now, hz: 100 });
  const script = play(
    server.port,
    `
    P  TOPIC.CREATE t PARTITIONS 1 => :1
    P  TOPIC.GROUP.CREATE t g TIMEOUT 500 => :1
    A  TOPIC.GROUP.JOIN t g a => [generation,:1,partitions,[[partition,:0,offset,:0]]]
    A> TOPIC.READ t GROUP g a 1 BLOCK 0 FROM 0 0
    A< -FENCED 'a' is no member of group 'g'
    P  TOPIC.GROUP.HEARTBEAT t g a 1 => -FENCED 'a' is no member of group 'g'`,
  );
  while (server.blocking.clients === 0) await new Promise((resolve) => setTimeout(resolve, 1));
  now += 500;
  t.same(await script, []);
  await server.close();
});

t.test('old events go, and silent members, while nobody does anything', async (t) => {
  let now = Number(TIME);
  const server = await createServer({ clock: () => now, hz: 100 });
  const told: string[] = [];
  server.onEvent((_db, _kind, event, key) => told.push(`${event} ${key}`));
  const publish = Array.from(
    { length: 30 },
    (_, i) => `P  TOPIC.PUBLISH t x PARTITION ${i % 3} => [:${i % 3},:${Math.floor(i / 3)}]`,
  );
  const build = [
    'P  TOPIC.CREATE t PARTITIONS 3 RETENTION 1000 => :1',
    ...publish,
    'P  TOPIC.GROUP.CREATE t g TIMEOUT 2000 => :1',
    'P  TOPIC.GROUP.JOIN t g a => [generation,:1,partitions,[[partition,:0,offset,:0],[partition,:1,offset,:0],[partition,:2,offset,:0]]]',
  ];
  t.same(await play(server.port, build.join('\n')), []);
  const waitFor = async (event: string): Promise<void> => {
    for (let i = 0; i < 1000 && !told.includes(event); i++) await new Promise((resolve) => setTimeout(resolve, 5));
    t.ok(told.includes(event), event);
  };
  const { arena } = server.databases[0].space;
  const { used } = arena;
  now += 1100;
  await waitFor('topic.trim t');
  t.ok(arena.used < used, 'the blocks are free');
  t.notOk(told.includes('topic.group.expire t'));
  now += 1000;
  await waitFor('topic.group.expire t');
  await server.close();
});

t.test('CLIENT PAUSE holds what time does, too', async (t) => {
  let now = Number(TIME);
  const server = await createServer({ clock: () => now, hz: 100 });
  t.same(
    await play(
      server.port,
      `
      P  TOPIC.CREATE t RETENTION 100 => :1
      P  TOPIC.PUBLISH t x => [:0,:0]
      P  CLIENT PAUSE 100000 WRITE => +OK`,
    ),
    [],
  );
  now += 1000;
  await new Promise((resolve) => setTimeout(resolve, 50));
  const topic = () => server.databases[0].space.usedBytes;
  const held = topic();
  t.same(await play(server.port, 'P  TOPIC.READ t FROM 0 0 => nil[]'), [], 'it is not seen');
  t.equal(topic(), held, 'and it is kept');
  t.same(await play(server.port, 'P  CLIENT UNPAUSE => +OK'), []);
  for (let i = 0; i < 1000 && topic() === held; i++) await new Promise((resolve) => setTimeout(resolve, 5));
  t.ok(topic() < held);
  await server.close();
});
