/**
 * TOPIC.READ: events of some partitions from given offsets on. When there are none a reader may wait: it is parked, and the same handler
 * runs again with every change of the topic, so any number of readers gets the same event, and one that is fenced meanwhile, or whose
 * topic has gone, hears of that at once.
 */
import { Bytes } from '../storage/memory/bytes.js';
import { TopicCursor } from '../storage/topic-cursor.js';
import type { TopicValue } from '../storage/topic-value.js';
import { TOPIC } from '../storage/types.js';
import { decimal, rangeArg } from './args.js';
import type { Client } from './client.js';
import { COUNT_POSITIVE, SYNTAX, TIMEOUT_NEGATIVE, TIMEOUT_NOT_INTEGER } from './error.js';
import { checkGeneration, checkOwner, groupArg, memberArg, offsetArg, partitionArg, topicToRead } from './topic-key.js';

/** Events that are read when no COUNT says how many. */
const DEFAULT_COUNT = 1000;
const MAX = Number.POSITIVE_INFINITY;
const VIEW = new Bytes();

/** What is read from a partition. */
class Part {
  constructor(
    readonly partition: number,
    readonly from: number,
    /** How many events there are from `from` on, and how many of them are read. */
    readonly available: number,
    public count = 0,
  ) {}
}

/** What a call asks for. */
interface ReadRequest {
  /** Where group, member and generation stand; 0 without GROUP. */
  group: number;
  count: number;
  /** When waiting ends, ms since the epoch; -1: it does not wait. */
  deadline: number;
  /** Where the pairs of partition and offset begin. */
  pairs: number;
}

export function read(c: Client): void {
  const request = readRequest(c);
  const topic = topicToRead(c);
  if (request.group > 0) checkMember(c, topic, request);
  const parts = partsOf(c, topic, request.pairs);
  const n = share(parts, request.count);
  if (n > 0) return reply(c, topic, parts, n);
  if (request.deadline < 0) return c.out.nilArray();
  wait(c, topic, request);
}

function readRequest(c: Client): ReadRequest {
  const { argv, argc } = c;
  const request = { group: 0, count: DEFAULT_COUNT, deadline: -1, pairs: 0 };
  for (let i = 2; i < argc; i++) {
    const word = argv[i];
    if (word.is('from')) {
      request.pairs = i + 1;
      break;
    }
    if (++i === argc) throw SYNTAX;
    if (word.is('count')) request.count = rangeArg(argv[i], 1, MAX, COUNT_POSITIVE);
    else if (word.is('block')) request.deadline = deadline(c, argv[i]);
    else if (word.is('group')) {
      request.group = i;
      i += 2;
    } else throw SYNTAX;
  }
  if (request.pairs === 0 || request.pairs === argc || (argc - request.pairs) % 2 !== 0) throw SYNTAX;
  return request;
}

function deadline(c: Client, arg: Bytes): number {
  const ms = rangeArg(arg, 0, MAX, TIMEOUT_NEGATIVE, TIMEOUT_NOT_INTEGER);
  return ms === 0 ? MAX : c.now + ms;
}

/** Lets a member of a group read only what is assigned to it in its generation, and counts that as a sign of life. */
function checkMember(c: Client, topic: TopicValue, { group: at, pairs }: ReadRequest): void {
  const { argv, argc } = c;
  const group = groupArg(c, topic, argv[at]);
  const member = memberArg(group, argv[at + 1]);
  checkGeneration(group, argv[at + 2]);
  for (let i = pairs; i < argc; i += 2) checkOwner(group, member, partitionArg(topic, argv[i]));
  // One that waits says nothing: whether it lives is not known until it asks again.
  if (!c.server.blocking.isRetrying(c)) member.heard = c.now;
}

/** What there is from the offsets on. Events that are too old are there no more, though they may not be dropped yet. */
function partsOf(c: Client, topic: TopicValue, pairs: number): Part[] {
  const { argv, argc } = c;
  const parts: Part[] = [];
  for (let i = pairs; i < argc; i += 2) {
    const partition = partitionArg(topic, argv[i]);
    const { nextOffset } = topic.partitions[partition];
    const offset = argv[i + 1].is('$') ? nextOffset : offsetArg(argv[i + 1]);
    const from = Math.max(offset, topic.retainedFrom(partition, c.now, MAX));
    parts.push(new Part(partition, from, Math.max(0, nextOffset - from)));
  }
  return parts;
}

/** Divides `count` evenly among the parts, as far as they have events: none waits behind a longer one. @returns the sum */
function share(parts: readonly Part[], count: number): number {
  const order = [...parts].sort((a, b) => a.available - b.available);
  let left = count;
  for (const [i, part] of order.entries()) {
    part.count = Math.min(part.available, Math.floor(left / (order.length - i)));
    left -= part.count;
  }
  return count - left;
}

function reply(c: Client, topic: TopicValue, parts: readonly Part[], n: number): void {
  // Made anew, for it would keep a topic alive that is deleted later.
  const cursor = new TopicCursor();
  c.out.array(n);
  for (const { partition, from, count } of parts) {
    cursor.seek(topic.partitions[partition], from);
    for (let left = count; left > 0 && cursor.next(); left--) replyEvent(c, partition, cursor);
  }
}

function replyEvent(c: Client, partition: number, { record, offset }: TopicCursor): void {
  const { out } = c;
  out.map(7);
  out.bulkText('partition');
  out.int(partition);
  out.bulkText('offset');
  out.int(offset);
  out.bulkText('time');
  out.int(record.time);
  out.bulkText('key');
  if (record.hasKey) out.bulk(record.field(VIEW));
  else out.nil();
  out.bulkText('type');
  if (record.hasType) out.bulk(record.field(VIEW));
  else out.nil();
  out.bulkText('data');
  out.bulk(record.data(VIEW));
  out.bulkText('headers');
  const headers = record.headers();
  out.map(headers);
  for (let i = 0; i < 2 * headers; i++) out.bulk(record.field(VIEW));
}

/** Parks the reader. What comes after now (`$`) is told by its offset from now on. */
function wait(c: Client, topic: TopicValue, { group, deadline, pairs }: ReadRequest): void {
  const { argv, argc } = c;
  const ends: [partition: number, offset: number][] = [];
  for (let i = pairs; i < argc; i += 2) {
    const partition = partitionArg(topic, argv[i]);
    const { nextOffset } = topic.partitions[partition];
    if (argv[i + 1].is('$')) argv[i + 1].assign(decimal(nextOffset).copy());
    ends.push([partition, offsetArg(argv[i + 1])]);
  }
  const name = group > 0 ? argv[group].toString() : undefined;
  const generation = name === undefined ? 0 : topic.groups.get(name)!.generation;
  c.block(1, 2, deadline, TOPIC, 'nil-array', true, (value) => {
    const { partitions, groups } = value as TopicValue;
    if (name !== undefined && groups.get(name)?.generation !== generation) return true;
    return ends.some(([partition, offset]) => !(partitions[partition]?.nextOffset <= offset));
  });
}
