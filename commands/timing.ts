/**
 * Timing: how long commands take, for commandstats, latencystats, SLOWLOG and LATENCY.
 *
 *   turn   | read, feed | KEYS     | GET    GET    GET   | flush | SET   |
 *   clock  ^begin                  ^                     ^       ^begin  ^       a `lap` is the last of these readings
 *                       |<- 1 of ->|<- 3 calls, a third ->        |< 1 of>
 *                                     of the time each
 *
 * Where one command ends the next one begins, so what lies between them (decoding the request, finding its row) counts as the next
 * command's time, a fraction of a microsecond. Whatever takes longer than that, a write to a socket, a command that is queued or
 * refused, a new turn, begins anew with `skip`. Who calls commands within a command (EXEC) puts the lap back to what it found, so its
 * own time contains theirs. Of a parked command only the time that it ran counts.
 *
 * A reading of the clock costs as much as a quick command itself. Quick commands in a row (`Command.quick`, with few arguments), up to
 * 32 of one batch, therefore share one: each is counted with the mean. Their sums are exact, their percentiles smoothed; commands
 * that may take long are always timed alone. So is every command when the slow log or LATENCY looks for times below a millisecond
 * or for any at all. (LPOP: 184 ns without timing, 205 like this, 265 with a reading each, 330 with performance.now(), whose answer
 * is a new number object each time.)
 */
import type { Client } from './client.js';
import type { Command } from './command.js';
import { LatencyHistogram, MAX_NS } from './histogram.js';
import { LatencyEvents } from './latency-events.js';
import type { Settings } from './settings.js';
import { SlowLog } from './slowlog.js';
import { FAST, SKIP_SLOWLOG } from './spec/flags.js';
import type { Stats } from './stats.js';

/** Seconds and nanoseconds of a clock that never goes back. */
export type MonotonicClock = () => readonly [seconds: number, nanoseconds: number];

/** The most commands that share a reading. */
const RUN_MOST = 32;
/** A command with more arguments is timed alone: it may be quick for each of them. */
const QUICK_ARGUMENTS = 8;
/** With a slowlog-log-slower-than (microseconds) below this, every command is timed alone. */
const EXACT_BELOW_US = 1000;

export class Timing {
  // When the last command ended, or the turn began.
  lapSeconds = 0;
  lapNanoseconds = 0;
  readonly slowlog = new SlowLog();
  readonly events = new LatencyEvents();
  private readonly clock: MonotonicClock;
  private readonly settings: Settings;
  private readonly stats: Stats;
  private readonly wall: { readonly now: number };
  /** What turns the monotonic clock's microseconds into those since the epoch. */
  private offsetUs = 0.5;
  /** Quick commands that have ended since the last lap, of whatever clients. */
  private readonly run: Command[];
  running = 0;
  /** How many may share a reading. */
  private runMost = 1;

  /** @param wall has the time of this batch of commands, ms since the epoch */
  constructor(settings: Settings, stats: Stats, clock: MonotonicClock, wall: { readonly now: number }) {
    this.wall = wall;
    this.settings = settings;
    this.stats = stats;
    this.clock = clock;
    this.run = new Array<Command>(RUN_MOST);
    this.skip();
  }

  /** What has happened since the last lap is no command's time. */
  skip(): void {
    if (this.running !== 0) this.settle(undefined);
    else this.lap();
  }

  /** `command` of `c` is about to be called: when it needs a time of its own, those before it get theirs. */
  begin(c: Client, command: Command): void {
    if (this.running !== 0 && !(command.quick && c.argc <= QUICK_ARGUMENTS)) this.settle(undefined);
  }

  /** The handler of `command` has returned. When the client is parked, its time is kept for the end. */
  end(c: Client, command: Command): void {
    if (command.quick && c.argc <= QUICK_ARGUMENTS && !c.inExec) {
      if (this.running === 0) this.runMost = this.longestRun();
      this.run[this.running++] = command;
      if (this.running >= this.runMost) this.settle(c);
      return;
    }
    let ns = this.lap();
    if (!c.inExec) this.stats.commandNs += ns;
    if (c.wait !== undefined) {
      c.ranNs += ns;
      return;
    }
    if (c.ranNs !== 0) {
      ns += c.ranNs;
      c.ranNs = 0;
    }
    this.count(command, 1, ns);
    if (this.isSlow(command, ns)) this.slowlog.add(c, command, ns / 1000, this.settings.slowlogMaxLen);
    this.tell(command, ns, c.now);
  }

