/** Scripts that run past busy-reply-threshold: what others are answered, how such a script ends, and what of it is told. */
import t, { type Test } from 'tap';
import { CHANNEL } from '../../../commands/subscription.js';
import { createServer, type Options, type SynapServer } from '../../../src/index.js';
import { Bytes } from '../../../storage/memory/bytes.js';
import { type Answer, RawClient } from './raw-client.js';

const BUSY = '-BUSY Redis is busy running a script. You can only call SCRIPT KILL or SHUTDOWN NOSAVE.';
const tick = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 1));
/** Counts until the channel `stop` has a listener: the only thing that others may change meanwhile. */
const UNTIL_STOPPED = "while redis.call('PUBSUB', 'NUMSUB', 'stop')[2] == 0 do end ";

interface Scene {
  readonly server: SynapServer;
  readonly c: RawClient;
  readonly d: RawClient;
  /** Lets the script end. */
  stop(): void;
  suspended(): Promise<void>;
  end(): Promise<void>;
}

async function scene(options: Options = {}): Promise<Scene> {
  const server = await createServer({ busyReplyThreshold: 5, ...options });
  const c = await RawClient.connect(server.port);
  const d = await RawClient.connect(server.port);
  const stopper = await RawClient.connect(server.port);
  return {
    server,
    c,
    d,
    stop: () => server.pubsub.subscribe([...server.clients.values()][2], CHANNEL, Bytes.from('stop')),
    suspended: async () => {
      while (!server.scripting.isSuspended) await tick();
    },
    end: async () => {
      for (const client of [c, d, stopper]) client.close();
      await server.close();
    },
  };
}

/** Runs `script`, with others asking meanwhile, until it is stopped. */
async function during(s: Scene, script: string, meanwhile: () => Promise<void>): Promise<Answer> {
  const answer = s.c.ask('EVAL', script, 1, 'k', 'v');
  await s.suspended();
  await meanwhile();
  s.stop();
  return answer;
}

t.test('others are answered that the server is busy', async (t) => {
  const s = await scene({ slowlogLogSlowerThan: 0 });
  const { c, d, server } = s;
  const answer = await during(s, `${UNTIL_STOPPED} redis.call('SET', KEYS[1], ARGV[1]) return 'done'`, async () => {
    t.equal(await d.ask('PING'), BUSY);
    t.equal(await d.ask('SHUTDOWN'), BUSY);
    t.equal(await d.ask('EVAL', 'return 1', 0), BUSY);
    t.equal(await d.ask('MULTI'), 'OK');
    t.equal(await d.ask('GET', 'k'), BUSY);
    t.match(await d.ask('EXEC'), /^-EXECABORT/);
    const e = await RawClient.connect(server.port);
    t.equal(await e.ask('GET', 'k'), BUSY, 'a new connection too');
    e.close();
  });
  t.equal(answer, 'done');
  t.equal(await d.ask('GET', 'k'), 'v');
  t.equal(await c.ask('EVAL', 'return 1', 0), 1);
  t.match(await d.ask('INFO', 'commandstats'), /cmdstat_eval:calls=2,[^\r]*rejected_calls=1,failed_calls=0/);
  const entries = (await d.ask('SLOWLOG', 'GET', -1)) as Answer[][];
  const words = entries.map((entry) => entry[3] as Answer[]).filter(([name]) => name === 'EVAL');
  t.ok(
    words.some((argv) => String(argv[1]).startsWith(UNTIL_STOPPED.slice(0, 20)) && argv[3] === 'k'),
    'the slow log has it with its arguments',
  );
  await s.end();
});

t.test('SCRIPT KILL beats whatever the script does', async (t) => {
  const s = await scene();
  const { c, d } = s;
  t.equal(await d.ask('SCRIPT', 'KILL'), '-NOTBUSY No scripts in execution right now.');
  const endless = [
    'while true do end',
    'while true do pcall(function() while true do end end) end',
    'while true do xpcall(function() error("x") end, function() end) end',
    'local f f = coroutine.wrap(function() while true do coroutine.yield() end end) while true do f() end',
    "while true do redis.pcall('GET', 'k') end",
  ];
  for (const script of endless) {
    const answer = c.ask('EVAL', script, 0);
    const after = c.ask('EVAL', 'return 8', 0);
    await s.suspended();
    t.equal(await d.ask('SCRIPT', 'KILL'), 'OK');
    t.match(await answer, /^-ERR Script killed by user with SCRIPT KILL... script: [0-9a-f]{40}, on @user_script:1\.$/);
    t.equal(await after, 8, 'what its client has sent meanwhile runs then');
  }
  const written = c.ask('EVAL', `redis.call('SET', 'k', 1) ${UNTIL_STOPPED} return 1`, 0);
  await s.suspended();
  t.match(await d.ask('SCRIPT', 'KILL'), /^-UNKILLABLE /);
  s.stop();
  t.equal(await written, 1);
  await s.end();
});

