/**
 * Taking elements from the ends of lists: LPOP, RPOP, LMPOP, and BLPOP, BRPOP, BLMPOP, which wait when there is nothing to take.
 * A waiting command is parked and simply runs again when one of its keys is ready, so no code here knows of waiting but `block`.
 */
import { HEAD, type List, TAIL } from '../storage/list.js';
import type { Bytes } from '../storage/memory/bytes.js';
import { LIST } from '../storage/types.js';
import { deadlineArg, rangeArg } from './args.js';
import type { Client } from './client.js';
import { LPOP, RPOP } from './effect-words.js';
import { COUNT_POSITIVE, NOT_POSITIVE, NUMKEYS_POSITIVE, SYNTAX, wrongArity } from './error.js';
import { NOTIFY_GENERIC, NOTIFY_LIST } from './events.js';

const MAX = Number.POSITIVE_INFINITY;

/** LEFT or RIGHT, as HEAD or TAIL. */
export function endArg(arg: Bytes): boolean {
  if (arg.is('left')) return HEAD;
  if (arg.is('right')) return TAIL;
  throw SYNTAX;
}

/** `changes` elements were removed from `list` at `key`: tells so, and deletes the key with its last element. */
export function removed(c: Client, key: Bytes, list: List, event: string, changes: number): void {
  const empty = list.length === 0;
  if (empty) c.db.delete(key);
  c.touched(key, NOTIFY_LIST, event, c.db, changes);
  if (empty) c.notify(key, NOTIFY_GENERIC, 'del');
}

export function lpop(c: Client): void {
  pop(c, HEAD, 'lpop');
}

export function rpop(c: Client): void {
  pop(c, TAIL, 'rpop');
}

function pop(c: Client, tail: boolean, name: string): void {
  const { argv, argc, out } = c;
  if (argc > 3) throw wrongArity(name);
  const count = argc === 3 ? rangeArg(argv[2], 0, MAX, NOT_POSITIVE, NOT_POSITIVE) : -1;
  const list = c.db.listForWrite(argv[1]);
  if (list === undefined) return count < 0 ? out.nil() : out.nilArray();
  if (count < 0) takeOne(c, argv[1], list, tail);
  else if (count === 0) out.array(0);
  else takeMany(c, argv[1], list, tail, count);
}

function takeOne(c: Client, key: Bytes, list: List, tail: boolean): void {
  c.out.bulk(list.get(tail ? -1 : 0)!);
  list.drop(tail, 1);
  removed(c, key, list, tail ? 'rpop' : 'lpop', 1);
}

/** Replies with up to `count` elements, and takes them out. @returns how many */
function takeMany(c: Client, key: Bytes, list: List, tail: boolean, count: number): number {
  const n = Math.min(count, list.length);
  c.out.array(n);
  list.begin(tail ? -1 : 0, !tail);
  for (let left = n; left > 0 && list.next(); left--) c.out.bulk(list.item());
  list.drop(tail, n);
  removed(c, key, list, tail ? 'rpop' : 'lpop', n);
  return n;
}

export function lmpop(c: Client): void {
  const keys = numkeysArg(c, 1);
  const end = endArg(c.argv[keys + 2]);
  if (!popFirst(c, 2, keys + 2, end, countOption(c, keys + 3))) c.out.nilArray();
}

export function blmpop(c: Client): void {
  const keys = numkeysArg(c, 2);
  const end = endArg(c.argv[keys + 3]);
  const count = countOption(c, keys + 4);
  const deadline = deadlineArg(c.argv[1], c.now); // the last to be looked at, though it comes first
  if (!popFirst(c, 3, keys + 3, end, count)) c.block(3, keys + 3, deadline, LIST, 'nil-array');
}

/** The number of keys, which stand behind it and are followed by at least one word. */
function numkeysArg(c: Client, at: number): number {
  const n = rangeArg(c.argv[at], 1, MAX, NUMKEYS_POSITIVE, NUMKEYS_POSITIVE);
  if (at + n + 1 >= c.argc) throw SYNTAX;
  return n;
}

/** `COUNT count` at the end of the arguments; 1 without it. */
function countOption(c: Client, at: number): number {
  if (at === c.argc) return 1;
  if (at + 1 === c.argc || !c.argv[at].is('count')) throw SYNTAX;
  const count = rangeArg(c.argv[at + 1], 1, MAX, COUNT_POSITIVE, COUNT_POSITIVE);
  if (at + 2 !== c.argc) throw SYNTAX;
  return count;
}

/** Takes up to `count` elements from the first of `argv[from..to)` that is a list; false when none of these keys exists. */
function popFirst(c: Client, from: number, to: number, tail: boolean, count: number): boolean {
  const { argv } = c;
  for (let i = from; i < to; i++) {
    const list = c.db.listForWrite(argv[i]);
    if (list === undefined) continue;
    c.out.array(2);
    c.out.bulk(argv[i]);
    const taken = takeMany(c, argv[i], list, tail, count);
    c.effect(tail ? RPOP : LPOP)
      ?.add(argv[i])
      .addInt(taken)
      .tell();
    return true;
  }
  return false;
}

export function blpop(c: Client): void {
  popOrBlock(c, HEAD);
}

export function brpop(c: Client): void {
  popOrBlock(c, TAIL);
}

function popOrBlock(c: Client, tail: boolean): void {
  const { argv } = c;
  const last = c.argc - 1;
  const deadline = deadlineArg(argv[last], c.now);
  for (let i = 1; i < last; i++) {
    const list = c.db.listForWrite(argv[i]);
    if (list === undefined) continue;
    c.out.array(2);
    c.out.bulk(argv[i]);
    takeOne(c, argv[i], list, tail);
    return c
      .effect(tail ? RPOP : LPOP)
      ?.add(argv[i])
      .tell();
  }
  c.block(1, last, deadline, LIST, 'nil-array');
}
