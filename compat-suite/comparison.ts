/**
 * When two replies count as equal: byte for byte, but where Redis leaves the order open or the reply depends on time, memory or
 * chance. Which way a command is compared is a table here; a case may name another. Must never be wider than needed: a loose way
 * hides faults. Read next: differences.ts (what we mean to answer differently).
 */
import { elements, splitReplies } from './wire/reply-frame.js';

/**
 * exact: the bytes. unordered: the elements of an array or set in any order. pairs: a map, or an array of key, value, …, in any
 * order. deep: unordered all the way down. scan: cursor, and the page in any order. shape: types and sizes, all the way down. kind: the first
 * byte, and the code of an error. seconds, milliseconds: times left, two seconds apart at most. moment, moment-ms: the same for
 * moments, but that those of the far future are exact: the case gave them itself.
 */
export const MODES = {
  exact: true,
  unordered: true,
  pairs: true,
  deep: true,
  scan: true,
  shape: true,
  kind: true,
  seconds: true,
  milliseconds: true,
  moment: true,
  'moment-ms': true,
} as const;
export type Mode = keyof typeof MODES;

/** By command, or by command and sub-command. What is not listed is compared exactly. */
const USUAL: Readonly<Record<string, Mode>> = {
  keys: 'unordered',
  smembers: 'unordered',
  sunion: 'unordered',
  sinter: 'unordered',
  sdiff: 'unordered',
  hkeys: 'unordered',
  hvals: 'unordered',
  hgetall: 'pairs',
  scan: 'scan',
  sscan: 'scan',
  hscan: 'scan',
  zscan: 'scan',
  'config|get': 'pairs',
  'pubsub|channels': 'unordered',
  'pubsub|shardchannels': 'unordered',
  'command|list': 'unordered',
  ttl: 'seconds',
  pttl: 'milliseconds',
  expiretime: 'moment',
  pexpiretime: 'moment-ms',
  'object|idletime': 'seconds',
  randomkey: 'shape',
  srandmember: 'shape',
  hrandfield: 'shape',
  zrandmember: 'shape',
  spop: 'shape',
  time: 'shape',
  role: 'exact',
  'client|id': 'kind',
  'client|list': 'kind',
  'client|info': 'kind',
  info: 'kind',
  lolwut: 'kind',
  lastsave: 'kind',
  'memory|usage': 'kind',
  'memory|stats': 'kind',
  'memory|doctor': 'kind',
  'memory|malloc-stats': 'kind',
  'debug|object': 'kind',
  'slowlog|get': 'kind',
  'latency|doctor': 'kind',
  'acl|genpass': 'kind',
};

/** A count so large that a command which chooses by chance takes all there is. */
const ALL = '100000';

/** The usual way to compare the replies of a command; exact for an empty one. */
export function usualMode(words: readonly string[]): Mode {
  const name = (words[0] ?? '').toLowerCase();
  const mode = USUAL[`${name}|${(words[1] ?? '').toLowerCase()}`] ?? USUAL[name] ?? 'exact';
  // A cursor means what its server likes. Only a page of all there is, from the start, is the same everywhere.
  if (mode === 'scan' && (words[name === 'scan' ? 1 : 2] !== '0' || !words.includes('10000'))) return 'kind';
  if ((name === 'spop' || name === 'srandmember') && words[2] === ALL) return 'unordered';
  // Without sorting, and where weights are equal texts, SORT promises no order.
  if (name === 'sort' && words.includes('BY') && (words.includes('nosort') || words.includes('ALPHA')))
    return 'unordered';
  return mode;
}

/**
 * Whether the replies are equal in the given way. Never throws: bytes that are no replies are compared as they are.
 * @param recorded whether one of them was written down at another time: then a time left, and a moment of today, are only integers
 */