t.test('coroutines, pcall and errors go on as if nothing had happened', async (t) => {
  const scripts: [script: string, answer: Answer][] = [
    [
      `local ok, e = pcall(function() ${UNTIL_STOPPED} error('late', 0) end) return {tostring(ok), e}`,
      ['false', 'late'],
    ],
    [`return {pcall(function(a, b) ${UNTIL_STOPPED} return b, a end, 1, 2)}`, [1, 2, 1]],
    [
      `local f = coroutine.wrap(function(a) ${UNTIL_STOPPED} local b = coroutine.yield(a + 1) return b * 2 end)
      return {f(1), f(10)}`,
      [2, 20],
    ],
    [
      `local c = coroutine.create(function() pcall(function() ${UNTIL_STOPPED} end) coroutine.yield(5) end)
      local ok, x = coroutine.resume(c) return {x, coroutine.status(c)}`,
      [5, 'suspended'],
    ],
    [
      `local ok, e = xpcall(function() ${UNTIL_STOPPED} error('x', 0) end, function(e) return e .. 'y' end) return e`,
      'xy',
    ],
    [`${UNTIL_STOPPED} return redis.call('INCR', 'k', 'x')`, /^-ERR Wrong number of args/ as never],
  ];
  for (const [script, answer] of scripts) {
    const s = await scene();
    t.match(await during(s, script, async () => {}), answer, script);
    t.equal(s.server.scripting.isSuspended, false);
    await s.end();
  }
});

t.test('a script that Lua cannot stop blocks, and ends', async (t) => {
  const s = await scene();
  t.equal(
    await s.c.ask(
      'EVAL',
      "table.sort({3, 2, 1}, function(a, b) for i = 1, 3e6 do end return a < b end) return 'sorted'",
      0,
    ),
    'sorted',
  );
  await s.end();
});

t.test('an EXEC goes on when its script has ended', async (t) => {
  const s = await scene();
  const { c, d } = s;
  const replies: Promise<Answer>[] = [];
  const queue = [
    ['SET', 'a', '1'],
    ['EVAL', `${UNTIL_STOPPED} return redis.call('INCR', 'a')`, '0'],
    ['EVAL', 'for i = 1, 5e6 do end return 3', '0'],
    ['INCR', 'a'],
    ['EVAL', "return redis.call('LPUSH', 'a', 1)", '0'],
  ];
  await c.ask('MULTI');
  for (const words of queue) await c.ask(...words);
  replies.push(c.ask('EXEC'), c.ask('GET', 'a'));
  await s.suspended();
  t.equal(await d.ask('GET', 'a'), BUSY);
  s.stop();
  t.same(await replies[0], ['OK', 2, 3, 3, ((await replies[0]) as Answer[])[4]]);
  t.match(((await replies[0]) as Answer[])[4], /^-WRONGTYPE/);
  t.equal(await replies[1], '3');
  t.match(await d.ask('INFO', 'commandstats'), /cmdstat_exec:calls=1,/);
  t.match(await d.ask('INFO', 'commandstats'), /cmdstat_eval:calls=3,[^\r]*failed_calls=1/);
  await s.end();
});

t.test('for the script no time passes, and the dataset stands still', async (t) => {
  let now = 1_700_000_000_000;
  const s = await scene({ clock: () => now, hz: 500 });
  const { c, d, server } = s;
  await d.ask('SET', 'dies', 1, 'PX', 100);
  const waiter = await RawClient.connect(server.port);
  const popped = waiter.ask('BLPOP', 'list', 0);
  while (server.blocking.clients === 0) await tick();
  const answer = await during(
    s,
    `redis.call('RPUSH', 'list', 'x') redis.call('RPUSH', 'list', 'y') ${UNTIL_STOPPED}
    local n = redis.call('EXISTS', 'dies') redis.call('LPOP', 'list') return n`,
    async () => {
      now += 1000;
      for (let i = 0; i < 20; i++) await tick();
      t.equal(server.stats.expiredKeys, 0);
      t.equal(server.blocking.clients, 1, 'nobody is served before the end');
      t.equal(await d.ask('PING'), BUSY);
    },
  );
  t.equal(answer, 1, 'the key lives for the script');
  t.same(await popped, ['list', 'y']);
  t.equal(await d.ask('EXISTS', 'dies'), 0);
  waiter.close();
  c.close();
  await s.end();
});

