/** TopicCursor: reads the events of a partition one after the other. Must not be used any more when the partition has changed. */
import { GRANULE_MASK, SEGMENT_BITS } from './memory/arena.js';
import type { TopicPartition } from './topic-partition.js';
import { RecordReader, recordEnd } from './topic-record.js';

export class TopicCursor {
  /** Offset of the event that `next` has turned to. */
  offset = 0;
  readonly record = new RecordReader();
  private partition!: TopicPartition;
  private index = 0;
  private u8!: Uint8Array;
  private p = 0;
  private end = 0;

  /** Turns to the event at `offset`, or the first that is kept when that is gone: `next` will be there. O(log blocks + records of a block) */
  seek(partition: TopicPartition, offset: number): this {
    this.partition = partition;
    const from = Math.max(offset, partition.firstOffset);
    this.offset = from - 1;
    this.p = this.end = 0;
    this.index = partition.blocks.length;
    if (from >= partition.nextOffset) return this;
    this.index = partition.blockOf(from);
    this.enter();
    const block = partition.blocks[this.index]!;
    let at = this.index === partition.head ? partition.firstOffset : block.first;
    for (; at < from; at++) this.p = recordEnd(this.u8, this.p);
    return this;
  }

  /** Goes on to the next event, `record` at its beginning; false when there is none. O(1) */
  next(): boolean {
    if (this.p === this.end) {
      if (++this.index >= this.partition.blocks.length) return false;
      this.enter();
    }
    this.offset++;
    this.record.begin(this.u8, this.p);
    this.p = recordEnd(this.u8, this.p);
    return true;
  }

  private enter(): void {
    const { partition, index } = this;
    const block = partition.blocks[index]!;
    const base = (block.ref & GRANULE_MASK) << 4;
    this.u8 = partition.arena.u8[block.ref >>> SEGMENT_BITS];
    this.p = base + (index === partition.head ? partition.front : 0);
    this.end = base + block.used;
  }
}
