/**
 * `notify-keyspace-events`: its letters as bits of events.ts and back, and what must follow when it changes. Read by CONFIG and at
 * start; the events themselves are published by src/pubsub/keyspace-events.ts.
 */
import { ATTEND_NOTIFY } from './attention.js';
import {
  NOTIFY_ALL,
  NOTIFY_EVICTED,
  NOTIFY_EXPIRED,
  NOTIFY_GENERIC,
  NOTIFY_HASH,
  NOTIFY_KEY_MISS,
  NOTIFY_KEYEVENT,
  NOTIFY_KEYSPACE,
  NOTIFY_LIST,
  NOTIFY_MODULE,
  NOTIFY_NEW,
  NOTIFY_SET,
  NOTIFY_STREAM,
  NOTIFY_STRING,
  NOTIFY_ZSET,
} from './events.js';
import type { Server } from './server.js';

/** The single classes, in the order in which CONFIG GET writes them. */
const CLASSES: readonly (readonly [letter: string, bit: number])[] = [
  ['g', NOTIFY_GENERIC],
  ['$', NOTIFY_STRING],
  ['l', NOTIFY_LIST],
  ['s', NOTIFY_SET],
  ['h', NOTIFY_HASH],
  ['z', NOTIFY_ZSET],
  ['x', NOTIFY_EXPIRED],
  ['e', NOTIFY_EVICTED],
  ['t', NOTIFY_STREAM],
  ['d', NOTIFY_MODULE],
  ['n', NOTIFY_NEW],
];

/** What CONFIG GET writes after the classes, or after A. */
const OTHERS: readonly (readonly [letter: string, bit: number])[] = [
  ['K', NOTIFY_KEYSPACE],
  ['E', NOTIFY_KEYEVENT],
  ['m', NOTIFY_KEY_MISS],
];

const BITS = new Map<string, number>([...CLASSES, ...OTHERS, ['A', NOTIFY_ALL]]);

/** The bits that `text` names, 0 for the empty text; undefined when a letter is none. */
export function parseNotifyFlags(text: string): number | undefined {
  let bits = 0;
  for (const letter of text) {
    const bit = BITS.get(letter);
    if (bit === undefined) return undefined;
    bits |= bit;
  }
  return bits;
}

/** As CONFIG GET writes `bits`. With A, `n` is not told although it is set (Redis 7.0). */
export function notifyFlagsText(bits: number): string {
  let text = '';
  if ((bits & NOTIFY_ALL) === NOTIFY_ALL) text = 'A';
  else for (const [letter, bit] of CLASSES) if ((bits & bit) !== 0) text += letter;
  for (const [letter, bit] of OTHERS) if ((bits & bit) !== 0) text += letter;
  return text;
}

/** `settings.notifyKeyspaceEvents` has changed: lets events be told, or keeps the server from looking for any. */
export function applyNotify(server: Server): void {
  const bits = server.settings.notifyKeyspaceEvents;
  const told = (bits & (NOTIFY_KEYSPACE | NOTIFY_KEYEVENT)) !== 0 ? bits : 0;
  if ((told & ~(NOTIFY_KEYSPACE | NOTIFY_KEYEVENT)) !== 0) server.attention |= ATTEND_NOTIFY;
  else server.attention &= ~ATTEND_NOTIFY;
  for (const db of server.databases) {
    db.space.tellsNew = (told & NOTIFY_NEW) !== 0;
    db.space.tellsMisses = (told & NOTIFY_KEY_MISS) !== 0;
  }
}
