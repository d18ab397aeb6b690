/**
 * TopicValue: a topic as the rest of the house knows it (own-value.ts): how it is copied, written, read and compared. What it is stands in
 * topic.ts.
 */
import type { ValueCapture, Waiting } from './capture-value.js';
import type { LargeValues } from './large.js';
import type { Arena } from './memory/arena.js';
import { Bytes } from './memory/bytes.js';
import type { OwnType, OwnValue } from './own-value.js';
import { RdbOutput } from './rdb/output.js';
import { Topic, type TopicSettings } from './topic.js';
import { TopicCapture } from './topic-capture.js';
import { TopicCursor } from './topic-cursor.js';
import { TopicLoader } from './topic-load.js';
import { forEachBlock, writeTopicBlock, writeTopicGroup, writeTopicHead } from './topic-save.js';
import { TOPIC } from './types.js';

const VIEW = new Bytes();
const NO_SETTINGS: TopicSettings = { retention: 0, maxBytes: 0, maxLen: 0 };

export const TOPIC_TYPE: OwnType = {
  type: TOPIC,
  module: 'synaptopc',
  version: 1,
  encodingName: 'topic',
  load: (arena) => new TopicLoader(new TopicValue(arena, NO_SETTINGS, 0)),
};

export class TopicValue extends Topic implements OwnValue {
  readonly kind = TOPIC_TYPE;
  /** Whether somebody finds something depends on what he asks for. */
  readonly ready = true;

  copyTo(arena: Arena): TopicValue {
    const copy = new TopicValue(arena, this.settings, this.partitions.length);
    copy.turn = this.turn;
    copy.due = this.due;
    copy.generationFloor = this.generationFloor;
    for (const [i, partition] of this.partitions.entries()) copy.partitions[i].copyFrom(partition);
    for (const group of this.groups.values()) copy.groups.set(group.name, group.copyTo(arena));
    return copy;
  }

  writeHead(out: RdbOutput): void {
    writeTopicHead(out, this);
  }

  writeElements(out: RdbOutput): void {
    for (const group of this.groups.values()) writeTopicGroup(out, group);
    for (const partition of this.partitions)
      forEachBlock(partition, (block, from, to, count) => writeTopicBlock(out, this, block, from, to, count));
  }

  captured(owner: Waiting, db: number, head: Uint8Array, home: LargeValues, live: boolean): ValueCapture {
    const capture = new TopicCapture(owner, db, head, this, home, live);
    if (live) this.capture = capture;
    return capture;
  }

  /** Settings and partitions; each event with its place; each group. What follows from how blocks were cut is no part of it. */
  parts(visit: (part: Uint8Array) => void): void {
    const out = new RdbOutput(false);
    writeTopicHead(out, this);
    visit(out.buf.subarray(0, out.pos));
    const cursor = new TopicCursor();
    for (const [i, partition] of this.partitions.entries()) {
      cursor.seek(partition, 0);
      while (cursor.next()) {
        out.reset();
        out.length(i);
        out.length(cursor.offset);
        const { buf, start, end } = cursor.record.whole(VIEW);
        out.bytes(buf, start, end);
        visit(out.buf.subarray(0, out.pos));
      }
    }
    for (const group of this.groups.values()) {
      out.reset();
      writeTopicGroup(out, group);
      visit(out.buf.subarray(0, out.pos));
    }
  }
}
