/**
 * A page of the value of a key, of whatever type: what a resource is. Type and value are read in one transaction, so they belong
 * together. A string's cursor is the place of a byte, a list's and a sorted set's an index, a hash's and a set's the cursor of HSCAN
 * and SSCAN, a stream's the last id.
 */
import { isUtf8 } from 'node:buffer';
import type { ReplyValue } from '../../../protocol/reply-reader.js';
import { commandOf } from '../commands.js';
import { Failure } from '../failure.js';
import { bytesToJson, bytesToText, type JsonValue, toJson, unlessError } from '../json-value.js';
import type { Word } from '../link.js';
import type { Session } from '../session.js';
import type { KeyAddress } from './key-uri.js';

export interface KeyPage {
  readonly type: string;
  /** Milliseconds to live; null: for ever. */
  readonly ttl: number | null;
  /** Bytes, elements, fields, members, entries or messages in all; null where that is not told. */
  readonly length: number | null;
  readonly value: JsonValue;
  /** Where the next page begins; null: this is the last. */
  readonly next: string | null;
}

/** How the values of a type are read. */
interface Reader {
  readonly length: string | undefined;
  /** What reads a page. */
  page(key: Uint8Array, cursor: string, count: number): Word[];
  /** The page, and the cursor of the next one. */
  value(reply: ReplyValue, cursor: string, count: number, length: number): [value: JsonValue, next: string | null];
}

/** Bytes of a string in one page for each of the elements that a page of another type may have. */
const BYTES_EACH = 1024;
const OFFSET = /^(?:0|[1-9]\d{0,14})$/;
const SCAN_CURSOR = /^\d{1,20}$/;
const STREAM_ID = /^\d{1,20}-\d{1,20}$/;

const READERS: Readonly<Record<string, Reader>> = {
  string: {
    length: 'STRLEN',
    page: (key, cursor, count) => {
      const start = Number(matching(cursor, OFFSET, '0'));
      return ['GETRANGE', key, String(start), String(start + count * BYTES_EACH - 1)];
    },
    value: (reply, cursor, count, length) => {
      const bytes = reply as Uint8Array;
      const start = Number(cursor || 0);
      const more = start + count * BYTES_EACH < length;
      const whole = more ? wholeText(bytes) : bytes;
      return [bytesToJson(whole), more ? String(start + whole.length) : null];
    },
  },
  list: indexed('LLEN', (key, range) => ['LRANGE', key, ...range], toJson),
  zset: indexed(
    'ZCARD',
    (key, range) => ['ZRANGE', key, ...range, 'WITHSCORES'],
    (pair) => {
      const [member, score] = pair as ReplyValue[];
      return { member: toJson(member), score: toJson(score) };
    },
  ),
  hash: scanned('HLEN', 'HSCAN', (items) => {
    const fields: [string, JsonValue][] = [];
    for (let i = 0; i + 1 < items.length; i += 2)
      fields.push([bytesToText(items[i] as Uint8Array), toJson(items[i + 1])]);
    return Object.fromEntries(fields);
  }),
  set: scanned('SCARD', 'SSCAN', (items) => items.map(toJson)),
  stream: {
    length: 'XLEN',
    page: (key, cursor, count) => {
      const after = cursor === '' ? '-' : `(${matching(cursor, STREAM_ID, '')}`;
      return ['XRANGE', key, after, '+', 'COUNT', String(count)];
    },
    value: (reply, _cursor, count) => {
      const entries = reply as [Uint8Array, ReplyValue][];
      const value = entries.map(([id, fields]) => ({ id: toJson(id), fields: toJson(fields) }));
      return [value, entries.length < count ? null : bytesToText(entries[entries.length - 1][0])];
    },
  },
  // What comes next in a queue; what has gone through a topic is read by offsets, with synap_topic_read.
  queue: whole((key, count) => ['QUEUE.PEEK', key, 'COUNT', String(count)]),
  topic: whole((key) => ['TOPIC.INFO', key]),
};

/**
 * Reads a page of a key.
 * @throws Failure NOTFOUND when there is no such key, ERR on a cursor that is none of its type, and what Session throws
 */
export async function keyPage(session: Session, { key, cursor, count }: KeyAddress): Promise<KeyPage> {
  const type = String(await session.run(['TYPE', key]));
  if (type === 'none') throw new Failure('NOTFOUND', 'no such key');
  const argvs: Word[][] = [
    ['TYPE', key],
    ['PTTL', key],
  ];
  let reader = READERS[type] as Reader | undefined;
  const argv = reader?.page(key, cursor, count) ?? [];
  // Another server may have types whose commands are not in the table.
  if (commandOf(session.commands, argv) === undefined) reader = undefined;
  else argvs.push(argv);
  if (reader?.length !== undefined) argvs.push([reader.length, key]);
  const [again, left, page, counted] = await session.transaction(argvs);
  if (again !== type) throw new Failure('NOTFOUND', 'the key has just changed its type');
  const ttl = (left as number) < 0 ? null : Number(left);
  if (reader === undefined) return { type, ttl, length: null, value: null, next: null };
  const length = counted === undefined ? 0 : Number(unlessError(counted));
  const [value, next] = reader.value(unlessError(page), cursor, count, length);
  return { type, ttl, length: reader.length === undefined ? null : length, value, next };
}

/** What is read by indexes. */
function indexed(
  length: string,
  page: (key: Uint8Array, range: readonly string[]) => Word[],
  item: (value: ReplyValue) => JsonValue,
): Reader {
  return {
    length,
    page: (key, cursor, count) => {
      const start = Number(matching(cursor, OFFSET, '0'));
      return page(key, [String(start), String(start + count - 1)]);
    },
    value: (reply, cursor, count, total) => {
      const next = Number(cursor || 0) + count;
      return [(reply as ReplyValue[]).map(item), next < total ? String(next) : null];
    },
  };
}

/** What is read by a cursor of the server. */
function scanned(length: string, command: string, value: (items: readonly ReplyValue[]) => JsonValue): Reader {
  return {
    length,
    page: (key, cursor, count) => [command, key, matching(cursor, SCAN_CURSOR, '0'), 'COUNT', String(count)],
    value: (reply) => {
      const [next, items] = reply as [Uint8Array, ReplyValue[]];
      const text = bytesToText(next);
      return [value(items), text === '0' ? null : text];
    },
  };
}

/** What has one page. */
function whole(page: (key: Uint8Array, count: number) => Word[]): Reader {
  return {
    length: undefined,
    page: (key, cursor, count) => {
      if (cursor !== '') throw new Failure('ERR', 'invalid cursor');
      return page(key, count);
    },
    value: (reply) => [toJson(reply), null],
  };
}

function matching(cursor: string, form: RegExp, fallback: string): string {
  if (cursor === '') return fallback;
  if (!form.test(cursor)) throw new Failure('ERR', 'invalid cursor');
  return cursor;
}

/** Text without a character that is cut off at its end; bytes that are no text as they are. */
function wholeText(bytes: Uint8Array): Uint8Array {
  for (let cut = 0; cut < 4; cut++) {
    const some = bytes.subarray(0, bytes.length - cut);
    if (isUtf8(some)) return some;
  }
  return bytes;
}
