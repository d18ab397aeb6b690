/** queue.*: payloads are arrays of bytes, as the older clients send and expect them; `type` asks for text or JSON. */
import type { ReplyValue } from '../../../protocol/reply-reader.js';
import { byName, type JsonValue, toJson } from '../json-value.js';
import type { Word } from '../link.js';
import { fromStored } from '../stored-value.js';
import { items, type Operations, type Result, single } from './operation.js';
import { objectOf, Payload, pairs } from './payload.js';

const QUEUE = ['queue', 'name', 'key'];
const ID = ['message_id', 'message_ids'];
const MS = 1000;

/** QUEUE.CREATE's words for the names of `config`. */
const CONFIG: readonly (readonly [name: string, word: string, unit: number])[] = [
  ['max_depth', 'MAXDEPTH', 1],
  ['ack_deadline_secs', 'DEADLINE', MS],
  ['default_max_retries', 'RETRIES', 1],
  ['default_priority', 'PRIORITY', 1],
  ['prefetch_limit', 'PREFETCH', 1],
];

/** The settings stand in `config`, or beside the name. */
function create(p: Payload): Word[] {
  const given = p.raw('config');
  const config = given === undefined ? p : new Payload(objectOf(given, 'config'));
  const words = CONFIG.flatMap(([name, word, unit]) =>
    config.has(name) ? [word, String(Number(config.integer(name)) * unit)] : [],
  );
  if (config !== p) config.end();
  return ['QUEUE.CREATE', p.word(...QUEUE), ...words];
}

/** HEADERS and what `name` holds, an object. */
export function headerWords(p: Payload, name: string): Word[] {
  const given = p.raw(name);
  if (given === undefined || Object.keys(objectOf(given, name)).length === 0) return [];
  const words = pairs(given, name, 'name', 'value');
  return ['HEADERS', String(words.length / 2), ...words];
}

function publish(p: Payload): Word[] {
  return [
    ...['QUEUE.PUBLISH', p.word(...QUEUE), p.bytes('payload')],
    ...p.option('PRIORITY', 'priority'),
    ...p.option('DELAY', 'delay_ms'),
    ...p.option('TTL', 'ttl_ms'),
    ...p.option('RETRIES', 'max_retries'),
    ...headerWords(p, 'headers'),
  ];
}

function consume(p: Payload): Word[] {
  return ['QUEUE.CONSUME', p.word(...QUEUE), p.word('consumer_id'), ...p.option('BLOCK', 'block_ms')];
}

function message(reply: ReplyValue, p: Payload): JsonValue {
  const fields = byName(reply);
  const { id, priority, published, deadline, headers } = toJson(reply) as Record<string, JsonValue>;
  const retries = Number(fields.get('deliveries')) - 1;
  const payload = fromStored(fields.get('payload') ?? null, p.form('bytes'));
  return { id, payload, priority, retry_count: retries, headers, timestamp: published, deadline };
}

const consumed: Result = (reply, p) => {
  const [first] = items(reply);
  return { message: first === undefined ? null : message(first, p) };
};

/** Success when the queue knows all of them. */
const acknowledged: Result = (reply, p) => ({ success: reply === p.list(...ID).length });

/** What QUEUE.INFO tells, by the old names beside its own. */
const stats: Result = (reply) => {
  const all = toJson(reply) as Record<string, JsonValue>;
  const named = Object.entries(all).map(([name, value]) => [name.replaceAll('-', '_'), value]);
  return { ...Object.fromEntries(named), consumed: all.delivered };
};

export const queueOperations: Operations = {
  'queue.create': single(create, (reply) => ({ success: true, created: reply === 1 })),
  'queue.delete': single(
    (p) => ['QUEUE.DELETE', p.word(...QUEUE)],
    (reply) => ({ deleted: reply === 1 }),
  ),
  'queue.publish': single(publish, (reply) => ({ message_id: toJson(reply) })),
  'queue.consume': single(consume, consumed),
  'queue.ack': single((p) => ['QUEUE.ACK', p.word(...QUEUE), ...p.words(...ID)], acknowledged),
  'queue.nack': single((p) => {
    const dead = p.flag('requeue', true) ? [] : ['DEAD'];
    return ['QUEUE.NACK', p.word(...QUEUE), ...p.option('DELAY', 'delay_ms'), ...dead, ...p.words(...ID)];
  }, acknowledged),
  'queue.list': single(
    (p) => ['QUEUE.LIST', ...(p.has('pattern') ? ['MATCH', p.word('pattern')] : [])],
    (reply) => ({ queues: toJson(reply) }),
  ),
  'queue.stats': single((p) => ['QUEUE.INFO', p.word(...QUEUE)], stats),
  'queue.purge': single(
    (p) => ['QUEUE.PURGE', p.word(...QUEUE)],
    (reply) => ({ purged: toJson(reply) }),
  ),
};
