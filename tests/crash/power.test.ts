/**
 * The power cut at random operations of the disk while clients of every kind write: with `appendfsync always` everything acknowledged is
 * there afterwards, otherwise everything that a WAITAOF has covered; and no step is there in part.
 *
 *   CRASH_POWER_ROUNDS=5000 CRASH_SEED=3 node dist/tests/crash/power.test.js        a long run
 */
import t from 'tap';
import { seeded } from '../random.js';
import { Campaign } from './campaign.js';
import { PowerServer } from './power-server.js';

const ROUNDS = Number(process.env.CRASH_POWER_ROUNDS ?? 30);
const SEED = Number(process.env.CRASH_SEED ?? 1);
/** Rounds on the same disk. */
const ROUNDS_EACH = 30;
const LONG = 36_000_000;
t.setTimeout(LONG);

/**
 * How the policies are crashed: whether an acknowledgement is a promise, or only WAITAOF is; how long a round lasts, ms, and after
 * how many operations of the disk the power is cut at the latest. `everysec` makes nothing safe in shorter rounds.
 */
const MODES = {
  always: { durable: true, shortest: 0, longest: 60, operations: 120, rounds: ROUNDS },
  no: { durable: false, shortest: 0, longest: 60, operations: 120, rounds: ROUNDS },
  everysec: { durable: false, shortest: 1100, longest: 1000, operations: 4000, rounds: Math.ceil(ROUNDS / 6) },
} as const;

interface Course {
  readonly policy: keyof typeof MODES;
  readonly seed: number;
  readonly rounds: number;
}

/** A campaign in which the power is cut at an operation, not at a moment. */
class PowerCampaign extends Campaign {
  private cut: Promise<void> | undefined = undefined;

  constructor(
    private readonly server: PowerServer,
    { seed, policy }: Course,
    private readonly mode = MODES[policy],
  ) {
    const events = [undefined, undefined, ['BGREWRITEAOF'], ['BGREWRITEAOF'], ['BGSAVE']];
    super(server, { seed, longest: mode.longest, durable: mode.durable, events });
  }

  protected override moment(): number {
    return this.mode.shortest + super.moment();
  }

  override async load(ms: number): Promise<void> {
    const { disk } = this.server;
    disk.cutAt = disk.operations + 1 + this.random.below(this.mode.operations);
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

/** Rounds on one disk. @returns what is wrong, as text, and how many steps were acknowledged, and how many times by WAITAOF */
async function run(course: Course, begin = (_: PowerServer) => {}): Promise<[string, number, number]> {
  const { seed, rounds, policy } = course;
  const server = new PowerServer(seeded(seed), { appendfsync: policy, autoAofRewriteMinSize: 50_000 });
  const campaign = new PowerCampaign(server, course);
  begin(server);
  await server.start();
  try {
    for (let i = 0; i < rounds; i++) {
      const wrong = await campaign.round();
      if (wrong.length > 0) return [`seed ${seed}, round ${i}:\n${wrong.join('\n')}\n${server.printed}`, 0, 0];
    }
    return ['', campaign.acknowledged, campaign.covered];
  } finally {
    await server.crash(true);
  }
}

for (const policy of ['always', 'no', 'everysec'] as const) {
  const { rounds, durable } = MODES[policy];
  t.test(`${rounds} power cuts of seed ${SEED}, appendfsync ${policy}`, { timeout: LONG }, async (t) => {
    let promises = 0;
    for (let done = 0; done < rounds; done += ROUNDS_EACH) {
      const each = Math.min(ROUNDS_EACH, rounds - done);
      const [wrong, steps, covered] = await run({ policy, seed: SEED + done / ROUNDS_EACH, rounds: each });
      t.equal(wrong, '');
      if (wrong !== '') return;
      promises += durable ? steps : covered;
    }
    t.ok(
      promises > 0 || rounds < 5,
      `${promises} ${durable ? 'steps were acknowledged' : 'times WAITAOF said that all is safe'}`,
    );
  });
}

for (const policy of ['always', 'no'] as const)
  t.test(`a disk that lies is found out, appendfsync ${policy}`, { timeout: LONG }, async (t) => {
    const lying = run({ policy, seed: SEED, rounds: 100 }, (server) => {
      const { start } = server;
      server.start = async () => {
        server.disk.lies = true;
        await start.call(server);
      };
    });
    // Data may be missing, or so much that no server starts.
    const wrong = await lying.then(
      ([text]) => text,
      (e: Error) => `refused: ${e.message}`,
    );
    t.match(wrong, /must be|too early|refused/);
  });
