/**
 * Snapshots: SAVE, BGSAVE [SCHEDULE], LASTSAVE, and what they and others ask of the service that writes snapshots
 * (src/persistence/snapshot.ts). A snapshot in the background is exact as of the moment it began: before a command changes a key, the
 * old content of that key is written (captured-keys.ts).
 */
import type { Client } from './client.js';
import { BASE_RUNS, SAVE_FAILED, SAVE_RUNS, SYNTAX } from './error.js';

/** What is being written in the background. */
export const NO_SNAPSHOT = 0;
/** The file that BGSAVE makes. */
export const DUMP = 1;
/** The base of the log. */
export const BASE = 2;

/** One snapshot to be written beside the server's work. */
export interface SnapshotOrder {
  /** Where it goes: an absolute path, or relative to the working directory. It is replaced at the end, whole or not at all. */
  readonly path: string;
  /** Is called once, in a later turn: when the file is on disk, or with the reason why it is not. */
  done(error?: Error): void;
}

export interface Snapshots {
  /** What is being written: NO_SNAPSHOT, DUMP or BASE. */
  readonly running: number;
  /** BGSAVE SCHEDULE waits for the base of the log to be written. */
  readonly scheduled: boolean;
  /** When the dataset was last saved (or the server started), ms since the epoch. */
  readonly lastSaveAt: number;
  /** Whether the last snapshot of BGSAVE or a save point came about. */
  readonly lastOk: boolean;
  /** Seconds that the last one took; -1 before the first. */
  readonly lastSeconds: number;
  /** Seconds since the one that is being written began; -1 while there is none. */
  readonly currentSeconds: number;
  /** Snapshots that SAVE, BGSAVE and save points have begun since the start. */
  saves: number;
  /** Changes to the dataset that are in no snapshot of `dbfilename` yet. */
  readonly changes: number;
  /** Keys that are in the file so far, and that will be in it; 0 while none is written. */
  readonly keysDone: number;
  readonly keysTotal: number;
  /** Bytes that the running snapshot needs beside the data (buffers, old content, marks); and the most that it, or the last one, did. */
  readonly extraBytes: number;
  readonly extraPeak: number;

  /**
   * Writes `dbfilename` and returns when it is on disk; nobody is served meanwhile. O(bytes of all data)
   * @returns false when it could not be written; the log tells why
   */
  save(): boolean;
  /** Begins to write `dbfilename` beside the server's work. Must not be called while anything is being written. */
  saveInBackground(): void;
  /** Lets `saveInBackground` follow as soon as nothing is being written. */
  schedule(): void;
  /**
   * Begins to write a base of the log: the dataset as it is at this moment. Must not be called while anything is being written.
   * @throws an Error when the file cannot be made; `order.done` is not called then
   */
  begin(order: SnapshotOrder): void;
  /** What was about to change has been written: bounds the memory that waits for the disk. */
  relieve(): void;
  /**
   * Loads `dbfilename`, and returns when it is loaded.
   * @param flush in place of all data; else what is in the file is added to it
   * @param merge when something is added: the file's value of a key takes the place of the one that is there
   * @returns false, and nothing has changed, when it cannot be loaded; the log tells why
   */
  load(flush: boolean, merge: boolean): boolean;
  /** FLUSHALL has emptied all databases: with save points, `dbfilename` becomes that of an empty dataset at once. */
  flushed(): void;
}

/** SAVE. A base of the log that is being written does not prevent it, nor does it change that. */
export function save(c: Client): void {
  const { snapshot } = c.server;
  if (snapshot.running === DUMP) throw SAVE_RUNS;
  snapshot.saves++;
  if (!snapshot.save()) throw SAVE_FAILED;
  c.out.ok();
}

export function bgsave(c: Client): void {
  const { snapshot } = c.server;
  if (c.argc > 2 || (c.argc === 2 && !c.argv[1].is('schedule'))) throw SYNTAX;
  if (snapshot.running === DUMP) throw SAVE_RUNS;
  // In a transaction it waits until that is over, so that the snapshot has all of it or nothing.
  if (snapshot.running === BASE || c.inExec) {
    if (c.argc < 2 && !c.inExec) throw BASE_RUNS;
    snapshot.schedule();
    return c.out.simple('Background saving scheduled');
  }
  snapshot.saveInBackground();
  c.out.simple('Background saving started');
}

export function lastsave(c: Client): void {
  c.out.int(Math.floor(c.server.snapshot.lastSaveAt / 1000));
}
