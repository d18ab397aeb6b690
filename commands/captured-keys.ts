/**
 * Tells a snapshot that is being written which keys a command is about to change, so that their old content is written first: the keys
 * among its arguments that its key specifications do not call read-only. What a command changes without naming it, it tells itself.
 */
import type { Client } from './client.js';
import type { Command } from './command.js';
import { Call, FoundKeys, findKeys } from './command-keys.js';

/** Commands whose destination may be in another database. */
const ACROSS: ReadonlySet<string> = new Set(['copy', 'move']);
const CALL = new Call();
const KEYS = new FoundKeys();

/** Must be called before `command` runs for `c` while ATTEND_CAPTURE is set. O(keys, and the small values that are written) */
export function captureKeys(c: Client, command: Command): void {
  // A call whose keys do not stand where they should is refused by its handler.
  if (!findKeys(command, CALL.set(c.argv, 0, c.argc), KEYS)) return;
  const across = ACROSS.has(command.entry.name);
  for (let i = 0; i < KEYS.count; i++) {
    if (isReadOnly(KEYS.uses[i])) continue;
    const hash = c.argv[KEYS.places[i]].hash();
    if (!across) c.db.space.capture?.changing(hash);
    else for (const { space } of c.server.databases) space.capture?.changing(hash);
  }
  c.server.snapshot.relieve();
}

/** Uses begin with RO, RW, OW or RM. */
function isReadOnly(use: string): boolean {
  return use.startsWith('RO');
}
