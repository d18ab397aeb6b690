/**
 * How changes of queues are told to who repeats them (effects.ts). What depends on the clock or on who waits becomes QUEUE.REPLAY, with
 * ids and absolute times; the rest (CREATE, DELETE, ACK, PURGE, the dead letters' commands) is its own request, for it looks only at the
 * states of messages. What time does to a message (its life or its deadline is over) is an effect of its own, told when it is done: who
 * repeats the log knows no clock, and does nothing that is not written there. One thing is never told: that a delay is over. The time at
 * which it is stands in the message, and nothing but the index changes.
 *
 *   PUBLISH id published due expires priority retries payload [headers]   DELIVER consumer deadline id ...     TAKE id ...
 *   BACK nacked due id ...     BURY nacked reason at id ...     EXPIRE id ...          nacked: 1 by NACK, 0 by time
 */
import type { Database } from '../storage/database.js';
import type { Bytes } from '../storage/memory/bytes.js';
import { QUEUE_REPLAY } from './effect-words.js';
import { BATCH, type Effects } from './effects.js';

/** Composes one change: what comes before the ids. */
type Head = (effects: Effects) => Effects;

/**
 * Tells one change of the messages `ids`, in pieces.
 * @param effects undefined: nobody listens
 * @param aside whether no command has done it, but time
 */
export function tellIds(
  effects: Effects | undefined,
  db: Database,
  key: Bytes,
  ids: readonly number[],
  head: Head,
  aside: boolean,
): void {
  if (effects === undefined) return;
  for (let from = 0; from < ids.length; from += BATCH) {
    const effect = head(effects.begin(db, QUEUE_REPLAY).add(key));
    const to = Math.min(from + BATCH, ids.length);
    for (let i = from; i < to; i++) effect.addInt(ids[i]);
    if (aside) effect.tellBeside();
    else effect.tell();
  }
}
