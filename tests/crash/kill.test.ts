/**
 * Synap killed at random moments while clients of every kind write: what was acknowledged must be there after the restart, and no step
 * in part.
 *
 *   CRASH_ROUNDS=1000 CRASH_SEED=7 node dist/tests/crash/kill.test.js        a long run
 *   CRASH_POLICY=always CRASH_ROUNDS=1000 node ...                           one policy alone, which nothing switches
 *   CRASH_SERVER=redis node dist/tests/crash/kill.test.js                    the same with redis-server
 *
 * A failure names the seed of its campaign, of 20 rounds at most; the moments themselves do not come again.
 */
import t from 'tap';
import { Campaign } from './campaign.js';
import { ServerProcess } from './server-process.js';

const ROUNDS = Number(process.env.CRASH_ROUNDS ?? 10);
const SEED = Number(process.env.CRASH_SEED ?? 1);
/** Rounds on the same directory. */
const ROUNDS_EACH = 20;
const LONG = 36_000_000;
t.setTimeout(LONG);

/**
 * What a kill leaves of acknowledged steps: all of them, where replies follow the write to the log. With everysec a write may be put off
 * while a sync runs, up to two seconds and behind the reply, as in Redis; there WAITAOF promises.
 */
const ONLY = process.env.CRASH_POLICY;
const POLICIES = ONLY === undefined ? ['always', 'always', 'always', 'no', 'everysec'] : [ONLY];
const EVENTS = [
  undefined,
  undefined,
  ['BGREWRITEAOF'],
  ['BGREWRITEAOF'],
  ['BGSAVE'],
  ['CONFIG', 'SET', 'appendfsync', 'no'],
  ['CONFIG', 'SET', 'appendfsync', 'always'],
];

const REDIS = process.env.CRASH_SERVER === 'redis';

function server(policy: string): ServerProcess {
  const directives = ['--appendfsync', policy, '--auto-aof-rewrite-min-size', '200kb'];
  return REDIS ? ServerProcess.redis(...directives) : ServerProcess.synap(...directives);
}

t.test(`${ROUNDS} crashes of seed ${SEED}`, { timeout: LONG }, async (t) => {
  let acknowledged = 0;
  for (let done = 0; done < ROUNDS; done += ROUNDS_EACH) {
    const number = done / ROUNDS_EACH;
    // Redis 7.0 has no WAITAOF.
    const policy = POLICIES[number % (REDIS ? Math.max(1, POLICIES.length - 1) : POLICIES.length)];
    const durable = policy !== 'everysec';
    const target = server(policy);
    const events = durable && ONLY === undefined ? EVENTS : EVENTS.slice(0, 5);
    const campaign = new Campaign(target, { seed: SEED + number, longest: 400, durable, events });
    try {
      await target.start();
      for (let i = 0; i < Math.min(ROUNDS_EACH, ROUNDS - done); i++) {
        const wrong = await campaign.round();
        if (wrong.length === 0) continue;
        t.fail(`seed ${SEED + number}, round ${i}:\n${wrong.join('\n')}\n${target.printed}`);
        return;
      }
    } finally {
      await target.discard();
    }
    t.pass(`seed ${SEED + number}, ${policy}: ${campaign.acknowledged} steps were acknowledged`);
    acknowledged += campaign.acknowledged;
  }
  t.ok(acknowledged > 0, `${acknowledged} in all`);
});
