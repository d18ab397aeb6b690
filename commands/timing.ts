/**
 * Timing: how long commands take, for commandstats, latencystats, SLOWLOG and LATENCY.
 *
 *   turn   | read, feed | SET     | GET   | flush | SET   |
 *   clock  ^begin                 ^       ^       ^begin  ^        a `lap` is the last of these readings
 *                       |<-- us -->|<- us ->       |< us ->|
 *
 * One reading of the clock a command: where one command ends the next one begins, so what lies between them (decoding the request,
 * finding its row) counts as the next command's time, a fraction of a microsecond. Whatever takes longer than that, a write to a
 * socket, a command that is queued or refused, a new turn, begins anew with `skip`. Who calls commands within a command (EXEC) puts
 * the lap back to what it found, so its own time contains theirs. Of a parked command only the time that it ran counts.
 *
 * Fewer readings would not be exact: the histogram and the slow log need every single time. Everything is whole nanoseconds, which the
 * engine keeps without allocating; performance.now() would give a new number object each time, and is slower. Only the clock's
 * answer, an array of two, is garbage, of the youngest kind.
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

export class Timing {
  // When the last command ended, or the turn began.
  lapSeconds = 0;
  lapNanoseconds = 0;
  readonly slowlog = new SlowLog();
  readonly events = new LatencyEvents();
  private readonly clock: MonotonicClock;
  private readonly settings: Settings;
  private readonly stats: Stats;
  /** What turns the monotonic clock's microseconds into those since the epoch. */
  private offsetUs = 0.5;

  constructor(settings: Settings, stats: Stats, clock: MonotonicClock) {
    this.settings = settings;
    this.stats = stats;
    this.clock = clock;
    this.skip();
  }

  /** What has happened since the last lap is no command's time. */
  skip(): void {
    const now = this.clock();
    this.lapSeconds = now[0];
    this.lapNanoseconds = now[1];
  }

  /** The handler of `command` has returned; it began at the last lap. When the client is parked, its time is kept for the end. */
  end(c: Client, command: Command): void {
    const now = this.clock();
    let ns = now[1] - this.lapNanoseconds;
    if (now[0] !== this.lapSeconds) ns += (now[0] - this.lapSeconds) * 1e9;
    this.lapSeconds = now[0];
    this.lapNanoseconds = now[1];
    if (!c.inExec) this.stats.commandNs += ns;
    if (c.wait !== undefined) {
      c.ranNs += ns;
      return;
    }
    if (c.ranNs !== 0) {
      ns += c.ranNs;
      c.ranNs = 0;
    }
    this.count(command, ns);
    const { slowlogLogSlowerThan, latencyMonitorThreshold } = this.settings;
    if (ns >= slowlogLogSlowerThan * 1000 && slowlogLogSlowerThan >= 0 && (command.flags & SKIP_SLOWLOG) === 0)
      this.slowlog.add(c, command, ns / 1000, this.settings.slowlogMaxLen);
    if (latencyMonitorThreshold > 0 && ns >= latencyMonitorThreshold * 1e6)
      this.event((command.flags & FAST) !== 0 ? 'fast-command' : 'command', ns / 1e6, c.now);
  }

  /** A parked command has ended without running again. It is in no log of slow ones (Redis 7.0). */
  giveUp(c: Client, command: Command): void {
    this.count(command, c.ranNs);
    c.ranNs = 0;
  }

  private count(command: Command, ns: number): void {
    command.calls++;
    command.usec += ns / 1000;
    this.stats.commands++;
    if (this.settings.latencyTracking)
      (command.histogram ??= new LatencyHistogram()).record(ns < MAX_NS ? ns | 0 : MAX_NS);
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
