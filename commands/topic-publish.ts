/**
 * TOPIC.PUBLISH and TOPIC.APPEND. Where an event goes depends on whose turn it is, and when it came on the clock: so what is told of a
 * PUBLISH is an APPEND with its partition, offset and time. What is too much for MAXLEN and MAXBYTES then goes with it there too, for
 * that follows from what the partition holds; what is too old does not (topic-time.ts).
 */
import type { Topic } from '../storage/topic.js';
import { EventDraft, MAX_TIME, recordBytes } from '../storage/topic-record.js';
import { valueMoved } from '../storage/value-due.js';
import { optionArg, rangeArg } from './args.js';
import type { Client } from './client.js';
import { HEADERS, KEY, TOPIC_APPEND, TYPE } from './effect-words.js';
import { EVENT_TOO_LARGE, NOT_NEXT_OFFSET, SYNTAX, TIME_BEFORE_LAST } from './error.js';
import { NOTIFY_MODULE } from './events.js';
import { offsetArg, partitionArg, topicToWrite } from './topic-key.js';

/** Scratch: filled again by every command. */
const DRAFT = new EventDraft();

/**
 * Reads `[KEY k] [TYPE t] [HEADERS n name value ...]`, in any order, from `argv[from]` on into DRAFT.
 * @param takesPartition whether `PARTITION p` may be among them
 * @returns the index of p; 0 without it
 */
function readOptions(c: Client, from: number, takesPartition: boolean): number {
  const { argv, argc } = c;
  let partition = 0;
  DRAFT.key = DRAFT.type = undefined;
  DRAFT.headers = argv;
  DRAFT.from = DRAFT.to = 0;
  for (let i = from; i < argc; i++) {
    const word = argv[i];
    if (++i === argc) throw SYNTAX;
    if (word.is('key')) DRAFT.key = argv[i];
    else if (word.is('type')) DRAFT.type = argv[i];
    else if (takesPartition && word.is('partition')) partition = i;
    else if (word.is('headers')) {
      const pairs = rangeArg(argv[i], 1, argc, SYNTAX);
      DRAFT.from = i + 1;
      DRAFT.to = i += 2 * pairs;
      DRAFT.to++;
      if (i >= argc) throw SYNTAX;
    } else throw SYNTAX;
  }
  return partition;
}

export function publish(c: Client): void {
  const { argv } = c;
  const at = readOptions(c, 3, true);
  DRAFT.data = argv[2];
  const topic = topicToWrite(c);
  let index = topic.turn;
  if (at > 0) index = partitionArg(topic, argv[at]);
  else if (DRAFT.key !== undefined) index = topic.partitionOf(DRAFT.key);
  // A clock that was set back must not make an event older than the one before it.
  append(c, topic, index, Math.max(c.now, topic.partitions[index].lastTime));
}

export function appendEvent(c: Client): void {
  const { argv } = c;
  readOptions(c, 6, false);
  DRAFT.data = argv[5];
  const offset = offsetArg(argv[3]);
  const time = optionArg(c, 4, 'time', 0, MAX_TIME - 1);
  const topic = topicToWrite(c);
  const index = partitionArg(topic, argv[2]);
  const { nextOffset, lastTime } = topic.partitions[index];
  if (offset !== nextOffset) throw NOT_NEXT_OFFSET;
  if (time < lastTime) throw TIME_BEFORE_LAST;
  append(c, topic, index, time);
}

function append(c: Client, topic: Topic, index: number, time: number): void {
  const { out } = c;
  const { maxBytes } = topic.settings;
  if (maxBytes > 0 && recordBytes(DRAFT) > maxBytes) throw EVENT_TOO_LARGE;
  const offset = topic.partitions[index].nextOffset;
  topic.append(index, DRAFT, time);
  valueMoved(c.db.space, c.argv[1], topic.due);
  tell(c, index, offset, time);
  c.touched(c.argv[1], NOTIFY_MODULE, 'topic.publish');
  out.array(2);
  out.int(index);
  out.int(offset);
}

function tell(c: Client, index: number, offset: number, time: number): void {
  const effect = c.effect(TOPIC_APPEND)?.add(c.argv[1]).addInt(index).addInt(offset).addInt(time).add(DRAFT.data);
  if (effect === undefined) return;
  const { key, type, headers, from, to } = DRAFT;
  if (key !== undefined) effect.add(KEY).add(key);
  if (type !== undefined) effect.add(TYPE).add(type);
  if (to > from)
    effect
      .add(HEADERS)
      .addInt((to - from) >> 1)
      .addAll(headers, from, to);
  effect.tell();
}

/** TOPIC.TRIM: told as it is asked for. */
export function trim(c: Client): void {
  const { argv } = c;
  const offset = offsetArg(argv[3]);
  const topic = topicToWrite(c);
  const gone = topic.trim(partitionArg(topic, argv[2]), offset, c.db.space.larges);
  if (gone > 0) c.touched(argv[1], NOTIFY_MODULE, 'topic.trim', c.db, gone);
  c.out.int(gone);
}
