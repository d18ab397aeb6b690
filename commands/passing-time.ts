/**
 * What time does by itself to values of our own types (KeyspaceListener.valueDue): a message comes back, an event is too old, a member of
 * a group has gone. One function a type. It does a bounded part of what is due at `server.now`, moves the value's `due`, tells the
 * effects with `tellBeside`, and, when somebody may have to hear of it, `server.changed`. It may run in a command, before that has looked
 * at the value, and in the expiry cycle; never while a log is replayed, for no time passes there: what time did stands in the log.
 */
import type { Database } from '../storage/database.js';
import type { Bytes } from '../storage/memory/bytes.js';
import type { OwnValue } from '../storage/own-value.js';
import { QUEUE, TOPIC } from '../storage/types.js';
import { passQueueTime } from './queue-time.js';
import type { Server } from './server.js';
import { passTopicTime } from './topic-time.js';

export type PassTime = (server: Server, db: Database, key: Bytes, value: OwnValue) => void;

/** By the number of the type. */
const BY_TYPE: ReadonlyMap<number, PassTime> = new Map([
  [QUEUE, passQueueTime],
  [TOPIC, passTopicTime],
]);

/** Does what is due to `value`, the value of our own type at `key`. */
export function passTime(server: Server, db: Database, key: Bytes, value: OwnValue): void {
  BY_TYPE.get(value.kind.type)?.(server, db, key, value);
}
