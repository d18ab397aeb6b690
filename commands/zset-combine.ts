/**
 * Union, intersection and difference of sorted sets and sets: ZUNION, ZINTER, ZDIFF, their STORE forms, and ZINTERCARD. The result is
 * collected outside the keyspace, ordered once, and then replied or put at the destination, which may be a source.
 *
 * A set's members have the score 1. Sources are taken in ascending order of size, as in Redis: sums of doubles depend on it.
 */

import { parseDouble } from '../protocol/double.js';
import type { Database } from '../storage/database.js';
import { WRONG_TYPE } from '../storage/fault.js';
import type { Bytes } from '../storage/memory/bytes.js';
import type { SetReader } from '../storage/set-reader.js';
import { SET, ZSET } from '../storage/types.js';
import type { SortedSet } from '../storage/zset.js';
import { ZsetTable } from '../storage/zset-table.js';
import { intArg, rangeArg } from './args.js';
import type { Client } from './client.js';
import { LIMIT_NEGATIVE, noInputKeys, SYNTAX, WEIGHT_NOT_FLOAT } from './error.js';
import { NOTIFY_GENERIC, NOTIFY_ZSET } from './events.js';
import { MEMBERS, replyRanks, withScores } from './zset-reply.js';

// AGGREGATE.
const SUM = 0;
const MIN = 1;
const MAX = 2;

// Which options a command has besides its keys.
const WEIGHTS = 1;
const WITHSCORES = 2;
const LIMIT = 4;

/** One source: a sorted set, a set, or a key that does not exist. */
class Source {
  size = 0;
  weight = 1;
  /** The current member and its score, after `next`. */
  member: Bytes;
  score = 1;
  private readonly sorted: SortedSet | undefined;
  private readonly plain: SetReader | undefined;

  /** @throws WRONG_TYPE */
  constructor(db: Database, key: Bytes, i: number) {
    const entry = db.lookup(key);
    const type = entry === 0 ? ZSET : db.space.type(entry);
    if (type !== ZSET && type !== SET) throw WRONG_TYPE;
    this.sorted = entry !== 0 && type === ZSET ? db.sortedSetView(i).bind(entry) : undefined;
    this.plain = type === SET ? db.setReader(i).bind(entry) : undefined;
    this.size = this.sorted?.size ?? this.plain?.length ?? 0;
    this.member = key;
  }

  begin(): void {
    this.sorted?.begin();
    this.plain?.begin();
  }

  next(): boolean {
    if (this.sorted !== undefined) {
      if (!this.sorted.next()) return false;
      this.member = this.sorted.member;
      this.score = this.sorted.score;
      return true;
    }
    if (this.plain === undefined || !this.plain.next()) return false;
    this.member = this.plain.member;
    return true;
  }

  /** Whether `member` is there; its score is in `score` then. */
  find(member: Bytes): boolean {
    if (this.sorted === undefined) return this.plain?.has(member) ?? false;
    if (!this.sorted.find(member)) return false;
    this.score = this.sorted.score;
    return true;
  }
}

/** What a command was given. */
interface Request {
  readonly sources: Source[];
  aggregate: number;
  shape: number;
  limit: number;
}

/** Reads `numkeys key ... options` from argument `at` on. Keys are looked up before options are read, as in Redis. */
function readRequest(c: Client, at: number, options: number, name: string): Request {
  const { argv, argc } = c;
  const keys = intArg(argv[at]);
  if (keys < 1) throw noInputKeys(name);
  if (keys > argc - at - 1) throw SYNTAX;
  const request: Request = { sources: [], aggregate: SUM, shape: MEMBERS, limit: 0 };
  for (let i = 0; i < keys; i++) request.sources.push(new Source(c.db, argv[at + 1 + i], i));
  for (let i = at + 1 + keys; i < argc; ) {
    const word = argv[i];
    if ((options & WEIGHTS) !== 0 && i + keys < argc && word.is('weights')) {
      for (let k = 0; k < keys; k++) request.sources[k].weight = weightArg(argv[i + 1 + k]);
      i += 1 + keys;
    } else if ((options & WEIGHTS) !== 0 && i + 1 < argc && word.is('aggregate')) {
      request.aggregate = aggregateArg(argv[i + 1]);
      i += 2;
    } else if ((options & WITHSCORES) !== 0 && word.is('withscores')) {
      request.shape = withScores(c);
      i++;
    } else if ((options & LIMIT) !== 0 && i + 1 < argc && word.is('limit')) {
      request.limit = rangeArg(argv[i + 1], 0, Number.POSITIVE_INFINITY, LIMIT_NEGATIVE, LIMIT_NEGATIVE);
      i += 2;
    } else throw SYNTAX;
  }
  return request;
}

