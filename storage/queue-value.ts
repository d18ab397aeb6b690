/**
 * QueueValue: a queue as a value of a key: how it is copied, told in a digest, and written to files and read from them.
 *
 *   head      settings: depth deadline retries prefetch priority ttl delay | last id | published delivered acked nacked expired dead |
 *             number of messages
 *   message   id priority state deliveries retries published time expires [ holder ] [ reason ] headers payload
 *
 * In a file a message that waits is READY whatever its time says: whether it is delayed is a question of the clock.
 */
import type { ValueCapture, Waiting } from './capture-value.js';
import type { LargeValues } from './large.js';
import type { Arena } from './memory/arena.js';
import { Bytes } from './memory/bytes.js';
import { TableWalk } from './memory/table-walk.js';
import type { OwnLoader, OwnType, OwnValue } from './own-value.js';
import { COUNT_MAX, DEFAULTS, HIGHEST, Queue, type QueueSettings, TIME_MAX } from './queue.js';
import { QueueCapture } from './queue-capture.js';
import {
  BY_NACK,
  countHeaders,
  DEAD,
  ID_LIMIT,
  IN_FLIGHT,
  MESSAGE_MAX,
  type NewMessage,
  READY,
} from './queue-message.js';
import type { RdbInput } from './rdb/input.js';
import { readNumber, readText, writeLongText, writeNumber, writeText } from './rdb/module-terms.js';
import { RdbOutput } from './rdb/output.js';
import { RdbError } from './rdb/rdb-error.js';
import { QUEUE } from './types.js';

/** Numbers of a file are below this. */
const NUMBER_LIMIT = 2 ** 53;
/** Counters are below this, so that what is counted later stays below NUMBER_LIMIT. */
const COUNTER_LIMIT = 2 ** 52;
const DELIVERIES_LIMIT = 2 ** 32;
const COUNT_LIMIT = COUNT_MAX + 1;
const TIME_LIMIT = TIME_MAX + 1;
/** Longer payloads (bytes) are not compressed in files. */
const COMPRESS_UP_TO = 256 * 1024;
/** The settings, and what each is below. */
const SETTINGS: readonly (readonly [name: keyof QueueSettings, limit: number])[] = [
  ['maxDepth', COUNT_LIMIT],
  ['deadline', TIME_LIMIT],
  ['retries', COUNT_LIMIT],
  ['prefetch', COUNT_LIMIT],
  ['priority', HIGHEST + 1],
  ['ttl', TIME_LIMIT],
  ['delay', TIME_LIMIT],
];
const COUNTERS = ['lastId', 'published', 'delivered', 'acked', 'nacked', 'expired', 'deadLettered'] as const;

const HEADERS = new Bytes();
const PAYLOAD = new Bytes();

export class QueueValue extends Queue implements OwnValue {
  get kind(): OwnType {
    return QUEUE_TYPE;
  }

  copyTo(arena: Arena): QueueValue {
    const to = new QueueValue(arena, this.settings);
    const walk = new TableWalk();
    walk.begin(this.table);
    for (let ref = walk.next(); ref !== 0; ref = walk.next()) {
      const { fields } = this;
      const state = fields.state(ref);
      const holder = state === IN_FLIGHT ? this.holders.at(fields.holder(ref)).name : undefined;
      const loaded: LoadedMessage = {
        id: fields.id(ref),
        priority: fields.priority(ref),
        retries: fields.retries(ref),
        published: fields.published(ref),
        due: fields.time(ref),
        expires: fields.expires(ref),
        headers: fields.headers(ref, HEADERS),
        payload: fields.payload(ref, PAYLOAD),
        state,
        deliveries: fields.deliveries(ref),
        reason: fields.reason(ref),
        holder,
      };
      to.restore(loaded);
    }
    for (const counter of COUNTERS) to[counter] = this[counter];
    return to;
  }

  /** Takes in a message in the state in which it was. Counters move: who reads or copies sets them afterwards. O(log n) */
  restore(m: LoadedMessage): void {
    const time = m.due;
    if (m.state >= IN_FLIGHT) m.due = 0;
    const ref = this.insert(m);
    // A delivery counts itself.
    this.fields.setDeliveries(ref, m.state === IN_FLIGHT ? m.deliveries - 1 : m.deliveries);
    if (m.state === IN_FLIGHT) this.deliver(ref, m.holder!, time);
    else if (m.state === DEAD) this.bury(ref, m.reason, time);
  }

  // ---- files ----------------------------------------------------------------------------------------------------------------------

  writeHead(out: RdbOutput): void {
    for (const [setting] of SETTINGS) writeNumber(out, this.settings[setting]);
    for (const counter of COUNTERS) writeNumber(out, this[counter]);
    writeNumber(out, this.table.size);
  }

  writeElements(out: RdbOutput): void {
    const walk = new TableWalk();
    walk.begin(this.table);
    for (let ref = walk.next(); ref !== 0; ref = walk.next()) this.writeMessage(out, ref);
  }

