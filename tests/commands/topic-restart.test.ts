/** Topics through restarts: the log, its rewriting, snapshots; at the same time and much later. */
import t from 'tap';
import { folder, killed, World } from '../src/persistence/log-world.js';

t.setTimeout(60_000);

const START = 1_700_000_000_000;
const DAY = 86_400_000;

async function fill(w: World): Promise<void> {
  await w.tell('TOPIC.CREATE t PARTITIONS 3', 'TOPIC.CREATE old RETENTION 60000', 'TOPIC.CREATE few MAXLEN 5');
  for (let i = 0; i < 60; i++)
    await w.tell(`TOPIC.PUBLISH t event-${i} KEY k${i % 7}`, `TOPIC.PUBLISH old e${i}`, `TOPIC.PUBLISH few e${i}`);
  await w.tell('TOPIC.GROUP.CREATE t g STRATEGY STICKY TIMEOUT 5000');
  await w.tell('TOPIC.GROUP.JOIN t g a', 'TOPIC.GROUP.JOIN t g b', 'TOPIC.GROUP.COMMIT t g a 2 0 3');
  await w.tell('MULTI', 'TOPIC.PUBLISH t last PARTITION 1', 'TOPIC.GROUP.COMMIT t g a 2 0 4', 'EXEC');
}

const WAYS: Readonly<Record<string, (w: World) => Promise<unknown>>> = {
  'the log': async () => {},
  'a log that was rewritten': async (w) => {
    await w.tell('BGREWRITEAOF');
    await w.until('aof_rewrite_in_progress', '0');
    await w.tell('TOPIC.PUBLISH t afterwards', 'TOPIC.GROUP.LEAVE t g b');
  },
  'DEBUG RELOAD': async (w) => {
    await w.tell('DEBUG RELOAD', 'TOPIC.PUBLISH t afterwards');
  },
};

for (const [what, change] of Object.entries(WAYS))
  t.test(`${what}, and a kill`, async (t) => {
    let now = START;
    const clock = (): number => now;
    const w = await World.open(folder(), { clock, appendfsync: 'always' });
    await fill(w);
    await change(w);
    const digest = await w.digest();
    const offsets = await w.ask('TOPIC.GROUP.OFFSETS t g');
    const left = killed(w.dir);
    await w.close();
    const again = await World.open(left, { clock });
    t.equal(await again.digest(), digest);
    t.same(await again.ask('TOPIC.GROUP.OFFSETS t g'), offsets);
    t.same(await again.ask('TOPIC.PUBLISH few next'), [0, 60], 'offsets go on');
    await again.close();
    now += DAY;
    const later = await World.open(left, { clock, hz: 100 });
    t.match(await later.ask('TOPIC.GROUP.HEARTBEAT t g a 2'), /^\d$/, 'members begin to count when it starts');
    t.equal(await later.ask('TOPIC.READ old FROM 0 0'), null, 'what is too old is not seen');
    t.same(await later.ask('TOPIC.GROUP.OFFSETS t g'), offsets);
    now += 5000;
    t.match(await later.ask('TOPIC.GROUP.HEARTBEAT t g a 2'), 'FENCED');
    t.same(await later.ask('TOPIC.PUBLISH old new'), [0, 60]);
    const end = await later.digest();
    await later.close();
    // What time has done is in the log: it is not done again, whatever the clock says then.
    now = START;
    const before = await World.open(left, { clock });
    t.equal(await before.digest(), end);
    await before.close();
  });

t.test('dump.rdb', async (t) => {
  const dir = folder();
  const clock = (): number => START;
  const w = await World.open(dir, { clock, appendonly: false });
  await fill(w);
  for (let i = 0; i < 400; i++) await w.tell(`TOPIC.PUBLISH t ${'x'.repeat(1000)}${i}`);
  const digest = await w.digest();
  await w.tell('BGSAVE', 'TOPIC.TRIM t 0 50', 'TOPIC.GROUP.LEAVE t g a', 'TOPIC.PUBLISH t later');
  await w.until('rdb_bgsave_in_progress', '0');
  t.not(await w.digest(), digest);
  await w.close();
  const again = await World.open(dir, { clock, appendonly: false });
  t.equal(await again.digest(), digest);
  await again.tell('TOPIC.PUBLISH t more');
  t.equal(await again.ask('SAVE'), 'OK');
  const saved = await again.digest();
  await again.close();
  const third = await World.open(dir, { clock, appendonly: false });
  t.equal(await third.digest(), saved);
  await third.close();
});
