/**
 * LATENCY GRAPH: the samples of an event as columns of characters, 80 to a line, oldest first, with the age of each sample written
 * downwards below it.
 *
 *   command - high 10 ms, low 2 ms (all time high 25 ms)
 *   ----------------------------------------------------
 *      #
 *   _o |        four rows of three steps: _ o #, and | below them
 *   |||||
 */
import type { EventSamples, Sample } from './latency-events.js';

const COLUMNS = 80;
const ROWS = 4;
const STEPS = '_o#';

/** @param now seconds since the epoch */
export function latencyGraph(event: EventSamples, now: number): string {
  const { name, samples, max } = event;
  let high = 0;
  let low = Number.POSITIVE_INFINITY;
  for (const { ms } of samples) {
    if (ms > high) high = ms;
    if (ms < low) low = ms;
  }
  let text = `${name} - high ${high} ms, low ${low} ms (all time high ${max} ms)\n${'-'.repeat(COLUMNS)}\n`;
  for (let i = 0; i < samples.length; i += COLUMNS) {
    if (i > 0) text += '\n';
    text += columns(samples.slice(i, i + COLUMNS), low, high, now);
  }
  return text;
}

function columns(samples: readonly Sample[], low: number, high: number, now: number): string {
  const steps = STEPS.length * ROWS;
  const range = high > low ? high - low : 1;
  const heights = samples.map(({ ms }) => Math.min(steps - 1, Math.floor(((ms - low) * steps) / range)));
  let text = '';
  for (let row = ROWS - 1; row >= 0; row--) {
    for (const height of heights) {
      const step = height - row * STEPS.length;
      text += step < 0 ? ' ' : step < STEPS.length ? STEPS[step] : '|';
    }
    text += '\n';
  }
  const ages = samples.map(({ at }) => age(now - at));
  text += `${' '.repeat(samples.length)}\n`;
  const longest = Math.max(...ages.map((label) => label.length));
  for (let i = 0; i < longest; i++) text += `${ages.map((label) => label[i] ?? ' ').join('')}\n`;
  return text;
}

function age(seconds: number): string {
  if (seconds < 60) return `${seconds}s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)}m`;
  if (seconds < 86400) return `${Math.floor(seconds / 3600)}h`;
  return `${Math.floor(seconds / 86400)}d`;
}
