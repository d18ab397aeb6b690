/** Server: what commands may ask of the process around them. src/server.ts is the one that runs. */
import type { Database } from '../storage/database.js';
import type { Bytes } from '../storage/memory/bytes.js';
import type { AppendOnly, SafeTo } from './append-only.js';
import type { Blocking, Pause } from './blocking.js';
import type { Client } from './client.js';
import type { Command } from './command.js';
import type { Configuration } from './configuration.js';
import type { DiskFailure } from './disk-failure.js';
import type { Effects } from './effects.js';
import type { Eviction } from './eviction.js';
import type { Figures } from './figures.js';
import type { Lifecycle } from './lifecycle.js';
import type { Monitors } from './monitor.js';
import type { CommandTable } from './registry.js';
import type { Scripting } from './scripts.js';
import type { Settings } from './settings.js';
import type { Snapshots } from './snapshot.js';
import type { Stats } from './stats.js';
import type { PubSub } from './subscription.js';
import type { Timing } from './timing.js';
import type { Watchers } from './transaction.js';

export interface Server {
  /** Time of this batch of commands, ms since the epoch. */
  now: number;
  /** Changes to the dataset since the start. */
  dirty: number;
  /** Who must hear of a changed key: bits of attention.ts. */
  attention: number;
  /** State bits of gates.ts that hold for all clients. */
  gates: number;
  readonly databases: Database[];
  readonly settings: Settings;
  readonly stats: Stats;
  readonly timing: Timing;
  readonly figures: Figures;
  readonly commands: CommandTable;
  readonly clients: Map<number, Client>;
  readonly watchers: Watchers;
  readonly blocking: Blocking;
  readonly pause: Pause;
  readonly eviction: Eviction;
  /** Bytes of all clients: their connections, unfinished input, queued commands and unread output. */
  clientMemory: number;
  readonly configuration: Configuration;
  readonly lifecycle: Lifecycle;
  readonly snapshot: Snapshots;
  readonly monitors: Monitors;
  /** Who repeats every change elsewhere. */
  readonly effects: Effects;
  /** The append only log. */
  readonly appendOnly: AppendOnly;
  /** How far what was executed is safe. */
  readonly holding: SafeTo;
  readonly diskFailure: DiskFailure;
  /** Whether keys that have expired are deleted without being asked for (DEBUG SET-ACTIVE-EXPIRE). */
  activeExpire: boolean;
  /** The server's log. */
  readonly log: { notice(message: string): void; warning(message: string): void };
  readonly pubsub: PubSub;
  readonly scripting: Scripting;

  /**
   * What `maxmemory` is compared with and INFO calls used_memory: bytes of all databases (blocks that are given out, and what lies
   * outside the arenas) and of clients. Also moves the peak (Stats.peakMemory). O(databases).
   */
  usedMemory(): number;
  /** `key` has changed and `attention` is not 0; `kind` and `event` as Client.touched has them. */
  changed(db: Database, key: Bytes, kind: number, event: string): void;
  /** A keyspace event without a change that anyone else must hear of. */
  notify(db: Database, key: Bytes, kind: number, event: string): void;
  /** An exception that is no reply: a defect. It is logged with the command's name. */
  failure(command: Command, error: unknown): void;
}
