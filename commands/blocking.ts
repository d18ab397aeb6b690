/**
 * What commands may ask of the services that park clients: waiting for a key (BLPOP and its like) and CLIENT PAUSE. A handler
 * parks its client with `Client.block`; everything else here is for CLIENT, INFO and the executor. Implemented in src/blocking/.
 */
import type { Database } from '../storage/database.js';
import type { Bytes } from '../storage/memory/bytes.js';
import type { OwnValue } from '../storage/own-value.js';
import type { Client } from './client.js';
import type { Command } from './command.js';

/** Why a client runs no commands; owned by the service that parked it. */
export interface Wait {
  /** When that ends by itself, ms since the epoch; Infinity: never. */
  readonly deadline: number;
}

/** Whether who waits for a key may find in `value` what he waits for. */
export type Wants = (value: OwnValue) => boolean;

export function always(): boolean {
  return true;
}

export interface Blocking {
  /** Clients that wait for a key. */
  readonly clients: number;
  /** Those of them whose wait ends by itself (INFO clients: clients_in_timeout_table). */
  readonly timed: number;
  /** Keys that somebody waits for (INFO clients: total_blocking_keys). */
  readonly keys: number;
  /** Those of them whose deletion wakes somebody too (INFO clients: total_blocking_keys_on_nokey). O(keys) */
  readonly keysOfAnyChange: number;
  /** Parks `c`: see Client.block. */
  block(c: Client, from: number, to: number, deadline: number, type: number, anyChange: boolean, wants: Wants): void;
  /** `key` has changed: remembers it for `serve` when somebody waits for it. */
  touched(db: Database, key: Bytes): void;
  /** The whole of `db` was exchanged (SWAPDB): as if every key in it had changed. */
  exchanged(db: Database): void;
  /** Runs the parked commands whose keys are ready, first come first served: after each command, and after EXEC as a whole. */
  serve(): void;
  /** Whether the command that `c` runs has waited before, so that it is not told a second time. */
  isRetrying(c: Client): boolean;
  /**
   * CLIENT UNBLOCK: ends the wait of `c` as its timeout would, or with an error.
   * @returns false when it does not wait for a key
   */
  unblock(c: Client, error: boolean): boolean;
}

export interface Pause {
  /** When it ends, ms since the epoch; 0 when there is none. */
  readonly until: number;
  /** Whether all commands are held, or only those that may write. */
  readonly all: boolean;
  /** Clients whose command is held. */
  readonly clients: number;
  /** CLIENT PAUSE. A pause in force is never shortened or relaxed by a second one (Redis 7.0). */
  start(until: number, all: boolean): void;
  /** CLIENT UNPAUSE: ends it; what was held runs at the end of the turn. */
  stop(): void;
  /** Holds the current command of `c` when the pause concerns it; true when held. */
  hold(c: Client, command: Command): boolean;
}
