/**
 * What a server holds when all is calm, it holds after a power cut, whatever it came from: random commands of every family of the
 * compatibility suite from clients that share their keys, keys and fields that expire, keys that are evicted, logs that are rewritten,
 * switched off and on; and snapshots alone, without a log. Time stands still from the look before the cut to the look after it.
 *
 *   CRASH_CALM_ROUNDS=1000 CRASH_SEED=3 node dist/tests/crash/calm.test.js        a long run
 */
import t from 'tap';
import { batch, loadFamily, randomFamilies } from '../../compat-suite/random/family.js';
import { Random } from '../../compat-suite/random/random.js';
import type { Options } from '../../src/index.js';
import { seeded } from '../random.js';
import { state } from './inside.js';
import { PowerServer } from './power-server.js';
import { line, pause } from './target.js';

const ROUNDS = Number(process.env.CRASH_CALM_ROUNDS ?? 8);
const SEED = Number(process.env.CRASH_SEED ?? 1);
const TEMPLATES = new URL('../../../compat-suite/random/', import.meta.url);
const FAMILIES = randomFamilies(TEMPLATES);
const DATABASES = Array.from({ length: 16 }, (_, i) => i);
const CLIENTS = 3;
const COMMANDS = 150;
const FILLERS = 60;
const LONG = 36_000_000;
t.setTimeout(LONG);

class Calm {
  readonly random: Random;
  readonly server: PowerServer;
  private now = 1_800_000_000_000;
  private batches = 0;

  constructor(
    private readonly seed: number,
    options: Options,
  ) {
    this.random = new Random(seed);
    this.server = new PowerServer(seeded(seed), { ...options, clock: () => this.now, hz: 100 });
  }

  /** Lets clients send random commands, and time pass, by steps of less than `step` ms. */
  async play(step = 6000): Promise<void> {
    await Promise.all(Array.from({ length: CLIENTS }, () => this.client(step)));
  }

  private async client(step: number): Promise<void> {
    const { random, seed } = this;
    const { ask, close } = await line(this.server);
    const family = loadFamily(TEMPLATES, random.pick(FAMILIES));
    const groups = batch(family, seed, this.batches++, COMMANDS);
    for (const group of groups) {
      await ask(group);
      if (random.oneIn(20)) this.now += random.below(step);
    }
    // Memory becomes short.
    for (let i = 0; i < FILLERS; i++) await ask([['SET', `fill${random.below(500)}`, 'x'.repeat(random.below(3000))]]);
    close();
  }

  /** Sends commands of which none may fail. */
  async tell(...commands: (readonly string[])[]): Promise<void> {
    const { ask, close } = await line(this.server);
    const replies = await ask(commands);
    close();
    const failed = replies.findIndex((reply) => reply[0] === '-');
    if (failed >= 0) throw new Error(`${commands[failed].join(' ')}: ${replies[failed]}`);
  }

  async until(figure: string): Promise<void> {
    const { ask, close } = await line(this.server);
    while (!(await ask([['INFO', 'persistence']]))[0].includes(`\r\n${figure}\r\n`)) await pause(3);
    close();
  }

  state(): Promise<string> {
    return state(this.server.server!, DATABASES);
  }
}

/** The first lines in which two states differ. */
function difference(wanted: string, found: string): string {
  const [left, right] = [wanted, found].map((text) => new Set(text.split('\n')));
  const lost = [...left].filter((text) => !right.has(text)).map((text) => `must be ${text}`);
  const more = [...right].filter((text) => !left.has(text)).map((text) => `is ${text}`);
  return [...lost.slice(0, 5), ...more.slice(0, 5)].join('\n');
}

const POLICIES = ['allkeys-random', 'allkeys-lru', 'volatile-ttl', 'volatile-lfu'] as const;

t.test(`a log, ${ROUNDS} power cuts of seed ${SEED}`, { timeout: LONG }, async (t) => {
  const calm = new Calm(SEED, { appendfsync: 'always' });
  const { random, server } = calm;
  await server.start();
  t.teardown(() => server.crash(true));
  for (let i = 0; i < ROUNDS; i++) {
    if (random.oneIn(2))
      await calm.tell(['CONFIG', 'SET', 'maxmemory', '400kb', 'maxmemory-policy', random.pick(POLICIES)]);
    const off = random.oneIn(4);
    if (off) await calm.tell(['CONFIG', 'SET', 'appendonly', 'no']);
    const played = calm.play();
    if (random.oneIn(3) && !off) await calm.tell(['BGREWRITEAOF']);
    await played;
    if (off) await calm.tell(['CONFIG', 'SET', 'appendonly', 'yes']);
    if (off || random.oneIn(3)) await calm.until('aof_rewrite_in_progress:0');
    const wanted = await calm.state();
    await server.crash(random.oneIn(5));
    while (random.oneIn(4)) await server.interruptedStart(random.below(1000) / 1000);
    await server.start();
    const found = await calm.state();
    t.equal(difference(wanted, found), '', `round ${i}, ${wanted.split('\n').length} keys`);
    if (found !== wanted) return;
  }
});

t.test(`snapshots alone, ${ROUNDS} power cuts of seed ${SEED}`, { timeout: LONG }, async (t) => {
  const calm = new Calm(SEED, { appendonly: false });
  const { random, server } = calm;
  await server.start();
  t.teardown(() => server.crash(true));
  let saved = await calm.state();
  for (let i = 0; i < ROUNDS; i++) {
    await calm.play();
    const possible = new Set([saved]);
    if (random.oneIn(2)) {
      saved = await calm.state();
      await calm.tell(['SAVE']);
      possible.clear();
    } else {
      possible.add(await calm.state());
      await calm.tell(['BGSAVE']);
    }
    possible.add(saved);
    // What was saved must not expire before it is looked at again.
    const played = random.oneIn(2) ? calm.play(1) : Promise.resolve();
    if (random.oneIn(2)) await pause(random.below(30));
    else {
      await calm.until('rdb_bgsave_in_progress:0');
      // What was begun is there for good.
      if (possible.size === 2) possible.delete(saved);
    }
    await played;
    await server.crash(false);
    while (random.oneIn(4)) await server.interruptedStart(random.below(1000) / 1000);
    await server.start();
    saved = await calm.state();
    const nearest = [...possible].map((wanted) => difference(wanted, saved)).sort((a, b) => a.length - b.length)[0];
    t.equal(possible.has(saved) ? '' : nearest, '', `round ${i}`);
    if (!possible.has(saved)) return;
  }
});
