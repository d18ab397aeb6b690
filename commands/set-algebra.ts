/**
 * SINTER, SUNION, SDIFF, their STORE forms and SINTERCARD. The sources' entries stand in SOURCES while a command runs; one view
 * (db.sets) walks a set, a second (db.otherSets) asks the others. What is stored is composed in a detached entry (db.resultSets)
 * first, so that the destination may be a source.
 *
 * Every source's type is checked before anything is computed. Nothing here may change a source.
 */
import { attach, dropDetached } from '../storage/detached.js';
import type { SetValue } from '../storage/set.js';
import { INTSET, PACKED, SET } from '../storage/types.js';
import { intArg } from './args.js';
import type { Client } from './client.js';
import { LIMIT_NEGATIVE, NUMKEYS_POSITIVE, NUMKEYS_TOO_MANY, SYNTAX } from './error.js';
import { NOTIFY_GENERIC, NOTIFY_SET } from './events.js';

/** Entries of the sources, 0 for a key that does not exist. Filled again by every command. */
const SOURCES: number[] = [];
/** SUNION without a destination asks the sets before for each member, rather than compose a set, up to this many sources. */
const FEW = 4;

// What becomes of a member of the result.
const COUNT = 0;
const REPLY = 1;
const STORE = 2;

/** Looks up `argv[from..to)`. @returns how many of the keys do not exist. @throws WRONG_TYPE */
function openSources(c: Client, from: number, to: number): number {
  SOURCES.length = 0;
  let missing = 0;
  for (let i = from; i < to; i++) {
    const entry = c.db.lookupType(c.argv[i], SET);
    if (entry === 0) missing++;
    SOURCES.push(entry);
  }
  return missing;
}

/** The current member of `set` belongs to the result. */
function take(c: Client, set: SetValue, what: number): void {
  if (what === REPLY) c.out.bulk(set.member);
  else if (what === STORE) c.db.resultSets.addCurrent(set);
}

/** Replaces `argv[1]` by the composed result; an empty one deletes it. Replies with the number of members. */
function store(c: Client, event: string): void {
  const { db } = c;
  const key = c.argv[1];
  const result = db.resultSets;
  const n = result.length;
  if (n > 0) {
    attach(db.space, result.entry, key);
    c.touched(key, NOTIFY_SET, event);
  } else {
    dropDetached(db.space, result.entry);
    deleteDestination(c);
  }
  c.out.int(n);
}

function deleteDestination(c: Client): void {
  if (c.db.delete(c.argv[1])) c.touched(c.argv[1], NOTIFY_GENERIC, 'del');
}

// ---- intersection -----------------------------------------------------------------------------------------------------------------

export function sinter(c: Client): void {
  const { out } = c;
  if (openSources(c, 1, c.argc) > 0) return out.set(0);
  const mark = out.defer();
  out.endSet(mark, intersect(c, REPLY, Number.POSITIVE_INFINITY));
}

export function sintercard(c: Client): void {
  const { argv, argc } = c;
  const keys = intArg(argv[1], NUMKEYS_POSITIVE);
  if (keys < 1) throw NUMKEYS_POSITIVE;
  if (keys > argc - 2) throw NUMKEYS_TOO_MANY;
  let limit = 0;
  for (let i = 2 + keys; i < argc; i += 2) {
    if (!argv[i].is('limit') || i + 1 === argc) throw SYNTAX;
    limit = intArg(argv[i + 1], LIMIT_NEGATIVE);
    if (limit < 0) throw LIMIT_NEGATIVE;
  }
  if (openSources(c, 2, 2 + keys) > 0) return c.out.int(0);
  c.out.int(intersect(c, COUNT, limit === 0 ? Number.POSITIVE_INFINITY : limit));
}

export function sinterstore(c: Client): void {
  if (openSources(c, 2, c.argc) > 0) {
    deleteDestination(c);
    return c.out.int(0);
  }
  const { db } = c;
  smallestFirst(c);
  const first = db.sets.bind(SOURCES[0]);
  const result = db.resultSets;
  result.createDetached(first.encoding === INTSET ? INTSET : PACKED);
  intersect(c, STORE, Number.POSITIVE_INFINITY);
  // What comes out of tables may be nothing but integers: it is then an intset, as in Redis.
  if (result.length > 0 && onlyIntegers(result)) result.toIntset();
  store(c, 'sinterstore');
}

function onlyIntegers(set: SetValue): boolean {
  if (set.encoding === INTSET) return true;
  for (set.begin(); set.next(); ) if (!set.memberIsInteger) return false;
  return true;
}

/** Puts the smallest source in front: its members are those that can be in the intersection. */
function smallestFirst(c: Client): void {
  const view = c.db.otherSets;
  let best = 0;
  let least = view.bind(SOURCES[0]).length;
  for (let i = 1; i < SOURCES.length; i++) {
    const n = view.bind(SOURCES[i]).length;
    if (n >= least) continue;
    least = n;
    best = i;
  }
  const first = SOURCES[0];
  SOURCES[0] = SOURCES[best];
  SOURCES[best] = first;
}

/**
 * Takes the members that all sources have, none of which is missing, until there are `limit`.
 * @returns how many. O(n * m) for n members of the smallest of m sets
 */
