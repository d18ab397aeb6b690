/**
 * What the server says of itself: INFO, CONFIG GET, SLOWLOG, LATENCY HISTOGRAM, as redis_exporter names it. Works with any server that
 * speaks RESP; a command that it does not have, or refuses, leaves its metrics out.
 */
import { Double, type ReplyValue } from '../../../protocol/reply-reader.js';
import { fieldsOf, type Info, parseInfo } from '../info.js';
import { byName, replyText } from '../json-value.js';
import type { Word } from '../link.js';
import { type Exposition, histogram, type Sample } from './exposition.js';
import { INFO_TABLE } from './info-table.js';

/** Sends commands; a reply for each, errors among them. */
export type AskAll = (all: readonly (readonly Word[])[]) => Promise<readonly ReplyValue[]>;

/** Labels of one metric that come from the server (commands, errors, replicas), at most. */
const SERIES_MAX = 1000;
/** Databases that are listed although they are empty. */
const DATABASES_MAX = 64;

/**
 * Adds the server's metrics.
 * @returns INFO's fields
 */
export async function addServer(out: Exposition, ask: AskAll): Promise<Info> {
  const [infoReply, config, threads, length, last, latency] = await ask([
    ['INFO', 'ALL'],
    ['CONFIG', 'GET', 'max*'],
    ['CONFIG', 'GET', 'io-threads'],
    ['SLOWLOG', 'LEN'],
    ['SLOWLOG', 'GET', '1'],
    ['LATENCY', 'HISTOGRAM'],
  ]);
  const info = parseInfo(replyText(infoReply));
  out.add('redis_up', 'gauge', 'Whether the server answers', [{ value: info.size > 0 ? 1 : 0 }]);
  for (const [name, kind, field, help, read = Number] of INFO_TABLE) {
    const text = info.get(field);
    if (text !== undefined) out.add(`redis_${name}`, kind, help, [{ value: read(text) }]);
  }
  addInstance(out, info);
  addConfig(out, new Map([...byName(config), ...byName(threads)]));
  addCommands(out, info);
  addLatency(out, info, byName(latency));
  const [{ value: databases } = { value: 16 }] = numbers(byName((await ask([['CONFIG', 'GET', 'databases']]))[0]));
  addDatabases(out, info, databases);
  addReplicas(out, info);
  if (typeof length === 'number')
    out.add('redis_slowlog_length', 'gauge', 'Entries of the slow log', [{ value: length }]);
  addLastSlow(out, last);
  return info;
}

function addInstance(out: Exposition, info: Info): void {
  const names =
    'role redis_version redis_mode redis_build_id os tcp_port run_id process_id maxmemory_policy server_name synap_version';
  const labels = Object.fromEntries(
    names.split(' ').flatMap((name) => (info.has(name) ? [[name, info.get(name)!]] : [])),
  );
  if (info.size > 0) out.add('redis_instance_info', 'gauge', 'What the server is', [{ labels, value: 1 }]);
  const now = Number(info.get('server_time_usec')) / 1e6;
  const uptime = Number(info.get('uptime_in_seconds'));
  if (now > 0)
    out.add('redis_start_time_seconds', 'gauge', 'When the server started', [{ value: Math.floor(now - uptime) }]);
}

function addConfig(out: Exposition, config: ReadonlyMap<string, ReplyValue>): void {
  for (const name of ['maxclients', 'maxmemory', 'io-threads']) {
    const value = Number(replyText(config.get(name) ?? null));
    if (config.has(name))
      out.add(`redis_config_${name.replace('-', '_')}`, 'gauge', `The directive ${name}`, [{ value }]);
  }
}

/** A metric of INFO's `cmdstat_` lines: its name, what it says, the part of the line, by what that is divided. */
const COMMANDS: readonly (readonly [name: string, help: string, part: string, divisor: number])[] = [
  ['redis_commands_total', 'Calls of each command', 'calls', 1],
  ['redis_commands_duration_seconds_total', 'Seconds of each command', 'usec', 1e6],
  ['redis_commands_failed_calls_total', 'Calls of each command that failed', 'failed_calls', 1],
  ['redis_commands_rejected_calls_total', 'Calls of each command refused before it began', 'rejected_calls', 1],
];

