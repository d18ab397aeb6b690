/** Queues outlive the process: by the log, by a rewritten log, by a snapshot, whatever the time is when they are loaded. */
import { spawnSync } from 'node:child_process';
import t, { type Test } from 'tap';
import { folder, killed, World } from './log-world.js';

t.setTimeout(60_000);

const CHECK = new URL('../../../bin/synap-check.js', import.meta.url).pathname;

/** A clock that a test moves, and servers that go by it. */
class Clock {
  now = 1_700_000_000_000;

  open(dir = folder(), options: object = {}): Promise<World> {
    return World.open(dir, { clock: () => this.now, hz: 500, appendfsync: 'always', ...options });
  }
}

/** A queue with messages in every state. */
const FILL = [
  'QUEUE.CREATE q DEADLINE 1000 RETRIES 1 PREFETCH 10',
  'QUEUE.PUBLISH q first PRIORITY 9 HEADERS 1 name value',
  'QUEUE.PUBLISH q second',
  'QUEUE.PUBLISH q third',
  'QUEUE.PUBLISH q late DELAY 5000',
  'QUEUE.PUBLISH q short TTL 3000',
  'QUEUE.PUBLISH q dies',
  'QUEUE.CONSUME q ann COUNT 2',
  'QUEUE.CONSUME q ann COUNT 3 DEADLINE 9000',
  'QUEUE.NACK q DEAD 6',
  'QUEUE.NACK q 5',
];

function ids(reply: unknown): string {
  return reply === null ? 'none' : (reply as unknown[][]).map((message) => message[1]).join(' ');
}

async function info(w: World, ...names: string[]): Promise<unknown[]> {
  const flat = (await w.ask('QUEUE.INFO q')) as unknown[];
  return names.map((name) => flat[flat.indexOf(name) + 1]);
}

/** What must hold of the queue on `w` six seconds after FILL, when nothing was done to it since. */
async function judge(t: Test, w: World): Promise<void> {
  t.equal(await w.ask('TYPE q'), 'queue');
  // The deadline of 1 and 2 was 1000, that of 3 is 9000; 5 has expired, 4 is due.
  const figures = await info(
    w,
    'ready',
    'delayed',
    'in-flight',
    'dead',
    'expired',
    'prefetch',
    'published',
    'delivered',
  );
  t.same(figures, [3, 0, 1, 1, 1, 10, 6, 5]);
  t.equal(ids(await w.ask('QUEUE.PEEK q')), '1 2 4');
  t.equal(await w.ask('QUEUE.ACK q CONSUMER ann 1'), 0, 'too late');
  t.equal(await w.ask('QUEUE.ACK q CONSUMER ann 3'), 1, 'in time');
  t.match(((await w.ask('QUEUE.CONSUME q bob')) as unknown[][])[0], ['id', '1', 'payload', 'first', 'priority', 9]);
  t.equal(await w.ask('QUEUE.PUBLISH q more'), '7');
}

for (const way of ['the log', 'a rewritten log', 'a snapshot', 'a reload'] as const)
  t.test(`by ${way}`, async (t) => {
    const clock = new Clock();
    const w = await clock.open(folder(), way === 'a snapshot' ? { appendonly: false } : {});
    await w.tell(...FILL);
    t.same(await info(w, 'ready', 'delayed', 'in-flight', 'dead'), [1, 1, 3, 1]);
    const digest = await w.digest();
    if (way === 'a rewritten log') {
      await w.ask('BGREWRITEAOF');
      await w.until('aof_rewrites', '1');
      await w.until('aof_rewrite_in_progress', '0');
      await w.tell('QUEUE.CREATE later');
    }
    if (way === 'a snapshot') await w.ask('SAVE');
    if (way === 'a reload') {
      t.equal(await w.ask('DEBUG RELOAD'), 'OK');
      t.equal(await w.digest(), digest);
    }
    const left = killed(w.dir);
    await w.close();
    const checked = spawnSync(process.execPath, [CHECK, left], { encoding: 'utf8' });
    t.equal(checked.status, 0, checked.stdout);
    for (const passed of [0, 6000]) {
      const copy = killed(left);
      clock.now += passed;
      const again = await clock.open(copy, way === 'a snapshot' ? { appendonly: false } : {});
      if (passed === 0) {
        if (way !== 'a rewritten log') t.equal(await again.digest(), digest);
        t.same(await info(again, 'ready', 'delayed', 'in-flight', 'dead'), [1, 1, 3, 1]);
      } else await judge(t, again);
      await again.close();
    }
  });

t.test('what time did is in the log, and is not done again', async (t) => {
  const clock = new Clock();
  const w = await clock.open();
  await w.tell(
    'QUEUE.CREATE q DEADLINE 10 RETRIES 0',
    'QUEUE.PUBLISH q a',
    'QUEUE.PUBLISH q b TTL 20',
    'QUEUE.CONSUME q ann',
  );
  clock.now += 50;
  while ((await info(w, 'dead'))[0] === 0);
  await w.tell('QUEUE.DLQ.REQUEUE q', 'QUEUE.PUBLISH q c');
  t.same(await info(w, 'ready', 'dead', 'expired', 'dead-lettered'), [2, 0, 1, 1]);
  const digest = await w.digest();
  const left = killed(w.dir);
  await w.close();
  clock.now += 1_000_000;
  const again = await clock.open(left);
  t.equal(await again.digest(), digest);
  t.equal(ids(await again.ask('QUEUE.CONSUME q ann COUNT 5')), '1 3');
  await again.close();
});

t.test('what somebody waited for is in the log once', async (t) => {
  const clock = new Clock();
  const w = await clock.open();
  await w.tell('QUEUE.CREATE q');
  const waiting = w.ask('QUEUE.CONSUME q ann BLOCK 0 NOACK');
  const second = w.redis.duplicate();
  await second.call('QUEUE.PUBLISH', 'q', 'a');
  t.equal(ids(await waiting), '1');
  second.disconnect();
  t.same(await info(w, 'depth', 'acked'), [0, 1]);
  const left = killed(w.dir);
  await w.close();
  const again = await clock.open(left);
  t.same(await info(again, 'depth', 'acked', 'published'), [0, 1, 1]);
  await again.close();
});
