/**
 * Waiters: the clients that are parked until a key is ready. A parked command is not remembered as what it would do: when one of
 * its keys has become a value of its type, the same handler runs again on a copy of its arguments, and may park again.
 *
 *   byHash: hash of key -> WaitedKey { db, key, waiting: in order of arrival } -> ... same hash
 *   touched(key) --> ready: WaitedKey, ... --> serve(): each of its waiters in turn, while the key holds their type
 *
 * A value of our own types changes by itself: while somebody waits for its key, that is seen to in time (`alarms`).
 *
 * First come, first served by key (Redis 7.2). Nothing is served in the middle of a command or a transaction: the executor calls
 * `serve` after it. A served client's further commands run at the end of the turn. Must never be asked by a handler but `block`.
 */
import { ATTEND_READY, ATTEND_WAITERS } from '../../commands/attention.js';
import type { Blocking, Wait, Wants } from '../../commands/blocking.js';
import type { Client } from '../../commands/client.js';
import { hush, runInMode } from '../../commands/client-mode.js';
import type { Command } from '../../commands/command.js';
import { call } from '../../commands/dispatch.js';
import { UNBLOCKED } from '../../commands/error.js';
import { PECULIAR } from '../../commands/gates.js';
import type { Database } from '../../storage/database.js';
import { letTimePass } from '../../storage/expiry.js';
import type { Bytes } from '../../storage/memory/bytes.js';
import type { OwnValue } from '../../storage/own-value.js';
import { isOwn } from '../../storage/types.js';
import { ownDue } from '../../storage/value-due.js';
import type { SynapServer } from '../server.js';
import { Deadlines } from './deadlines.js';

/** A client that waits, with its command. */
class Parked implements Wait {
  /** What it waits for. */
  readonly keys: WaitedKey[] = [];
  slot = -1;

  constructor(
    readonly client: Client,
    readonly command: Command,
    readonly argv: Bytes[],
    readonly deadline: number,
    readonly type: number,
    readonly anyChange: boolean,
    readonly wants: Wants,
  ) {}
}

class WaitedKey {
  /** In order of arrival. */
  readonly waiting = new Set<Parked>();
  /** Somebody waits for a value of our own types. */
  moves = false;
  /** When the value at the key changes by itself, ms since the epoch; Infinity: it does not. */
  deadline = Number.POSITIVE_INFINITY;
  slot = -1;
  /** Stands in the list of keys to serve. */
  ready = false;
  /** Another key with the same hash. */
  next: WaitedKey | undefined = undefined;

  constructor(
    readonly db: Database,
    readonly key: Bytes,
  ) {}
}

export class Waiters implements Blocking {
  clients = 0;
  keys = 0;
  private readonly byHash = new Map<number, WaitedKey>();
  private ready: WaitedKey[] = [];
  private readonly deadlines = new Deadlines<Parked>(() => this.wake());
  private readonly alarms = new Deadlines<WaitedKey>(() => this.wakeKeys());
  /** The parked command that runs again just now. */
  private retried: Parked | undefined = undefined;
  private readonly server: SynapServer;

  constructor(server: SynapServer) {
    this.server = server;
  }

  get timed(): number {
    return this.deadlines.size;
  }

  get keysOfAnyChange(): number {
    let n = 0;
    for (const first of this.byHash.values())
      for (let waited: WaitedKey | undefined = first; waited !== undefined; waited = waited.next)
        for (const { anyChange } of waited.waiting)
          if (anyChange) {
            n++;
            break;
          }
    return n;
  }

  // ---- parking ------------------------------------------------------------------------------------------------------------------

  block(c: Client, from: number, to: number, deadline: number, type: number, anyChange: boolean, wants: Wants): void {
    // Who parks again keeps his deadline and his copy of the arguments, but queues up anew.
    const parked =
      this.retried?.client === c
        ? this.retried
        : new Parked(c, c.command!, c.copyArguments(), deadline, type, anyChange, wants);
    for (let i = from; i < to; i++) this.enlist(parked, c.db, parked.argv[i]);
    c.wait = parked;
    this.clients++;
    if (parked.deadline !== Number.POSITIVE_INFINITY) {
      this.deadlines.add(parked);
      this.deadlines.arm(this.server.now);
    }
    this.server.attention |= ATTEND_WAITERS;
  }

  private enlist(parked: Parked, db: Database, key: Bytes): void {
    const waited = this.find(db, key) ?? this.addKey(db, key);
    if (waited.waiting.has(parked)) return;
    waited.waiting.add(parked);
    parked.keys.push(waited);
    if (isOwn(parked.type)) this.setAlarm(waited);
  }

  private find(db: Database, key: Bytes): WaitedKey | undefined {
    let waited = this.byHash.get(key.hash());
    while (waited !== undefined && (waited.db !== db || !waited.key.equals(key))) waited = waited.next;
    return waited;
  }

  private addKey(db: Database, key: Bytes): WaitedKey {
    const waited = new WaitedKey(db, key.copy());
    waited.next = this.byHash.get(key.hash());
    this.byHash.set(key.hash(), waited);
    this.keys++;
    return waited;
  }

  private removeKey(waited: WaitedKey): void {
    this.alarms.remove(waited);
    const hash = waited.key.hash();
    const first = this.byHash.get(hash)!;
    if (first !== waited) {
      let before = first;
      while (before.next !== waited) before = before.next!;
      before.next = waited.next;
    } else if (waited.next !== undefined) this.byHash.set(hash, waited.next);
    else this.byHash.delete(hash);
    this.keys--;
    if (this.keys === 0) this.server.attention &= ~ATTEND_WAITERS;
  }

