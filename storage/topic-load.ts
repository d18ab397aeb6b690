/** Reads topics from files: the form stands in topic-save.ts. Nothing is believed that would leave a topic that cannot be. */
import { MAX_BLOCK } from './memory/arena.js';
import { Bytes } from './memory/bytes.js';
import type { OwnLoader } from './own-value.js';
import type { RdbInput } from './rdb/input.js';
import { readNumber, readText } from './rdb/module-terms.js';
import { MAX_PARTITIONS } from './topic.js';
import { STRATEGY_NAMES } from './topic-assignment.js';
import { MAX_MEMBERS, SOON, START_NAMES, TopicGroup } from './topic-group.js';
import type { TopicPartition } from './topic-partition.js';
import { checkRecords, MAX_TIME } from './topic-record.js';
import type { TopicValue } from './topic-value.js';

const VIEW = new Bytes();
/** Offsets and generations are at most this, so that those to come can be written, too. */
const COUNTED_MAX = 2 ** 52;

/** Where the partitions of a topic begin and end, and when their last event came. */
interface Ends {
  readonly first: number;
  readonly next: number;
  readonly lastTime: number;
}

export class TopicLoader implements OwnLoader {
  readonly value: TopicValue;
  private ends: Ends[] | undefined = undefined;
  private groupsLeft = 0;
  /** The partition whose blocks are read. */
  private index = 0;

  constructor(value: TopicValue) {
    this.value = value;
  }

  next(input: RdbInput): boolean {
    if (this.ends === undefined) this.head(input);
    else if (this.groupsLeft > 0) this.group(input);
    else this.block(input, this.ends);
    const more = this.groupsLeft > 0 || this.findBlocks(this.ends!);
    // Members count from when they are heard of, and what is too old goes, as soon as somebody looks.
    if (!more) this.value.due = SOON;
    return more;
  }

  /** Goes on to the next partition that has events which are not read yet; false when there is none. */
  private findBlocks(ends: readonly Ends[]): boolean {
    const { partitions } = this.value;
    while (this.index < ends.length && partitions[this.index].nextOffset === ends[this.index].next) this.index++;
    return this.index < ends.length;
  }

  private head(input: RdbInput): void {
    const retention = number(input, MAX_TIME, 'retention');
    const maxBytes = number(input, Number.MAX_SAFE_INTEGER, 'maximum of bytes');
    const maxLen = number(input, Number.MAX_SAFE_INTEGER, 'maximum of events');
    const turn = number(input, MAX_PARTITIONS - 1, 'partition in turn');
    const floor = number(input, COUNTED_MAX, 'generation');
    const groups = number(input, Number.MAX_SAFE_INTEGER, 'number of groups');
    const count = number(input, MAX_PARTITIONS, 'number of partitions');
    if (count <= turn) throw input.error('a topic that has fewer partitions than it should');
    const ends: Ends[] = [];
    for (let i = 0; i < count; i++) {
      const first = number(input, COUNTED_MAX, 'offset');
      const next = number(input, COUNTED_MAX, 'offset');
      if (next < first) throw input.error('a partition that ends before it begins');
      ends.push({ first, next, lastTime: number(input, MAX_TIME - 1, 'time') });
    }
    const { value } = this;
    value.settings = { retention, maxBytes, maxLen };
    value.turn = turn;
    value.generationFloor = floor;
    for (const { first, next, lastTime } of ends) {
      const partition = value.addPartition();
      partition.firstOffset = partition.nextOffset = first;
      if (first === next) partition.lastTime = lastTime;
    }
    this.groupsLeft = groups;
    this.ends = ends;
  }

  private group(input: RdbInput): void {
    const { value } = this;
    const name = readText(input, VIEW).toString();
    if (value.groups.has(name)) throw input.error('two groups of one name');
    const strategy = number(input, STRATEGY_NAMES.length - 1, 'strategy');
    const timeout = number(input, MAX_TIME, 'timeout');
    if (timeout === 0) throw input.error('a group that forgets everybody at once');
    const start = number(input, START_NAMES.length - 1, 'start');
    const generation = number(input, COUNTED_MAX, 'generation');
    const names: string[] = [];
    for (let left = number(input, MAX_MEMBERS, 'number of members'); left > 0; left--)
      names.push(readText(input, VIEW).toString());
    if (new Set(names).size < names.length) throw input.error('two members of one name');
    const owners: number[] = [];
    const committed: number[] = [];
    for (const { next } of this.ends!) {
      owners.push(number(input, names.length, 'owner'));
      committed.push(number(input, next, 'committed offset'));
    }
    const group = new TopicGroup(value.arena, name, { strategy, timeout, start }, owners.length, generation);
    const members = names.map((member) => group.restore(member, 0));
    for (const [p, owner] of owners.entries()) group.owners[p] = owner === 0 ? undefined : members[owner - 1];
    group.committed.set(committed);
    value.groups.set(name, group);
    this.groupsLeft--;
  }

  private block(input: RdbInput, ends: readonly Ends[]): void {
    const partition: TopicPartition = this.value.partitions[this.index];
    const { next, lastTime } = ends[this.index];
    const count = number(input, next - partition.nextOffset, 'number of events');
    const { buf, start, end } = readText(input, VIEW);
    const isLast = partition.nextOffset + count === next;
    const time = checkRecords(buf, start, end, count, partition.lastTime);
    if (count === 0 || end - start > MAX_BLOCK || time < 0 || time > lastTime || (isLast && time !== lastTime))
      throw input.error('events of a topic that are damaged');
    partition.appendRecords(buf, start, end, count, time);
  }
}

function number(input: RdbInput, most: number, what: string): number {
  const n = readNumber(input);
  if (n > most) throw input.error(`a topic with an impossible ${what} (${n})`);
  return n;
}
