/**
 * The topic family: making, deleting and describing topics. Publishing is in topic-publish.ts, reading in topic-read.ts, groups of
 * consumers in topic-group.ts, what time does by itself in topic-time.ts.
 *
 * What is told as an effect: PUBLISH as APPEND with its partition, offset and time; everything else as it was asked for. What depends on
 * the clock, that an event is too old and that a member was silent for too long, is told by effects of its own, TOPIC.TRIM and
 * TOPIC.GROUP.LEAVE, when it happens.
 */

import { MAX_PARTITIONS } from '../storage/topic.js';
import { MAX_TIME } from '../storage/topic-record.js';
import { TopicValue } from '../storage/topic-value.js';
import { TOPIC } from '../storage/types.js';
import { optionArg } from './args.js';
import type { Client } from './client.js';
import type { Handlers } from './command.js';
import { SYNTAX } from './error.js';
import { NOTIFY_MODULE } from './events.js';
import { deleteKeys, listKeys } from './own-keys.js';
import type { topic } from './spec/topic.js';
import { commit, createGroup, deleteGroup, groupInfo, heartbeat, join, leave, offsets } from './topic-group.js';
import { topicToRead } from './topic-key.js';
import { appendEvent, publish, trim } from './topic-publish.js';
import { read } from './topic-read.js';

export const handlers: Handlers<typeof topic> = {
  'topic.append': appendEvent,
  'topic.create': create,
  'topic.delete': remove,
  'topic.group.commit': commit,
  'topic.group.create': createGroup,
  'topic.group.delete': deleteGroup,
  'topic.group.heartbeat': heartbeat,
  'topic.group.info': groupInfo,
  'topic.group.join': join,
  'topic.group.leave': leave,
  'topic.group.offsets': offsets,
  'topic.info': info,
  'topic.list': list,
  'topic.publish': publish,
  'topic.read': read,
  'topic.trim': trim,
};

const MAX = Number.MAX_SAFE_INTEGER;

function create(c: Client): void {
  const { argv, argc, db } = c;
  const settings = { retention: 0, maxBytes: 0, maxLen: 0 };
  let partitions = 1;
  for (let i = 2; i < argc; i += 2) {
    if (argv[i].is('partitions')) partitions = optionArg(c, i + 1, 'PARTITIONS', 1, MAX_PARTITIONS);
    else if (argv[i].is('retention')) settings.retention = optionArg(c, i + 1, 'RETENTION', 0, MAX_TIME);
    else if (argv[i].is('maxbytes')) settings.maxBytes = optionArg(c, i + 1, 'MAXBYTES', 0, MAX);
    else if (argv[i].is('maxlen')) settings.maxLen = optionArg(c, i + 1, 'MAXLEN', 0, MAX);
    else throw SYNTAX;
  }
  if (db.findType(argv[1], TOPIC) !== 0) return c.out.int(0);
  db.createOwn(argv[1], new TopicValue(db.space.arena, settings, partitions));
  c.touched(argv[1], NOTIFY_MODULE, 'topic.create');
  c.out.int(1);
}

function remove(c: Client): void {
  deleteKeys(c, TOPIC);
}

function list(c: Client): void {
  listKeys(c, TOPIC);
}

function info(c: Client): void {
  const { out } = c;
  const topic = topicToRead(c);
  const { settings, groups } = topic;
  out.map(6);
  out.bulkText('partitions');
  replyPartitions(c, topic);
  out.bulkText('retention');
  out.int(settings.retention);
  out.bulkText('max-bytes');
  out.int(settings.maxBytes);
  out.bulkText('max-len');
  out.int(settings.maxLen);
  out.bulkText('groups');
  out.array(groups.size);
  for (const name of groups.keys()) out.bulkText(name);
  out.bulkText('published');
  out.int(topic.published);
}

/** What is too old is not counted, though it may not be dropped yet. */
function replyPartitions(c: Client, topic: TopicValue): void {
  const { out } = c;
  out.array(topic.partitions.length);
  for (const [p, partition] of topic.partitions.entries()) {
    const first = topic.retainedFrom(p, c.now, Number.POSITIVE_INFINITY);
    out.map(5);
    out.bulkText('partition');
    out.int(p);
    out.bulkText('first-offset');
    out.int(first);
    out.bulkText('next-offset');
    out.int(partition.nextOffset);
    out.bulkText('events');
    out.int(partition.nextOffset - first);
    out.bulkText('bytes');
    out.int(partition.bytesFrom(first));
  }
}
