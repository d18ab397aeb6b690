/** `notify-keyspace-events`: its letters as bits of events.ts and back, and what a change of it changes. Read by CONFIG. */
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

/** The letters in the order in which CONFIG GET shows them; those before `K` only when not all of A are there. */
const LETTERS: readonly (readonly [letter: string, bit: number])[] = [
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
  ['K', NOTIFY_KEYSPACE],
  ['E', NOTIFY_KEYEVENT],
  ['m', NOTIFY_KEY_MISS],
];

/** The bits that the letters of notify-keyspace-events mean; undefined when one means nothing. */
export function parseNotifyFlags(letters: string): number | undefined {
  let flags = 0;
  for (const letter of letters) {
    const bit = letter === 'A' ? NOTIFY_ALL : LETTERS.find(([l]) => l === letter)?.[1];
    if (bit === undefined) return undefined;
    flags |= bit;
  }
  return flags;
}

/** The letters for `flags`. As in Redis 7.0, `n` is not told beside `A`. */
export function notifyFlagsText(flags: number): string {
  const all = (flags & NOTIFY_ALL) === NOTIFY_ALL;
  const shown = LETTERS.filter(([, bit]) => (flags & bit) !== 0 && !(all && bit & (NOTIFY_ALL | NOTIFY_NEW)));
  return (all ? 'A' : '') + shown.map(([letter]) => letter).join('');
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
