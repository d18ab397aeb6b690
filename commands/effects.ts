/**
 * Effects: what has changed the dataset, told once to whoever must repeat it elsewhere (the log; later replicas) as commands that give
 * the same result whenever and wherever they run. By default that is the request itself. A handler whose outcome depends on the time,
 * on chance or on who was waiting says instead what came of it, before the views that it names change:
 *
 *   c.effect(PEXPIREAT)?.add(key).addInt(at).tell()        EXPIRE key 10  ->  PEXPIREAT key 1700000010000
 *   c.effect(SREM)?.add(key).add(member).tell()            SPOP key       ->  SREM key member
 *
 * `effect` is undefined while nobody listens, so a handler pays one test. Between `effect` and `tell` no key may be looked up: one that
 * expires would be told in between. What happens beside a command, a key that expires or is evicted, a field that expires, is told by
 * the server with `tellAside`. EXEC tells nothing itself: its commands do. All effects of one dispatch belong together; the taker must
 * keep all or none of them.
 *
 * What is repeated must come to the same bytes, expired fields that nobody has deleted yet included: whoever repeats knows no time, so
 * they live there. Where a command has met such fields, its request is not repeatable (hash-effects.ts). Read next: replay.ts.
 */
import type { Database } from '../storage/database.js';
import { Bytes, copyBytes, EMPTY } from '../storage/memory/bytes.js';
import { decimal } from './args.js';
import { ATTEND_EFFECTS } from './attention.js';
import type { Client } from './client.js';
import type { Command } from './command.js';
import { DEL, HDEL } from './effect-words.js';
import { PAUSED } from './gates.js';
import type { Server } from './server.js';
import { RUNS_IN_MULTI, RUNS_SCRIPT, WRITE } from './spec/flags.js';

/** Repeats effects elsewhere. */
export interface EffectTaker {
  /**
   * Takes one effect.
   * @param db number of the database in which it happened
   * @param argv `argv[0..argc)` is the command; the views hold only during the call
   */
  take(db: number, argv: readonly Bytes[], argc: number): void;
  /** Of who keeps them together: a command begins whose effects may have to be set aside. */
  mark?(): void;
  /** Takes back what it was told since the last `mark` and keeps it: that command goes on later. Others may be told before it. */
  setAside?(): void;
  /** Tells all that was set aside, in order. */
  putBack?(): void;
}

/** An effect of unbounded size is told in pieces of so many elements. */
export const BATCH = 1024;
/** What is kept for the next effect: views, and bytes of copied arguments. */
const VIEWS_KEPT = 4 * BATCH;
const SCRATCH_KEPT = 64 * 1024;

export class Effects {
  /** How many were told by commands; what happens beside them is not counted. */
  told = 0;
  /** Arguments of the effect that is being composed. */
  argc = 0;
  private taker: EffectTaker | undefined = undefined;
  private readonly server: Server;
  private readonly argv: Bytes[] = [new Bytes()];
  private db = 0;
  /** Arguments that were copied: those whose views do not hold until `tell`. */
  private scratch = new Uint8Array(256);
  private used = 0;

  constructor(server: Server) {
    this.server = server;
  }

  /** Gives every effect from now on to `taker`, undefined: to nobody. */
  start(taker: EffectTaker | undefined): void {
    this.taker = taker;
    if (taker === undefined) this.server.attention &= ~ATTEND_EFFECTS;
    else this.server.attention |= ATTEND_EFFECTS;
  }

  /** Runs the handler of `c`'s command and tells its request, if that has changed something and told nothing itself. */
  run(c: Client, command: Command): void {
    const { server, told } = this;
    const { dirty } = server;
    if ((server.gates & PAUSED) !== 0 && (command.flags & WRITE) !== 0) this.runInPause(c, command);
    else command.handler(c);
    if (server.dirty === dirty) return;
    // EXEC is no effect, though it may have switched telling on or off; nor is a script: its commands tell.
    if (this.told === told && (command.flags & (RUNS_IN_MULTI | RUNS_SCRIPT)) === 0) this.tellRequest(c);
    c.changedAt = server.holding.sequence;
  }

