/**
 * What time does to a queue: messages whose life is over go, messages whose deadline has passed come back or die, delays end. Done some
 * at a time, before a command looks at the queue, by the expiry cycle, and in time while somebody waits (passing-time.ts).
 */
import type { Database } from '../storage/database.js';
import type { Bytes } from '../storage/memory/bytes.js';
import type { OwnValue } from '../storage/own-value.js';
import { BY_RETRIES } from '../storage/queue-message.js';
import type { QueueValue } from '../storage/queue-value.js';
import { ATTEND_WAITERS, changedByTime, effectsOf } from './attention.js';
import { BACK, BURY, EXPIRE } from './effect-words.js';
import { tellIds } from './queue-effects.js';
import type { Server } from './server.js';

/** Messages that are moved at once: the expiry cycle looks at the clock after sixteen times as many. */
const AT_ONCE = 32;

/** So often that is done for a command: what it sees is then as it must be, but for a queue in which more is due at once. */
const TIMES = 32;

/** Does more of what is due, before a command looks at the queue: messages that have come back must stand at their places. */
export function catchUp(server: Server, db: Database, key: Bytes, queue: QueueValue): void {
  for (let left = TIMES; left > 0 && db.space.reaping && queue.due <= server.now; left--)
    passQueueTime(server, db, key, queue);
}

/** Does what is due to the queue `value` at `key`: of each kind 32 messages at most. O(log n) each */
export function passQueueTime(server: Server, db: Database, key: Bytes, value: OwnValue): void {
  const queue = value as QueueValue;
  const { now } = server;
  expireMessages(server, db, key, queue, AT_ONCE);
  const back: number[] = [];
  const dead: number[] = [];
  for (let left = AT_ONCE; left > 0; left--) {
    const ref = queue.overdue(now);
    if (ref === 0) break;
    const id = queue.fields.id(ref);
    if (queue.isExhausted(ref)) {
      queue.bury(ref, BY_RETRIES, now);
      dead.push(id);
    } else {
      queue.giveBack(ref, 0);
      back.push(id);
    }
  }
  const effects = effectsOf(server);
  tellIds(effects, db, key, back, (e) => e.add(BACK).addInt(0).addInt(0), true);
  tellIds(effects, db, key, dead, (e) => e.add(BURY).addInt(0).addInt(BY_RETRIES).addInt(now), true);
  if (back.length > 0) changedByTime(server, db, key, 'queue.deadline');
  if (dead.length > 0) changedByTime(server, db, key, 'queue.dead');
  if (queue.promote(now, AT_ONCE) > 0 && (server.attention & ATTEND_WAITERS) !== 0) server.blocking.touched(db, key);
}

/** Removes up to `limit` messages that wait and whose life is over. @returns how many they were */
export function expireMessages(server: Server, db: Database, key: Bytes, queue: QueueValue, limit: number): number {
  const gone: number[] = [];
  while (gone.length < limit) {
    const ref = queue.outdated(server.now);
    if (ref === 0) break;
    gone.push(queue.fields.id(ref));
    queue.remove(ref);
  }
  queue.expired += gone.length;
  tellIds(effectsOf(server), db, key, gone, (e) => e.add(EXPIRE), true);
  if (gone.length > 0) changedByTime(server, db, key, 'queue.expired');
  return gone.length;
}