export function sameReply(mode: Mode, left: string, right: string, recorded = false): boolean {
  if (left === right) return true;
  if (mode === 'exact' || left === '' || right === '' || !isWhole(left) || !isWhole(right)) return false;
  if (recorded && laterTime(mode, left, right)) return true;
  if (mode === 'seconds') return near(left, right, 2, 2 ** 63, 2 ** 63);
  if (mode === 'milliseconds') return near(left, right, 2000, 2 ** 63, 2 ** 63);
  if (mode === 'moment') return near(left, right, 2, FAR, 2 ** 53 / 1000);
  if (mode === 'moment-ms') return near(left, right, 2000, FAR_MS, 2 ** 53);
  return canonical(mode, left) === canonical(mode, right);
}

/** The moments from which on a case itself gave them, and they are exact: the year 2096, in seconds and milliseconds. */
const FAR = 4e9;
const FAR_MS = 4e12;

/** Times left of any length, or moments that are not those of the far future: both depend on when they were asked. */
function laterTime(mode: Mode, left: string, right: string): boolean {
  const limits: Partial<Record<Mode, number>> = {
    seconds: 2 ** 63,
    milliseconds: 2 ** 63,
    moment: FAR,
    'moment-ms': FAR_MS,
  };
  const limit = limits[mode];
  const isTime = (reply: string) => /^:\d+\r\n$/.test(reply) && Number(reply.slice(1)) < limit!;
  return limit !== undefined && isTime(left) && isTime(right);
}

function isWhole(text: string): boolean {
  try {
    return splitReplies(text).length > 0;
  } catch {
    return false;
  }
}

function canonical(mode: Mode, reply: string): string {
  switch (mode) {
    case 'unordered':
      return aggregate(reply, elements(reply).sort());
    case 'pairs':
      return aggregate(reply, inPairs(elements(reply)).sort());
    case 'deep':
      return sortedWithin(reply);
    case 'scan':
      return scanPage(reply);
    case 'shape':
      return splitReplies(reply).map(shape).join(' ');
    case 'kind':
      return reply[0] === '-' ? reply.split(' ')[0] : reply[0];
    default:
      return reply;
  }
}

function aggregate(reply: string, parts: readonly string[]): string {
  return parts.length === 0 ? reply : reply.slice(0, reply.indexOf('\r\n') + 2) + parts.join('');
}

function sortedWithin(reply: string): string {
  return aggregate(reply, elements(reply).map(sortedWithin).sort());
}

function inPairs(parts: readonly string[]): string[] {
  const pairs: string[] = [];
  for (let i = 0; i < parts.length; i += 2) pairs.push(parts[i] + (parts[i + 1] ?? ''));
  return pairs;
}

/** Cursor and elements, sorted: a page of pairs is told from one of keys by nothing but the command, so bytes of both are sorted. */
function scanPage(reply: string): string {
  const parts = elements(reply);
  return parts.length === 2 ? parts[0] + elements(parts[1]).sort().join('') : reply;
}

/** A reply's types all the way down, with the sizes of aggregates and the texts of statuses and errors. */
function shape(reply: string): string {
  if (reply[0] === '-' || reply[0] === '+' || reply === '$-1\r\n' || reply === '*-1\r\n') return reply;
  const parts = elements(reply);
  return reply[0] + (parts.length > 0 ? `(${parts.map(shape).join(' ')})` : '');
}

/** Whether a moment of the far future, in seconds or milliseconds, was no case's own: a life of 2^32 seconds from now (give or take a day). */
function isLongLife(moment: number): boolean {
  const end = Date.now() / 1000 + 2 ** 32;
  return Math.abs(moment - end) < 86_400 || Math.abs(moment / 1000 - end) < 86_400;
}

/** Integers that are at most `within` apart; exact between `far` and `vast`, from where on Synap keeps times as doubles. */
function near(left: string, right: string, within: number, far: number, vast: number): boolean {
  if (left[0] !== ':' || right[0] !== ':') return false;
  const [a, b] = [Number(left.slice(1)), Number(right.slice(1))];
  return a >= 0 && b >= 0 && (a < far || a > vast || isLongLife(a)) && Math.abs(a - b) <= within;
}
