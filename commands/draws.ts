/**
 * Draws: the bounds of members drawn at random with repetition (a negative count of SRANDMEMBER, HRANDFIELD, ZRANDMEMBER). Redis draws
 * for as long as it has memory, and answers nobody meanwhile; here what no client can mean is an error.
 */
import type { Client } from './client.js';
import { OUT_OF_RANGE } from './error.js';

/** Draws of one command. */
export const DRAWS_MAX = 1 << 22;
/** Bytes of their reply. */
const REPLY_MAX = 1 << 28;

/** @throws OUT_OF_RANGE when a command asks for more than DRAWS_MAX draws */
export function checkDraws(count: number): void {
  if (count > DRAWS_MAX) throw OUT_OF_RANGE;
}

/** After a draw was replied. @throws OUT_OF_RANGE when the reply has become too long */
export function checkDrawn(c: Client): void {
  if (c.out.pos > REPLY_MAX) throw OUT_OF_RANGE;
}
