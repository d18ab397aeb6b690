/**
 * Timing: how long commands take, for commandstats, latencystats, SLOWLOG and LATENCY.
 *
 *   turn   | read, feed | SET     | GET   | flush | SET   |
 *   clock  ^begin                 ^       ^       ^begin  ^        `lap` is always the last of these readings
 *                       |<-- us -->|<- us ->       |< us ->|
 *
 * One reading of the clock a command: where one command ends the next one begins, so what lies between them (decoding the request,
 * finding its row) counts as the next command's time, a fraction of a microsecond. Whatever takes longer than that, a write to a
 * socket, a command that is queued or refused, a new turn, begins anew with `skip`. Who calls commands within a command (EXEC) puts
 * `lap` back to what it found, so its own time contains theirs. Of a parked command only the time that it ran counts.
 *
 * Fewer readings would not be exact: the histogram and the slow log need every single time. Nothing here allocates until a command is
 * slow, or is called for the first time, but Node itself: its clock's answer is a number of 16 bytes.
 */
import type { Client } from './client.js';
import type { Command } from './command.js';
import { LatencyHistogram, MAX_NS } from './histogram.js';
import { LatencyEvents } from './latency-events.js';
import type { Settings } from './settings.js';
import { SlowLog } from './slowlog.js';
import { FAST, SKIP_SLOWLOG } from './spec/flags.js';
import type { Stats } from './stats.js';

export class Timing {
  /** When the last command ended, or the turn began: ms of the monotonic clock. */
  lap: number;
  readonly slowlog = new SlowLog();
  readonly events = new LatencyEvents();
  private readonly clock: () => number;
  private readonly settings: Settings;
  private readonly stats: Stats;
  /** What turns the monotonic clock's microseconds into those since the epoch. */
  private offsetUs: number;

  /** @param clock milliseconds of a clock that never goes back, with fractions */
  constructor(settings: Settings, stats: Stats, clock: () => number) {
    this.settings = settings;
    this.stats = stats;
    this.clock = clock;
    this.lap = clock();
    this.offsetUs = 0.5;
  }

  /** What has happened since the last lap is no command's time. */
  skip(): void {
    this.lap = this.clock();
  }

  /** The handler of `command` has returned; it began at `lap`. When the client is parked, its time is kept for the end. */
  end(c: Client, command: Command): void {
    const end = this.clock();
    let us = (end - this.lap) * 1000;
    this.lap = end;
    if (!c.inExec) this.stats.commandUs += us;
    if (c.wait !== undefined) {
      c.ranUs += us;
      return;
    }
    if (c.ranUs !== 0) {
      us += c.ranUs;
      c.ranUs = 0;
    }
    this.count(command, us);
    const { slowlogLogSlowerThan, latencyMonitorThreshold } = this.settings;
    if (us >= slowlogLogSlowerThan && slowlogLogSlowerThan >= 0 && (command.flags & SKIP_SLOWLOG) === 0)
      this.slowlog.add(c, command, us, this.settings.slowlogMaxLen);
    if (latencyMonitorThreshold > 0 && us >= latencyMonitorThreshold * 1000)
      this.event((command.flags & FAST) !== 0 ? 'fast-command' : 'command', us / 1000, c.now);
  }

  /** A parked command has ended without running again. It is in no log of slow ones (Redis 7.0). */
  giveUp(c: Client, command: Command): void {
    this.count(command, c.ranUs);
    c.ranUs = 0;
  }

  private count(command: Command, us: number): void {
    command.calls++;
    command.usec += us;
    this.stats.commands++;
    if (this.settings.latencyTracking) {
      const histogram = (command.histogram ??= new LatencyHistogram());
      histogram.record(us < 1e6 ? (us * 1000) | 0 : MAX_NS);
    }
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
    let us = Math.floor(this.clock() * 1000 + this.offsetUs);
    if (us < first || us > first + 999) {
      const right = us < first ? first : first + 999;
      this.offsetUs += right - us;
      us = right;
    }
    return us;
  }
}