function intersect(c: Client, what: number, limit: number): number {
  smallestFirst(c);
  const set = c.db.sets.bind(SOURCES[0]);
  let n = 0;
  for (set.begin(); set.next(); ) {
    if (!isInAll(c, set, 1)) continue;
    take(c, set, what);
    if (++n === limit) break;
  }
  return n;
}

/** Whether all sources from index `from` on have the current member of `set`. */
function isInAll(c: Client, set: SetValue, from: number): boolean {
  const others = c.db.otherSets;
  for (let j = from; j < SOURCES.length; j++) if (!others.bind(SOURCES[j]).hasCurrent(set)) return false;
  return true;
}

/** Whether one of the sources `from` to `to`, missing ones left out, has the current member of `set`. */
function isInAny(c: Client, set: SetValue, from: number, to: number): boolean {
  const others = c.db.otherSets;
  for (let j = from; j < to; j++) if (SOURCES[j] !== 0 && others.bind(SOURCES[j]).hasCurrent(set)) return true;
  return false;
}

// ---- union ------------------------------------------------------------------------------------------------------------------------

export function sunion(c: Client): void {
  const { out, db } = c;
  openSources(c, 1, c.argc);
  const mark = out.defer();
  if (SOURCES.length <= FEW) return out.endSet(mark, uniteFew(c));
  const result = db.resultSets;
  composeUnion(c);
  out.set(result.length);
  for (result.begin(); result.next(); ) out.bulk(result.member);
  dropDetached(db.space, result.entry);
}

export function sunionstore(c: Client): void {
  openSources(c, 2, c.argc);
  composeUnion(c);
  store(c, 'sunionstore');
}

/** Composes the union in `db.resultSets`. O(n) in all members */
function composeUnion(c: Client): void {
  const { sets, resultSets } = c.db;
  resultSets.createDetached(INTSET);
  for (let i = 0; i < SOURCES.length; i++) {
    if (SOURCES[i] === 0) continue;
    sets.bind(SOURCES[i]);
    for (sets.begin(); sets.next(); ) resultSets.addCurrent(sets);
  }
}

/** Replies with the members of each source that none before it has. @returns how many */
function uniteFew(c: Client): number {
  const { sets } = c.db;
  let n = 0;
  for (let i = 0; i < SOURCES.length; i++) {
    if (SOURCES[i] === 0) continue;
    sets.bind(SOURCES[i]);
    for (sets.begin(); sets.next(); ) {
      if (isInAny(c, sets, 0, i)) continue;
      c.out.bulk(sets.member);
      n++;
    }
  }
  return n;
}

// ---- difference -------------------------------------------------------------------------------------------------------------------

export function sdiff(c: Client): void {
  const { out, db } = c;
  openSources(c, 1, c.argc);
  if (isEmptyDifference()) return out.set(0);
  if (asksTheOthers(c)) {
    const mark = out.defer();
    return out.endSet(mark, subtractByAsking(c, REPLY));
  }
  composeDifference(c);
  const result = db.resultSets;
  out.set(result.length);
  for (result.begin(); result.next(); ) out.bulk(result.member);
  dropDetached(db.space, result.entry);
}

export function sdiffstore(c: Client): void {
  openSources(c, 2, c.argc);
  if (isEmptyDifference()) {
    deleteDestination(c);
    return c.out.int(0);
  }
  if (asksTheOthers(c)) {
    c.db.resultSets.createDetached(INTSET);
    subtractByAsking(c, STORE);
  } else composeDifference(c);
  store(c, 'sdiffstore');
}

/** Nothing is left of a set that does not exist, or is subtracted from itself. */
function isEmptyDifference(): boolean {
  return SOURCES[0] === 0 || SOURCES.indexOf(SOURCES[0], 1) > 0;
}

/**
 * Which way is less work: to ask all others for each member of the first set (which has better constants and may stop early, hence
 * counts half), or to take the members of all others out of a copy of the first. The choice is Redis's.
 */
function asksTheOthers(c: Client): boolean {
  const view = c.db.otherSets;
  const n = view.bind(SOURCES[0]).length;
  let asking = 0;
  let taking = 0;
  for (let i = 0; i < SOURCES.length; i++) {
    if (SOURCES[i] === 0) continue;
    asking += n;
    taking += view.bind(SOURCES[i]).length;
  }
  return asking / 2 <= taking;
}

function subtractByAsking(c: Client, what: number): number {
  const set = c.db.sets.bind(SOURCES[0]);
  let n = 0;
  for (set.begin(); set.next(); ) {
    if (isInAny(c, set, 1, SOURCES.length)) continue;
    take(c, set, what);
    n++;
  }
  return n;
}

function composeDifference(c: Client): void {
  const { sets, resultSets } = c.db;
  resultSets.createDetached(INTSET);
  sets.bind(SOURCES[0]);
  for (sets.begin(); sets.next(); ) resultSets.addCurrent(sets);
  for (let i = 1; i < SOURCES.length && resultSets.length > 0; i++) {
    if (SOURCES[i] === 0) continue;
    sets.bind(SOURCES[i]);
    for (sets.begin(); sets.next(); ) resultSets.removeCurrent(sets);
  }
}
