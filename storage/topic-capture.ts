/**
 * TopicCapture: a large topic while a snapshot needs it as it was. Blocks are only appended to, so it is enough to remember where each
 * ended; one that leaves the topic before it is written is kept until then. A group is small: as it stands before its first change it is
 * set aside.
 *
 *   file   head  [ group ... ]  [ block ... ]  end           TopicGroup.turn: its index here, TopicBlock.held: not written yet
 */
import { ValueCapture, type Waiting } from './capture-value.js';
import type { LargeValues } from './large.js';
import { GRANULE_MASK, SEGMENT_BITS } from './memory/arena.js';
import { writeEnd } from './rdb/module-terms.js';
import type { RdbOutput } from './rdb/output.js';
import type { Topic, TopicPin } from './topic.js';
import type { TopicGroup } from './topic-group.js';
import { freeBlock, type TopicBlock } from './topic-partition.js';
import { forEachBlock, LONG_BLOCK, writeLongBlock, writeTopicBlock, writeTopicGroup } from './topic-save.js';

/** A group or a block counts as so many elements. */
const UNIT_COST = 64;
/** A long block is written in pieces of so many bytes. */
const PIECE = 64 * 1024;
/** A remembered block takes about so many bytes. */
const BLOCK_REFERENCE = 20;

export class TopicCapture extends ValueCapture implements TopicPin {
  private readonly topic: Topic;
  private readonly values: LargeValues;
  private readonly groups: (TopicGroup | undefined)[];
  private readonly asides = new Map<number, Uint8Array>();
  private readonly blocks: (TopicBlock | undefined)[] = [];
  /** Of each block: where what is written begins and ends, and how many events that is. */
  private readonly spans: Int32Array;
  /** Index of the next group, and of the next block, to be written. */
  private nextGroup = 0;
  private nextBlock = 0;
  /** Bytes that are written of a long block. */
  private written = 0;

  /** @param live false when the topic cannot change before all is written. O(blocks + groups) */
  constructor(owner: Waiting, db: number, head: Uint8Array, topic: Topic, home: LargeValues, live: boolean) {
    super(owner, db, head, topic, home);
    this.topic = topic;
    this.values = home;
    this.groups = [...topic.groups.values()];
    if (live) for (const [i, group] of [...topic.groups.values()].entries()) group.turn = i;
    let count = 0;
    for (const partition of topic.partitions) count += partition.blockCount;
    this.spans = new Int32Array(3 * count);
    for (const partition of topic.partitions)
      forEachBlock(partition, (block, from, to, events) => {
        this.spans.set([from, to, events], 3 * this.blocks.length);
        this.blocks.push(block);
        block.held = live;
      });
    this.hold(count * BLOCK_REFERENCE);
  }

  changingGroup(group: TopicGroup): void {
    try {
      const { scratch } = this;
      scratch.reset();
      writeTopicGroup(scratch, group);
      const aside = scratch.buf.slice(0, scratch.pos);
      this.asides.set(group.turn, aside);
      this.groups[group.turn] = undefined;
      group.turn = -1;
      this.hold(aside.length);
    } catch (e) {
      this.failed(e);
    }
  }

  dropped(block: TopicBlock): void {
    this.values.retainedBytes += block.bytes;
    this.hold(block.bytes);
  }

  step(out: RdbOutput, count: number, limit: number): boolean {
    const { groups, blocks } = this;
    for (; this.nextGroup < groups.length && count > 0 && out.pos < limit; count -= UNIT_COST) this.writeGroup(out);
    if (this.nextGroup < groups.length) return false;
    for (; this.nextBlock < blocks.length && count > 0 && out.pos < limit; count -= UNIT_COST) this.writeBlock(out);
    if (this.nextBlock < blocks.length) return false;
    writeEnd(out);
    return true;
  }

  private writeGroup(out: RdbOutput): void {
    const turn = this.nextGroup++;
    const group = this.groups[turn];
    if (group !== undefined) {
      group.turn = -1;
      this.groups[turn] = undefined;
      return writeTopicGroup(out, group);
    }
    const aside = this.asides.get(turn)!;
    this.asides.delete(turn);
    this.hold(-aside.length);
    out.bytes(aside, 0, aside.length);
  }

  private writeBlock(out: RdbOutput): void {
    const { spans, nextBlock } = this;
    const [from, to, count] = spans.subarray(3 * nextBlock);
    const block = this.blocks[nextBlock]!;
    if (to - from > LONG_BLOCK) return this.writePiece(out, block, from, to, count);
    writeTopicBlock(out, this.topic, block, from, to, count);
    this.letGo();
  }

  private writePiece(out: RdbOutput, block: TopicBlock, from: number, to: number, count: number): void {
    if (this.written === 0) writeLongBlock(out, count, to - from);
    const at = ((block.ref & GRANULE_MASK) << 4) + from;
    const end = Math.min(this.written + PIECE, to - from);
    out.bytes(this.topic.arena.u8[block.ref >>> SEGMENT_BITS], at + this.written, at + end);
    this.written = end;
    if (end < to - from) return;
    this.written = 0;
    this.letGo();
  }

  /** The next block is not needed any more. */
  private letGo(): void {
    const block = this.blocks[this.nextBlock]!;
    this.blocks[this.nextBlock++] = undefined;
    block.held = false;
    if (!block.dropped) return;
    this.values.retainedBytes -= block.bytes;
    this.hold(-block.bytes);
    freeBlock(this.topic.arena, block);
  }

  override end(): void {
    for (const group of this.groups) if (group !== undefined) group.turn = -1;
    while (this.nextBlock < this.blocks.length) this.letGo();
    super.end();
  }
}
