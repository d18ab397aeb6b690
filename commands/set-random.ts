/** SPOP and SRANDMEMBER: members at random. The set's view does the choosing (storage/set-reader.ts). */
import { intArg, negatableArg } from './args.js';
import type { Client } from './client.js';
import { checkDrawn, checkDraws } from './draws.js';
import { DEL, SREM } from './effect-words.js';
import { BATCH } from './effects.js';
import { NOT_POSITIVE, SYNTAX } from './error.js';
import { NOTIFY_SET } from './events.js';
import { deleteEmptied, replyAll } from './set.js';

export function spop(c: Client): void {
  const { argv, argc, out } = c;
  if (argc > 3) throw SYNTAX;
  if (argc === 3) return popMany(c);
  const key = argv[1];
  const set = c.db.setForWrite(key);
  if (set === undefined) return out.nil();
  const last = set.length === 1;
  set.sample(1);
  set.next();
  out.bulk(set.member);
  c.effect(SREM)?.add(key).add(set.member).tell();
  if (!last) set.removeSelected();
  c.touched(key, NOTIFY_SET, 'spop');
  if (last) deleteEmptied(c, key);
}

function popMany(c: Client): void {
  const { argv, out } = c;
  const count = intArg(argv[2], NOT_POSITIVE);
  if (count < 0) throw NOT_POSITIVE;
  const key = argv[1];
  const set = c.db.setForWrite(key);
  if (set === undefined || count === 0) return out.set(0);
  if (count >= set.length) {
    replyAll(c, set);
    c.effect(DEL)?.add(key).tell();
    c.touched(key, NOTIFY_SET, 'spop', c.db, set.length);
    return deleteEmptied(c, key);
  }
  set.sample(count);
  out.set(count);
  const effect = c.effect(SREM)?.add(key);
  while (set.next()) {
    out.bulk(set.member);
    if (effect === undefined) continue;
    effect.addCopy(set.member);
    if (effect.argc < BATCH) continue;
    effect.tell();
    effect.begin(c.db, SREM).add(key);
  }
  if (effect !== undefined && effect.argc > 2) effect.tell();
  set.removeSelected();
  c.touched(key, NOTIFY_SET, 'spop', c.db, count);
}

export function srandmember(c: Client): void {
  const { argv, argc, out } = c;
  if (argc > 3) throw SYNTAX;
  if (argc === 3) return randomMembers(c);
  const set = c.db.set(argv[1]);
  if (set === undefined) return out.nil();
  set.sample(1);
  set.next();
  out.bulk(set.member);
}

/** A positive count asks for different members, a negative one for that many draws. */
function randomMembers(c: Client): void {
  const { argv, out } = c;
  const count = negatableArg(argv[2]);
  const set = c.db.set(argv[1]);
  if (set === undefined || count === 0) return out.array(0);
  if (count < 0) {
    checkDraws(-count);
    out.array(-count);
    set.beginDraw();
    for (let i = count; i < 0; i++) {
      set.draw();
      out.bulk(set.member);
      checkDrawn(c);
    }
    return;
  }
  out.array(Math.min(count, set.length));
  set.sample(count);
  while (set.next()) out.bulk(set.member);
}
