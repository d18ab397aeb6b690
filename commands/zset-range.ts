/**
 * Sorted sets by interval: ZRANGE and all its elder forms, counting and removing. Every form says by what and in which
 * direction; ZRANGE and ZRANGESTORE read that from their options. Order of checks as in Redis: syntax, bounds, then the key.
 */
import type { Bytes } from '../storage/memory/bytes.js';
import type { SortedSet } from '../storage/zset.js';
import { ZsetTable } from '../storage/zset-table.js';
import { intArg } from './args.js';
import type { Client } from './client.js';
import { DEL, ZRANGESTORE, ZREMRANGEBYRANK } from './effect-words.js';
import { LIMIT_BY_RANK, SYNTAX, WITHSCORES_BY_LEX } from './error.js';
import { NOTIFY_GENERIC, NOTIFY_ZSET } from './events.js';
import { BY_LEX, BY_RANK, BY_SCORE, interval } from './zset-interval.js';
import { MEMBERS, replyRanks, withScores } from './zset-reply.js';

/** What a range command asks for, its bounds apart. */
class Request {
  by = BY_RANK;
  backward = false;
  shape = MEMBERS;
  offset = 0;
  count = -1;
}

/** Scratch: filled again by every command that reads options. */
const request = new Request();

export function zcount(c: Client): void {
  countInterval(c, BY_SCORE);
}

export function zlexcount(c: Client): void {
  countInterval(c, BY_LEX);
}

function countInterval(c: Client, by: number): void {
  const { argv } = c;
  interval.read(by, argv[2], argv[3]);
  const x = c.db.sortedSet(argv[1]);
  if (x === undefined) return c.out.int(0);
  interval.resolve(x, false);
  c.out.int(interval.end - interval.first);
}

export function zrange(c: Client): void {
  readOptions(c, 4, BY_RANK, false, true, true);
  range(c);
}

export function zrangebylex(c: Client): void {
  readOptions(c, 4, BY_LEX, false, false, true);
  range(c);
}

export function zrangebyscore(c: Client): void {
  readOptions(c, 4, BY_SCORE, false, false, true);
  range(c);
}

export function zrevrange(c: Client): void {
  readOptions(c, 4, BY_RANK, true, false, true);
  range(c);
}

export function zrevrangebylex(c: Client): void {
  readOptions(c, 4, BY_LEX, true, false, true);
  range(c);
}

export function zrevrangebyscore(c: Client): void {
  readOptions(c, 4, BY_SCORE, true, false, true);
  range(c);
}

function range(c: Client): void {
  readBounds(c, 2);
  const x = c.db.sortedSet(c.argv[1]);
  if (x === undefined) return c.out.array(0);
  choose(x);
  replyRanks(c, x, interval.first, interval.end, request.backward, request.shape);
}

/**
 * Reads the options from argument `i` on into `request`.
 * @param open whether BYSCORE, BYLEX and REV may say what the command's name leaves open
 * @param scores whether WITHSCORES is an option
 */
function readOptions(c: Client, i: number, by: number, backward: boolean, open: boolean, scores: boolean): void {
  const { argv, argc } = c;
  request.by = by;
  request.backward = backward;
  request.shape = MEMBERS;
  request.offset = 0;
  request.count = -1;
  let chosen = !open;
  for (; i < argc; i++) {
    const word = argv[i];
    if (scores && word.is('withscores')) request.shape = withScores(c);
    else if (word.is('limit') && i + 2 < argc) {
      request.offset = intArg(argv[++i]);
      request.count = intArg(argv[++i]);
    } else if (open && !request.backward && word.is('rev')) request.backward = true;
    else if (!chosen && (word.is('bylex') || word.is('byscore'))) {
      request.by = word.is('bylex') ? BY_LEX : BY_SCORE;
      chosen = true;
    } else throw SYNTAX;
  }
  // A count of -1 passes for none here, as in Redis.
  if (request.count !== -1 && request.by === BY_RANK) throw LIMIT_BY_RANK;
  if (request.shape !== MEMBERS && request.by === BY_LEX) throw WITHSCORES_BY_LEX;
}