function weightArg(arg: Bytes): number {
  const weight = parseDouble(arg.buf, arg.start, arg.end);
  if (Number.isNaN(weight)) throw WEIGHT_NOT_FLOAT;
  return weight;
}

function aggregateArg(word: Bytes): number {
  if (word.is('sum')) return SUM;
  if (word.is('min')) return MIN;
  if (word.is('max')) return MAX;
  throw SYNTAX;
}

// ---- scores: what is not a number (inf - inf, 0 * inf) counts as 0 ------------------------------------------------------------

function weighted(source: Source): number {
  const score = source.weight * source.score;
  return Number.isNaN(score) ? 0 : score;
}

function aggregated(aggregate: number, a: number, b: number): number {
  if (aggregate === MIN) return b < a ? b : a;
  if (aggregate === MAX) return b > a ? b : a;
  const sum = a + b;
  return Number.isNaN(sum) ? 0 : sum;
}

// ---- the three operations -----------------------------------------------------------------------------------------------------

type Operation = (request: Request, result: ZsetTable) => void;

function unite({ sources, aggregate }: Request, result: ZsetTable): void {
  sources.sort(bySize);
  for (const source of sources) {
    source.begin();
    while (source.next()) {
      const score = weighted(source);
      const ref = result.find(source.member);
      if (ref === 0) result.collect(source.member, score);
      else result.setScore(ref, aggregated(aggregate, result.score(ref), score));
    }
  }
}

function intersect({ sources, aggregate }: Request, result: ZsetTable): void {
  const [smallest, ...others] = sources.sort(bySize);
  if (smallest.size === 0) return;
  smallest.begin();
  while (smallest.next()) {
    let score = weighted(smallest);
    if (!others.every((other) => other.find(smallest.member))) continue;
    for (const other of others) score = aggregated(aggregate, score, other.weight * other.score);
    result.find(smallest.member);
    result.collect(smallest.member, score);
  }
}

function subtract({ sources }: Request, result: ZsetTable): void {
  const [from, ...others] = sources;
  from.begin();
  while (from.next()) {
    if (others.some((other) => other.find(from.member))) continue;
    result.find(from.member);
    result.collect(from.member, from.score);
  }
}

function bySize(a: Source, b: Source): number {
  return a.size - b.size;
}

// ---- the commands ---------------------------------------------------------------------------------------------------------------

function combine(c: Client, operation: Operation, options: number, name: string): void {
  const request = readRequest(c, 1, options, name);
  const result = new ZsetTable(c.db.space.arena);
  operation(request, result);
  result.order();
  replyRanks(c, c.db.sortedSetView().bindTable(result), 0, result.size, false, request.shape);
  result.free(Number.POSITIVE_INFINITY);
}

function combineAndStore(c: Client, operation: Operation, options: number, name: string): void {
  const { db } = c;
  const key = c.argv[1];
  const request = readRequest(c, 2, options, name);
  const result = new ZsetTable(db.space.arena);
  operation(request, result);
  const n = result.size;
  if (n > 0) {
    result.order();
    db.sortedSetView().adopt(key, result);
    c.touched(key, NOTIFY_ZSET, name);
  } else {
    result.free(Number.POSITIVE_INFINITY);
    if (db.delete(key)) c.touched(key, NOTIFY_GENERIC, 'del');
  }
  c.out.int(n);
}

export function zdiff(c: Client): void {
  combine(c, subtract, WITHSCORES, 'zdiff');
}

export function zdiffstore(c: Client): void {
  combineAndStore(c, subtract, 0, 'zdiffstore');
}

export function zinter(c: Client): void {
  combine(c, intersect, WEIGHTS | WITHSCORES, 'zinter');
}

export function zintercard(c: Client): void {
  const { sources, limit } = readRequest(c, 1, LIMIT, 'zintercard');
  const [smallest, ...others] = sources.sort(bySize);
  let n = 0;
  smallest.begin();
  while (smallest.next()) {
    if (!others.every((other) => other.find(smallest.member))) continue;
    if (++n === limit) break;
  }
  c.out.int(n);
}

export function zinterstore(c: Client): void {
  combineAndStore(c, intersect, WEIGHTS, 'zinterstore');
}

export function zunion(c: Client): void {
  combine(c, unite, WEIGHTS | WITHSCORES, 'zunion');
}

export function zunionstore(c: Client): void {
  combineAndStore(c, unite, WEIGHTS, 'zunionstore');
}
