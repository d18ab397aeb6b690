/**
 * Transactions: MULTI, EXEC, DISCARD, WATCH, UNWATCH. Commands between MULTI and EXEC are copied into a queue by dispatch, and
 * EXEC calls them like any others: no command contains transaction code.
 *
 * WATCH remembers keys by database; `fail` is called for every changed key while somebody watches (Server.changed).
 */
import type { Database } from '../storage/database.js';
import { Bytes } from '../storage/memory/bytes.js';
import { ATTEND_WATCH } from './attention.js';
import type { Client } from './client.js';
import type { Command, Handlers } from './command.js';
import { call } from './dispatch.js';
import { endTransaction } from './end-transaction.js';
import { DISCARD_WITHOUT_MULTI, EXEC_WITHOUT_MULTI, EXECABORT, NESTED_MULTI, WATCH_IN_MULTI } from './error.js';
import { IN_MULTI, MUTED } from './gates.js';
import type { Continuation } from './scripts.js';
import { DENYOOM, MAY_REPLICATE, RUNS_IN_MULTI, RUNS_SCRIPT, WRITE } from './spec/flags.js';
import type { transactions } from './spec/transactions.js';

export const handlers: Handlers<typeof transactions> = { discard, exec, multi, unwatch, watch };

class Queued {
  constructor(
    readonly command: Command,
    readonly argv: Bytes[],
  ) {}
}

/** What a client has queued and what it watches. */
export class Transaction {
  readonly queue: Queued[] = [];
  /** A command was refused while queueing: EXEC aborts. */
  aborted = false;
  /** A watched key has changed: EXEC answers nil. */
  failed = false;
  /** The flags of all queued commands together. */
  flags = 0;
  /** Bytes that the queue holds. */
  bytes = 0;
  readonly watched: WatchedKey[] = [];

  /** Copies the client's current command into the queue. */
  add(c: Client, command: Command): void {
    const argv = c.copyArguments();
    for (const a of argv) this.bytes += a.length + 64;
    this.flags |= command.flags;
    this.queue.push(new Queued(command, argv));
  }
}

/** A key that a client watches; `existed` tells a key that has expired since from one that was never there. */
class WatchedKey {
  constructor(
    readonly db: Database,
    readonly name: string,
    readonly key: Bytes,
    readonly existed: boolean,
  ) {}
}

/** All watched keys of a server: database and key -> clients. */
export class Watchers {
  private readonly byDb = new Map<Database, Map<string, Set<Client>>>();

  get size(): number {
    let n = 0;
    for (const keys of this.byDb.values()) n += keys.size;
    return n;
  }

  add(c: Client, key: Bytes): void {
    const t = (c.transaction ??= new Transaction());
    const name = key.toString();
    if (t.watched.some((w) => w.db === c.db && w.name === name)) return;
    let keys = this.byDb.get(c.db);
    if (keys === undefined) this.byDb.set(c.db, (keys = new Map()));
    let clients = keys.get(name);
    if (clients === undefined) keys.set(name, (clients = new Set()));
    clients.add(c);
    t.watched.push(new WatchedKey(c.db, name, key.copy(), c.db.space.find(key) !== 0));
    c.server.attention |= ATTEND_WATCH;
  }

  /** Forgets what `c` watches. */
  remove(c: Client): void {
    const t = c.transaction;
    if (t === undefined || t.watched.length === 0) return;
    for (const w of t.watched) {
      const keys = this.byDb.get(w.db);
      const clients = keys?.get(w.name);
      clients?.delete(c);
      if (clients?.size === 0) keys!.delete(w.name);
      if (keys?.size === 0) this.byDb.delete(w.db);
    }
    t.watched.length = 0;
    t.failed = false;
    if (this.byDb.size === 0) c.server.attention &= ~ATTEND_WATCH;
  }

  /** `key` of `db` has changed: whoever watches it will not commit. */
  fail(db: Database, key: Bytes): void {
    const keys = this.byDb.get(db);
    if (keys === undefined) return;
    const clients = keys.get(key.toString());
    if (clients === undefined) return;
    for (const c of clients) c.transaction!.failed = true;
  }

  /**
   * Everything in `db` is about to be deleted, or exchanged for what `other` holds: fails who watches a key that exists there now, or
   * will.
   */
  failAll(db: Database, other = db): void {
    const keys = this.byDb.get(db);
    if (keys === undefined) return;
    for (const [name, clients] of keys) {
      const key = Bytes.from(name);
      if (db.space.find(key) === 0 && other.space.find(key) === 0) continue;
      for (const c of clients) c.transaction!.failed = true;
    }
  }
}

function multi(c: Client): void {
  if ((c.gates & IN_MULTI) !== 0) throw NESTED_MULTI;
  c.transaction ??= new Transaction();
  c.gates |= IN_MULTI;
  c.out.ok();
}

function exec(c: Client): void {
  if ((c.gates & IN_MULTI) === 0) throw EXEC_WITHOUT_MULTI;
  const t = c.transaction!;
  const expired = t.watched.some((w) => w.existed && w.db.space.find(w.key) === 0);
  const { aborted, failed } = t;
  endTransaction(c);
  if (aborted) throw EXECABORT;
  if (failed || expired) return c.out.nilArray();
  runQueue(c, t);
}

