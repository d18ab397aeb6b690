/**
 * The crash tests tested: with redis-server, of which we know that it keeps what it acknowledges, they find nothing, and with losses
 * that are planted they find each. Needs an installed redis-server.
 */
import { readdirSync, statSync, truncateSync } from 'node:fs';
import path from 'node:path';
import t from 'tap';
import { commandTable } from '../../commands/registry.js';
import { WRITE } from '../../commands/spec/flags.js';
import { Random } from '../../compat-suite/random/random.js';
import { Campaign } from './campaign.js';
import { closedWrite } from './closed-writes.js';
import { Draw } from './draw.js';
import { openWrite } from './open-writes.js';
import { ServerProcess } from './server-process.js';
import type { Ask } from './step.js';
import { line } from './target.js';

const ROUNDS = 3;
/** Write commands that no step sends, and why. */
const LEFT_OUT: Readonly<Record<string, string>> = {
  flushall: 'campaign.ts sends it while nobody else writes',
  'queue.consume': 'queue.test.ts sends it: what it does depends on the time',
  'queue.publish': 'queue.test.ts sends it: what it does depends on the time',
  'topic.publish': 'topic.test.ts sends it: what it does depends on the time',
};

t.test('every write command occurs in the steps', (t) => {
  const draw = new Draw(new Random(1), 0, true);
  const sent = new Set<string>();
  for (let i = 0; i < 60_000; i++)
    for (const words of (i % 3 === 0 ? openWrite(draw) : closedWrite(draw)).commands) sent.add(words[0].toLowerCase());
  const missing: string[] = [];
  for (const { name, flags } of commandTable().byName.values())
    if ((flags & WRITE) !== 0 && !sent.has(name) && !(name in LEFT_OUT)) missing.push(name);
  t.same(missing, []);
  t.end();
});

t.test('redis-server loses nothing', { timeout: 120_000 }, async (t) => {
  const target = ServerProcess.redis('--appendfsync', 'always');
  t.teardown(() => target.discard());
  const campaign = new Campaign(target, { seed: 1, longest: 300, events: [['BGREWRITEAOF'], ['BGSAVE']] });
  await target.start();
  for (let i = 0; i < ROUNDS; i++) t.equal((await campaign.round()).join('\n'), '', `round ${i}`);
  t.ok(campaign.acknowledged > 0);
});

/** Something that is done to the server, or to its files while it is down, that makes its data wrong. */
const PLANTED: Readonly<
  Record<string, { readonly files?: (directory: string) => void; readonly ask?: (ask: Ask) => Promise<unknown> }>
> = {
  'the last write is lost': { files: cutLastWrite },
  'a step happened in part': {
    ask: (ask) =>
      ask([
        ['SELECT', '13'],
        ['RPUSH', 'journal1', 'half'],
      ]),
  },
  'a key is gone': {
    ask: (ask) =>
      ask([
        ['SELECT', '0'],
        ['DEL', 'planted'],
      ]),
  },
  'a key is too many': {
    ask: (ask) =>
      ask([
        ['SELECT', '3'],
        ['SET', 'more', '1'],
      ]),
  },
  'a value is another': {
    ask: (ask) =>
      ask([
        ['SELECT', '0'],
        ['SET', 'planted', '2', 'KEEPTTL'],
      ]),
  },
  'a TTL is off by a millisecond': {
    ask: (ask) =>
      ask([
        ['SELECT', '0'],
        ['PEXPIREAT', 'planted', '4102444800001'],
      ]),
  },
  'a TTL is lost': {
    ask: (ask) =>
      ask([
        ['SELECT', '0'],
        ['PERSIST', 'planted'],
      ]),
  },
  'a taken element is back': {
    ask: (ask) =>
      ask([
        ['SELECT', '14'],
        ['RPUSH', 'q0', 'tok5.0'],
      ]),
  },
  'an element is lost': {
    ask: (ask) =>
      ask([
        ['SELECT', '14'],
        ['DEL', 'q0', 'q1', 'zq0', 'zq1', 'done'],
      ]),
  },
  'an expired key is back': {
    ask: (ask) =>
      ask([
        ['SELECT', '15'],
        ['SET', 's0', '000000', 'PX', '10000'],
      ]),
  },
};

/** Takes the last byte from the log that was written last, so that its last entry is not whole. */
function cutLastWrite(directory: string): void {
  const folder = path.join(directory, 'appendonlydir');
  const logs = readdirSync(folder).filter((name) => name.includes('.incr.'));
  const last = logs.sort((a, b) => Number(/\.(\d+)\.incr/.exec(a)![1]) - Number(/\.(\d+)\.incr/.exec(b)![1])).at(-1)!;
  const file = path.join(folder, last);
  truncateSync(file, statSync(file).size - 1);
}

for (const [name, { files, ask }] of Object.entries(PLANTED))
  t.test(`planted: ${name}`, { timeout: 60_000 }, async (t) => {
    const target = ServerProcess.redis('--appendfsync', 'always');
    t.teardown(() => target.discard());
    const campaign = new Campaign(target, { seed: 5, longest: 100 });
    await target.start();
    await campaign.calm(60);
    const plant = [['SET', 'planted', '1', 'PXAT', '4102444800000']];
    campaign.model.run(0, plant);
    const before = await line(target);
    await before.ask([['SELECT', '0'], ...plant]);
    before.close();
    await target.crash(false);
    files?.(target.directory);
    await target.start();
    const after = await line(target);
    await ask?.(after.ask);
    after.close();
    const wrong = await campaign.judge();
    t.not(wrong.length, 0, 'is found');
    t.comment(wrong[0]);
  });
