/** How a transaction ends, for EXEC and DISCARD and for whoever refuses an EXEC. Read next: transaction.ts, dispatch.ts. */
import type { Client } from './client.js';
import { IN_MULTI } from './gates.js';

/** Leaves MULTI and forgets queue and watched keys. */
export function endTransaction(c: Client): void {
  c.server.watchers.remove(c);
  c.transaction = undefined;
  c.gates &= ~IN_MULTI;
}
