/** What a script's calls meet in the server: refusals while the disk fails or memory is short, the log, other clients, statistics. */
import { createHash } from 'node:crypto';
import t from 'tap';
import { SNAPSHOT_FAILING } from '../../../commands/error.js';
import { createServer, type Options, type SynapServer } from '../../../src/index.js';
import { RawClient } from './raw-client.js';

interface Scene {
  readonly server: SynapServer;
  readonly c: RawClient;
  end(): Promise<void>;
}

async function scene(options: Options = {}): Promise<Scene> {
  const server = await createServer(options);
  const c = await RawClient.connect(server.port);
  return {
    server,
    c,
    end: async () => {
      c.close();
      await server.close();
    },
  };
}

t.test('while the disk fails, a script may begin no change, but finish one', async (t) => {
  const s = await scene();
  const { c, server } = s;
  const write = "return redis.call('SET', 'k', 1)";
  server.diskFailure.set('snapshot', SNAPSHOT_FAILING);
  t.match(
    await c.ask('EVAL', write, 0),
    /^-MISCONF Redis is configured to save RDB snapshots.* script: [0-9a-f]{40}, on @/,
  );
  t.equal(await c.ask('EVAL', "return redis.call('GET', 'k')", 0), null);
  t.match(
    await c.ask('EVAL', `#!lua\n${write}`, 0),
    /^-MISCONF [^@]*$/,
    'one that declares that it writes does not run',
  );
  t.equal(await c.ask('EVAL', "#!lua flags=no-writes\nreturn redis.call('EXISTS', 'k')", 0), 0);
  server.diskFailure.set('snapshot', undefined);
  t.equal(await c.ask('EVAL', "redis.call('SET', 'a', 1) redis.call('SET', 'b', 1) return redis.call('DBSIZE')", 0), 2);
  await s.end();
});

t.test('memory is asked for once, before a script, and evicted for it', async (t) => {
  const s = await scene();
  const { c, server } = s;
  await c.ask('EVAL', "for i = 1, 2000 do redis.call('SET', 'key:' .. i, string.rep('x', 100)) end", 0);
  const used = server.usedMemory();
  await c.ask('CONFIG', 'SET', 'maxmemory', String(used - 50_000));
  t.match(await c.ask('EVAL', "return redis.call('SET', 'k', 1)", 0), /^-OOM /);
  t.equal(await c.ask('EVAL', "redis.call('DEL', 'key:1') redis.call('SET', 'k', 1) return 'both'", 0), 'both');
  await c.ask('CONFIG', 'SET', 'maxmemory-policy', 'allkeys-random');
  t.equal(await c.ask('EVAL', "return redis.call('SET', 'l', 1)", 0), 'OK');
  t.ok(server.stats.evictedKeys > 0);
  await s.end();
});

t.test('its changes stand in the log in one frame, and only they', async (t) => {
  const dir = t.testdir();
  const s = await scene({ dir, appendonly: true, appendfsync: 'always' });
  const { c, server } = s;
  const before = server.holding.sequence;
  t.equal(
    await c.ask('EVAL', "for i = 1, 3 do redis.call('RPUSH', 'l', i) end redis.call('SPOP', 's') return 1", 0),
    1,
  );
  t.equal(server.holding.sequence, before + 1);
  t.equal(await c.ask('EVAL', "return redis.call('GET', 'none')", 0), null);
  t.equal(server.holding.sequence, before + 1, 'one that changes nothing is nothing');
  await c.ask('EVAL', "redis.set_repl(redis.REPL_NONE) redis.call('SET', 'hidden', 1)", 0);
  await c.ask(
    'EVAL',
    "redis.set_repl(redis.REPL_REPLICA) redis.call('SET', 'hidden2', 1) redis.set_repl(redis.REPL_ALL) redis.call('SET', 'told', 1)",
    0,
  );
  t.equal(await c.ask('DBSIZE'), 4);
  await c.ask('EVAL', "redis.call('SET', 'half', 1) error('no')", 0);
  await s.end();
  const again = await scene({ dir, appendonly: true });
  t.same(await again.c.ask('LRANGE', 'l', 0, -1), ['1', '2', '3']);
  t.same(
    await again.c.ask('MGET', 'hidden', 'hidden2', 'told', 'half'),
    ['1', '1', '1', '1'],
    'whatever set_repl says',
  );
  t.same(
    await again.c.ask('SCRIPT', 'EXISTS', 'e0e1f9fabfc9d4800c877a703b823ac0578ff8db'),
    [0],
    'the cache is memory alone',
  );
  await again.end();
});

