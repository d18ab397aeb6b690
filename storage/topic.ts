/**
 * Topic: a partitioned stream of events with consumer groups, one value of the keyspace. Its events lie in blocks of the arena
 * (topic-partition.ts); a group knows how far it has read (topic-group.ts).
 *
 * Retention holds for each partition: `maxLen` events and `maxBytes` bytes are kept to exactly, with every append; what is older than
 * `retention` is hidden at once and dropped a little later, when the owner says what time it is (`retainedFrom`, `trim`). Knows no clock, no key and no log.
 */
import type { Large, LargeValues, Pin } from './large.js';
import type { Arena } from './memory/arena.js';
import type { Bytes } from './memory/bytes.js';
import { type GroupSettings, LATEST, TopicGroup } from './topic-group.js';
import { freeBlock, PARTITION_OVERHEAD, type TopicBlock, TopicPartition } from './topic-partition.js';
import type { EventDraft } from './topic-record.js';
import { TopicRemains } from './topic-remains.js';

export const MAX_PARTITIONS = 1024;
const TOPIC_OVERHEAD = 400;
/** What is too old is dropped at most so many ms later. */
const MAX_DELAY = 1000;

export interface TopicSettings {
  /** Events older than so many ms go; 0: none does. */
  readonly retention: number;
  /** The most bytes and events that a partition keeps; 0: no limit. */
  readonly maxBytes: number;
  readonly maxLen: number;
}

/** A snapshot that has not written a topic yet; it is told of changes before they happen. */
export interface TopicPin extends Pin {
  /** A group is about to change, or to go. */
  changingGroup(group: TopicGroup): void;
  /** A block that is `held` has left its partition. */
  dropped(block: TopicBlock): void;
}

export class Topic implements Large {
  readonly partitions: TopicPartition[] = [];
  readonly groups = new Map<string, TopicGroup>();
  capture: TopicPin | undefined = undefined;
  /** The partition of the next event that has no key and names none. */
  turn = 0;
  /** Before this time nothing happens by itself: no event is too old, no member silent for too long. A lower bound, ms since the epoch. */
  due = Number.POSITIVE_INFINITY;
  /** No group that is made from now on begins below this: who was a member of one that is gone must not be taken for one of the next. */
  generationFloor = 0;
  private isFreed = false;
  private readonly gone = (block: TopicBlock): void => this.release(block);

  /** @param partitions up to MAX_PARTITIONS */
  constructor(
    readonly arena: Arena,
    public settings: TopicSettings,
    partitions: number,
  ) {
    arena.outside += TOPIC_OVERHEAD;
    for (let i = 0; i < partitions; i++) this.addPartition();
  }

  /** One more, for who loads: how many there are never changes afterwards. */
  addPartition(): TopicPartition {
    const partition = new TopicPartition(this.arena);
    this.partitions.push(partition);
    this.arena.outside += PARTITION_OVERHEAD;
    return partition;
  }

  private get overhead(): number {
    return TOPIC_OVERHEAD + this.partitions.length * PARTITION_OVERHEAD;
  }

  /** O(partitions + groups) */
  get bytes(): number {
    let n = this.overhead;
    for (const partition of this.partitions) n += partition.blockBytes;
    for (const group of this.groups.values()) n += group.bytes;
    return n;
  }

  /** O(partitions) */
  get pieces(): number {
    let n = this.partitions.length + this.groups.size;
    for (const partition of this.partitions) n += partition.blockCount;
    return n;
  }

  /** How many events ever came. O(partitions) */
  get published(): number {
    let n = 0;
    for (const { nextOffset } of this.partitions) n += nextOffset;
    return n;
  }

  // ---- events -------------------------------------------------------------------------------------------------------------------

  /** The partition of events with this key: the same wherever and whenever. FNV-1a of its bytes, 32 bits, modulo their number. */
  partitionOf(key: Bytes): number {
    let h = 0x811c9dc5;
    for (let p = key.start; p < key.end; p++) h = Math.imul(h ^ key.buf[p], 0x01000193);
    return (h >>> 0) % this.partitions.length;
  }

  /**
   * Appends an event, and drops what is too much then.
   * @param time ms since the epoch; not before that of the last event there
   * @throws TOO_LONG, and nothing has changed. O(bytes of the event) but for what is dropped
   */
  append(index: number, draft: EventDraft, time: number): void {
    const partition = this.partitions[index];
    partition.append(draft, time);
    if (draft.key === undefined) this.turn = (index + 1) % this.partitions.length;
    const { maxLen, maxBytes } = this.settings;
    if (maxLen > 0) partition.keepEvents(maxLen, this.gone);
    if (maxBytes > 0) partition.keepBytes(maxBytes, this.gone);
    if (this.settings.retention > 0) this.expect(time + this.keepsFor);
  }

