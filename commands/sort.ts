/**
 * SORT and SORT_RO: the elements of a list, set or sorted set in order, by themselves or by what patterns lead to; some of them;
 * as they are or exchanged for what other patterns lead to; replied, or stored as a list.
 *
 *   options -> SortVector of the elements -> order -> range -> reply or list
 *
 * Nothing is changed before everything is known, so that the destination may be the source.
 */
import { parseDouble } from '../protocol/double.js';
import { attach, createDetached } from '../storage/detached.js';
import { TAIL } from '../storage/list.js';
import { Bytes } from '../storage/memory/bytes.js';
import { packedNew } from '../storage/memory/packed.js';
import { LIST, PACKED, SET, ZSET } from '../storage/types.js';
import { intArg } from './args.js';
import type { Client } from './client.js';
import { DEL, RPUSH } from './effect-words.js';
import { BATCH } from './effects.js';
import { SORT_NOT_NUMBERS, SYNTAX, WRONGTYPE } from './error.js';
import { NOTIFY_GENERIC, NOTIFY_LIST } from './events.js';
import { SortPattern, starOf } from './sort-pattern.js';
import { SortVector } from './sort-vector.js';

/** Doubles below this have lost digits: C's strtod calls them out of range. */
const LEAST_NORMAL = 2 ** -1022;
const EMPTY = new Bytes();
const ELEMENT = new Bytes();

class SortOptions {
  descending = false;
  alpha = false;
  /** BY had a pattern without a `*`: the elements stay as they are. */
  unsorted = false;
  by: SortPattern | undefined = undefined;
  readonly gets: SortPattern[] = [];
  offset = 0;
  count = -1;
  store: Bytes | undefined = undefined;
}

export function sort(c: Client): void {
  run(c, optionsOf(c, true));
}

export function sortRo(c: Client): void {
  run(c, optionsOf(c, false));
}

function optionsOf(c: Client, mayStore: boolean): SortOptions {
  const { argv, argc } = c;
  const options = new SortOptions();
  for (let i = 2; i < argc; i++) {
    const word = argv[i];
    const left = argc - 1 - i;
    if (word.is('asc')) options.descending = false;
    else if (word.is('desc')) options.descending = true;
    else if (word.is('alpha')) options.alpha = true;
    else if (word.is('limit') && left >= 2) {
      options.offset = intArg(argv[++i]);
      options.count = intArg(argv[++i]);
    } else if (mayStore && word.is('store') && left >= 1) options.store = argv[++i];
    else if (word.is('by') && left >= 1) {
      options.by = new SortPattern(argv[++i]);
      if (starOf(argv[i]) < 0) options.unsorted = true;
    } else if (word.is('get') && left >= 1) options.gets.push(new SortPattern(argv[++i]));
    else throw SYNTAX;
  }
  return options;
}

function run(c: Client, options: SortOptions): void {
  const { db } = c;
  const entry = db.lookup(c.argv[1]);
  const type = entry === 0 ? LIST : db.space.type(entry);
  if (type !== LIST && type !== SET && type !== ZSET) throw WRONGTYPE;
  if (options.unsorted && type === SET && options.store !== undefined) {
    // A set has no order that a replica would share, and what is stored must be the same there.
    options.unsorted = false;
    options.alpha = true;
    options.by = undefined;
  }
  const vector = entry === 0 ? new SortVector(0) : elementsOf(c, entry, options.unsorted && options.descending);
  if (!options.unsorted) order(c, vector, options);
  const from = Math.min(Math.max(options.offset, 0), vector.size);
  const to = options.count < 0 ? vector.size : Math.min(from + options.count, vector.size);
  if (options.store === undefined) reply(c, vector, from, to, options);
  else {
    const { dirty } = c.server;
    store(c, vector, from, to, options, options.store);
    if (c.server.dirty !== dirty && !isRepeatable(type, options)) tellResult(c, options.store);
  }
}

/** Copies the elements out of the collection at `entry`; `backward` matters where they have an order. */
function elementsOf(c: Client, entry: number, backward: boolean): SortVector {
  const { db } = c;
  const type = db.space.type(entry);
  if (type === LIST) {
    const list = db.lists.bind(entry);
    const vector = new SortVector(list.length);
    for (list.begin(backward ? -1 : 0, !backward); list.next(); ) vector.add(list.item());
    return vector;
  }
  if (type === SET) {
    const set = db.sets.bind(entry);
    const vector = new SortVector(set.length);
    for (set.begin(); set.next(); ) vector.add(set.member);
    return vector;
  }
  const sorted = db.sortedSetView().bind(entry);
  sorted.expect(Number.POSITIVE_INFINITY); // SORT leaves a sorted set in its big form
  const vector = new SortVector(sorted.size);
  for (sorted.from(backward ? sorted.size - 1 : 0, backward); sorted.next(); ) vector.add(sorted.member);
  return vector;
}

