/**
 * Cron: what the server does by itself, `hz` times a second: moves the clocks, deletes what has expired, frees in slices what was
 * unlinked; while a script is suspended, nothing that changes the dataset. Each tick stays within a few
 * milliseconds; what is left goes on in the next turn of the event loop.
 */
import { ATTEND_READY } from '../commands/attention.js';
import { reap } from '../storage/expiry.js';
import { closeIdle } from './net/idle.js';
import { closeOverfull } from './net/output-limit.js';
import type { SynapServer } from './server.js';

/** Time that one slice of background work may take, ms. */
const SLICE_MS = 1;
/** Pages looked through, or pieces freed, between two looks at the clock. */
const STEP = 16;

export class Cron {
  private readonly server: SynapServer;
  private timer: NodeJS.Timeout | undefined = undefined;
  private slice: NodeJS.Immediate | undefined = undefined;
  /** Where the expiry cycle goes on: database, directory index. */
  private db = 0;
  private page = 0;
  /** Whether this round has left something due, so that another one follows. */
  private again = false;
  /** The second of the last tick. */
  private second = 0;

  constructor(server: SynapServer) {
    this.server = server;
  }

  start(): void {
    this.timer = setInterval(() => this.tick(), 1000 / this.server.settings.hz);
    this.timer.unref();
  }

  stop(): void {
    clearInterval(this.timer);
    this.timer = undefined;
    if (this.slice !== undefined) clearImmediate(this.slice);
  }

  /** After `hz` has changed. */
  restart(): void {
    if (this.timer === undefined) return;
    clearInterval(this.timer);
    this.start();
  }

  private tick(): void {
    const { server } = this;
    server.beginTurn();
    const seconds = Math.floor(server.now / 1000) & 0xffffff;
    const idle = !server.scripting.isSuspended;
    if (idle) server.eviction.check();
    // Both have timers of their own; a clock that was given may jump past them.
    server.blocking.expire();
    server.pause.expire();
    if (idle) server.appendOnly.check();
    if (seconds !== this.second) {
      closeIdle(server);
      closeOverfull(server);
    }
    this.second = seconds;
    if (idle) for (const db of server.databases) db.strings.rest();
    if (idle) server.snapshot.tick();
    server.figures.sample();
    if (idle) this.work();
    server.endTurn();
  }

  /** One slice; books another when it did not finish. */
  private work(): void {
    if (this.server.scripting.isSuspended) return; // the next tick goes on
    const begun = performance.now();
    const until = begun + SLICE_MS;
    const reaped = !this.server.activeExpire || this.expire(until);
    this.account(performance.now() - begun, reaped);
    // Time has made something ready in a value that somebody waits for.
    if ((this.server.attention & ATTEND_READY) !== 0) this.server.blocking.serve();
    const done = reaped && this.free(until);
    this.slice = undefined;
    if (!done) this.book();
  }

  private book(): void {
    this.slice = setImmediate(() => {
      this.server.beginTurn();
      this.work();
      this.server.endTurn();
    });
  }

  /** Does what is due in all databases, in rounds until nothing is; false when the time was up before. */
  private expire(until: number): boolean {
    const { databases } = this.server;
    while (this.db < databases.length) {
      const { space } = databases[this.db];
      if (space.expires + space.fieldExpires + space.ownValues.size > 0) this.page = reap(space, this.page, STEP);
      else this.page = 0;
      if (this.page === 0) this.db++;
      this.again ||= space.overdue;
      space.overdue = false;
      if (performance.now() > until) return false;
    }
    const { again } = this;
    this.db = 0;
    this.again = false;
    return !again;
  }

  private account(ms: number, reaped: boolean): void {
    const { stats, timing, now } = this.server;
    stats.expireCycleMs += ms;
    if (!reaped) stats.expireTimeCapReached++;
    timing.event('expire-cycle', ms, now);
  }

  private free(until: number): boolean {
    for (const db of this.server.databases) {
      while (!db.space.larges.freeDoomed(STEP)) if (performance.now() > until) return false;
    }
    return true;
  }
}