/** An EXEC that runs: a script in its queue may be suspended, and it with it. */
class Execution implements Continuation {
  private at = 0;
  private readonly c: Client;
  private readonly queue: readonly Queued[];
  private readonly argv: Bytes[];
  private readonly argc: number;
  private readonly command: Command;
  // While it is suspended: what was replied so far, and how long it and the script have run.
  private replied: Uint8Array | undefined = undefined;
  private ranNs = 0;
  private scriptNs = 0;
  /** Where its replies begin, and those of the command that runs. */
  private start = 0;
  private before = 0;

  constructor(c: Client, queue: readonly Queued[]) {
    this.c = c;
    this.queue = queue;
    this.argv = c.argv;
    this.argc = c.argc;
    this.command = c.command!;
  }

  begin(): void {
    const { c, replied } = this;
    this.start = c.out.pos;
    this.before += this.start;
    c.inExec = true;
    this.ranNs = c.ranNs;
    c.ranNs = this.scriptNs;
    if (replied !== undefined) c.out.raw(replied, 0, replied.length);
    this.replied = undefined;
  }

  goOn(): void {
    const { c, command } = this;
    const { timing } = c.server;
    if (c.closing || (c.gates & MUTED) !== 0) c.out.pos = this.before;
    this.at++;
    c.ranNs = this.ranNs;
    this.run(this.start);
    if (c.wait === undefined) timing.end(c, command);
  }

  /** Runs what is left. @param start where its replies begin */
  run(start: number): void {
    const { c, queue } = this;
    const { timing } = c.server;
    const { lapSeconds, lapNanoseconds } = timing;
    this.start = start;
    c.inExec = true;
    for (; this.at < queue.length; this.at++) {
      const q = queue[this.at];
      c.argv = q.argv;
      c.argc = q.argv.length;
      const at = c.out.pos;
      const { closing } = c;
      call(c, q.command);
      if (c.wait !== undefined) {
        this.suspend(at);
        break;
      }
      // One of the queue was CLIENT REPLY OFF, or has killed this client: the array's header is sent all the same.
      if (closing || (c.gates & MUTED) !== 0) c.out.pos = at;
    }
    c.inExec = false;
    timing.lapSeconds = lapSeconds;
    timing.lapNanoseconds = lapNanoseconds;
    if (c.wait !== undefined) return;
    c.argv = this.argv;
    c.argc = this.argc;
    c.command = this.command;
  }

  /** The script that was called goes on later. Nothing may be sent before: what is replied may not be safe yet. */
  private suspend(before: number): void {
    const { c } = this;
    this.before = before - this.start;
    this.replied = c.out.split(this.start);
    this.scriptNs = c.ranNs;
    c.ranNs = 0;
    c.server.scripting.whenEnded(c, this);
  }
}

function runQueue(c: Client, t: Transaction): void {
  const start = c.out.pos;
  if ((t.flags & RUNS_SCRIPT) !== 0) c.server.effects.mark();
  c.out.array(t.queue.length);
  new Execution(c, t.queue).run(start);
}

function discard(c: Client): void {
  if ((c.gates & IN_MULTI) === 0) throw DISCARD_WITHOUT_MULTI;
  endTransaction(c);
  c.out.ok();
}

function watch(c: Client): void {
  if ((c.gates & IN_MULTI) !== 0) throw WATCH_IN_MULTI;
  if (!c.transaction?.failed) for (let i = 1; i < c.argc; i++) c.server.watchers.add(c, c.argv[i]);
  c.out.ok();
}

function unwatch(c: Client): void {
  c.server.watchers.remove(c);
  c.out.ok();
}

/** Whether `command` may have something to replicate when `c` runs it now: by itself, or as the EXEC of a queue that does. */
export function mayWrite(c: Client, command: Command): boolean {
  return (flagsOf(c, command) & (WRITE | MAY_REPLICATE)) !== 0;
}

/** Whether `command` is a write command, or the EXEC of a queue with one: a script is none, its calls are asked themselves. */
export function writes(c: Client, command: Command): boolean {
  return (flagsOf(c, command) & WRITE) !== 0;
}

/** The flags of what `command` runs for `c`. */
function flagsOf(c: Client, command: Command): number {
  return command.handler === exec && c.transaction !== undefined ? c.transaction.flags : command.flags;
}

/**
 * Whether `command` may need memory when `c` runs it now: by itself, as the EXEC of a queue that does, or because it would be queued
 * (Redis 7.0 refuses WATCH there for the same reason, before it says that WATCH is not allowed).
 */
export function needsMemory(c: Client, command: Command): boolean {
  if ((command.flags & DENYOOM) !== 0) return true;
  if ((c.gates & IN_MULTI) === 0) return false;
  if (command.handler === exec) return (c.transaction!.flags & DENYOOM) !== 0;
  return (command.flags & RUNS_IN_MULTI) === 0 || command.handler === watch;
}

/** Whether `command` runs a script when `c` runs it now: by itself, or as the EXEC of a queue that does. */
export function needsInterpreter(c: Client, command: Command): boolean {
  return (flagsOf(c, command) & RUNS_SCRIPT) !== 0;
}
