/**
 * Rates: how often things happen a second, over the last sixteen samples. The cron takes one at each tick, at the usual ten ticks a
 * second the figures therefore tell of the last one and a half (as Redis's do).
 */
import type { RecentRates } from '../../commands/figures.js';
import type { Stats } from '../../commands/stats.js';

const SAMPLES = 16;

/** What is sampled, beside the time. */
interface Counters {
  readonly at: number;
  readonly commands: number;
  readonly inputBytes: number;
  readonly outputBytes: number;
  readonly turns: number;
  readonly busyUs: number;
}

const NONE: RecentRates = { commands: 0, inputBytes: 0, outputBytes: 0, turns: 0, turnUs: 0 };

export class Rates {
  /** Oldest first. */
  private readonly samples: Counters[] = [];

  /**
   * @param at ms of a clock that never goes back
   * @param busyUs microseconds that the event loop was busy since the start
   */
  sample(at: number, stats: Stats, busyUs: number): void {
    const { commands, netInput, netOutput, turns } = stats;
    const last = this.samples[this.samples.length - 1];
    // CONFIG RESETSTAT has set the counters back.
    if (last !== undefined && commands < last.commands) this.samples.length = 0;
    this.samples.push({ at, commands, inputBytes: netInput, outputBytes: netOutput, turns, busyUs });
    if (this.samples.length > SAMPLES) this.samples.shift();
  }

  get recent(): RecentRates {
    const { samples } = this;
    if (samples.length < 2) return NONE;
    const first = samples[0];
    const last = samples[samples.length - 1];
    const seconds = (last.at - first.at) / 1000;
    if (seconds <= 0) return NONE;
    const turns = last.turns - first.turns;
    return {
      commands: (last.commands - first.commands) / seconds,
      inputBytes: (last.inputBytes - first.inputBytes) / seconds,
      outputBytes: (last.outputBytes - first.outputBytes) / seconds,
      turns: turns / seconds,
      turnUs: turns > 0 ? (last.busyUs - first.busyUs) / turns : 0,
    };
  }
}
