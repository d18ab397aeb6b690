/**
 * The queue family: queues as such and what is published into them here; delivery and acknowledgement in queue-delivery.ts, dead letters
 * in queue-dead.ts, what the log repeats in queue-replay.ts, what time does in queue-time.ts. A queue is a key while it is empty.
 * How changes are told: queue-effects.ts.
 */
import { Bytes, EMPTY } from '../storage/memory/bytes.js';
import { COUNT_MAX, DEFAULTS, type QueueSettings } from '../storage/queue.js';
import { DEAD, DELAYED, ID_LIMIT, IN_FLIGHT, MESSAGE_MAX, type NewMessage, READY } from '../storage/queue-message.js';
import { QueueValue } from '../storage/queue-value.js';
import { QUEUE } from '../storage/types.js';
import { valueMoved } from '../storage/value-due.js';
import { optionArg } from './args.js';
import type { Client } from './client.js';
import type { Handlers } from './command.js';
import { PUBLISH, QUEUE_REPLAY } from './effect-words.js';
import { QUEUE_FULL, QUEUE_IDS_SPENT, SYNTAX, TOO_LONG } from './error.js';
import { NOTIFY_MODULE } from './events.js';
import { deleteKeys, listKeys } from './own-keys.js';
import {
  countOption,
  HeaderArguments,
  millisecondsArg,
  priorityArg,
  queueForRead,
  queueForWrite,
} from './queue-arguments.js';
import { dlqList, dlqPurge, dlqRequeue, removeAll } from './queue-dead.js';
import { ack, consume, nack } from './queue-delivery.js';
import { replay } from './queue-replay.js';
import { replyMessages } from './queue-reply.js';
import type { queue } from './spec/queue.js';

export const handlers: Handlers<typeof queue> = {
  'queue.ack': ack,
  'queue.consume': consume,
  'queue.create': create,
  'queue.delete': del,
  'queue.dlq.list': dlqList,
  'queue.dlq.purge': dlqPurge,
  'queue.dlq.requeue': dlqRequeue,
  'queue.info': info,
  'queue.list': list,
  'queue.nack': nack,
  'queue.peek': peek,
  'queue.publish': publish,
  'queue.purge': purge,
  'queue.replay': replay,
};

const PEEKED = 10;
const HEADERS = new HeaderArguments();
const MESSAGE: NewMessage = {
  id: 0,
  priority: 0,
  retries: 0,
  published: 0,
  due: 0,
  expires: 0,
  payload: new Bytes(),
  headers: HEADERS.packed,
};

// ---- queues -----------------------------------------------------------------------------------------------------------------------

function create(c: Client): void {
  const settings = settingsArg(c);
  const { db, argv } = c;
  if (db.ownForWrite(argv[1], QUEUE) !== undefined) return c.out.int(0);
  const made = new QueueValue(db.space.arena, settings);
  db.space.find(argv[1]); // leaves the place
  db.createOwn(argv[1], made);
  c.touched(argv[1], NOTIFY_MODULE, 'queue.create');
  c.out.int(1);
}

function settingsArg(c: Client): QueueSettings {
  const { argv, argc } = c;
  const s = { ...DEFAULTS };
  for (let i = 2; i < argc; i += 2) {
    const word = argv[i];
    if (word.is('maxdepth')) s.maxDepth = optionArg(c, i + 1, 'MAXDEPTH', 0, COUNT_MAX);
    else if (word.is('deadline')) s.deadline = millisecondsArg(c, i + 1, 'DEADLINE', 1);
    else if (word.is('retries')) s.retries = optionArg(c, i + 1, 'RETRIES', 0, COUNT_MAX);
    else if (word.is('prefetch')) s.prefetch = optionArg(c, i + 1, 'PREFETCH', 0, COUNT_MAX);
    else if (word.is('priority')) s.priority = priorityArg(c, i + 1);
    else if (word.is('ttl')) s.ttl = millisecondsArg(c, i + 1, 'TTL');
    else if (word.is('delay')) s.delay = millisecondsArg(c, i + 1, 'DELAY');
    else throw SYNTAX;
  }
  return s;
}

function del(c: Client): void {
  deleteKeys(c, QUEUE);
}

