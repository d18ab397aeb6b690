/**
 * Every command with random arguments on a small keyspace of all types, in and outside of MULTI, while time moves: world.ts tells what
 * must hold after each.
 *
 *   FUZZ_COMMANDS=1000000 FUZZ_SEED=7 node dist/tests/fuzz/commands.test.js        a long run
 * A failure names the seed of its world, from which it can be had again with FUZZ_COMMANDS=1; FUZZ_TRACE=1 tells each command before it
 * runs.
 */
import t from 'tap';
import { World } from './world.js';

const COMMANDS = Number(process.env.FUZZ_COMMANDS ?? 2000);
const SEED = Number(process.env.FUZZ_SEED ?? 1);
const EPOCH = 2000;
const LONG = 3_600_000;
t.setTimeout(LONG);

t.test(`${COMMANDS} random commands of seed ${SEED}`, { timeout: LONG }, async (t) => {
  const worked = new Set<string>();
  const never = new Set<string>();
  let count = 0;
  for (let i = 0; count < COMMANDS; i++) {
    const seed = SEED + i;
    const world = new World(seed);
    try {
      world.epoch(EPOCH);
    } catch (e) {
      t.fail(`seed ${seed}: ${(e as Error).message}`);
      return;
    }
    count += world.count;
    for (const { command } of world.rows) never.add(command.name);
    for (const name of world.worked) worked.add(name);
  }
  for (const name of worked) never.delete(name);
  t.ok(
    worked.size > never.size * (COMMANDS < 50000 ? 1 : 20),
    `${worked.size} commands worked, never did: ${[...never].join(' ')}`,
  );
});
