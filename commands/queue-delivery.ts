/**
 * CONSUME, ACK and NACK: messages on their way to consumers and back. A consumer is a name, not a connection: what it holds stays with it
 * until it is acknowledged, given back, or its deadline passes. Who waits is served in the order of arrival (src/blocking/waiters.ts).
 */
import type { Bytes } from '../storage/memory/bytes.js';
import { COUNT_MAX } from '../storage/queue.js';
import { BY_NACK, BY_RETRIES, IN_FLIGHT, READY } from '../storage/queue-message.js';
import type { QueueValue } from '../storage/queue-value.js';
import { QUEUE } from '../storage/types.js';
import { valueMoved } from '../storage/value-due.js';
import { optionArg } from './args.js';
import { effectsOf } from './attention.js';
import type { Client } from './client.js';
import { BACK, BURY, DELIVER, TAKE } from './effect-words.js';
import { SYNTAX } from './error.js';
import { NOTIFY_MODULE } from './events.js';
import { idsArg, millisecondsArg, queueForWrite } from './queue-arguments.js';
import { tellIds } from './queue-effects.js';
import { replyMessage } from './queue-reply.js';
import { expireMessages } from './queue-time.js';

/** Messages that are due and must be moved before one is given: more of them, and this consumer goes away empty or waits. */
const EXPIRED_MAX = 1024;

class ConsumeRequest {
  count = 1;
  /** When the waiting ends, ms since the epoch; NaN: it does not begin. */
  until = Number.NaN;
  /** ms; 0: as the queue has it. */
  deadline = 0;
  noAck = false;
}

/** Scratch: filled again by every command. */
const request = new ConsumeRequest();

function readConsume(c: Client): void {
  const { argv, argc, now } = c;
  request.count = 1;
  request.until = Number.NaN;
  request.deadline = 0;
  request.noAck = false;
  for (let i = 3; i < argc; i++) {
    const word = argv[i];
    if (word.is('noack')) request.noAck = true;
    else if (word.is('count')) request.count = optionArg(c, ++i, 'COUNT', 1, COUNT_MAX);
    else if (word.is('deadline')) request.deadline = millisecondsArg(c, ++i, 'DEADLINE', 1);
    else if (word.is('block')) {
      const ms = millisecondsArg(c, ++i, 'BLOCK');
      request.until = ms === 0 ? Number.POSITIVE_INFINITY : now + ms;
    } else throw SYNTAX;
  }
}

export function consume(c: Client): void {
  const { argv, out } = c;
  readConsume(c);
  const queue = queueForWrite(c, argv[1]);
  const room = request.noAck ? request.count : Math.min(request.count, queue.room(argv[2]));
  if (room > 0 && prepare(c, queue)) return give(c, queue, room);
  if (Number.isNaN(request.until)) out.nilArray();
  else wait(c);
}

/** Parks the consumer. While it holds all that it may, nothing that comes concerns it, and it keeps its turn. */
function wait(c: Client): void {
  const name = c.argv[2].copy();
  const { noAck, until } = request;
  c.block(1, 2, until, QUEUE, 'nil-array', true, (value) => noAck || (value as QueueValue).room(name) > 0);
}

/** Lets go what is first and may not be given any more. @returns whether something can be given */
function prepare(c: Client, queue: QueueValue): boolean {
  const { server, db, argv } = c;
  for (let left = EXPIRED_MAX; left > 0 && queue.ready; ) {
    if (queue.outdated(c.now) === 0) return true;
    left -= expireMessages(server, db, argv[1], queue, left);
  }
  return queue.ready && queue.outdated(c.now) === 0;
}

