/** INFO sections that have a line for each of something: commandstats, errorstats, latencystats, keyspace. */
import { averageTtl } from '../storage/expiry.js';
import type { Server } from './server.js';

/** Keys with a TTL that are looked at for an average. */
const TTL_SAMPLES = 256;

/** Commands that ran or were refused, in the order of the table. */
export function commandstats(server: Server): string {
  let text = '';
  for (const { name, calls, usec, rejected, failed } of server.commands.byName.values()) {
    if (calls === 0 && rejected === 0 && failed === 0) continue;
    const perCall = calls === 0 ? 0 : usec / calls;
    text +=
      `cmdstat_${name}:calls=${calls},usec=${Math.round(usec)},usec_per_call=${perCall.toFixed(2)},` +
      `rejected_calls=${rejected},failed_calls=${failed}\r\n`;
  }
  return text;
}

/** By the code of the error, sorted. */
export function errorstats(server: Server): string {
  const codes = [...server.stats.errors.keys()].sort();
  return codes.map((code) => `errorstat_${code}:count=${server.stats.errors.get(code)}\r\n`).join('');
}

/** Nothing while latency-tracking is off: what was recorded before would be taken for now. */
export function latencystats(server: Server): string {
  if (!server.settings.latencyTracking) return '';
  const percents = server.settings.latencyTrackingInfoPercentiles;
  let text = '';
  for (const { name, histogram } of server.commands.byName.values()) {
    if (histogram === undefined) continue;
    const figures = percents.map((percent) => `p${percent}=${histogram.percentile(percent).toFixed(3)}`);
    text += `latency_percentiles_usec_${name}:${figures.join(',')}\r\n`;
  }
  return text;
}

/** Databases that have keys. `avg_ttl` in ms, of up to 256 keys with a TTL. */
export function keyspace(server: Server): string {
  let text = '';
  for (const { index, size, space } of server.databases) {
    if (size === 0) continue;
    text += `db${index}:keys=${size},expires=${space.expires},avg_ttl=${averageTtl(space, TTL_SAMPLES)}\r\n`;
  }
  return text;
}
