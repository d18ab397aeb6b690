/** What every command says that has changed a hash. */
import type { Hash } from '../storage/hash.js';
import type { Client } from './client.js';
import { NOTIFY_GENERIC, NOTIFY_HASH } from './events.js';

/** The hash at `argv[1]` has changed, in so many fields; when its last field is gone, so is the key. */
export function hashChanged(c: Client, hash: Hash, event: string, changes: number): void {
  const key = c.argv[1];
  c.touched(key, NOTIFY_HASH, event, c.db, changes);
  if (hash.size > 0) return;
  c.db.deleteEmpty(key, hash);
  c.notify(key, NOTIFY_GENERIC, 'del');
}
