/**
 * How a client's commands run after CLIENT REPLY and CLIENT NO-TOUCH. Both are bits of its `gates`; without them nothing here is
 * called. A muted client's commands run as ever: what they have replied is taken back. Messages that come between its commands
 * (pub/sub) are not replies and stay.
 *
 *   CLIENT REPLY SKIP -> MUTE_NEXT, which the next command turns into MUTED_ONCE, until it is answered: at once, or when it was parked
 */
import type { Client } from './client.js';
import { MUTE_NEXT, MUTED, MUTED_ONCE, UNTOUCHING } from './gates.js';
import type { Server } from './server.js';

/** Runs `run(c, x)`, one command or what is left of it, as the client's bits ask for. */
export function runInMode<T>(c: Client, run: (c: Client, x: T) => void, x: T): void {
  if ((c.gates & MUTE_NEXT) !== 0) c.gates = (c.gates & ~MUTE_NEXT) | MUTED_ONCE;
  const at = c.out.pos;
  const untouching = (c.gates & UNTOUCHING) !== 0;
  if (untouching) setTouching(c.server, false);
  try {
    run(c, x);
  } finally {
    if (untouching) setTouching(c.server, true);
  }
  if (c.wait === undefined) hush(c, at);
}

/** Takes back what a muted client was answered since `at`, a position in its reply; SKIP ends with that. */
export function hush(c: Client, at: number): void {
  if ((c.gates & (MUTED | MUTED_ONCE)) === 0) return;
  c.gates &= ~MUTED_ONCE;
  c.out.pos = at;
}

function setTouching(server: Server, touching: boolean): void {
  for (const db of server.databases) db.space.touching = touching;
}
