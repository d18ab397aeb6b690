/** What tests of random commands against a model share: chance, the line that was sent last, and worlds one after another. */
import { seeded } from '../random.js';

/** Commands that one world is given. */
const WORLD = 1000;

export abstract class RandomWorld {
  /** What was sent last. */
  protected line = '';
  private readonly random: () => number;

  constructor(seed: number) {
    this.random = seeded(seed);
  }

  /** Sends a command and compares. @throws an Error that tells what differs */
  abstract step(): void;

  protected below(n: number): number {
    return Math.floor(this.random() * n);
  }

  protected pick<T>(...list: readonly T[]): T {
    return list[this.below(list.length)];
  }

  /** @throws Error unless both are the same as JSON */
  protected same(what: string, found: unknown, wanted: unknown): void {
    const [a, b] = [found, wanted].map((value) => JSON.stringify(value));
    if (a !== b) throw new Error(`${what} after ${this.line}: ${a}, not ${b}`);
  }
}

/** Gives worlds of the seeds from `seed` on `commands` steps together. @throws an Error with the seed of the one that differs */
export function runWorlds(commands: number, seed: number, make: (seed: number) => RandomWorld): void {
  for (let i = 0; i < commands / WORLD; i++) {
    const world = make(seed + i);
    for (let n = 0; n < WORLD; n++)
      try {
        world.step();
      } catch (e) {
        throw new Error(`seed ${seed + i}, command ${n}: ${(e as Error).stack}`);
      }
  }
}
