/**
 * Suspension: a script that has run past busy-reply-threshold goes on in slices of a few milliseconds, and between them others are
 * answered that the server is busy, may kill it, or shut the server down.
 *
 *   EVAL -> threshold: stopped -> effects set aside, client parked -> slice -> others -> slice ... -> ended -> effects told, reply
 *
 * For the script no time passes: clocks stand where they stood when it began. Nothing expires or is evicted meanwhile, nobody who waits
 * for a key is served, and no snapshot is begun: the dataset is half changed. Its client's later commands wait.
 */
import type { Wait } from '../../commands/blocking.js';
import type { Client } from '../../commands/client.js';
import { runInMode } from '../../commands/client-mode.js';
import { settle } from '../../commands/dispatch.js';
import { PECULIAR, SCRIPT_RUNNING } from '../../commands/gates.js';
import { NOTBUSY, UNKILLABLE } from '../../commands/script-error.js';
import type { Continuation } from '../../commands/scripts.js';
import type { SynapServer } from '../server.js';
import { YIELD } from './lua-module.js';
import type { Run } from './run.js';

/** Time of a slice, ms. */
const SLICE_MS = 5;

/** Who runs scripts. */
export interface Host {
  /** Goes on with the script. @returns what lua_resume returns; undefined when that has broken the interpreter, which is told */
  resume(): number | undefined;
  /** Replies with what the script has come to, and forgets it. @param status what `resume` has returned */
  finish(c: Client, status: number): void;
  /** Ends the script, of which nothing runs any more, and replies with an error. */
  abandon(c: Client): void;
}

class Suspended implements Wait {
  readonly deadline = Number.POSITIVE_INFINITY;
  continuation: Continuation | undefined = undefined;

  constructor(
    readonly client: Client,
    /** The script's time, ms since the epoch. */
    readonly now: number,
  ) {}
}

export class Suspension {
  private readonly server: SynapServer;
  private readonly run: Run;
  private readonly host: Host;
  private suspended: Suspended | undefined = undefined;
  private killed = false;
  private booked: NodeJS.Immediate | undefined = undefined;
  private readonly whenIdle: (() => void)[] = [];

  constructor(server: SynapServer, run: Run, host: Host) {
    this.server = server;
    this.run = run;
    this.host = host;
  }

  get isSuspended(): boolean {
    return this.suspended !== undefined;
  }

  /** Asked about every millisecond while a script runs. @returns whether it is to stop, if it can */
  tick(): boolean {
    const { run } = this;
    const now = performance.now();
    if (run.firstTick === 0) {
      run.firstTick = run.sliceBegan = now;
      return false;
    }
    if (run.slow) return now - run.sliceBegan >= SLICE_MS;
    const { settings, log } = this.server;
    const ms = now - run.firstTick;
    if (settings.busyReplyThreshold <= 0 || ms < settings.busyReplyThreshold) return false;
    run.slow = true;
    log.warning(
      `Slow script detected: still in execution after ${Math.floor(ms)} milliseconds. You can try killing the script using the ` +
        `SCRIPT KILL command. Script name is: ${run.script!.sha}.`,
    );
    return true;
  }

  /** The script that `c` has called was stopped. Its handler must return without a reply. */
  begin(c: Client): void {
    const { server } = this;
    this.suspended = new Suspended(c, server.now);
    c.argv = c.copyArguments();
    c.wait = this.suspended;
    server.gates |= SCRIPT_RUNNING;
    server.setReaping();
    server.effects.setAside();
    this.book();
  }

  whenEnded(c: Client, continuation: Continuation): void {
    if (c.wait === this.suspended) this.suspended!.continuation = continuation;
  }

  /** Calls back when no script is suspended any more, at the end of that turn. */
  onceIdle(done: () => void): void {
    this.whenIdle.push(done);
  }

  kill(): void {
    if (this.suspended === undefined) throw NOTBUSY;
    if (this.run.wrote) throw UNKILLABLE;
    this.killed = true;
  }

  close(): void {
    if (this.booked !== undefined) clearImmediate(this.booked);
  }

  private book(): void {
    this.booked = setImmediate(() => this.slice());
  }

  private slice(): void {
    const { server } = this;
    const suspended = this.suspended!;
    const { client } = suspended;
    server.beginTurn();
    const { now } = server;
    server.setNow(suspended.now);
    server.effects.mark();
    if ((client.gates & PECULIAR) === 0) this.step(client, suspended);
    else runInMode(client, (c, s) => this.step(c, s), suspended);
    server.setNow(now);
    if (this.suspended === undefined) {
      settle(server);
      for (const done of this.whenIdle.splice(0)) done();
    }
    if (client.wait === undefined) client.link?.schedule();
    server.endTurn();
  }

  private step(c: Client, suspended: Suspended): void {
    const { server, run, host } = this;
    const { timing, effects } = server;
    const { lapSeconds, lapNanoseconds } = timing;
    const lap = (): void => {
      timing.lapSeconds = lapSeconds;
      timing.lapNanoseconds = lapNanoseconds;
    };
    run.sliceBegan = performance.now();
    const status = this.killed ? undefined : host.resume();
    effects.setAside();
    if (status === YIELD) {
      lap();
      timing.end(c, c.command!);
      this.book();
      return;
    }
    this.suspended = undefined;
    c.wait = undefined;
    server.gates &= ~SCRIPT_RUNNING;
    server.setReaping();
    suspended.continuation?.begin();
    if (this.killed) host.abandon(c);
    else host.finish(c, status ?? -1);
    this.killed = false;
    effects.putBack();
    lap();
    timing.end(c, c.command!);
    c.changedAt = Math.max(c.changedAt, server.holding.sequence);
    suspended.continuation?.goOn();
  }
}
