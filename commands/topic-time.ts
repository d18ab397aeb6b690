/**
 * What time does to topics by itself: events become too old, members of groups fall silent. Both are told as effects of their own,
 * TOPIC.TRIM and TOPIC.GROUP.LEAVE: whoever repeats them knows no time, and comes to the same state whenever he does.
 */
import type { Database } from '../storage/database.js';
import { Bytes } from '../storage/memory/bytes.js';
import type { OwnValue } from '../storage/own-value.js';
import type { TopicGroup } from '../storage/topic-group.js';
import type { TopicValue } from '../storage/topic-value.js';
import { valueMoved } from '../storage/value-due.js';
import { changedByTime, effectsOf } from './attention.js';
import { TOPIC_GROUP_LEAVE, TOPIC_TRIM } from './effect-words.js';
import type { Server } from './server.js';

/** So many blocks of events are dropped at once, and so many members. */
const BLOCKS = 256;
const MEMBERS = 8;

/** Does what is due to the topic at `key`, a bounded part of it. O(partitions + members) */
export function passTopicTime(server: Server, db: Database, key: Bytes, value: OwnValue): void {
  const topic = value as TopicValue;
  let left = BLOCKS;
  let trimmed = false;
  for (let i = 0; i < topic.partitions.length && left > 0; i++) {
    const partition = topic.partitions[i];
    const blocks = partition.blockCount;
    const from = topic.retainedFrom(i, server.now, left);
    if (from === partition.firstOffset) continue;
    effectsOf(server)?.begin(db, TOPIC_TRIM).add(key).addInt(i).addInt(from).tellBeside();
    topic.trim(i, from, db.space.larges);
    left -= blocks - partition.blockCount;
    trimmed = true;
  }
  if (trimmed) changedByTime(server, db, key, 'topic.trim');
  let members = MEMBERS;
  for (const group of topic.groups.values()) while (members > 0 && expel(server, db, key, topic, group)) members--;
  topic.findDue();
  // What was left for another time is due still.
  valueMoved(db.space, key, topic.due);
}

/** Takes a member that has fallen silent out of a group. @returns whether there was one */
function expel(server: Server, db: Database, key: Bytes, topic: TopicValue, group: TopicGroup): boolean {
  const name = group.silent(server.now);
  if (name === undefined) return false;
  effectsOf(server)
    ?.begin(db, TOPIC_GROUP_LEAVE)
    .add(key)
    .addCopy(Bytes.from(group.name))
    .addCopy(Bytes.from(name))
    .tellBeside();
  topic.leave(group, name);
  changedByTime(server, db, key, 'topic.group.expire');
  return true;
}
