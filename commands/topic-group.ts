/**
 * Consumer groups of topics. What they do follows from what the topic holds, so all is told as it was asked for; only that a member was
 * not heard of for too long depends on the clock, and is told as a LEAVE of its own (topic-time.ts). When a member was last heard of is no
 * part of the data: HEARTBEAT changes nothing that is told or written.
 *
 * A member that is unknown, speaks of another generation or of a partition that is not its own gets FENCED, and nothing changes.
 */

import type { Bytes } from '../storage/memory/bytes.js';
import type { Topic } from '../storage/topic.js';
import { RANGE, STRATEGY_NAMES } from '../storage/topic-assignment.js';
import { EARLIEST, MAX_MEMBERS, START_NAMES, type TopicGroup, type TopicMember } from '../storage/topic-group.js';
import { MAX_TIME } from '../storage/topic-record.js';
import { valueMoved } from '../storage/value-due.js';
import { optionArg } from './args.js';
import type { Client } from './client.js';
import { GROUP_FULL, outOfRange, SYNTAX } from './error.js';
import { NOTIFY_MODULE } from './events.js';
import {
  checkGeneration,
  checkOwner,
  groupArg,
  memberArg,
  offsetArg,
  partitionArg,
  topicToRead,
  topicToWrite,
} from './topic-key.js';

const DEFAULT_TIMEOUT = 30_000;

function changed(c: Client, event: string, changes = 1): void {
  c.touched(c.argv[1], NOTIFY_MODULE, event, c.db, changes);
}

/** The index of the word that `arg` is, in any case. @throws SYNTAX */
function wordArg(arg: Bytes, words: readonly string[]): number {
  const i = words.findIndex((word) => arg.is(word));
  if (i < 0) throw SYNTAX;
  return i;
}

export function createGroup(c: Client): void {
  const { argv, argc } = c;
  const settings = { strategy: RANGE, timeout: DEFAULT_TIMEOUT, start: EARLIEST };
  for (let i = 3; i < argc; i += 2) {
    if (i + 1 === argc) throw SYNTAX;
    if (argv[i].is('strategy')) settings.strategy = wordArg(argv[i + 1], STRATEGY_NAMES);
    else if (argv[i].is('timeout')) settings.timeout = optionArg(c, i + 1, 'TIMEOUT', 1, MAX_TIME);
    else if (argv[i].is('start')) settings.start = wordArg(argv[i + 1], START_NAMES);
    else throw SYNTAX;
  }
  const topic = topicToWrite(c);
  const name = argv[2].toString();
  if (topic.groups.has(name)) return c.out.int(0);
  topic.createGroup(name, settings);
  changed(c, 'topic.group.create');
  c.out.int(1);
}

export function deleteGroup(c: Client): void {
  if (!topicToWrite(c).deleteGroup(c.argv[2].toString())) return c.out.int(0);
  changed(c, 'topic.group.delete');
  c.out.int(1);
}

export function join(c: Client): void {
  const { argv, out } = c;
  const topic = topicToWrite(c);
  const group = groupArg(c, topic, argv[2]);
  const name = argv[3].toString();
  const known = group.members.get(name);
  if (known !== undefined) known.heard = c.now;
  else {
    if (group.members.size >= MAX_MEMBERS) throw GROUP_FULL;
    topic.join(group, name, c.now);
    valueMoved(c.db.space, argv[1], topic.due);
    changed(c, 'topic.group.join');
  }
  const partitions = partitionsOf(group, group.members.get(name)!);
  out.map(2);
  out.bulkText('generation');
  out.int(group.generation);
  out.bulkText('partitions');
  out.array(partitions.length);
  for (const p of partitions) {
    out.map(2);
    out.bulkText('partition');
    out.int(p);
    out.bulkText('offset');
    out.int(nextToRead(c, topic, group, p));
  }
}

