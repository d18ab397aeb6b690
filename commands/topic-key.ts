/** What handlers of topics look up: the topic at a key, a group of it, a member that is allowed to speak. */
import type { Bytes } from '../storage/memory/bytes.js';
import type { TopicGroup, TopicMember } from '../storage/topic-group.js';
import type { TopicValue } from '../storage/topic-value.js';
import { TOPIC } from '../storage/types.js';
import { parseInteger } from './args.js';
import type { Client } from './client.js';
import {
  fencedGeneration,
  fencedMember,
  fencedPartition,
  INVALID_OFFSET,
  NO_SUCH_PARTITION,
  NO_SUCH_TOPIC,
  noSuchGroup,
} from './error.js';

/** The topic at `argv[1]`, to read. @throws NO_SUCH_TOPIC, WRONG_TYPE */
export function topicToRead(c: Client): TopicValue {
  const topic = c.db.own(c.argv[1], TOPIC);
  if (topic === undefined) throw NO_SUCH_TOPIC;
  return topic as TopicValue;
}

/** The topic at `argv[1]`, to change. @throws NO_SUCH_TOPIC, WRONG_TYPE */
export function topicToWrite(c: Client): TopicValue {
  const topic = c.db.ownForWrite(c.argv[1], TOPIC);
  if (topic === undefined) throw NO_SUCH_TOPIC;
  return topic as TopicValue;
}

/** @throws NOGROUP */
export function groupArg(c: Client, topic: TopicValue, arg: Bytes): TopicGroup {
  const name = arg.toString();
  const group = topic.groups.get(name);
  if (group === undefined) throw noSuchGroup(name, c.argv[1].toString());
  return group;
}

/** @throws FENCED when that is no member */
export function memberArg(group: TopicGroup, arg: Bytes): TopicMember {
  const name = arg.toString();
  const member = group.members.get(name);
  if (member === undefined) throw fencedMember(name, group.name);
  return member;
}

/** @throws FENCED when that is not the present generation */
export function checkGeneration(group: TopicGroup, arg: Bytes): void {
  if (parseInteger(arg) !== group.generation) throw fencedGeneration(arg.toString(), group.name, group.generation);
}

/** @throws FENCED when the partition is somebody else's, or nobody's */
export function checkOwner(group: TopicGroup, member: TopicMember, partition: number): void {
  if (group.owners[partition] !== member) throw fencedPartition(partition, member.name, group.generation);
}

/** @throws NO_SUCH_PARTITION for anything but the number of one */
export function partitionArg(topic: TopicValue, arg: Bytes): number {
  const n = parseInteger(arg);
  if (!(n >= 0 && n < topic.partitions.length)) throw NO_SUCH_PARTITION;
  return n;
}

/** An offset: an integer of 0 to 2^53. @throws INVALID_OFFSET */
export function offsetArg(arg: Bytes): number {
  const n = parseInteger(arg);
  if (!(n >= 0)) throw INVALID_OFFSET;
  return n;
}
