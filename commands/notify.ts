/**
 * What must follow when `notify-keyspace-events` changes, for CONFIG and at start. Its letters and bits stand in events.ts; the events
 * are published by src/pubsub/keyspace-events.ts.
 */
import { ATTEND_NOTIFY } from './attention.js';
import { NOTIFY_KEY_MISS, NOTIFY_KEYEVENT, NOTIFY_KEYSPACE, NOTIFY_NEW } from './events.js';
import type { Server } from './server.js';

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