/** The partitions that a member owns, ascending. */
function partitionsOf(group: TopicGroup, member: TopicMember): number[] {
  const list: number[] = [];
  for (let p = 0; p < group.owners.length; p++) if (group.owners[p] === member) list.push(p);
  return list;
}

/** Where a group goes on in a partition: what was not read and is gone is passed over. */
function nextToRead(c: Client, topic: Topic, group: TopicGroup, partition: number): number {
  return Math.max(group.committed[partition], topic.retainedFrom(partition, c.now, Number.POSITIVE_INFINITY));
}

export function leave(c: Client): void {
  const { argv } = c;
  const topic = topicToWrite(c);
  if (!topic.leave(groupArg(c, topic, argv[2]), argv[3].toString())) return c.out.int(0);
  changed(c, 'topic.group.leave');
  c.out.int(1);
}

export function heartbeat(c: Client): void {
  const { argv } = c;
  const group = groupArg(c, topicToRead(c), argv[2]);
  const member = memberArg(group, argv[3]);
  optionArg(c, 4, 'generation', 0, Number.MAX_SAFE_INTEGER);
  member.heard = c.now;
  c.out.int(group.generation);
}

export function commit(c: Client): void {
  const { argv, argc } = c;
  if (argc % 2 === 0) throw SYNTAX;
  const topic = topicToWrite(c);
  const group = groupArg(c, topic, argv[2]);
  const member = memberArg(group, argv[3]);
  checkGeneration(group, argv[4]);
  for (let i = 5; i < argc; i += 2) {
    const partition = partitionArg(topic, argv[i]);
    checkOwner(group, member, partition);
    const { nextOffset } = topic.partitions[partition];
    if (offsetArg(argv[i + 1]) > nextOffset) throw outOfRange('offset', 0, nextOffset);
  }
  member.heard = c.now;
  let moved = 0;
  for (let i = 5; i < argc; i += 2)
    if (topic.commit(group, partitionArg(topic, argv[i]), offsetArg(argv[i + 1]))) moved++;
  if (moved > 0) changed(c, 'topic.group.commit', moved);
  c.out.ok();
}

export function offsets(c: Client): void {
  const { out } = c;
  const topic = topicToRead(c);
  const group = groupArg(c, topic, c.argv[2]);
  out.array(topic.partitions.length);
  for (const [p, { nextOffset }] of topic.partitions.entries()) {
    out.map(4);
    out.bulkText('partition');
    out.int(p);
    out.bulkText('committed');
    out.int(group.committed[p]);
    out.bulkText('next-offset');
    out.int(nextOffset);
    out.bulkText('lag');
    out.int(nextOffset - nextToRead(c, topic, group, p));
  }
}

export function groupInfo(c: Client): void {
  const { out } = c;
  const group = groupArg(c, topicToRead(c), c.argv[2]);
  const { settings, generation, members } = group;
  out.map(6);
  out.bulkText('strategy');
  out.bulkText(STRATEGY_NAMES[settings.strategy]);
  out.bulkText('timeout');
  out.int(settings.timeout);
  out.bulkText('start');
  out.bulkText(START_NAMES[settings.start]);
  out.bulkText('generation');
  out.int(generation);
  out.bulkText('members');
  replyMembers(c, group);
  out.bulkText('state');
  out.bulkText(members.size === 0 ? 'empty' : 'stable');
}

function replyMembers(c: Client, group: TopicGroup): void {
  const { out } = c;
  const owned = new Map<TopicMember, number[]>();
  for (const member of group.members.values()) owned.set(member, []);
  for (const [p, owner] of group.owners.entries()) if (owner !== undefined) owned.get(owner)!.push(p);
  out.array(owned.size);
  for (const [{ name, heard }, partitions] of owned) {
    out.map(3);
    out.bulkText('member');
    out.bulkText(name);
    out.bulkText('partitions');
    out.array(partitions.length);
    for (const p of partitions) out.int(p);
    out.bulkText('idle');
    out.int(heard === 0 ? 0 : Math.max(0, c.now - heard));
  }
}
