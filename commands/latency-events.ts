/**
 * LatencyEvents: what took longer than latency-monitor-threshold, by kind of event, the last 160 seconds in which something did. Told
 * by LATENCY. Commands are recorded by timing.ts under `command` and `fast-command`, cycles by the services that run them.
 */
const SAMPLES = 160;

export interface Sample {
  /** Seconds since the epoch. */
  readonly at: number;
  /** The longest of that second. */
  ms: number;
}

/** The samples of one event, oldest first; never empty. */
export interface EventSamples {
  readonly name: string;
  readonly samples: Sample[];
  /** The longest ever, ms. */
  max: number;
}

export class LatencyEvents {
  private readonly byName = new Map<string, EventSamples>();

  /** @param at seconds since the epoch */
  add(name: string, at: number, ms: number): void {
    let event = this.byName.get(name);
    if (event === undefined) this.byName.set(name, (event = { name, samples: [], max: 0 }));
    if (ms > event.max) event.max = ms;
    const { samples } = event;
    const last = samples[samples.length - 1];
    if (last !== undefined && last.at === at) {
      if (ms > last.ms) last.ms = ms;
      return;
    }
    samples.push({ at, ms });
    if (samples.length > SAMPLES) samples.shift();
  }

  get(name: string): EventSamples | undefined {
    return this.byName.get(name);
  }

  all(): EventSamples[] {
    return [...this.byName.values()];
  }

  /** Forgets one event; false when there was none. */
  forget(name: string): boolean {
    return this.byName.delete(name);
  }
}
