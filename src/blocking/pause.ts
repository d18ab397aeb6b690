/**
 * PauseService: CLIENT PAUSE. While it is in force, commands that it concerns are held: copied, their clients parked, and run in
 * the order of their arrival at the end of the turn in which it ends. Nothing expires meanwhile, so that the dataset stands still.
 *
 * What it concerns is decided before a command is queued in MULTI, as in Redis 7.2. Clients without a link (a log that is
 * replayed) are never held.
 */
import type { Pause, Wait } from '../../commands/blocking.js';
import type { Client } from '../../commands/client.js';
import type { Command } from '../../commands/command.js';
import { dispatch } from '../../commands/dispatch.js';
import { PAUSED } from '../../commands/gates.js';
import { mayWrite } from '../../commands/transaction.js';
import type { Bytes } from '../../storage/memory/bytes.js';
import type { SynapServer } from '../server.js';
import { Deadlines } from './deadlines.js';

class Held implements Wait {
  /** The pause ends it, not time. */
  readonly deadline = Number.POSITIVE_INFINITY;

  constructor(
    readonly client: Client,
    readonly argv: Bytes[],
  ) {}
}

class PauseEnd {
  slot = -1;

  constructor(readonly deadline: number) {}
}

export class PauseService implements Pause {
  until = 0;
  all = false;
  private held = new Set<Held>();
  private end: PauseEnd | undefined = undefined;
  private readonly timer = new Deadlines<PauseEnd>(() => this.wake());
  private readonly server: SynapServer;

  constructor(server: SynapServer) {
    this.server = server;
  }

  get clients(): number {
    return this.held.size;
  }

  start(until: number, all: boolean): void {
    const { server } = this;
    if (until > this.until) this.until = until;
    if (all) this.all = true;
    server.gates |= PAUSED;
    server.setReaping();
    if (this.end !== undefined) this.timer.remove(this.end);
    this.end = new PauseEnd(this.until);
    this.timer.add(this.end);
    this.timer.arm(server.now);
  }

  stop(): void {
    const { server } = this;
    this.until = 0;
    this.all = false;
    server.gates &= ~PAUSED;
    server.setReaping();
    if (this.end !== undefined) this.timer.remove(this.end);
    this.end = undefined;
    this.timer.stop();
  }

  /** Runs what was held, when the pause is over: at the end of a turn, never in the middle of somebody's EXEC. */
  release(): void {
    if (this.end !== undefined || this.held.size === 0) return;
    const { held } = this;
    this.held = new Set();
    for (const item of held) {
      const { client, argv } = item;
      if (client.wait !== item) continue; // gone meanwhile
      client.wait = undefined;
      client.argv = argv;
      client.argc = argv.length;
      dispatch(client); // which holds it again, if one of the others has begun another pause
      client.link?.schedule();
    }
  }

  hold(c: Client, command: Command): boolean {
    if (c.link === undefined || c.inExec || !(this.all || mayWrite(c, command))) return false;
    const held = new Held(c, c.copyArguments());
    this.held.add(held);
    c.wait = held;
    return true;
  }

  /** A client is gone. */
  forget(c: Client): void {
    if (!(c.wait instanceof Held)) return;
    this.held.delete(c.wait);
    c.wait = undefined;
  }

  close(): void {
    this.timer.stop();
  }

  /** Ends the pause when its time is up. */
  expire(): void {
    if (this.end === undefined) return;
    if (this.until <= this.server.now) this.stop();
    else this.timer.arm(this.server.now);
  }

  private wake(): void {
    this.server.beginTurn();
    this.expire();
    this.server.endTurn();
  }
}
