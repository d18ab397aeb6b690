/** Moving an element from one list to another, or within one: LMOVE and RPOPLPUSH, and their twins that wait for an element. */
import { HEAD, TAIL } from '../storage/list.js';
import { LIST } from '../storage/types.js';
import { deadlineArg } from './args.js';
import type { Client } from './client.js';
import { LMOVE, RPOPLPUSH } from './effect-words.js';
import { NOTIFY_LIST } from './events.js';
import { endArg, removed } from './list-pop.js';

export function lmove(c: Client): void {
  const from = endArg(c.argv[3]);
  const to = endArg(c.argv[4]);
  if (!move(c, from, to)) c.out.nil();
}

export function blmove(c: Client): void {
  const from = endArg(c.argv[3]);
  const to = endArg(c.argv[4]);
  const deadline = deadlineArg(c.argv[5], c.now);
  if (!move(c, from, to)) return c.block(1, 2, deadline, LIST, 'nil');
  c.effect(LMOVE)?.addAll(c.argv, 1, 5).tell();
}

export function rpoplpush(c: Client): void {
  if (!move(c, TAIL, HEAD)) c.out.nil();
}

export function brpoplpush(c: Client): void {
  const deadline = deadlineArg(c.argv[3], c.now);
  if (!move(c, TAIL, HEAD)) return c.block(1, 2, deadline, LIST, 'nil');
  c.effect(RPOPLPUSH)?.addAll(c.argv, 1, 3).tell();
}

/** Moves an element of the list at argv[1] to the one at argv[2], and replies with it; false when the first key does not exist. */
function move(c: Client, from: boolean, to: boolean): boolean {
  const { db, argv } = c;
  const source = argv[1];
  const target = argv[2];
  const list = db.listForWrite(source);
  if (list === undefined) return false;
  db.findType(target, LIST);
  const value = list.get(from === TAIL ? -1 : 0)!;
  c.out.bulk(value);
  if (source.equals(target)) {
    if (from !== to) list.rotate(from);
  } else {
    // The same view turns to the other list; `value` still shows the element in the first one's block.
    db.listOrNew(target);
    list.grow(1, value.length);
    list.push(to, value);
    db.listForWrite(source);
    list.drop(from, 1);
  }
  c.touched(target, NOTIFY_LIST, to === TAIL ? 'rpush' : 'lpush');
  removed(c, source, list, from === TAIL ? 'rpop' : 'lpop', 0);
  return true;
}
