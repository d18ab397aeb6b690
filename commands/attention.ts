/** Bits of Server.attention: who must hear of a changed key. And how what no command does, but time, is told to them. */
import type { Database } from '../storage/database.js';
import type { Bytes } from '../storage/memory/bytes.js';
import type { Effects } from './effects.js';
import { NOTIFY_MODULE } from './events.js';
import type { Server } from './server.js';

/** Some key is WATCHed. */
export const ATTEND_WATCH = 1 << 0;
/** Some client waits for a key. */
export const ATTEND_WAITERS = 1 << 2;
/** A key for which somebody waits has changed: who waits is served after the command. */
export const ATTEND_READY = 1 << 3;
/** A listener of this process is told of keyspace events. */
export const ATTEND_EVENTS = 1 << 1;
/** Somebody MONITORs: after every command the monitors are told. */
export const ATTEND_MONITOR = 1 << 4;
/** Keyspace events are published: notify-keyspace-events asks for some. */
export const ATTEND_NOTIFY = 1 << 5;
/** Every change is repeated elsewhere: effects.ts. */
export const ATTEND_EFFECTS = 1 << 7;
/** A snapshot is being written: before a command changes keys, their old content is (snapshot.ts). */
export const ATTEND_CAPTURE = 1 << 8;
/** Messages wait until the command of their receiver has ended. */
export const ATTEND_PUSHES = 1 << 6;

/** Who must hear of each changed key, at once: all but these, who are told otherwise. */
export const ATTEND_CHANGES = ~(ATTEND_EFFECTS | ATTEND_MONITOR | ATTEND_CAPTURE);

/** Where effects are composed; undefined when nobody repeats them. */
export function effectsOf({ attention, effects }: Server): Effects | undefined {
  return (attention & ATTEND_EFFECTS) === 0 ? undefined : effects;
}

/** Tells that time has changed the value of our own type at `key`. */
export function changedByTime(server: Server, db: Database, key: Bytes, event: string): void {
  if ((server.attention & ATTEND_CHANGES) !== 0) server.changed(db, key, NOTIFY_MODULE, event);
}
