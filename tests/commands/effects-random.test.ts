/**
 * Random commands of all families on one server, repeated on another by what they tell: repeated-world.ts says how, and what must be
 * equal.
 *
 *   EFFECTS_COMMANDS=1000000 EFFECTS_SEED=7 node dist/tests/commands/effects-random.test.js        a long run
 */
import t from 'tap';
import { loadFamily, randomFamilies } from '../../compat-suite/random/family.js';
import { RepeatedWorld } from './repeated-world.js';

const COMMANDS = Number(process.env.EFFECTS_COMMANDS ?? 21_000);
const SEED = Number(process.env.EFFECTS_SEED ?? 1);
const WORLD = 3000;
const BETWEEN = 250;
const LONG = 3_600_000;
t.setTimeout(LONG);

const FOLDER = new URL('../../../compat-suite/random/', import.meta.url);
const families = randomFamilies(FOLDER).flatMap((name) => [...loadFamily(FOLDER, name).commands]);

t.test(`${COMMANDS} random commands of seed ${SEED}, repeated`, { timeout: LONG }, async (t) => {
  let commands = 0;
  let effects = 0;
  let hidden = 0;
  let evicted = 0;
  for (let i = 0; commands < COMMANDS; i++) {
    const world = new RepeatedWorld(SEED + i * 1000, i % 3 === 1, families);
    try {
      while (world.commands < WORLD) world.run(BETWEEN);
    } catch (e) {
      t.fail(`seed ${SEED + i * 1000}, after ${world.commands} commands: ${(e as Error).message}`);
      return;
    } finally {
      await world.server.close();
      await world.other.close();
    }
    commands += world.commands;
    effects += world.effects;
    hidden += world.hidden;
    evicted += world.server.stats.evictedKeys;
  }
  t.ok(effects > commands / 4, `${commands} commands told ${effects} effects`);
  t.ok(hidden > 0, `${hidden} hashes kept expired fields`);
  t.ok(evicted > 0, `${evicted} keys were evicted`);
});