function give(c: Client, queue: QueueValue, most: number): void {
  const { argv, out, db } = c;
  const key = argv[1];
  const until = request.noAck ? 0 : c.now + (request.deadline || queue.settings.deadline);
  const ids: number[] = [];
  const mark = out.defer();
  for (let ref = queue.first(READY); ref !== 0 && ids.length < most; ref = queue.first(READY)) {
    ids.push(queue.fields.id(ref));
    queue.deliver(ref, argv[2], until);
    replyMessage(c, queue, ref);
    if (!request.noAck) continue;
    queue.remove(ref);
    queue.acked++;
  }
  out.endArray(mark, ids.length);
  const effects = effectsOf(c.server);
  if (request.noAck) tellIds(effects, db, key, ids, (e) => e.add(TAKE), false);
  else {
    tellIds(effects, db, key, ids, (e) => e.add(DELIVER).add(argv[2]).addInt(until), false);
    valueMoved(db.space, key, until);
  }
  c.touched(key, NOTIFY_MODULE, 'queue.consume', db, ids.length);
}

// ---- answers of consumers ---------------------------------------------------------------------------------------------------------

/** The message `id`, when it is in flight, and to `consumer` if that is given; else 0. */
function inFlight(queue: QueueValue, id: number, consumer: Bytes | undefined): number {
  const ref = queue.find(id);
  if (ref === 0 || queue.fields.state(ref) !== IN_FLIGHT) return 0;
  const holds = consumer === undefined || queue.holders.at(queue.fields.holder(ref)).name.equals(consumer);
  return holds ? ref : 0;
}

export function ack(c: Client): void {
  const { argv, argc, db } = c;
  const named = argv[2].is('consumer') && argc > 4;
  const ids = idsArg(c, named ? 4 : 2);
  const queue = queueForWrite(c, argv[1]);
  let acked = 0;
  for (const id of ids) {
    const ref = inFlight(queue, id, named ? argv[3] : undefined);
    if (ref === 0) continue;
    queue.remove(ref);
    queue.acked++;
    acked++;
  }
  if (acked > 0) c.touched(argv[1], NOTIFY_MODULE, 'queue.ack', db, acked);
  c.out.int(acked);
}

class NackRequest {
  consumer: Bytes | undefined = undefined;
  /** Until when the messages wait, ms since the epoch; 0: not at all. */
  due = 0;
  dead = false;
  ids: number[] = [];
}

function readNack(c: Client): NackRequest {
  const { argv, argc } = c;
  const nacked = new NackRequest();
  let i = 2;
  for (; i < argc; i++) {
    if (argv[i].is('dead')) nacked.dead = true;
    else if (argv[i].is('consumer') && i + 1 < argc) nacked.consumer = argv[++i];
    else if (argv[i].is('delay')) {
      const ms = millisecondsArg(c, ++i, 'DELAY');
      nacked.due = ms === 0 ? 0 : c.now + ms;
    } else break;
  }
  if (i === argc) throw SYNTAX;
  nacked.ids = idsArg(c, i);
  return nacked;
}

export function nack(c: Client): void {
  const { argv, db, now } = c;
  const key = argv[1];
  const asked = readNack(c);
  const queue = queueForWrite(c, key);
  const back: number[] = [];
  const dead: number[] = [];
  const reason = asked.dead ? BY_NACK : BY_RETRIES;
  for (const id of asked.ids) {
    const ref = inFlight(queue, id, asked.consumer);
    if (ref === 0) continue;
    queue.nacked++;
    if (asked.dead || queue.isExhausted(ref)) {
      queue.bury(ref, reason, now);
      dead.push(id);
    } else {
      queue.giveBack(ref, asked.due);
      back.push(id);
    }
  }
  const effects = effectsOf(c.server);
  tellIds(effects, db, key, back, (e) => e.add(BACK).addInt(1).addInt(asked.due), false);
  tellIds(effects, db, key, dead, (e) => e.add(BURY).addInt(1).addInt(reason).addInt(now), false);
  if (queue.due !== Number.POSITIVE_INFINITY) valueMoved(db.space, key, queue.due);
  if (back.length > 0) c.touched(key, NOTIFY_MODULE, 'queue.nack', db, back.length);
  if (dead.length > 0) c.touched(key, NOTIFY_MODULE, 'queue.dead', db, dead.length);
  c.out.int(back.length + dead.length);
}
