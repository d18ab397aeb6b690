/**
 * TopicPartition: events in the order in which they came, in a chain of blocks of the arena to which is only appended. An event's offset
 * is implicit: the offset of its block's first event, and its place in it.
 *
 *   blocks   [ (dropped) | records ... | records ... | records ... (room) ]
 *                            ^ front: where the first event that is kept begins       ^ used
 *
 * Events go from the front only, to the very event; a block is given back with the last of them. Offsets are never used again, not even
 * when nothing is left. Times never go back either: so what is too old stands in front. Knows no clock. Read next: topic-record.ts.
 */
import { TOO_LONG } from './fault.js';
import { type Arena, blockBytes, GRANULE_MASK, MAX_BLOCK, SEGMENT_BITS } from './memory/arena.js';
import { type EventDraft, recordBytes, recordEnd, recordTime, writeRecord } from './topic-record.js';

/** A block's size, but for one that holds a single longer event. */
const FIRST_BLOCK = 256;
const MAX_TOPIC_BLOCK = 64 * 1024;
/** What a block costs beside its bytes. */
const BLOCK_OVERHEAD = 96;
export const PARTITION_OVERHEAD = 160;

/** One block. Its bytes below `used` never change. */
export class TopicBlock {
  used = 0;
  /** Number of its events, those included that were dropped. */
  count = 0;
  /** Time of its last event. */
  lastTime = 0;
  /** A snapshot has not written it yet: it must not be given back before. */
  held = false;
  /** It belongs to the partition no more, and waits for that. */
  dropped = false;

  /**
   * @param ref its block of the arena, of `capacity` bytes
   * @param first offset of its first event
   */
  constructor(
    readonly ref: number,
    readonly capacity: number,
    readonly first: number,
  ) {}

  /** Offset behind its last event. */
  get end(): number {
    return this.first + this.count;
  }

  /** What it takes, in the arena and outside. */
  get bytes(): number {
    return blockBytes(this.capacity) + BLOCK_OVERHEAD;
  }
}

/** Frees a block and accounts for it. */
export function freeBlock(arena: Arena, block: TopicBlock): void {
  arena.release(block.ref, block.capacity);
  arena.outside -= BLOCK_OVERHEAD;
}

export class TopicPartition {
  /** Blocks from `head` on are there. */
  readonly blocks: (TopicBlock | undefined)[] = [];
  head = 0;
  /** Where the first event that is kept stands in the first block. */
  front = 0;
  /** Offset of the first event that is kept, and the one of the next event to come. */
  firstOffset = 0;
  nextOffset = 0;
  /** Bytes of the records that are kept. */
  bytes = 0;
  /** Bytes of its blocks, in the arena and outside. */
  blockBytes = 0;
  /** Time of the last event that ever came. */
  lastTime = 0;

  constructor(readonly arena: Arena) {}

  /** Number of events that are kept. */
  get events(): number {
    return this.nextOffset - this.firstOffset;
  }

  get blockCount(): number {
    return this.blocks.length - this.head;
  }

  /**
   * Appends `draft`. O(its bytes)
   * @param time ms since the epoch, not before `lastTime`
   * @throws TOO_LONG when its record is longer than a block can be; nothing has changed then
   */
  append(draft: EventDraft, time: number): void {
    const n = recordBytes(draft);
    const { arena } = this;
    const block = this.room(n);
    writeRecord(arena.u8[block.ref >>> SEGMENT_BITS], ((block.ref & GRANULE_MASK) << 4) + block.used, draft, time);
    block.used += n;
    block.count++;
    block.lastTime = time;
    this.lastTime = time;
    this.nextOffset++;
    this.bytes += n;
  }

  /** The last block, a new one when it has not `n` bytes left. */
  private room(n: number): TopicBlock {
    const last = this.blocks[this.blocks.length - 1];
    if (last !== undefined && last.capacity - last.used >= n) return last;
    if (n > MAX_BLOCK) throw TOO_LONG;
    // As large as what is kept: what is unused is never more than that, and blocks of large partitions are large.
    const size = Math.min(MAX_TOPIC_BLOCK, Math.max(FIRST_BLOCK, this.bytes));
    return this.addBlock(Math.max(n, size), this.nextOffset);
  }

  /** A new last block. */
  addBlock(capacity: number, first: number): TopicBlock {
    const { arena } = this;
    const block = new TopicBlock(arena.alloc(capacity), capacity, first);
    arena.outside += BLOCK_OVERHEAD;
    this.blockBytes += block.bytes;
    this.blocks.push(block);
    return block;
  }

  /** Drops all events before `offset`, at most all there are. O(blocks that go + records of one block) */
  dropTo(offset: number, gone: (block: TopicBlock) => void): void {
    offset = Math.min(offset, this.nextOffset);
    while (this.head < this.blocks.length && this.blocks[this.head]!.end <= offset) this.dropBlock(gone);
    while (this.firstOffset < offset) this.dropRecord(gone);
  }

  /** Drops events until no more than `count` are left. */
  keepEvents(count: number, gone: (block: TopicBlock) => void): void {
    if (this.events > count) this.dropTo(this.nextOffset - count, gone);
  }

