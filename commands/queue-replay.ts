/**
 * QUEUE.REPLAY: does again what a command or the time has done to a queue, by ids and absolute times (queue-effects.ts). It does all of
 * what it is told or nothing: a message that is not in the state that the change needs is an error, and was never in a log.
 */

import { Bytes } from '../storage/memory/bytes.js';
import { COUNT_MAX } from '../storage/queue.js';
import {
  BY_NACK,
  countHeaders,
  DELAYED,
  ID_LIMIT,
  IN_FLIGHT,
  MESSAGE_MAX,
  type NewMessage,
} from '../storage/queue-message.js';
import type { QueueValue } from '../storage/queue-value.js';
import { valueMoved } from '../storage/value-due.js';
import { optionArg } from './args.js';
import type { Client } from './client.js';
import { INVALID_ID, NO_SUCH_MESSAGE, SYNTAX, TOO_LONG } from './error.js';
import { NOTIFY_MODULE } from './events.js';
import { idsArg, priorityArg, queueForWrite } from './queue-arguments.js';

/** Absolute times and counts are below this. */
const NUMBER_MAX = 2 ** 53 - 1;
const PUBLISH_WORDS = 10;
const NO_HEADERS = new Bytes();
const SCRATCH = new Bytes();

/** Does one change. @returns how many messages have changed */
type Change = (c: Client, queue: QueueValue) => number;

const CHANGES: readonly (readonly [word: string, change: Change])[] = [
  ['publish', publish],
  ['deliver', deliver],
  ['take', take],
  ['back', giveBack],
  ['bury', bury],
  ['expire', expire],
];

export function replay(c: Client): void {
  const { argv, db } = c;
  const queue = queueForWrite(c, argv[1]);
  const change = CHANGES.find(([word]) => argv[2].is(word))?.[1];
  if (change === undefined) throw SYNTAX;
  const changed = change(c, queue);
  if (queue.due !== Number.POSITIVE_INFINITY) valueMoved(db.space, argv[1], queue.due);
  c.touched(argv[1], NOTIFY_MODULE, 'queue.replay', db, changed);
  c.out.int(changed);
}

function numberArg(c: Client, i: number, name: string, max = NUMBER_MAX): number {
  return optionArg(c, i, name, 0, max);
}

function publish(c: Client, queue: QueueValue): number {
  const { argv, argc } = c;
  if (argc !== PUBLISH_WORDS && argc !== PUBLISH_WORDS + 1) throw SYNTAX;
  const headers = argc > PUBLISH_WORDS ? argv[PUBLISH_WORDS] : NO_HEADERS;
  const message: NewMessage = {
    id: numberArg(c, 3, 'id', ID_LIMIT - 1),
    published: numberArg(c, 4, 'published'),
    due: numberArg(c, 5, 'due'),
    expires: numberArg(c, 6, 'expires'),
    priority: priorityArg(c, 7),
    retries: numberArg(c, 8, 'retries', COUNT_MAX),
    payload: argv[9],
    headers,
  };
  if (message.id <= queue.lastId) throw INVALID_ID;
  if (argv[9].length + headers.length > MESSAGE_MAX) throw TOO_LONG;
  if (countHeaders(headers, SCRATCH) < 0) throw SYNTAX;
  queue.publish(message);
  return 1;
}

/** The messages with the ids from argument `from` on. @param waiting whether they must wait, or else be in flight @throws NO_SUCH_MESSAGE */
function messages(c: Client, queue: QueueValue, from: number, waiting: boolean): number[] {
  if (from >= c.argc) throw SYNTAX;
  return idsArg(c, from).map((id) => {
    const ref = queue.find(id);
    const state = ref === 0 ? -1 : queue.fields.state(ref);
    if (waiting ? state < 0 || state > DELAYED : state !== IN_FLIGHT) throw NO_SUCH_MESSAGE;
    return ref;
  });
}

function deliver(c: Client, queue: QueueValue): number {
  const deadline = optionArg(c, 4, 'deadline', 1, NUMBER_MAX);
  const refs = messages(c, queue, 5, true);
  for (const ref of refs) queue.deliver(ref, c.argv[3], deadline);
  return refs.length;
}

function take(c: Client, queue: QueueValue): number {
  const refs = messages(c, queue, 3, true);
  for (const ref of refs) queue.remove(ref);
  queue.delivered += refs.length;
  queue.acked += refs.length;
  return refs.length;
}

function expire(c: Client, queue: QueueValue): number {
  const refs = messages(c, queue, 3, true);
  for (const ref of refs) queue.remove(ref);
  queue.expired += refs.length;
  return refs.length;
}

function giveBack(c: Client, queue: QueueValue): number {
  const nacked = numberArg(c, 3, 'nacked', 1);
  const due = numberArg(c, 4, 'due');
  const refs = messages(c, queue, 5, false);
  for (const ref of refs) queue.giveBack(ref, due);
  queue.nacked += nacked * refs.length;
  return refs.length;
}

function bury(c: Client, queue: QueueValue): number {
  const nacked = numberArg(c, 3, 'nacked', 1);
  const reason = numberArg(c, 4, 'reason', BY_NACK);
  const at = numberArg(c, 5, 'at');
  const refs = messages(c, queue, 6, false);
  for (const ref of refs) queue.bury(ref, reason, at);
  queue.nacked += nacked * refs.length;
  return refs.length;
}
