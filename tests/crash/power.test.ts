/**
 * The power cut at random operations of the disk while clients of every kind write: with `appendfsync always` everything acknowledged is
 * there afterwards, with `everysec` everything that a WAITAOF has covered; and no step is there in part.
 *
 *   CRASH_POWER_ROUNDS=5000 CRASH_SEED=3 node dist/tests/crash/power.test.js        a long run
 */
import t from 'tap';
import type { Options } from '../../src/index.js';
import { seeded } from '../random.js';
import { Campaign } from './campaign.js';
import { PowerServer } from './power-server.js';

const ROUNDS = Number(process.env.CRASH_POWER_ROUNDS ?? 30);
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
  private cut: Promise<void> | undefined = undefined;

  constructor(
    private readonly server: PowerServer,
    seed: number,
    durable: boolean,
  ) {
    const events = [undefined, undefined, ['BGREWRITEAOF'], ['BGREWRITEAOF'], ['BGSAVE']];
    super(server, { seed, longest: LONGEST_MS, durable, events });
  }

  override async load(ms: number): Promise<void> {
    const { disk } = this.server;
    disk.cutAt = disk.operations + 1 + this.random.below(OPERATIONS);
    this.cut = new Promise((resolve) => {
      disk.cut = () => {
        this.server.hangUp();
        resolve();
      };
    });
    await super.load(ms);
  }

  protected override async wait(ms: number): Promise<void> {
    await Promise.race([super.wait(ms), this.cut]);
  }
}

interface Course {
  readonly seed: number;
  readonly rounds: number;
  readonly options: Options;
  readonly durable: boolean;
}

/** Rounds on one disk. @returns what is wrong, as text, and how many steps were acknowledged */
async function run(
  { seed, rounds, options, durable }: Course,
  begin = (_: PowerServer) => {},
): Promise<[string, number]> {
  const server = new PowerServer(seeded(seed), options);
  const campaign = new PowerCampaign(server, seed, durable);
  begin(server);
  await server.start();
  try {
    for (let i = 0; i < rounds; i++) {
      const wrong = await campaign.round();
      if (wrong.length > 0) return [`seed ${seed}, round ${i}:\n${wrong.join('\n')}\n${server.printed}`, 0];
    }
    return ['', campaign.acknowledged];
  } finally {
    await server.crash(true);
  }
}

for (const appendfsync of ['always', 'everysec'] as const)
  t.test(`${ROUNDS} power cuts of seed ${SEED}, appendfsync ${appendfsync}`, { timeout: LONG }, async (t) => {
    const durable = appendfsync === 'always';
    let acknowledged = 0;
    for (let done = 0; done < ROUNDS; done += ROUNDS_EACH) {
      const rounds = Math.min(ROUNDS_EACH, ROUNDS - done);
      const options = { appendfsync, autoAofRewriteMinSize: 50_000 };
      const [wrong, steps] = await run({ seed: SEED + done / ROUNDS_EACH, rounds, options, durable });
      t.equal(wrong, '');
      if (wrong !== '') return;
      acknowledged += steps;
    }
    t.ok(acknowledged > 0, `${acknowledged} steps were acknowledged`);
  });

t.test('a disk that lies is found out', { timeout: LONG }, async (t) => {
  const options = { appendfsync: 'always' } as const;
  const [wrong] = await run({ seed: SEED, rounds: 30, options, durable: true }, (server) => {
    const { start } = server;
    server.start = async () => {
      server.disk.lies = true;
      await start.call(server);
    };
  });
  t.match(wrong, /must be/);
});
