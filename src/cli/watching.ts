/**
 * --stat and --latency: what goes on, told again and again, in redis-cli's columns. Both end by -r, which redis-cli does not know here.
 *
 *   --stat       a line of figures out of INFO, each -i seconds (1), -r lines
 *   --latency    PING all the time. On a terminal a line that changes, else a line after -i seconds (1), -r lines (1)
 *
 * A server that goes is waited for. The time without it counts as latency.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { ReplyError, type ReplyValue, Verbatim } from '../../protocol/reply-reader.js';
import { ConnectionFault } from './connection.js';
import type { Format } from './render.js';
import type { Session } from './session.js';
import type { Screen } from './shell.js';

export interface Pace {
  /** Lines; undefined: as many as there are of this kind of output. */
  readonly times: number | undefined;
  /** Seconds; 0: one. */
  readonly interval: number;
}

/** Between two attempts to reach a server that has gone, ms. */
const AGAIN_MS = 1000;

async function callPatiently(session: Session, word: string, { err }: Screen): Promise<ReplyValue | undefined> {
  for (let attempts = 0; ; ) {
    try {
      if (!session.connected) for (const line of await session.connect()) err(`${line}\n`);
      const reply = await session.call([word]);
      if (attempts > 0) err('\r\x1b[0K');
      return reply;
    } catch (e) {
      if (!(e instanceof ConnectionFault)) throw e;
      err(`\r\x1b[0KReconnecting... ${++attempts}\r`);
      await sleep(AGAIN_MS);
    }
  }
}

// ---- --stat -----------------------------------------------------------------------------------------------------------------------

/** The heads of the columns are told again after so many lines. */
const LINES = 20;
const HEADS =
  '------- data ------ --------------------- load -------------------- - child -\n' +
  'keys       mem      clients blocked requests            connections          \n';

/** @returns the exit code */
export async function showStatistics(
  session: Session,
  { times = -1, interval }: Pace,
  screen: Screen,
): Promise<number> {
  let before = 0;
  for (let i = 0; times < 0 || i < times; i++) {
    if (i > 0) await sleep((interval || 1) * 1000);
    const reply = await callPatiently(session, 'INFO', screen);
    if (reply instanceof ReplyError) {
      screen.err(`ERROR: ${reply.text}\n`);
      return 1;
    }
    const info = fieldsOf(reply instanceof Verbatim ? reply.text : (reply as Uint8Array));
    if (i % LINES === 0) screen.out(HEADS);
    const requests = Number(info.get('total_commands_processed') ?? 0);
    screen.out(`${statistics(info, requests, before)}\n`);
    before = requests;
  }
  return 0;
}

function statistics(info: ReadonlyMap<string, string>, requests: number, before: number): string {
  const figure = (name: string): string => info.get(name) ?? '0';
  let keys = 0;
  for (const [name, value] of info) if (/^db\d+$/.test(name)) keys += Number(/keys=(\d+)/.exec(value)?.[1] ?? 0);
  const columns: [string, number][] = [
    [String(keys), 11],
    [size(Number(figure('used_memory'))), 9],
    [figure('connected_clients'), 8],
    [figure('blocked_clients'), 8],
    [`${requests} (+${before === 0 ? 0 : requests - before})`, 20],
    [figure('total_connections_received'), 12],
  ];
  return columns.map(([text, width]) => text.padEnd(width)).join('') + childOf(figure);
}

/** What the server does beside its work. */
function childOf(figure: (name: string) => string): string {
  if (figure('loading') === '1') return 'LOAD';
  const all = [
    ['SAVE', 'rdb_bgsave_in_progress'],
    ['AOF', 'aof_rewrite_in_progress'],
  ];
  return all
    .filter(([, name]) => figure(name) === '1')
    .map(([child]) => child)
    .join('+');
}

function fieldsOf(text: Uint8Array): Map<string, string> {
  const fields = new Map<string, string>();
  for (const line of Buffer.from(text).toString('latin1').split('\r\n')) {
    const colon = line.indexOf(':');
    if (colon > 0 && line[0] !== '#') fields.set(line.slice(0, colon), line.slice(colon + 1));
  }
  return fields;
}

function size(bytes: number): string {
  let unit = 0;
  let n = bytes;
  for (; n >= 1024 && unit < 3; unit++) n /= 1024;
  return unit === 0 ? `${bytes}B` : `${n.toFixed(2)}${'BKMG'[unit]}`;
}

// ---- --latency --------------------------------------------------------------------------------------------------------------------

/** Between two samples, ms. */
const SAMPLE_MS = 10;

class Latency {
  min = 0;
  max = 0;
  total = 0;
  count = 0;

  /** @param ms whole */
  add(ms: number): void {
    this.min = this.count === 0 ? ms : Math.min(this.min, ms);
    this.max = Math.max(this.max, ms);
    this.total += ms;
    this.count++;
  }

  text(format: Format): string {
    const { min, max, count } = this;
    const average = (this.total / count).toFixed(2);
    if (format === 'csv') return `${min},${max},${average},${count}`;
    if (format === 'formatted') return `min: ${min}, max: ${max}, avg: ${average} (${count} samples)`;
    return `${min} ${max} ${average} ${count}`;
  }
}

/**
 * @param format formatted: a line that changes
 * @param now milliseconds
 * @returns the exit code
 */
export async function showLatency(
  session: Session,
  { times, interval }: Pace,
  format: Format,
  screen: Screen,
  now: () => number,
): Promise<number> {
  const changes = format === 'formatted';
  const lines = times ?? (changes ? -1 : 1);
  for (let i = 0; lines < 0 || i < lines; i++) {
    const latency = new Latency();
    const end = lines < 0 ? Number.POSITIVE_INFINITY : now() + (interval || 1) * 1000;
    do {
      const from = Math.floor(now());
      const reply = await callPatiently(session, 'PING', screen);
      if (reply instanceof ReplyError) {
        screen.err(`ERROR: ${reply.text}\n`);
        return 1;
      }
      latency.add(Math.floor(now()) - from);
      if (changes) screen.out(`\x1b[0G\x1b[2K${latency.text(format)}`);
      await sleep(SAMPLE_MS);
    } while (now() < end);
    screen.out(changes ? '\n' : `${latency.text(format)}\n`);
  }
  return 0;
}