function order(c: Client, vector: SortVector, { alpha, by, descending }: SortOptions): void {
  if (alpha && by === undefined) return vector.byElement(descending);
  for (let i = 0; i < vector.size; i++) {
    vector.element(i, ELEMENT);
    const weight = by === undefined ? ELEMENT : by.value(c, ELEMENT);
    if (alpha) vector.addWeight(weight);
    else vector.scores[i] = weight === undefined ? 0 : scoreOf(weight);
  }
  if (alpha) vector.byWeight(descending);
  else vector.byScore(descending);
}

/**
 * A number as C's strtod reads it: blanks may stand in front, a NUL byte ends it, no text at all is 0.
 * @throws SORT_NOT_NUMBERS for anything behind it, NaN, and what a double cannot hold
 */
function scoreOf(text: Bytes): number {
  const { buf } = text;
  let p = text.start;
  let end = p;
  while (end < text.end && buf[end] !== 0) end++;
  if (p === end) return 0;
  while (p < end && (buf[p] === 32 || (buf[p] >= 9 && buf[p] <= 13))) p++;
  const score = parseDouble(buf, p, end);
  if (Number.isNaN(score)) throw SORT_NOT_NUMBERS;
  if (score < LEAST_NORMAL && score > -LEAST_NORMAL && score !== 0 && !isHexadecimal(buf, p, end))
    throw SORT_NOT_NUMBERS;
  return score;
}

function isHexadecimal(buf: Uint8Array, p: number, end: number): boolean {
  for (; p < end; p++) if ((buf[p] | 32) === 120) return true;
  return false;
}

function reply(c: Client, vector: SortVector, from: number, to: number, { gets }: SortOptions): void {
  const { out } = c;
  out.array((to - from) * Math.max(1, gets.length));
  for (let i = from; i < to; i++) {
    vector.element(vector.order[i], ELEMENT);
    if (gets.length === 0) out.bulk(ELEMENT);
    for (let g = 0; g < gets.length; g++) {
      const value = gets[g].value(c, ELEMENT);
      if (value === undefined) out.nil();
      else out.bulk(value);
    }
  }
}

/** Replaces `key` by a list of the result, in which what patterns did not find is an empty string. No result deletes it. */
function store(c: Client, vector: SortVector, from: number, to: number, { gets }: SortOptions, key: Bytes): void {
  const { db, out } = c;
  if (from >= to) {
    if (db.delete(key)) c.touched(key, NOTIFY_GENERIC, 'del');
    return out.int(0);
  }
  const { space, lists } = db;
  const made = createDetached(space, LIST, PACKED, packedNew(space.arena));
  lists.bind(made);
  for (let i = from; i < to; i++) {
    vector.element(vector.order[i], ELEMENT);
    if (gets.length === 0) put(c, ELEMENT);
    for (let g = 0; g < gets.length; g++) put(c, gets[g].value(c, ELEMENT) ?? EMPTY);
  }
  lists.settle(false);
  attach(space, made, key);
  const length = (to - from) * Math.max(1, gets.length);
  c.touched(key, NOTIFY_LIST, 'sortstore', db, length);
  out.int(length);
}

/**
 * Whether the same request has the same result elsewhere: not when elements of a set are of equal weight, for their order is chance, nor
 * when fields of hashes were asked for, some of which may have expired.
 */
function isRepeatable(type: number, { alpha, by, gets }: SortOptions): boolean {
  if (by?.usesField || gets.some((get) => get.usesField)) return false;
  return type !== SET || by === undefined || !alpha;
}

/** Tells what is at `key` now, when SORT has changed it. */
function tellResult(c: Client, key: Bytes): void {
  const { db } = c;
  const entry = db.space.find(key);
  const effect = c.effect(DEL)?.add(key);
  if (effect === undefined) return;
  effect.tell();
  if (entry === 0) return;
  const list = db.lists.bind(entry);
  effect.begin(db, RPUSH).add(key);
  for (list.begin(0); list.next(); ) {
    effect.addCopy(list.item());
    if (effect.argc < BATCH) continue;
    effect.tell();
    effect.begin(db, RPUSH).add(key);
  }
  if (effect.argc > 2) effect.tell();
}

function put(c: Client, value: Bytes): void {
  const { lists } = c.db;
  lists.grow(1, value.end - value.start);
  lists.push(TAIL, value);
}