t.test('a caller that goes does not stop it; nor does a muted one hear of it', async (t) => {
  const s = await scene();
  const { c, d, server } = s;
  void c.ask('EVAL', `${UNTIL_STOPPED} redis.call('SET', 'k', 'v')`, 0);
  await s.suspended();
  c.close();
  while (server.clients.size > 2) await tick();
  server.pubsub.subscribe([...server.clients.values()][0], CHANNEL, Bytes.from('stop'));
  while (server.scripting.isSuspended) await tick();
  t.equal(server.databases[0].size, 1);
  void d;
  await s.end();
});

async function logged(t: Test, script: string, first: (s: Scene) => Promise<void>): Promise<void> {
  const dir = t.testdir();
  const s = await scene({ dir, appendonly: true, appendfsync: 'always' });
  await first(s);
  const answer = s.c.ask('EVAL', script, 0);
  await s.suspended();
  t.equal(await s.d.ask('PING'), BUSY, 'who is told nothing of it does not wait for the disk');
  s.stop();
  await answer;
  await s.d.ask('SET', 'after', 1);
  await s.end();
  const again = await createServer({ dir, appendonly: true });
  const e = await RawClient.connect(again.port);
  t.same(await e.ask('MGET', 'before', 'a', 'b', 'after'), ['1', '1', '2', '1']);
  t.same(await e.ask('EVAL', "redis.call('SELECT', 3) return redis.call('GET', 'c')", 0), '3');
  e.close();
  await again.close();
}

const WRITES = `redis.call('SET', 'a', 1) redis.call('SELECT', 3) redis.call('SET', 'c', 3) ${UNTIL_STOPPED}
  redis.call('SELECT', 0) redis.call('SET', 'b', 2)`;

t.test('all that it has written stands in the log', (t) =>
  logged(t, WRITES, async (s) => {
    t.equal(await s.d.ask('SET', 'before', 1), 'OK');
  }),
);

t.test('also behind what others have written in the same turn', (t) =>
  logged(t, WRITES, async (s) => {
    s.server.beginTurn(); // as if it came with the same read
    s.server.effects
      .begin(s.server.databases[0], Bytes.from('SET'))
      .add(Bytes.from('before'))
      .add(Bytes.from('1'))
      .tell();
  }),
);

t.test('a script that is killed has told nothing; a shutdown without saving loses what has begun', async (t) => {
  const dir = t.testdir();
  const s = await scene({ dir, appendonly: true });
  await s.d.ask('SET', 'k', 'old');
  const answer = s.c.ask('EVAL', `redis.call('SET', 'k', 'new') while true do end`, 0);
  await s.suspended();
  t.match(await s.d.ask('SCRIPT', 'KILL'), /^-UNKILLABLE/);
  t.equal(await s.d.ask('SHUTDOWN', 'NOSAVE'), 'closed');
  t.equal(await answer, 'closed');
  await s.end();
  const again = await createServer({ dir, appendonly: true });
  const e = await RawClient.connect(again.port);
  t.equal(await e.ask('GET', 'k'), 'old', 'all of it or nothing');
  e.close();
  await again.close();
});

t.test('a signal waits for it', async (t) => {
  const s = await scene({ save: [{ seconds: 1000, changes: 1 }], dir: t.testdir() });
  const answer = s.c.ask('EVAL', `redis.call('SET', 'k', 1) ${UNTIL_STOPPED} redis.call('SET', 'l', 1)`, 0);
  await s.suspended();
  s.server.lifecycle.signalled('SIGTERM');
  t.equal(s.server.isClosed, false);
  s.stop();
  await answer;
  while (!s.server.isClosed) await tick();
  await s.end();
});

t.test('busy-reply-threshold 0 is never', async (t) => {
  const s = await scene({ busyReplyThreshold: 0 });
  const answer = s.c.ask('EVAL', 'for i = 1, 2e7 do end return 1', 0);
  t.equal(await s.d.ask('PING'), 'PONG');
  t.equal(await answer, 1);
  t.equal(await s.d.ask('CONFIG', 'SET', 'lua-time-limit', '70'), 'OK');
  t.same(await s.d.ask('CONFIG', 'GET', 'busy-reply-threshold'), ['busy-reply-threshold', '70']);
  await s.end();
});