t.test('the database of the caller, and its own', async (t) => {
  const s = await scene();
  const { c } = s;
  await c.ask('SELECT', 3);
  t.equal(await c.ask('EVAL', "redis.call('SET', 'k', 1) redis.call('SELECT', 4) return redis.call('DBSIZE')", 0), 0);
  t.equal(await c.ask('DBSIZE'), 1);
  t.equal(await c.ask('EVAL', "return redis.call('DBSIZE')", 0), 1);
  await s.end();
});

t.test('statistics: commands, errors, time', async (t) => {
  const s = await scene();
  const { c, server } = s;
  await c.ask('SET', 's', 'x');
  await c.ask('CONFIG', 'RESETSTAT');
  for (const script of [
    "return redis.pcall('INCR', 's')",
    "return redis.call('INCR', 's')",
    "return redis.call('NOSUCH')",
    "return redis.pcall('GET')",
    "redis.pcall('GET') return 1",
    "error('xx')",
    "return {err = 'MY foo'}",
    'bad syntax',
  ])
    await c.ask('EVAL', script, 0);
  const stats = String(await c.ask('INFO', 'commandstats'));
  t.match(stats, /cmdstat_eval:calls=8,.*failed_calls=7/);
  t.match(stats, /cmdstat_incr:calls=2,.*rejected_calls=0,failed_calls=2/);
  t.match(stats, /cmdstat_get:calls=0,.*rejected_calls=2,failed_calls=0/);
  t.match(await c.ask('INFO', 'errorstats'), /errorstat_ERR:count=7\r\nerrorstat_MY:count=1\r\n/);
  const { usec } = server.commands.byName.get('eval')!;
  t.ok(usec > server.commands.byName.get('incr')!.usec, 'the time of a script contains that of its calls');
  await s.end();
});

t.test('long arguments and replies', async (t) => {
  const s = await scene();
  const { c } = s;
  const long = 'x'.repeat(3_000_000);
  t.equal(
    await c.ask('EVAL', "redis.call('SET', KEYS[1], ARGV[1]) return redis.call('STRLEN', KEYS[1])", 1, 'k', long),
    3e6,
  );
  t.equal(await c.ask('EVAL', "return redis.call('GET', KEYS[1])", 1, 'k'), long);
  t.equal(await c.ask('EVAL', `local s = '${long}' return #s`, 0), 3e6, 'a long script');
  t.equal(
    await c.ask('EVAL', "return redis.sha1hex(redis.call('GET', KEYS[1]))", 1, 'k'),
    createHash('sha1').update(long).digest('hex'),
  );
  await s.end();
});

t.test('redis.log goes to the log by its level', async (t) => {
  const lines: string[] = [];
  const s = await scene({ write: (line) => lines.push(line) });
  const { c } = s;
  await c.ask(
    'EVAL',
    "redis.log(redis.LOG_DEBUG, 'quiet') redis.log(redis.LOG_NOTICE, 'heard', 1) redis.log(redis.LOG_WARNING, 'loud')",
    0,
  );
  t.notOk(lines.some((line) => line.includes('quiet')));
  t.ok(lines.some((line) => line.endsWith(' * heard 1\n')));
  t.ok(lines.some((line) => line.endsWith(' # loud\n')));
  await s.end();
});

t.test('its TIME goes on, though its keys do not expire', async (t) => {
  const s = await scene({ busyReplyThreshold: 20 });
  const { c } = s;
  const script = `local function us() local t = redis.call('TIME') return t[1] * 1e6 + t[2] end
    redis.call('SET', 'k', 1, 'PX', 30)
    local from = us()
    while us() - from < 60000 do end
    return redis.call('EXISTS', 'k')`;
  t.equal(await c.ask('EVAL', script, 0), 1);
  t.equal(await c.ask('EXISTS', 'k'), 0);
  await s.end();
});