function addCommands(out: Exposition, info: Info): void {
  const stats = fieldsOf(info, 'cmdstat_', SERIES_MAX);
  for (const [name, help, part, divisor] of COMMANDS)
    out.add(
      name,
      'counter',
      help,
      stats.flatMap(([cmd, values]) =>
        values.has(part) ? [{ labels: { cmd }, value: Number(values.get(part)) / divisor }] : [],
      ),
    );
  const errors = fieldsOf(info, 'errorstat_', SERIES_MAX);
  out.add(
    'redis_errors_total',
    'counter',
    'Errors answered, by their first word',
    errors.map(([err, values]) => ({ labels: { err }, value: Number(values.get('count')) })),
  );
}

function addLatency(out: Exposition, info: Info, latency: ReadonlyMap<string, ReplyValue>): void {
  const stats = new Map(fieldsOf(info, 'cmdstat_', SERIES_MAX));
  const of = (cmd: string, part: string): number => Number(stats.get(cmd)?.get(part) ?? 0);
  const percentiles = fieldsOf(info, 'latency_percentiles_usec_', SERIES_MAX).flatMap(([cmd, values]): Sample[] => [
    ...[...values].map(([p, text]) => ({ labels: { cmd, quantile: p.slice(1) }, value: Number(text) })),
    { suffix: '_sum', labels: { cmd }, value: of(cmd, 'usec') },
    { suffix: '_count', labels: { cmd }, value: of(cmd, 'calls') },
  ]);
  out.add('redis_latency_percentiles_usec', 'summary', 'Microseconds of each command since the start', percentiles);
  const buckets = [...latency].slice(0, SERIES_MAX).flatMap(([cmd, reply]) => {
    const told = byName(reply);
    const bounds = [...byName(told.get('histogram_usec') ?? null)].map(([le, n]) => [Number(le), Number(n)] as const);
    return histogram(bounds, Number(told.get('calls') ?? 0), of(cmd, 'usec'), { cmd });
  });
  out.add('redis_commands_latencies_usec', 'histogram', 'Microseconds of each command since the start', buckets);
}

function addDatabases(out: Exposition, info: Info, databases: number): void {
  const told = new Map(fieldsOf(info, 'db', SERIES_MAX).filter(([rest]) => /^\d+$/.test(rest)));
  const names = new Set([...Array(Math.min(databases, DATABASES_MAX)).keys()].map(String));
  for (const name of told.keys()) names.add(name);
  const samples = (part: string): Sample[] =>
    [...names].map((name) => ({ labels: { db: `db${name}` }, value: Number(told.get(name)?.get(part) ?? 0) }));
  if (info.size === 0) return;
  out.add('redis_db_keys', 'gauge', 'Keys of each database', samples('keys'));
  out.add('redis_db_keys_expiring', 'gauge', 'Keys of each database that have a time to live', samples('expires'));
  out.add(
    'redis_db_avg_ttl_seconds',
    'gauge',
    'Mean time to live of those',
    [...told].map(([name, values]) => ({ labels: { db: `db${name}` }, value: Number(values.get('avg_ttl')) / 1e3 })),
  );
}

function addReplicas(out: Exposition, info: Info): void {
  const all = fieldsOf(info, 'slave', SERIES_MAX).filter(([rest]) => /^\d+$/.test(rest));
  const samples = (part: string): Sample[] =>
    all.map(([, values]) => ({
      labels: {
        slave_ip: values.get('ip') ?? '',
        slave_port: values.get('port') ?? '',
        slave_state: values.get('state') ?? '',
      },
      value: Number(values.get(part)),
    }));
  out.add('redis_connected_slave_offset_bytes', 'gauge', 'Offset of each replica', samples('offset'));
  out.add('redis_connected_slave_lag_seconds', 'gauge', 'Seconds since each replica was heard', samples('lag'));
}

function addLastSlow(out: Exposition, reply: ReplyValue): void {
  if (!Array.isArray(reply)) return;
  const [id = 0, , micros = 0] = (reply[0] ?? []) as readonly number[];
  out.add('redis_slowlog_last_id', 'gauge', 'The last entry of the slow log', [{ value: id }]);
  out.add('redis_last_slow_execution_duration_seconds', 'gauge', 'How long that took', [{ value: micros / 1e6 }]);
}

/** What is a number in a map, in its order. */
function numbers(map: ReadonlyMap<string, ReplyValue>): { value: number }[] {
  return [...map.values()].map((value) => ({ value: numberOf(value) })).filter(({ value }) => Number.isFinite(value));
}

/** A reply as a number; NaN for what is none. */
export function numberOf(reply: ReplyValue | undefined): number {
  if (reply instanceof Double) return reply.value;
  if (typeof reply === 'number' || typeof reply === 'bigint') return Number(reply);
  const text = reply === undefined ? '' : replyText(reply);
  return text === '' ? Number.NaN : Number(text);
}
