/**
 * The power cut at random operations of the disk while clients of every kind write: with `appendfsync always` everything acknowledged is
 * there afterwards, with `everysec` everything that a WAITAOF has covered; and no step is there in part.
 *
 *   CRASH_POWER_ROUNDS=5000 CRASH_SEED=3 node dist/tests/crash/power.test.js        a long run
 */
import t from 'tap';
import { seeded } from '../random.js';
import { Campaign } from './campaign.js';
import { PowerServer } from './power-server.js';

const ROUNDS = Number(process.env.CRASH_POWER_ROUNDS ?? 60);
const SEED = Number(process.env.CRASH_SEED ?? 1);
/** Rounds on the same disk. */
const ROUNDS_EACH = 30;
/** The longest a round lasts, ms, and after how many operations of the disk the power is cut at the latest. */
const LONGEST_MS = 60;
const OPERATIONS = 120;
const LONG = 36_000_000;
t.setTimeout(LONG);

/** A campaign in which the power is cut at an operation, not at a moment. */
class PowerCampaign extends Campaign {
  constructor(
    private readonly server: PowerServer,
    seed: number,
  ) {
    const events = [undefined, undefined, ['BGREWRITEAOF'], ['BGREWRITEAOF'], ['BGSAVE']];
    super(server, { seed, longest: LONGEST_MS, events });
  }

  override async load(ms: number): Promise<void> {
    const { disk } = this.server;
    disk.cutAt = disk.operations + 1 + this.random.below(OPERATIONS);
    disk.cut = () => this.server.hangUp();
    await super.load(ms);
  }
}

t.test(`${ROUNDS} power cuts of seed ${SEED}`, { timeout: LONG }, async (t) => {
  let acknowledged = 0;
  for (let done = 0; done < ROUNDS; done += ROUNDS_EACH) {
    const seed = SEED + done / ROUNDS_EACH;
    const server = new PowerServer(seeded(seed), { appendfsync: 'always', autoAofRewriteMinSize: 50_000 });
    const campaign = new PowerCampaign(server, seed);
    await server.start();
    for (let i = 0; i < Math.min(ROUNDS_EACH, ROUNDS - done); i++) {
      const wrong = await campaign.round();
      if (wrong.length === 0) continue;
      t.fail(`seed ${seed}, round ${i}:\n${wrong.join('\n')}\n${server.printed}`);
      await server.crash(true);
      return;
    }
    await server.crash(true);
    acknowledged += campaign.acknowledged;
  }
  t.ok(acknowledged > 0, `${acknowledged} steps were acknowledged`);
});