  /** Drops events until no more than `bytes` are left. O(blocks that go + records of one block) */
  keepBytes(bytes: number, gone: (block: TopicBlock) => void): void {
    while (this.bytes > bytes && this.bytes - this.firstBlockBytes >= bytes) this.dropBlock(gone);
    while (this.bytes > bytes) this.dropRecord(gone);
  }

  /**
   * The offset of the first event that came after `time`, as far as `limit` blocks are looked at: `nextOffset` when there is none.
   * O(limit + records of one block)
   */
  firstAfter(time: number, limit: number): number {
    const { blocks } = this;
    let at = this.head;
    while (at < blocks.length && blocks[at]!.lastTime <= time) if (++at - this.head === limit) break;
    if (at === blocks.length) return this.nextOffset;
    const block = blocks[at]!;
    const u8 = this.arena.u8[block.ref >>> SEGMENT_BITS];
    const base = (block.ref & GRANULE_MASK) << 4;
    let offset = at === this.head ? this.firstOffset : block.first;
    if (block.lastTime <= time) return offset;
    let p = base + (at === this.head ? this.front : 0);
    for (; recordTime(u8, p) <= time; offset++) p = recordEnd(u8, p);
    return offset;
  }

  /** Bytes of the records from `offset` on, which must be kept or the next. O(blocks before + records of one block) */
  bytesFrom(offset: number): number {
    let n = this.bytes;
    let at = this.head;
    for (; at < this.blocks.length && this.blocks[at]!.end <= offset; at++)
      n -= this.blocks[at]!.used - (at === this.head ? this.front : 0);
    if (at === this.blocks.length) return n;
    const block = this.blocks[at]!;
    const u8 = this.arena.u8[block.ref >>> SEGMENT_BITS];
    const begin = ((block.ref & GRANULE_MASK) << 4) + (at === this.head ? this.front : 0);
    let p = begin;
    for (let o = at === this.head ? this.firstOffset : block.first; o < offset; o++) p = recordEnd(u8, p);
    return n - (p - begin);
  }

  /** The time of the first event; Infinity when there is none. O(1) */
  get firstTime(): number {
    const block = this.blocks[this.head];
    if (block === undefined) return Number.POSITIVE_INFINITY;
    return recordTime(this.arena.u8[block.ref >>> SEGMENT_BITS], ((block.ref & GRANULE_MASK) << 4) + this.front);
  }

  /** Index of the block that holds `offset`, which must be kept. O(log blocks) */
  blockOf(offset: number): number {
    let low = this.head;
    let high = this.blocks.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.blocks[middle]!.first <= offset) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  /**
   * Puts records behind the last one as they stand in `buf[start..end)`, in a block of their own.
   * @param count how many they are
   * @param lastTime the time of the last of them. O(bytes)
   */
  appendRecords(buf: Uint8Array, start: number, end: number, count: number, lastTime: number): void {
    const block = this.addBlock(end - start, this.nextOffset);
    const at = (block.ref & GRANULE_MASK) << 4;
    this.arena.u8[block.ref >>> SEGMENT_BITS].set(buf.subarray(start, end), at);
    block.used = end - start;
    block.count = count;
    block.lastTime = this.lastTime = lastTime;
    this.nextOffset += count;
    this.bytes += block.used;
  }

  /** Becomes equal to `from`, which may lie in another arena; must be new. O(bytes) */
  copyFrom(from: TopicPartition): void {
    this.firstOffset = this.nextOffset = from.firstOffset;
    for (let i = from.head; i < from.blocks.length; i++) {
      const block = from.blocks[i]!;
      const at = (block.ref & GRANULE_MASK) << 4;
      const u8 = from.arena.u8[block.ref >>> SEGMENT_BITS];
      const front = i === from.head ? from.front : 0;
      this.appendRecords(u8, at + front, at + block.used, block.end - this.nextOffset, block.lastTime);
    }
    this.nextOffset = from.nextOffset;
    this.lastTime = from.lastTime;
  }

  /** Takes the first block out. @returns whether there was one */
  dropBlock(gone: (block: TopicBlock) => void): boolean {
    const { blocks } = this;
    const block = blocks[this.head];
    if (block === undefined) return false;
    this.bytes -= this.firstBlockBytes;
    this.blockBytes -= block.bytes;
    this.firstOffset = block.end;
    this.front = 0;
    blocks[this.head++] = undefined;
    if (this.head === blocks.length || this.head >= 64 + (blocks.length >> 1)) {
      blocks.splice(0, this.head);
      this.head = 0;
    }
    gone(block);
    return true;
  }

  /** Drops the first event, and its block when it was the last one there. */
  private dropRecord(gone: (block: TopicBlock) => void): void {
    const block = this.blocks[this.head]!;
    const at = ((block.ref & GRANULE_MASK) << 4) + this.front;
    const n = recordEnd(this.arena.u8[block.ref >>> SEGMENT_BITS], at) - at;
    this.front += n;
    this.bytes -= n;
    this.firstOffset++;
    if (this.front === block.used) this.dropBlock(gone);
  }

  /** Bytes that are kept of the first block. */
  private get firstBlockBytes(): number {
    return this.blocks[this.head]!.used - this.front;
  }
}
