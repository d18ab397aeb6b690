/** @upstash/ratelimit as it is, whose scripts run behind the gateway: in Synap, and in Redis to see that the test asks what is so. */
import { spawnSync } from 'node:child_process';
import { Ratelimit } from '@upstash/ratelimit';
import { Redis } from '@upstash/redis';
import t, { type Test } from 'tap';
import { startGateway } from '../../../src/gateway/gateway.js';
import { createServer } from '../../../src/index.js';
import { LiveRedis } from '../../storage/rdb/live-redis.js';

const TOKEN = 'secret';
const hasRedis = spawnSync('redis-server', ['--version']).status === 0;

/** Rate limits and a pipeline with a script, through a gateway in front of a server with scripts. */
async function limitRates(t: Test, port: number): Promise<void> {
  const gateway = await startGateway({ url: `redis://:${TOKEN}@127.0.0.1:${port}`, port: 0 }, '0.0.0');
  const redis = new Redis({ url: `http://127.0.0.1:${gateway.port}`, token: TOKEN, retry: false });
  const algorithms = {
    fixed: Ratelimit.fixedWindow(3, '1 h'),
    sliding: Ratelimit.slidingWindow(3, '1 h'),
    bucket: Ratelimit.tokenBucket(3, '1 h', 3),
  };
  for (const [prefix, limiter] of Object.entries(algorithms)) {
    const limit = new Ratelimit({ redis, limiter, prefix, ephemeralCache: false });
    const passed: boolean[] = [];
    for (let i = 0; i < 5; i++) passed.push((await limit.limit('user')).success);
    t.strictSame(passed, [true, true, true, false, false], prefix);
    t.equal((await limit.limit('other')).remaining, 2, prefix);
    t.equal((await limit.getRemaining('other')).remaining, 2, prefix);
    await limit.resetUsedTokens('user');
    t.equal((await limit.limit('user')).success, true, prefix);
  }
  const both = await fetch(`http://127.0.0.1:${gateway.port}/pipeline`, {
    method: 'POST',
    headers: { authorization: `Bearer ${TOKEN}` },
    body: JSON.stringify([
      ['SET', 'k', '1'],
      ['EVAL', "return redis.call('incr', KEYS[1])", 1, 'k'],
      ['GET', 'k'],
    ]),
  });
  t.strictSame(await both.json(), [{ result: 'OK' }, { result: 2 }, { result: '2' }], 'a pipeline keeps its order');
  await gateway.close();
}

t.test('@upstash/ratelimit, in front of Redis', { skip: !hasRedis && 'no redis-server' }, async (t) => {
  const live = await LiveRedis.start(['--requirepass', TOKEN]);
  await limitRates(t, live.port);
  await live.stop();
});

t.test('@upstash/ratelimit', async (t) => {
  const server = await createServer({ requirepass: TOKEN });
  await limitRates(t, server.port);
  await server.close();
});
