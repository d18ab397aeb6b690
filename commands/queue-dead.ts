/** QUEUE.DLQ: the dead letters of a queue, messages that nobody could do anything with. They do not expire and count for no depth. */
import { COUNT_MAX } from '../storage/queue.js';
import { DEAD } from '../storage/queue-message.js';
import type { QueueValue } from '../storage/queue-value.js';
import { valueMoved } from '../storage/value-due.js';
import type { Client } from './client.js';
import { QUEUE_FULL } from './error.js';
import { NOTIFY_MODULE } from './events.js';
import { countOption, idsArg, queueForRead, queueForWrite } from './queue-arguments.js';
import { replyMessages } from './queue-reply.js';

export function dlqList(c: Client): void {
  const count = countOption(c, 2, COUNT_MAX);
  replyMessages(c, queueForRead(c, c.argv[1]), DEAD, count);
}

export function dlqRequeue(c: Client): void {
  const queue = queueForWrite(c, c.argv[1]);
  const chosen = chosenDead(c, queue);
  if (chosen.length > 0 && queue.isFull(chosen.length)) throw QUEUE_FULL;
  for (const ref of chosen) queue.revive(ref);
  if (chosen.length > 0) c.touched(c.argv[1], NOTIFY_MODULE, 'queue.requeue', c.db, chosen.length);
  if (queue.due !== Number.POSITIVE_INFINITY) valueMoved(c.db.space, c.argv[1], queue.due);
  c.out.int(chosen.length);
}

export function dlqPurge(c: Client): void {
  const queue = queueForWrite(c, c.argv[1]);
  const removed = c.argc === 2 ? removeAll(c, queue, [DEAD]) : removeChosen(c, queue);
  if (removed > 0) c.touched(c.argv[1], NOTIFY_MODULE, 'queue.purge', c.db, removed);
  c.out.int(removed);
}

function removeChosen(c: Client, queue: QueueValue): number {
  const chosen = chosenDead(c, queue);
  for (const ref of chosen) queue.remove(ref);
  return chosen.length;
}

/** Removes all messages in `states`: freed later where they are many. @returns how many they were */
export function removeAll(c: Client, queue: QueueValue, states: readonly number[]): number {
  const { larges } = c.db.space;
  const removed = states.reduce((n, state) => n + queue.count(state), 0);
  const remains = queue.detach(states);
  if (remains !== undefined) larges.discard(larges.put(remains));
  else
    for (const state of states)
      for (let ref = queue.first(state); ref !== 0; ref = queue.first(state)) queue.remove(ref);
  return removed;
}

/** The dead messages among the ids from argument 2 on; all of them without ids. */
function chosenDead(c: Client, queue: QueueValue): number[] {
  const chosen: number[] = [];
  if (c.argc === 2)
    queue.forEach(DEAD, (ref) => {
      chosen.push(ref);
      return true;
    });
  for (const id of idsArg(c, 2)) {
    const ref = queue.find(id);
    if (ref !== 0 && queue.fields.state(ref) === DEAD) chosen.push(ref);
  }
  return chosen;
}
