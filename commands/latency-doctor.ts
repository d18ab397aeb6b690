/** LATENCY DOCTOR: what the recorded events have in common, in words, and what an operator may do about each. */
import type { EventSamples } from './latency-events.js';
import type { Settings } from './settings.js';

const OFF =
  'Latency monitoring is off: nothing is recorded. Switch it on with CONFIG SET latency-monitor-threshold <milliseconds>, ' +
  'and choose the longest delay that your application does not mind.\n';
const HEALTHY = 'No delay has reached latency-monitor-threshold so far: there is nothing to report.\n';

/** What helps against an event of this name. */
const ADVICE: Readonly<Record<string, (settings: Settings) => string[]>> = {
  command: (settings) => [
    settings.slowlogLogSlowerThan >= 0
      ? `SLOWLOG GET lists the commands that took ${settings.slowlogLogSlowerThan} microseconds or longer.`
      : 'The slow log is off: CONFIG SET slowlog-log-slower-than <microseconds> names the commands that take long.',
    'Commands that look at every element (KEYS, SMEMBERS, HGETALL, LRANGE 0 -1, SORT) take as long as their keys are large: read ' +
      'in pieces with the SCAN family, or keep the keys smaller.',
  ],
  'fast-command': () => [
    'Commands that are fast by nature were slow: something else held the processor. Look for other busy processes, swapping, or a ' +
      'virtual machine that is not given its time.',
  ],
  'expire-cycle': () => [
    'Many keys expire at the same time: add a random part to their times to live. active-expire-effort sets how much time their ' +
      'deletion may take.',
  ],
  'eviction-cycle': () => ['Data outgrows maxmemory faster than it is evicted: raise maxmemory or write less at once.'],
  'eviction-del': () => ['Large keys are evicted: smaller keys can be freed in less time.'],
};

/** @param now seconds since the epoch */
export function diagnosis(events: readonly EventSamples[], settings: Settings, now: number): string {
  if (settings.latencyMonitorThreshold === 0 && events.length === 0) return OFF;
  if (events.length === 0) return HEALTHY;
  const advice = new Set<string>();
  let text = `Delays of ${events.length} kind(s) were recorded:\n\n`;
  events.forEach((event, i) => {
    text += `${i + 1}. ${description(event, now)}\n`;
    for (const line of ADVICE[event.name]?.(settings) ?? []) advice.add(line);
  });
  if (advice.size > 0) text += `\nWhat may help:\n\n${[...advice].map((line) => `- ${line}\n`).join('')}`;
  return text;
}

function description({ name, samples, max }: EventSamples, now: number): string {
  const n = samples.length;
  let sum = 0;
  for (const { ms } of samples) sum += ms;
  const average = sum / n;
  let deviation = 0;
  for (const { ms } of samples) deviation += Math.abs(ms - average);
  const period = (now - samples[0].at) / n;
  return (
    `${name}: ${n} delay(s), ${Math.round(average)} ms on average, mean deviation ${Math.round(deviation / n)} ms, ` +
    `one in ${period.toFixed(2)} s. The longest ever: ${max} ms.`
  );
}
