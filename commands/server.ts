/**
 * Server: what commands may ask of the process around them. src/server.ts is the one that runs; tests may bring their own.
 * Grouped by service, so that a family imports only the interface of the service it drives.
 */
import type { Database } from '../storage/database.js';
import type { Bytes } from '../storage/memory/bytes.js';
import type { Client } from './client.js';
import type { Command } from './command.js';
import type { CommandTable } from './registry.js';
import type { Settings } from './settings.js';
import type { Stats } from './stats.js';
import type { Watchers } from './transaction.js';

export interface Server {
  /** Time of this batch of commands, ms since the epoch. */
  now: number;
  /** Changes to the dataset since the last save. */
  dirty: number;
  /** Who must hear of a changed key: bits of events.ts. */
  attention: number;
  /** State bits of gates.ts that hold for all clients. */
  gates: number;
  readonly databases: Database[];
  readonly settings: Settings;
  readonly stats: Stats;
  readonly commands: CommandTable;
  readonly clients: Map<number, Client>;
  readonly watchers: Watchers;
  /** Numbers in [0, 1). */
  readonly random: () => number;

  /** Commands that run at least this long (microseconds) are told to `slow`; Infinity when nobody cares. */
  slowUs: number;

  /** A monotonic clock in microseconds. */
  monotonicUs(): number;
  /** `key` has changed and `attention` is not 0. */
  changed(db: Database, key: Bytes, kind: number, event: string): void;
  /** A keyspace event without a change that anyone else must hear of. */
  notify(db: Database, key: Bytes, kind: number, event: string): void;
  /** Parks `c`: see Client.block. */
  block(c: Client, from: number, to: number, deadline: number, type: number, empty: 'nil' | 'nil-array'): void;
  /** Makes room below maxmemory. False when that fails: the command must be refused. */
  makeRoom(): boolean;
  /** CLIENT PAUSE is in force: holds `c`'s current command when it is concerned. True when held. */
  holdPaused(c: Client, command: Command): boolean;
  /** MONITOR: tells the watchers of `c`'s current command. */
  feedMonitors(c: Client, command: Command): void;
  /** A command has run for `us` microseconds, longer than slowlog-log-slower-than or the latency threshold. */
  slow(c: Client, command: Command, us: number): void;
  /** An exception that is no reply: a defect. It is logged with the command's name. */
  failure(c: Client, command: Command, error: unknown): void;
}