  /** When what is too old is dropped next; Infinity: never. O(partitions) */
  private get retentionDue(): number {
    let first = Number.POSITIVE_INFINITY;
    if (this.settings.retention > 0) for (const { firstTime } of this.partitions) first = Math.min(first, firstTime);
    return first + this.keepsFor;
  }

  /**
   * So many ms after it came an event is dropped: a little later than it is too old, so that many go at once and the log is told of few
   * drops. Readers do not see what is too old meanwhile (`retainedFrom`).
   */
  private get keepsFor(): number {
    const { retention } = this.settings;
    return retention + Math.min(MAX_DELAY, Math.floor(retention / 256));
  }

  /**
   * The offset of the first event of a partition that is not too old at `now`, as far as `limit` blocks are looked at.
   * O(limit + records of one block)
   */
  retainedFrom(index: number, now: number, limit: number): number {
    const partition = this.partitions[index];
    const { retention } = this.settings;
    return retention === 0 ? partition.firstOffset : partition.firstAfter(now - retention, limit);
  }

  /**
   * Drops the events of a partition before `offset`.
   * @param larges where what is dropped waits to be freed in slices
   * @returns how many. O(blocks + records of one block)
   */
  trim(index: number, offset: number, larges: LargeValues): number {
    const partition = this.partitions[index];
    const before = partition.firstOffset;
    const blocks: TopicBlock[] = [];
    partition.dropTo(offset, (block) => {
      if (block.held) this.release(block);
      else blocks.push(block);
    });
    if (blocks.length > 0) larges.discard(larges.put(new TopicRemains(this.arena, blocks)));
    return partition.firstOffset - before;
  }

  private release(block: TopicBlock): void {
    if (!block.held) return freeBlock(this.arena, block);
    block.dropped = true;
    this.capture!.dropped(block);
  }

  // ---- groups -------------------------------------------------------------------------------------------------------------------

  /** Makes a group, whose name must not be one's. It begins to read where `settings.start` says. O(partitions) */
  createGroup(name: string, settings: GroupSettings): TopicGroup {
    const group = new TopicGroup(this.arena, name, settings, this.partitions.length, this.generationFloor);
    for (const [i, { firstOffset, nextOffset }] of this.partitions.entries())
      group.committed[i] = settings.start === LATEST ? nextOffset : firstOffset;
    this.groups.set(name, group);
    return group;
  }

  /** @returns whether there was one */
  deleteGroup(name: string): boolean {
    const group = this.groups.get(name);
    if (group === undefined) return false;
    this.changing(group);
    this.groups.delete(name);
    this.generationFloor = Math.max(this.generationFloor, group.generation);
    group.free();
    return true;
  }

  /** A new member of a group, whose name must not be one's. O(partitions + members) */
  join(group: TopicGroup, name: string, now: number): void {
    this.changing(group);
    group.join(name, now);
    this.expect(now + group.settings.timeout);
  }

  /** @returns whether that was a member. O(partitions + members) */
  leave(group: TopicGroup, name: string): boolean {
    if (!group.members.has(name)) return false;
    this.changing(group);
    return group.leave(name);
  }

  /** `offset` is the next to read. @returns whether that is further than before. O(1) */
  commit(group: TopicGroup, partition: number, offset: number): boolean {
    if (offset <= group.committed[partition]) return false;
    this.changing(group);
    group.committed[partition] = offset;
    return true;
  }

  /** Must be called before anything changes in `group` that is data. */
  private changing(group: TopicGroup): void {
    if (group.turn >= 0) this.capture?.changingGroup(group);
  }

  // ---- time -----------------------------------------------------------------------------------------------------------------------

  /** At this time, ms since the epoch, something happens by itself, no sooner. O(1) */
  expect(at: number): void {
    if (at < this.due) this.due = at;
  }

  /** Looks when something happens next. O(partitions + members) */
  findDue(): void {
    this.due = this.retentionDue;
    for (const group of this.groups.values()) this.expect(group.due);
  }

  /** Frees about `budget` blocks or groups; true when nothing is left. */
  free(budget: number): boolean {
    const { partitions, groups } = this;
    for (let i = partitions.length - 1; i >= 0; i--)
      while (partitions[i].dropBlock(this.gone)) if (--budget <= 0) return false;
    for (const [name, group] of groups) {
      group.free();
      groups.delete(name);
      if (--budget <= 0) return false;
    }
    if (!this.isFreed) this.arena.outside -= this.overhead;
    this.isFreed = true;
    return true;
  }
}