  /** Takes a client out of all queues: it does not wait any more. */
  private release(parked: Parked): void {
    for (const waited of parked.keys) {
      waited.waiting.delete(parked);
      if (waited.waiting.size === 0) this.removeKey(waited);
    }
    parked.keys.length = 0;
    this.deadlines.remove(parked);
    parked.client.wait = undefined;
    this.clients--;
  }

  /** A client is gone. */
  forget(c: Client): void {
    if (c.wait instanceof Parked) this.release(c.wait);
  }

  close(): void {
    this.deadlines.stop();
    this.alarms.stop();
  }

  // ---- waking -------------------------------------------------------------------------------------------------------------------

  touched(db: Database, key: Bytes): void {
    const waited = this.find(db, key);
    if (waited !== undefined) this.mark(waited);
  }

  exchanged(db: Database): void {
    for (const first of this.byHash.values())
      for (let waited: WaitedKey | undefined = first; waited !== undefined; waited = waited.next)
        if (waited.db === db) this.mark(waited);
  }

  private mark(waited: WaitedKey): void {
    if (waited.ready) return;
    waited.ready = true;
    this.ready.push(waited);
    this.server.attention |= ATTEND_READY;
  }

  serve(): void {
    if (this.server.scripting.isSuspended) return; // it has changed keys, and is not finished
    // What is served may push to a key that others wait for: those come in the next round.
    while (this.ready.length > 0) {
      const round = this.ready;
      this.ready = [];
      for (const waited of round) {
        waited.ready = false;
        this.serveKey(waited);
      }
    }
    this.server.attention &= ~ATTEND_READY;
  }

  /** Whether the value at the key has nothing for anybody just now. */
  private isSpent({ db, key, moves }: WaitedKey): boolean {
    if (!moves) return false;
    const { space } = db;
    const entry = space.find(key);
    return entry !== 0 && isOwn(space.type(entry)) && !(space.large(entry) as OwnValue).ready;
  }

  private serveKey(waited: WaitedKey): void {
    // Who parks again joins at the end, and is not asked twice in one round.
    let left = waited.waiting.size;
    for (const parked of waited.waiting) {
      if (left-- === 0 || this.isSpent(waited)) break;
      if (this.concerns(waited, parked)) this.retry(parked);
    }
    if (waited.waiting.size > 0 && waited.moves) this.setAlarm(waited);
  }

  /** Whether the change of the key may be what the client waits for. */
  private concerns({ db, key }: WaitedKey, { type, anyChange, wants }: Parked): boolean {
    const { space } = db;
    const entry = space.find(key);
    if (entry === 0 || space.type(entry) !== type) return anyChange;
    if (!isOwn(type)) return true;
    const value = space.large(entry) as OwnValue;
    return value.ready && wants(value);
  }

  private retry(parked: Parked): void {
    const c = parked.client;
    this.release(parked);
    this.retried = parked;
    c.argv = parked.argv;
    c.argc = parked.argv.length;
    if ((c.gates & PECULIAR) === 0) call(c, parked.command);
    else runInMode(c, call, parked.command);
    this.retried = undefined;
    if (c.wait === undefined) c.link?.schedule();
  }

  isRetrying(c: Client): boolean {
    return this.retried?.client === c;
  }

  // ---- values that change by themselves -------------------------------------------------------------------------------------------

  /** Looks when the value at `waited`, for which somebody waits, changes by itself. */
  private setAlarm(waited: WaitedKey): void {
    const { space } = waited.db;
    const entry = space.find(waited.key);
    const due = entry === 0 ? Number.POSITIVE_INFINITY : ownDue(space, entry);
    waited.moves = true;
    if (due === waited.deadline && waited.slot >= 0) return;
    this.alarms.remove(waited);
    waited.deadline = due;
    // What is held back by a pause is done by the expiry cycle after it.
    if (due === Number.POSITIVE_INFINITY || (due <= space.now && !space.reaping)) return;
    this.alarms.add(waited);
    this.alarms.arm(this.server.now);
  }

  private wakeKeys(): void {
    const { server } = this;
    server.beginTurn();
    for (let waited = this.alarms.takeDue(server.now); waited !== undefined; waited = this.alarms.takeDue(server.now)) {
      const { space } = waited.db;
      const entry = space.find(waited.key);
      if (entry !== 0) letTimePass(space, entry, waited.key);
      this.mark(waited); // which also looks when that is again
    }
    this.alarms.arm(server.now);
    this.serve();
    server.endTurn();
  }

  // ---- ends without a key -------------------------------------------------------------------------------------------------------

  /** Answers everybody whose time is up. */
  expire(): void {
    const { now } = this.server;
    for (;;) {
      const parked = this.deadlines.takeDue(now);
      if (parked === undefined) break;
      this.giveUp(parked, false);
    }
    this.deadlines.arm(now);
  }

  private wake(): void {
    this.server.beginTurn();
    this.expire();
    this.server.endTurn();
  }

  unblock(c: Client, error: boolean): boolean {
    if (!(c.wait instanceof Parked)) return false;
    this.giveUp(c.wait, error);
    return true;
  }

  /** Every blocking command answers "no array" then, BLMOVE too (Redis 7.0). */
  private giveUp(parked: Parked, error: boolean): void {
    const { client, command } = parked;
    const at = client.out.pos;
    this.release(parked);
    this.server.timing.giveUp(client, command);
    if (error) {
      command.failed++;
      this.server.stats.countError(UNBLOCKED.message);
      client.out.error(UNBLOCKED.message);
    } else client.out.nilArray();
    hush(client, at);
    client.link?.schedule();
  }
}