  /**
   * Gives the commands of the run their times.
   * @param c who ran the last of them, when its arguments are still there
   */
  settle(c: Client | undefined): void {
    const { run, running, settings } = this;
    if (running === 0) return;
    this.running = 0;
    const all = this.lap();
    const each = running === 1 ? all : Math.floor(all / running);
    this.stats.commandNs += all;
    for (let i = 0; i < running; ) {
      const command = run[i];
      let same = 1;
      while (i + same < running && run[i + same] === command) same++;
      this.count(command, same, each);
      i += same;
    }
    const last = run[running - 1];
    if (this.isSlow(last, all)) {
      if (c !== undefined && running === 1) this.slowlog.add(c, last, all / 1000, settings.slowlogMaxLen);
      else this.slowlog.addRun(last, running, all / 1000, this.wall.now, settings.slowlogMaxLen);
    }
    this.tell(last, all, this.wall.now);
  }

  /** How many commands may share a reading: one, where somebody looks for times that are short. */
  private longestRun(): number {
    const { slowlogLogSlowerThan, latencyMonitorThreshold } = this.settings;
    const exact = slowlogLogSlowerThan >= 0 && slowlogLogSlowerThan < EXACT_BELOW_US;
    return exact || latencyMonitorThreshold > 0 ? 1 : RUN_MOST;
  }

  /** Nanoseconds since the last lap; this is the next. */
  private lap(): number {
    const now = this.clock();
    let ns = now[1] - this.lapNanoseconds;
    if (now[0] !== this.lapSeconds) ns += (now[0] - this.lapSeconds) * 1e9;
    this.lapSeconds = now[0];
    this.lapNanoseconds = now[1];
    return ns;
  }

  private isSlow(command: Command, ns: number): boolean {
    const { slowlogLogSlowerThan } = this.settings;
    return ns >= slowlogLogSlowerThan * 1000 && slowlogLogSlowerThan >= 0 && (command.flags & SKIP_SLOWLOG) === 0;
  }

  /** Tells LATENCY of a slow command. */
  private tell(command: Command, ns: number, now: number): void {
    const { latencyMonitorThreshold } = this.settings;
    if (latencyMonitorThreshold > 0 && ns >= latencyMonitorThreshold * 1e6)
      this.event((command.flags & FAST) !== 0 ? 'fast-command' : 'command', ns / 1e6, now);
  }

  /** A parked command has ended without running again. It is in no log of slow ones (Redis 7.0). */
  giveUp(c: Client, command: Command): void {
    this.count(command, 1, c.ranNs);
    c.ranNs = 0;
  }

  /** `calls` calls of `command` took `ns` each. */
  private count(command: Command, calls: number, ns: number): void {
    command.calls += calls;
    command.usec += (calls * ns) / 1000;
    this.stats.commands += calls;
    if (this.settings.latencyTracking)
      (command.histogram ??= new LatencyHistogram()).record(ns < MAX_NS ? ns | 0 : MAX_NS, calls);
  }

  /**
   * Something other than a command took `ms`: LATENCY remembers it when that is latency-monitor-threshold or more.
   * @param name `expire-cycle`, `eviction-cycle`, `eviction-del`, as Redis calls them
   * @param now ms since the epoch
   */
  event(name: string, ms: number, now: number): void {
    const threshold = this.settings.latencyMonitorThreshold;
    if (threshold > 0 && ms >= threshold) this.events.add(name, Math.floor(now / 1000), Math.floor(ms));
  }

  /** As `epochUs`, but goes on past `now`: for scripts, which may wait until the time has passed, all in one turn. */
  runningUs(now: number): number {
    const [seconds, nanoseconds] = this.clock();
    const us = Math.floor(seconds * 1e6 + nanoseconds / 1000 + this.offsetUs);
    return us < now * 1000 ? this.epochUs(now) : us;
  }

  /**
   * Microseconds since the epoch: those of `now`, a time in whole ms, and within them what the monotonic clock has gone on. Never
   * contradicts `now`, and only goes back when that does.
   */
  epochUs(now: number): number {
    const first = now * 1000;
    const [seconds, nanoseconds] = this.clock();
    let us = Math.floor(seconds * 1e6 + nanoseconds / 1000 + this.offsetUs);
    if (us < first || us > first + 999) {
      const right = us < first ? first : first + 999;
      this.offsetUs += right - us;
      us = right;
    }
    return us;
  }
}