  /** Writes one message. O(bytes) */
  writeMessage(out: RdbOutput, ref: number): void {
    const { fields } = this;
    const state = fields.state(ref);
    writeNumber(out, fields.id(ref));
    writeNumber(out, fields.priority(ref));
    writeNumber(out, state < IN_FLIGHT ? READY : state);
    writeNumber(out, fields.deliveries(ref));
    writeNumber(out, fields.retries(ref));
    writeNumber(out, fields.published(ref));
    writeNumber(out, fields.time(ref));
    writeNumber(out, fields.expires(ref));
    if (state === IN_FLIGHT) writeText(out, this.holders.at(fields.holder(ref)).name);
    if (state === DEAD) writeNumber(out, fields.reason(ref));
    writeText(out, fields.headers(ref, HEADERS));
    writePayload(out, fields.payload(ref, PAYLOAD));
  }

  captured(owner: Waiting, db: number, head: Uint8Array, home: LargeValues, live: boolean): ValueCapture {
    const capture = new QueueCapture(owner, db, head, this, home);
    if (live) this.capture = capture;
    return capture;
  }

  parts(visit: (part: Uint8Array) => void): void {
    const out = new RdbOutput(false);
    this.writeHead(out);
    visit(out.buf.subarray(0, out.pos));
    const walk = new TableWalk();
    walk.begin(this.table);
    for (let ref = walk.next(); ref !== 0; ref = walk.next()) {
      out.reset();
      this.writeMessage(out, ref);
      visit(out.buf.subarray(0, out.pos));
    }
  }
}

/** To compress a long one would stop the server for longer than a slice may take. */
function writePayload(out: RdbOutput, payload: Bytes): void {
  const { buf, start, end } = payload;
  if (end - start <= COMPRESS_UP_TO) return writeText(out, payload);
  writeLongText(out, end - start);
  out.bytes(buf, start, end);
}

/** A message as it was. `due` is its time, whatever the state. */
interface LoadedMessage extends NewMessage {
  state: number;
  deliveries: number;
  reason: number;
  holder: Bytes | undefined;
}

class QueueLoader implements OwnLoader {
  readonly value: QueueValue;
  private readonly counters: number[] = [];
  /** Messages to come; -1 before the head. */
  private left = -1;
  private readonly message: LoadedMessage = {
    id: 0,
    priority: 0,
    retries: 0,
    published: 0,
    due: 0,
    expires: 0,
    headers: new Bytes(),
    payload: new Bytes(),
    state: READY,
    deliveries: 0,
    reason: 0,
    holder: undefined,
  };

  constructor(arena: Arena) {
    this.value = new QueueValue(arena, DEFAULTS);
  }

  next(input: RdbInput): boolean {
    if (this.left < 0) this.head(input);
    else {
      this.value.restore(this.read(input));
      this.left--;
    }
    if (this.left > 0) return true;
    for (const [i, counter] of COUNTERS.entries()) this.value[counter] = this.counters[i];
    return false;
  }

  private head(input: RdbInput): void {
    const settings = SETTINGS.map(([, limit]) => numberBelow(input, limit));
    const counters = COUNTERS.map(() => numberBelow(input, COUNTER_LIMIT));
    const size = numberBelow(input, COUNT_LIMIT);
    const { value } = this;
    for (const [i, [setting]] of SETTINGS.entries()) value.settings[setting] = settings[i];
    if (value.settings.deadline === 0 || counters[0] >= ID_LIMIT)
      throw new RdbError('a queue with settings that there are not');
    this.counters.push(...counters);
    this.left = size;
  }

  /** Reads all of a message before anything is made of it. */
  private read(input: RdbInput): LoadedMessage {
    const m = this.message;
    m.id = numberBelow(input, ID_LIMIT);
    m.priority = numberBelow(input, HIGHEST + 1);
    m.state = numberBelow(input, DEAD + 1);
    m.deliveries = numberBelow(input, DELIVERIES_LIMIT);
    m.retries = numberBelow(input, COUNT_LIMIT);
    m.published = numberBelow(input, NUMBER_LIMIT);
    m.due = numberBelow(input, NUMBER_LIMIT);
    m.expires = numberBelow(input, NUMBER_LIMIT);
    // A string that was read holds until the second next is.
    m.holder = m.state === IN_FLIGHT ? readText(input, m.headers).copy() : undefined;
    m.reason = m.state === DEAD ? numberBelow(input, BY_NACK + 1) : 0;
    readText(input, m.headers);
    readText(input, m.payload);
    this.check(m);
    return m;
  }

  private check(m: LoadedMessage): void {
    const { headers, payload } = m;
    if (m.id === 0 || m.id > this.counters[0] || this.value.find(m.id) !== 0)
      throw new RdbError('a queue with a message whose id cannot be');
    if (m.state === IN_FLIGHT ? m.deliveries === 0 || m.due === 0 : m.state !== READY && m.state !== DEAD)
      throw new RdbError('a queue with a message in a state that cannot be');
    if (headers.length + payload.length > MESSAGE_MAX || countHeaders(headers, HEADERS) < 0)
      throw new RdbError('a queue with a message whose headers are damaged');
  }
}

/** @throws RdbError when the number that comes is `limit` or more */
function numberBelow(input: RdbInput, limit: number): number {
  const n = readNumber(input);
  if (n >= limit) throw new RdbError(`a queue with the number ${n}, which is too large`);
  return n;
}

export const QUEUE_TYPE: OwnType = {
  type: QUEUE,
  module: 'synapqueu',
  version: 1,
  encodingName: 'queue',
  load: (arena) => new QueueLoader(arena),
};
