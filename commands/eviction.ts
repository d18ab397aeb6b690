/**
 * What commands may ask of the service that keeps the dataset below `maxmemory`. Implemented in src/eviction/. Dispatch asks it before
 * a command while MEMORY_LIMITED is set; CONFIG tells it of new settings; nobody else needs it.
 */
import type { Client } from './client.js';
import type { Command } from './command.js';
import type { ReplyError } from './error.js';

/** What `makeRoom` can say. */
/** The dataset is within its limit, or may not be touched now (CLIENT PAUSE). */
export const EVICTED_ENOUGH = 0;
/** It is not yet, but the time slice is over: eviction goes on in the background. */
export const EVICTION_RUNS = 1;
/** It is not, and nothing may be evicted. */
export const OUT_OF_MEMORY = 2;

export interface Eviction {
  /** What the last `makeRoom` said: a script asks this before it writes. */
  readonly state: number;
  /** Milliseconds for which the limit has been exceeded in all, and by the present excess (INFO stats). */
  readonly exceededMs: number;
  readonly exceededNowMs: number;
  /** Applies `maxmemory`, its policy and the LFU settings after they were changed. Policies of both kinds share the access clocks. */
  configure(): void;
  /** Evicts until the dataset is within its limit, for a time slice at most. O(evicted keys). */
  makeRoom(): number;
  /**
   * Why `command` may not run for lack of memory; undefined when it may. Evicts first. For an EXEC that is refused its transaction
   * is over.
   */
  refusal(c: Client, command: Command): ReplyError | undefined;
}