  /**
   * A pause holds writes, but for those behind a CLIENT PAUSE in the same EXEC, and for who waits for what those have written. Keys that
   * have expired are only hidden meanwhile; a write must not meet such a key unless its deletion is told.
   */
  private runInPause(c: Client, command: Command): void {
    const { databases } = this.server;
    for (const { space } of databases) space.reaping = true;
    try {
      command.handler(c);
    } finally {
      for (const { space } of databases) space.reaping = false;
    }
  }

  /** Begins to compose an effect in `db`. Must only be called while somebody listens (ATTEND_EFFECTS). */
  begin(db: Database, name: Bytes): this {
    this.db = db.index;
    this.argc = 0;
    this.used = 0;
    return this.add(name);
  }

  /** One more argument. The view is copied, not its bytes, which must stay where they are until `tell`. */
  add(value: Bytes): this {
    if (this.argc === this.argv.length) this.argv.push(new Bytes());
    this.argv[this.argc++].assign(value);
    return this;
  }

  /** The arguments `from` to `to`, exclusive, of somebody else. */
  addAll(argv: readonly Bytes[], from: number, to: number): this {
    for (let i = from; i < to; i++) this.add(argv[i]);
    return this;
  }

  /** One more argument, of which the bytes are copied. */
  addCopy(value: Bytes): this {
    if (this.argc === this.argv.length) this.argv.push(new Bytes());
    this.copyTo(this.argv[this.argc++], value);
    return this;
  }

  /** One more argument: an integer in decimal; beyond 2^53 as a number shows it. */
  addInt(value: number): this {
    return this.addCopy(Number.isSafeInteger(value) ? decimal(value) : Bytes.from(String(value)));
  }

  /** Puts an integer in the place of argument `at`: for a count that stands before what it counts. */
  replaceInt(at: number, value: number): this {
    this.copyTo(this.argv[at], decimal(value));
    return this;
  }

  private copyTo(view: Bytes, value: Bytes): void {
    const n = value.end - value.start;
    if (this.used + n > this.scratch.length) {
      // The old bytes stay where the views before see them.
      this.scratch = new Uint8Array(Math.max(2 * this.scratch.length, n));
      this.used = 0;
    }
    copyBytes(this.scratch, this.used, value.buf, value.start, n);
    view.set(this.scratch, this.used, (this.used += n));
  }

  /** Tells what was composed, as the effect of the command that runs. */
  tell(): void {
    this.told++;
    this.give();
  }

  /** Tells what was composed, as something that no command has done: time has. */
  tellBeside(): void {
    this.give();
  }

  /** Tells that `key` is gone though no command has deleted it. Must only be called while somebody listens. */
  tellAside(db: Database, key: Bytes): void {
    this.begin(db, DEL).add(key).give();
  }

  /** Tells that `field` of the hash at `key` is gone, as `tellAside`. */
  tellFieldAside(db: Database, key: Bytes, field: Bytes): void {
    this.begin(db, HDEL).add(key).add(field).give();
  }

  /** Tells the request of `c` itself, under the command's own name. */
  tellRequest(c: Client): void {
    const { name, entry } = c.command!;
    if (name !== entry.name) return this.begin(c.db, Bytes.from(entry.name)).addAll(c.argv, 1, c.argc).tell();
    this.told++;
    this.taker?.take(c.db.index, c.argv, c.argc);
  }

  /** A script, or an EXEC with one, begins: see EffectTaker. */
  mark(): void {
    this.taker?.mark?.();
  }

  setAside(): void {
    this.taker?.setAside?.();
  }

  putBack(): void {
    this.taker?.putBack?.();
  }

  private give(): void {
    this.taker?.take(this.db, this.argv, this.argc);
    // Nothing is kept alive by a view of it.
    for (let i = 0; i < this.argc; i++) this.argv[i].set(EMPTY, 0, 0);
    if (this.argv.length > VIEWS_KEPT) this.argv.length = VIEWS_KEPT;
    if (this.scratch.length > SCRATCH_KEPT) this.scratch = new Uint8Array(256);
  }
}