/** Reads the bounds at arguments `i` and `i + 1`. Backward by score or member they stand as max, min. */
function readBounds(c: Client, i: number): void {
  const swapped = request.backward && request.by !== BY_RANK;
  interval.read(request.by, c.argv[swapped ? i + 1 : i], c.argv[swapped ? i : i + 1]);
}

/** Resolves the interval in `x`, and LIMIT. */
function choose(x: SortedSet): void {
  interval.resolve(x, request.backward);
  if (request.by !== BY_RANK) interval.limit(request.offset, request.count, request.backward);
}

export function zrangestore(c: Client): void {
  const { argv, db } = c;
  readOptions(c, 5, BY_RANK, false, true, false);
  readBounds(c, 3);
  const x = db.sortedSet(argv[2]);
  let n = 0;
  let byRank = false;
  if (x !== undefined) {
    choose(x);
    n = interval.end - interval.first;
    byRank = request.by === BY_LEX && hasSeveralScores(x);
  }
  if (x === undefined || n === 0) {
    if (!db.delete(argv[1])) return c.out.int(0);
    if (byRank) c.effect(DEL)?.add(argv[1]).tell();
    c.touched(argv[1], NOTIFY_GENERIC, 'del');
    return c.out.int(0);
  }
  // Copied before the destination goes: it may be the source.
  const copy = new ZsetTable(db.space.arena);
  x.from(interval.first, false);
  for (let i = 0; i < n && x.next(); i++) {
    copy.find(x.member);
    copy.insert(x.member, x.score);
  }
  x.adopt(argv[1], copy);
  if (byRank) tellRanks(c, ZRANGESTORE, 3);
  c.touched(argv[1], NOTIFY_ZSET, 'zrangestore');
  c.out.int(n);
}

export function zremrangebylex(c: Client): void {
  removeInterval(c, BY_LEX, 'zremrangebylex');
}

export function zremrangebyrank(c: Client): void {
  removeInterval(c, BY_RANK, 'zremrangebyrank');
}

export function zremrangebyscore(c: Client): void {
  removeInterval(c, BY_SCORE, 'zremrangebyscore');
}

function removeInterval(c: Client, by: number, event: string): void {
  const { argv, db } = c;
  interval.read(by, argv[2], argv[3]);
  const x = db.sortedSetForWrite(argv[1]);
  if (x === undefined) return c.out.int(0);
  interval.resolve(x, false);
  const n = interval.end - interval.first;
  if (n > 0) {
    if (by === BY_LEX && hasSeveralScores(x)) tellRanks(c, ZREMRANGEBYRANK, 2);
    x.removeRange(interval.first, interval.end);
    removed(c, argv[1], x.size, event, n);
  }
  c.out.int(n);
}

/**
 * An interval of members has a meaning only where all scores are equal. Elsewhere what is found depends on how the sorted set is kept,
 * which need not be the same where the command is repeated: there the ranks are told.
 */
function hasSeveralScores(x: SortedSet): boolean {
  x.from(0, false);
  x.next();
  const least = x.score;
  x.from(x.size - 1, false);
  x.next();
  return x.score !== least;
}

/** Tells the command with the interval's ranks in the place of the bounds, behind its first `words` arguments. */
function tellRanks(c: Client, name: Bytes, words: number): void {
  c.effect(name)
    ?.addAll(c.argv, 1, words)
    .addInt(interval.first)
    .addInt(interval.end - 1)
    .tell();
}

/** `gone` members were taken from the sorted set at `key`, `left` are left: deletes an empty one, and tells of both. */
export function removed(c: Client, key: Client['argv'][number], left: number, event: string, gone: number): void {
  if (left === 0) c.db.delete(key);
  c.touched(key, NOTIFY_ZSET, event, c.db, gone);
  if (left === 0) c.notify(key, NOTIFY_GENERIC, 'del');
}
