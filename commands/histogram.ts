/**
 * LatencyHistogram: how often a command took how long, exact to two significant digits from 1 ns to 1 s in a table of fixed size.
 *
 *   index   0 .. 255            256 .. 383          384 .. 511        ...
 *   ns      0 .. 255, each      256 .. 511, by 2    512 .. 1023, by 4       every octave has 128 steps of its own
 *
 * `record` allocates nothing. What Redis tells of its own histograms (percentiles as the highest value of their step, and counts
 * by powers of two from 1024 ns on) is told here in the same terms. The scheme is the High Dynamic Range histogram of Gil Tene.
 */
const HALF_BITS = 7;
const HALF = 1 << HALF_BITS;
/** Longer is counted as this: one second. */
export const MAX_NS = 1e9;
const STEPS = 24 * HALF;
/** The first step of the cumulated counts, ns. */
const FIRST_LEVEL = 1024;

export class LatencyHistogram {
  total = 0;
  private readonly counts = new Float64Array(STEPS);

  /** @param ns nanoseconds, an integer from 0 (which counts as 1) to MAX_NS: a small integer travels without being allocated */
  record(ns: number, times: number): void {
    this.counts[stepOf(ns < 1 ? 1 : ns)] += times;
    this.total += times;
  }

  /**
   * The time that `percent` (0 to 100) of the commands did not exceed, in microseconds with three decimals: the highest value of its
   * step. 0 when nothing was recorded. O(number of steps)
   */
  percentile(percent: number): number {
    const wanted = Math.max(1, Math.floor((percent / 100) * this.total + 0.5));
    let sum = 0;
    for (let step = 0; step < STEPS; step++) {
      sum += this.counts[step];
      if (sum >= wanted) return highestOf(step) / 1000;
    }
    return 0;
  }

  /** Calls `each` with a bound in whole microseconds and the number of commands up to it, for each bound that adds some. */
  cumulated(each: (us: number, count: number) => void): void {
    let step = 0;
    let sum = 0;
    let told = 0;
    for (let level = FIRST_LEVEL; told < this.total; level *= 2) {
      const last = stepOf(level);
      for (; step <= last && step < STEPS; step++) sum += this.counts[step];
      if (sum === told) continue;
      told = sum;
      each(Math.floor(highestOf(last) / 1000), sum);
    }
  }
}

function stepOf(ns: number): number {
  if (ns < 2 * HALF) return ns;
  const octave = 31 - HALF_BITS - Math.clz32(ns);
  return octave * HALF + (ns >> octave);
}

/** The highest value, ns, that `stepOf` puts into `step`. */
function highestOf(step: number): number {
  if (step < 2 * HALF) return step;
  const octave = (step >> HALF_BITS) - 1;
  return (step - octave * HALF + 1) * 2 ** octave - 1;
}
