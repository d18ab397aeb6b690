/**
 * How a topic is written to files, in units, all of them terms of a module's value (rdb/module-terms.ts):
 *
 *   head       retention, maximum of bytes, of events, next partition in turn, floor of generations, number of groups and of partitions,
 *              then of each partition: first offset, next offset, last time
 *   group      name, strategy, timeout, start, generation, number of members, their names; of each partition: its owner's number (from 1,
 *              in this order; 0: none), the committed offset
 *   block      number of events, their records as one string; those of a partition in their order, one partition after the other
 *
 * Read next: topic-load.ts, topic-capture.ts.
 */
import { GRANULE_MASK, SEGMENT_BITS } from './memory/arena.js';
import { Bytes } from './memory/bytes.js';
import { writeLongText, writeNumber, writeText } from './rdb/module-terms.js';
import type { RdbOutput } from './rdb/output.js';
import type { Topic } from './topic.js';
import type { TopicGroup } from './topic-group.js';
import type { TopicBlock, TopicPartition } from './topic-partition.js';

const VIEW = new Bytes();

/** O(partitions) */
export function writeTopicHead(out: RdbOutput, topic: Topic): void {
  const { settings, partitions } = topic;
  for (const n of [settings.retention, settings.maxBytes, settings.maxLen, topic.turn, topic.generationFloor])
    writeNumber(out, n);
  writeNumber(out, topic.groups.size);
  writeNumber(out, partitions.length);
  for (const { firstOffset, nextOffset, lastTime } of partitions) {
    writeNumber(out, firstOffset);
    writeNumber(out, nextOffset);
    writeNumber(out, lastTime);
  }
}

/** O(partitions + members) */
export function writeTopicGroup(out: RdbOutput, group: TopicGroup): void {
  const { settings, members, owners, committed } = group;
  writeText(out, Bytes.from(group.name));
  for (const n of [settings.strategy, settings.timeout, settings.start, group.generation, members.size])
    writeNumber(out, n);
  const numbers = new Map<string, number>();
  for (const name of members.keys()) {
    writeText(out, Bytes.from(name));
    numbers.set(name, numbers.size + 1);
  }
  for (let p = 0; p < owners.length; p++) {
    const owner = owners[p];
    writeNumber(out, owner === undefined ? 0 : numbers.get(owner.name)!);
    writeNumber(out, committed[p]);
  }
}

/** A block of more bytes holds one long event: it is not compressed, for that takes the whole of it at once. */
export const LONG_BLOCK = 256 * 1024;

/** What stands before the bytes of a block that is longer than that: they follow as they are. */
export function writeLongBlock(out: RdbOutput, count: number, bytes: number): void {
  writeNumber(out, count);
  writeLongText(out, bytes);
}

/** The records `[from, to)` of a block, which are `count`. O(bytes) */
export function writeTopicBlock(
  out: RdbOutput,
  topic: Topic,
  block: TopicBlock,
  from: number,
  to: number,
  count: number,
): void {
  const at = (block.ref & GRANULE_MASK) << 4;
  const u8 = topic.arena.u8[block.ref >>> SEGMENT_BITS];
  if (to - from > LONG_BLOCK) {
    writeLongBlock(out, count, to - from);
    return out.bytes(u8, at + from, at + to);
  }
  writeNumber(out, count);
  writeText(out, VIEW.set(u8, at + from, at + to));
}

/** What is kept of the blocks of a partition: calls `visit` with each, where its first and its last record begins and ends, and their number. */
export function forEachBlock(
  partition: TopicPartition,
  visit: (block: TopicBlock, from: number, to: number, count: number) => void,
): void {
  const { blocks, head, front, firstOffset } = partition;
  for (let i = head; i < blocks.length; i++) {
    const block = blocks[i]!;
    if (i === head) visit(block, front, block.used, block.end - firstOffset);
    else visit(block, 0, block.used, block.count);
  }
}
