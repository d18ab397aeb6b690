/**
 * The append only log: BGREWRITEAOF and WAITAOF, and what they, INFO and the executor ask of it. The log itself stands in
 * src/persistence/.
 */
import { rangeArg } from './args.js';
import type { Client } from './client.js';
import {
  LOG_OFF,
  NOT_POSITIVE,
  NUMLOCAL_RANGE,
  REWRITE_RUNS,
  TIMEOUT_NEGATIVE,
  TIMEOUT_NOT_INTEGER,
  TIMEOUT_OUT_OF_RANGE,
} from './error.js';

/** How far what was executed is safe. */
export interface SafeTo {
  /** The frame of the log in which the last change stands. */
  readonly sequence: number;
}

/** What INFO tells of loading. Bytes, and ms since the epoch. */
export interface LoadingFigures {
  readonly startedAt: number;
  readonly totalBytes: number;
  readonly loadedBytes: number;
  readonly keysLoaded: number;
  readonly keysExpired: number;
}

export interface AppendOnly {
  /** Whether changes are appended: `appendonly yes`. */
  readonly enabled: boolean;
  /** Set while the dataset is being loaded. */
  readonly loading: LoadingFigures | undefined;
  /** The last one. */
  readonly loaded: LoadingFigures | undefined;
  /** A new base is being written, or will be when the snapshot that is being written has ended. */
  readonly rewriting: boolean;
  readonly scheduled: boolean;
  /** Rewrites that were begun, and those that failed since the last good one. */
  readonly rewrites: number;
  readonly failures: number;
  /** Seconds that the last one took, and since the present one began; -1: there is none. */
  readonly lastSeconds: number;
  readonly currentSeconds: number;
  /** Whether the last rewrite, and the last write, went well. */
  readonly lastRewriteOk: boolean;
  readonly writeOk: boolean;
  /** Bytes of the base and of all that was appended; what they were after the last rewrite; what is not written yet. */
  readonly size: number;
  readonly baseSize: number;
  readonly pending: number;
  /** Syncs that run beside the server's work, and writes that have waited for one in vain. */
  readonly syncs: number;
  readonly delayedSyncs: number;

  /**
   * Begins a new base, or lets one follow what is under way: a snapshot, or (`later`) a transaction. Must not be called while one is
   * `rewriting`.
   * @returns whether it has begun
   */
  rewrite(later: boolean): boolean;
  /**
   * Answers `c` once all that it has changed is safe on this disk (`local`: 1, or 0 not to wait for that) and on `replicas`, or at
   * `deadline`, ms since the epoch; parks it until then. Must be the last thing that a handler does.
   */
  await(c: Client, local: number, replicas: number, deadline: number): void;
  /** Clients that wait here, and those of them whose wait ends by itself. */
  readonly waiting: number;
  readonly waitingTimed: number;
  /** CLIENT UNBLOCK: ends the wait of `c` as its timeout would, or with an error. @returns false when it does not wait here */
  unblock(c: Client, error: boolean): boolean;
}

export function bgrewriteaof(c: Client): void {
  const { appendOnly } = c.server;
  if (appendOnly.rewriting) throw REWRITE_RUNS;
  const begun = appendOnly.rewrite(c.inExec);
  c.out.simple(`Background append only file rewriting ${begun ? 'started' : 'scheduled'}`);
}

/** WAITAOF numlocal numreplicas timeout. There are no replicas, so to wait for one is to wait for the timeout. */
export function waitaof(c: Client): void {
  const { argv, server } = c;
  const local = rangeArg(argv[1], 0, 1, NUMLOCAL_RANGE);
  const replicas = rangeArg(argv[2], 0, Number.MAX_VALUE, NOT_POSITIVE);
  const ms = rangeArg(argv[3], Number.NEGATIVE_INFINITY, 2 ** 63 - 1024, TIMEOUT_OUT_OF_RANGE, TIMEOUT_NOT_INTEGER);
  if (ms < 0) throw TIMEOUT_NEGATIVE;
  if (local > 0 && !server.appendOnly.enabled) throw LOG_OFF;
  server.appendOnly.await(c, local, replicas, ms === 0 ? Number.POSITIVE_INFINITY : c.now + ms);
}
