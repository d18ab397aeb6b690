/** What the client scripts of this folder share: a check prints `ok what` or `not ok what` and why. Read next: ioredis.ts. */
import { deepStrictEqual } from 'node:assert';

export class Checks {
  private failed = 0;

  /** Compares what `work` gives, or the message of what it throws, with `expected`. */
  async check(what: string, work: () => unknown, expected: unknown): Promise<void> {
    try {
      const actual = await work();
      deepStrictEqual(JSON.parse(JSON.stringify(actual ?? null)), JSON.parse(JSON.stringify(expected ?? null)));
      console.log(`ok ${what}`);
    } catch (error) {
      this.failed++;
      console.log(`not ok ${what}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }

  /** The message that `work` fails with; undefined when it does not. */
  async failure(work: () => unknown): Promise<string | undefined> {
    try {
      await work();
      return undefined;
    } catch (error) {
      return (error as Error).message;
    }
  }

  /** The exit code for all that was checked. */
  get exitCode(): number {
    return this.failed === 0 ? 0 : 1;
  }
}

/** What `start` hands to its callback, or an error after five seconds. */
export function soon<T>(what: string, start: (done: (value: T) => void) => unknown): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`${what}: nothing came within five seconds`)), 5000);
    start((value) => {
      clearTimeout(timer);
      resolve(value);
    });
  });
}
