/**
 * Effects: what has changed the dataset, told once to whoever must repeat it elsewhere (the log; later replicas) as commands that give
 * the same result whenever and wherever they run. By default that is the request itself. A handler whose outcome depends on the time,
 * on chance or on who was waiting says instead what came of it, before the views that it names change:
 *
 *   c.effect(PEXPIREAT)?.add(key).addInt(at).tell()        EXPIRE key 10  ->  PEXPIREAT key 1700000010000
 *   c.effect(SREM)?.add(key).add(member).tell()            SPOP key       ->  SREM key member
 *
 * `effect` is undefined while nobody listens, so a handler pays one test. What happens beside a command, a key that expires or is
 * evicted, is told by the server with `tellAside`. EXEC tells nothing itself: its commands do. All effects of one dispatch belong
 * together; the taker must keep all or none of them.
 */
import type { Database } from '../storage/database.js';
import { Bytes } from '../storage/memory/bytes.js';
import { ATTEND_EFFECTS } from './attention.js';
import type { Client } from './client.js';
import type { Server } from './server.js';

/** Repeats effects elsewhere. */
export interface EffectTaker {
  /**
   * Takes one effect.
   * @param db number of the database in which it happened
   * @param argv `argv[0..argc)` is the command; the views hold only during the call
   */
  take(db: number, argv: readonly Bytes[], argc: number): void;
}

const DEL = Bytes.from('DEL');
/** Digits of a safe integer with its sign. */
const DIGITS = 17;

export class Effects {
  /** How many were told by commands; what happens beside them is not counted. */
  told = 0;
  private taker: EffectTaker | undefined = undefined;
  private readonly server: Server;
  private readonly argv: Bytes[] = [new Bytes()];
  private argc = 0;
  private db = 0;
  /** The digits of integers of the effect that is being composed. */
  private digits = new Uint8Array(4 * DIGITS);
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

  /** Begins to compose an effect in `db`. Must only be called while somebody listens (ATTEND_EFFECTS). */
  begin(db: Database, name: Bytes): this {
    this.db = db.index;
    this.argc = 0;
    this.used = 0;
    return this.add(name);
  }

  /** One more argument. The view is copied, not its bytes. */
  add(value: Bytes): this {
    if (this.argc === this.argv.length) this.argv.push(new Bytes());
    this.argv[this.argc++].assign(value);
    return this;
  }

  /** One more argument: a safe integer in decimal. */
  addInt(value: number): this {
    const text = String(value);
    if (this.used + text.length > this.digits.length) {
      // The old digits stay where the views before see them.
      this.digits = new Uint8Array(2 * this.digits.length + DIGITS);
      this.used = 0;
    }
    const start = this.used;
    for (let i = 0; i < text.length; i++) this.digits[this.used++] = text.charCodeAt(i);
    if (this.argc === this.argv.length) this.argv.push(new Bytes());
    this.argv[this.argc++].set(this.digits, start, this.used);
    return this;
  }

  /** Tells what was composed, as the effect of the command that runs. */
  tell(): void {
    this.told++;
    this.taker!.take(this.db, this.argv, this.argc);
  }

  /** Tells that `key` is gone though no command has deleted it. Must only be called while somebody listens. */
  tellAside(db: Database, key: Bytes): void {
    this.begin(db, DEL).add(key);
    this.taker!.take(this.db, this.argv, this.argc);
  }

  /** Tells the request of `c` itself, in the database where it ran. */
  tellRequest(c: Client, db: number): void {
    this.told++;
    this.taker!.take(db, c.argv, c.argc);
  }
}
