/**
 * HeldOutput: the output of one connection that must not leave yet (src/persistence/holding.ts).
 *
 *   out   [ what waits for frame `first` | what waits for frame `rest` )
 *
 * Two marks are enough: while frame 7 is on its way to the disk all that is told meanwhile waits for 8, and when that is on its way
 * the first part has left. So a client that never stops sending is answered as soon as others are.
 */
import type { Held } from '../persistence/holding.js';
import { type Connection, FLUSH_AT } from './connection.js';

/** With this much output held (bytes) no more of a client's commands run. */
const HELD_MAX = 64 * 1024;

export class HeldOutput implements Held {
  /** Stands in the list of who is held. */
  isHeld = false;
  /** The frames that must be safe; 0: none. */
  private first = 0;
  private rest = 0;
  /** Bytes that wait for `first`. */
  private firstBytes = 0;
  private readonly connection: Connection;

  constructor(connection: Connection) {
    this.connection = connection;
  }

  /** Whether any output must wait. */
  get holdsSome(): boolean {
    return this.first !== 0;
  }

  /** Keeps all `n` bytes of output until what they tell is safe. @returns whether they must wait, or have left already */
  hold(n: number): boolean {
    const { client, server } = this.connection;
    const { holding } = server;
    const writer = holding.writer!;
    const before = this.first;
    writer.cut();
    if (n >= FLUSH_AT && writer.writeThrough()) return before !== 0;
    if (before === 0) {
      if (holding.failing && client.changedAt <= holding.safe) return false;
      this.first = holding.sequence;
      this.firstBytes = n;
    } else if (this.rest === 0 && before === holding.sequence) this.firstBytes = n;
    else this.rest = holding.sequence;
    if (n >= HELD_MAX || holding.full) this.wait();
    else this.enlist();
    return true;
  }

  private enlist(): void {
    if (this.isHeld) return;
    this.isHeld = true;
    this.connection.keepsOpen(true);
    this.connection.server.holding.hold(this);
  }

  /** Runs no more commands until `release`. */
  wait(): void {
    this.enlist();
    this.connection.stall();
  }

  release(safe: number, others: boolean): boolean {
    const { connection } = this;
    if (connection.closed) return true;
    const upTo = others && connection.client.changedAt <= safe ? Number.MAX_SAFE_INTEGER : safe;
    if (this.first > upTo || connection.server.holding.full) return false;
    if (this.rest > upTo) {
      this.sendFirst();
      return false;
    }
    this.isHeld = false;
    this.first = this.rest = 0;
    connection.keepsOpen(false);
    connection.goOn();
    return true;
  }

  /** Sends the part of the output that is safe, and holds the rest. */
  private sendFirst(): void {
    const { out } = this.connection.client;
    const rest = out.split(this.firstBytes);
    this.connection.write();
    out.raw(rest, 0, rest.length);
    this.first = this.rest;
    this.firstBytes = out.pos;
    this.rest = 0;
  }
}