function list(c: Client): void {
  listKeys(c, QUEUE);
}

function info(c: Client): void {
  const { out } = c;
  const q = queueForRead(c, c.argv[1]);
  const { settings: s, oldest } = q;
  const figures: readonly (readonly [name: string, value: number])[] = [
    ['max-depth', s.maxDepth],
    ['deadline', s.deadline],
    ['retries', s.retries],
    ['prefetch', s.prefetch],
    ['priority', s.priority],
    ['ttl', s.ttl],
    ['delay', s.delay],
    ['ready', q.count(READY)],
    ['delayed', q.count(DELAYED)],
    ['in-flight', q.count(IN_FLIGHT)],
    ['dead', q.count(DEAD)],
    ['depth', q.depth],
    ['consumers', q.holders.size],
    ['published', q.published],
    ['delivered', q.delivered],
    ['acked', q.acked],
    ['nacked', q.nacked],
    ['expired', q.expired],
    ['dead-lettered', q.deadLettered],
    ['oldest-ms', oldest === 0 ? 0 : Math.max(0, c.now - oldest)],
    ['bytes', q.bytes],
  ];
  out.map(figures.length);
  for (const [name, value] of figures) {
    out.bulkText(name);
    out.int(value);
  }
}

// ---- messages ---------------------------------------------------------------------------------------------------------------------

function publish(c: Client): void {
  const { argv, db, now } = c;
  const queue = queueForWrite(c, argv[1]);
  readMessage(c, queue);
  if (queue.isFull(1)) throw QUEUE_FULL;
  const m = MESSAGE;
  m.id = queue.lastId + 1;
  if (m.id >= ID_LIMIT) throw QUEUE_IDS_SPENT;
  m.published = now;
  queue.publish(m);
  const effect = c.effect(QUEUE_REPLAY);
  effect
    ?.add(argv[1])
    .add(PUBLISH)
    .addInt(m.id)
    .addInt(now)
    .addInt(m.due)
    .addInt(m.expires)
    .addInt(m.priority)
    .addInt(m.retries)
    .add(m.payload);
  if (m.headers.length > 0) effect?.add(m.headers);
  effect?.tell();
  HEADERS.rest();
  m.payload.set(EMPTY, 0, 0); // a view would keep what the client has sent
  if (queue.due !== Number.POSITIVE_INFINITY) valueMoved(db.space, argv[1], queue.due);
  c.touched(argv[1], NOTIFY_MODULE, 'queue.publish');
  c.out.bulkInt(m.id);
}

/** Reads payload and options into MESSAGE; what they do not say, the queue's settings do. */
function readMessage(c: Client, queue: QueueValue): void {
  const { argv, argc, now } = c;
  const { settings } = queue;
  const m = MESSAGE;
  let { ttl, delay } = settings;
  m.priority = settings.priority;
  m.retries = settings.retries;
  m.payload.assign(argv[2]);
  HEADERS.clear();
  for (let i = 3; i < argc; ) {
    const word = argv[i];
    if (word.is('headers')) {
      i = HEADERS.read(c, i + 1);
      continue;
    }
    if (word.is('priority')) m.priority = priorityArg(c, i + 1);
    else if (word.is('delay')) delay = millisecondsArg(c, i + 1, 'DELAY');
    else if (word.is('ttl')) ttl = millisecondsArg(c, i + 1, 'TTL');
    else if (word.is('retries')) m.retries = optionArg(c, i + 1, 'RETRIES', 0, COUNT_MAX);
    else throw SYNTAX;
    i += 2;
  }
  if (m.payload.length + m.headers.length > MESSAGE_MAX) throw TOO_LONG;
  m.due = delay === 0 ? 0 : now + delay;
  m.expires = ttl === 0 ? 0 : now + ttl;
}

function purge(c: Client): void {
  const key = c.argv[1];
  const queue = queueForWrite(c, key);
  const removed = removeAll(c, queue, [READY, DELAYED]);
  if (removed > 0) c.touched(key, NOTIFY_MODULE, 'queue.purge', c.db, removed);
  c.out.int(removed);
}

function peek(c: Client): void {
  const count = countOption(c, 2, PEEKED);
  replyMessages(c, queueForRead(c, c.argv[1]), READY, count);
}
