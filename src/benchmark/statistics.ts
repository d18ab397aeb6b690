/**
 * The arithmetic of the benchmark: median, percentile, geometric mean, and how a ratio is written.
 * Pure functions over numbers; nothing here knows what was measured. Next: speed-table.ts, which fills tables with them.
 */

/** The middle of `values` (the mean of the two middles when their count is even); NaN for none. O(n log n), `values` unchanged. */
export function median(values: readonly number[]): number {
  if (values.length === 0) return Number.NaN;
  const sorted = [...values].sort((a, b) => a - b);
  const half = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
}

/**
 * The value that a share `q` (0 to 1) of `sorted` (ascending) does not exceed, by nearest rank; NaN for none. q = 1 is the maximum.
 */
export function percentile(sorted: ArrayLike<number>, q: number): number {
  if (sorted.length === 0) return Number.NaN;
  const rank = Math.ceil(q * sorted.length);
  return sorted[Math.min(sorted.length, Math.max(1, rank)) - 1];
}

/**
 * The geometric mean of positive ratios: twice as fast here and half as fast there is 1. NaN for none and where a value is not
 * a positive finite number, because a mean that silently drops a row is a lie.
 */
export function geometricMean(ratios: readonly number[]): number {
  if (ratios.length === 0) return Number.NaN;
  let sum = 0;
  for (const ratio of ratios) {
    if (!(ratio > 0) || !Number.isFinite(ratio)) return Number.NaN;
    sum += Math.log(ratio);
  }
  return Math.exp(sum / ratios.length);
}

/** Round by round `ours[i] / theirs[i]`, then the median: what drifts between rounds hits both sides of one round alike. */
export function medianRatio(ours: readonly number[], theirs: readonly number[]): number {
  const ratios: number[] = [];
  for (let i = 0; i < Math.min(ours.length, theirs.length); i++) ratios.push(ours[i] / theirs[i]);
  return median(ratios);
}

/** A ratio with two decimals, a dash where there is none (0/0, nothing measured). */
export function formatRatio(ratio: number): string {
  return Number.isFinite(ratio) ? ratio.toFixed(2) : '—';
}

/** A quantity with about three significant digits, a dash where there is none. */
export function formatQuantity(value: number): string {
  if (!Number.isFinite(value)) return '—';
  const size = Math.abs(value);
  if (size >= 100) return Math.round(value).toLocaleString('en-US');
  return value.toFixed(size >= 10 ? 1 : size >= 1 ? 2 : 3);
}
