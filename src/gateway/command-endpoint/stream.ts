/** stream.*: a room is a topic with one partition. The data of an event come as the bytes of their JSON text. */
import type { ReplyValue } from '../../../protocol/reply-reader.js';
import { Failure } from '../failure.js';
import { byName, type JsonValue, toJson } from '../json-value.js';
import type { Word } from '../link.js';
import { fromStored, jsonBytes } from '../stored-value.js';
import { items, type Operations, type Result, single } from './operation.js';
import type { Payload } from './payload.js';
import { headerWords } from './queue.js';

const ROOM = ['room', 'room_name'];
/** The partition of a room. */
const ONLY = '0';

function create(p: Payload): Word[] {
  return ['TOPIC.CREATE', p.word(...ROOM), 'PARTITIONS', '1', ...p.option('MAXLEN', 'max_events')];
}

/** @throws Failure ERR when there is such a room */
const created: Result = (reply, p) => {
  if (reply !== 1) throw new Failure('ERR', `Room '${p.raw(...ROOM)}' already exists`);
  return { success: true, ...p.echo('room') };
};

const deleted: Result = (reply, p) => {
  if (reply !== 1) throw new Failure('NOTFOUND', `Room '${p.raw(...ROOM)}' not found`);
  return { success: true, deleted: p.raw(...ROOM) as JsonValue };
};

function publish(p: Payload): Word[] {
  const type = p.has('event') ? ['TYPE', p.word('event')] : [];
  return ['TOPIC.PUBLISH', p.word(...ROOM), p.word('data'), 'PARTITION', ONLY, ...type, ...headerWords(p, 'metadata')];
}

function consume(p: Payload): Word[] {
  // Who reads is not remembered: the place is the reader's own to keep, as it always was.
  p.raw('subscriber_id');
  const block = p.option('BLOCK', 'block_ms');
  return [
    'TOPIC.READ',
    p.word(...ROOM),
    'COUNT',
    p.integer('limit', 100),
    ...block,
    'FROM',
    ONLY,
    p.integer('from_offset', 0),
  ];
}

function event(reply: ReplyValue, p: Payload): { offset: number } & Record<string, JsonValue> {
  const fields = byName(reply);
  const { offset, time, type, headers } = toJson(reply) as Record<string, JsonValue>;
  const data = fields.get('data') as Uint8Array;
  return {
    id: `${p.raw(...ROOM)}-${offset}`,
    offset: Number(offset),
    room: p.raw(...ROOM) as JsonValue,
    event: type,
    data: p.has('type') ? fromStored(data, p.form()) : jsonBytes(data),
    timestamp: Math.floor(Number(time) / 1000),
    metadata: headers,
  };
}

const consumed: Result = (reply, p) => {
  const events = items(reply).map((one) => event(one, p));
  const last = events.at(-1);
  return { events, next_offset: last === undefined ? Number(p.integer('from_offset', 0)) : last.offset + 1 };
};

const stats: Result = (reply, p) => {
  const { partitions, published } = toJson(reply) as Record<string, JsonValue>;
  const [one] = partitions as readonly Record<string, JsonValue>[];
  const [first, next] = [Number(one['first-offset']), Number(one['next-offset'])];
  const name = p.raw(...ROOM) as JsonValue;
  return {
    name,
    room: name,
    message_count: one.events,
    min_offset: first,
    max_offset: Math.max(first, next - 1),
    total_published: published,
    total_events: published,
    dropped: first,
    bytes: one.bytes,
  };
};

const creation = single(create, created);
const deletion = single((p) => ['TOPIC.DELETE', p.word(...ROOM)], deleted);
const reading = single(consume, consumed);
const anyway = single(create, (reply, p) => ({ success: true, created: reply === 1, ...p.echo('room') }));
const listing = single(
  () => ['TOPIC.LIST'],
  (reply) => ({ rooms: toJson(reply), count: items(reply).length }),
);

export const streamOperations: Operations = {
  'stream.create': creation,
  'stream.create_room': creation,
  'stream.get_or_create': anyway,
  'stream.get_or_create_room': anyway,
  'stream.publish': single(publish, (reply, p) => ({ offset: toJson(items(reply)[1]), ...p.echo('room') })),
  'stream.consume': reading,
  'stream.read': reading,
  'stream.stats': single((p) => ['TOPIC.INFO', p.word(...ROOM)], stats),
  'stream.list': listing,
  'stream.list_rooms': listing,
  'stream.delete': deletion,
  'stream.delete_room': deletion,
};
