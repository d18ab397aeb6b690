/**
 * A disk that is full, or fails, for a while under load: writes are refused with -MISCONF, nothing that was acknowledged is lost, nothing
 * that was refused has happened, and when there is room again all goes on. Then the power is cut, and everything is judged.
 *
 *   CRASH_DISK_ROUNDS=1000 CRASH_SEED=3 node dist/tests/crash/full-disk.test.js        a long run
 */
import t from 'tap';
import { seeded } from '../random.js';
import { Campaign } from './campaign.js';
import { PowerServer } from './power-server.js';
import { line, pause } from './target.js';

const ROUNDS = Number(process.env.CRASH_DISK_ROUNDS ?? 12);
const SEED = Number(process.env.CRASH_SEED ?? 1);
const LONG = 36_000_000;
t.setTimeout(LONG);

/** What happens to the disk. */
const TROUBLES = ['full', 'writes fail', 'syncs fail'] as const;
type Trouble = (typeof TROUBLES)[number];

function trouble(server: PowerServer, kind: Trouble, room: number): void {
  const { disk } = server;
  if (kind === 'full') disk.capacity = disk.used + room;
  else if (kind === 'writes fail') disk.writeFailure = 'EIO';
  else disk.syncFailure = 'EIO';
}

function relief({ disk }: PowerServer): void {
  disk.capacity = Number.POSITIVE_INFINITY;
  disk.writeFailure = disk.syncFailure = '';
}

/** A campaign in whose rounds the disk makes trouble; sometimes until the crash. */
class TroubledCampaign extends Campaign {
  constructor(
    private readonly server: PowerServer,
    seed: number,
    private readonly kind: Trouble,
    durable: boolean,
  ) {
    super(server, { seed, longest: 100, durable, events: [undefined, ['BGREWRITEAOF'], ['BGSAVE']] });
  }

  override async load(ms: number): Promise<void> {
    const { server, random, kind } = this;
    const ended = super.load(ms + 400);
    const busy = async (): Promise<void> => {
      await pause(random.below(ms + 1));
      trouble(server, kind, random.below(3000));
      if (random.oneIn(3)) return;
      await pause(random.below(150));
      relief(server);
    };
    await Promise.all([ended, busy()]);
  }
}

for (const appendfsync of ['always', 'everysec'] as const)
  for (const kind of TROUBLES)
    t.test(`${kind}, appendfsync ${appendfsync}`, { timeout: LONG }, async (t) => {
      const server = new PowerServer(seeded(SEED), { appendfsync });
      const campaign = new TroubledCampaign(server, SEED, kind, appendfsync === 'always');
      await server.start();
      t.teardown(() => server.crash(true));
      for (let i = 0; i < ROUNDS / 6; i++) {
        const wrong = await campaign.round();
        t.equal(wrong.join('\n'), '', `seed ${SEED}, round ${i}`);
        if (wrong.length > 0) return;
      }
      t.ok(campaign.acknowledged > 0);
    });

for (const appendfsync of ['always', 'everysec', 'no'] as const)
  t.test(`what clients are told while the disk is full, appendfsync ${appendfsync}`, { timeout: 60_000 }, async (t) => {
    const server = new PowerServer(seeded(SEED), { appendfsync });
    await server.start();
    const one = await line(server);
    const other = await line(server);
    const status = async (wanted: string): Promise<void> => {
      while (!(await other.ask([['INFO', 'persistence']]))[0].includes(`aof_last_write_status:${wanted}`))
        await pause(5);
    };
    await one.ask([['SET', 'safe', '1']]);
    if (appendfsync !== 'no') await one.ask([['WAITAOF', '1', '0', '0']]);
    trouble(server, 'full', 0);
    let answered = false;
    const first = one.ask([['SET', 'held', 'x'.repeat(100)]]).finally(() => {
      answered = true;
    });
    await status('err');
    const asked = [
      ['SET', 'refused', '1'],
      ['GET', 'safe'],
      ['EXISTS', 'refused'],
    ];
    const [refused, ...read] = await other.ask(asked);
    t.match(refused, /^-MISCONF Errors writing to the AOF file: /);
    t.same(read, ['$1\r\n1\r\n', ':0\r\n'], 'reading goes on');
    t.equal(answered, false, 'what cannot be written is not acknowledged');
    relief(server);
    t.same(await first, ['+OK\r\n'], 'until it can');
    await status('ok');
    t.same(await other.ask([['SET', 'again', '1']]), ['+OK\r\n']);
    if (appendfsync !== 'no') t.same(await other.ask([['WAITAOF', '1', '0', '0']]), ['*2\r\n:1\r\n:0\r\n']);
    one.close();
    other.close();
    await server.crash(appendfsync === 'no');
    await server.start();
    const after = await line(server);
    t.same(
      await after.ask([
        ['EXISTS', 'safe', 'held', 'again'],
        ['EXISTS', 'refused'],
      ]),
      [':3\r\n', ':0\r\n'],
    );
    after.close();
    await server.crash(true);
  });

t.test('WAITAOF does not promise what a failing disk has not kept', { timeout: 60_000 }, async (t) => {
  const server = new PowerServer(seeded(SEED), { appendfsync: 'everysec' });
  await server.start();
  const { ask, close } = await line(server);
  server.disk.syncFailure = 'EIO';
  const replies = await ask([
    ['SET', 'k', '1'],
    ['WAITAOF', '1', '0', '300'],
  ]);
  t.equal(replies[1], '*2\r\n:0\r\n:0\r\n');
  relief(server);
  t.equal((await ask([['WAITAOF', '1', '0', '0']]))[0], '*2\r\n:1\r\n:0\r\n', 'until it has');
  close();
  await server.crash(false);
  await server.start();
  const after = await line(server);
  t.same(await after.ask([['GET', 'k']]), ['$1\r\n1\r\n']);
  after.close();
  await server.crash(true);
});
