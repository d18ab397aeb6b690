/**
 * EX, PX, EXAT and PXAT as SET, GETEX, SETEX and HSETEX take them: a positive integer that, as milliseconds since the epoch, fits 64
 * bits.
 */
import type { Bytes } from '../storage/memory/bytes.js';
import { intArg } from './args.js';
import type { Client } from './client.js';
import { invalidExpire } from './error.js';

/** The first time, in ms since the epoch, that no longer fits 64 bits. */
export const MAX_MS = 2 ** 63;

/**
 * @param unit milliseconds per unit: 1000 for seconds, 1 for milliseconds
 * @param relative from now, else since the epoch
 * @param name the command's name for the error text
 * @returns ms since the epoch
 * @throws NOT_INTEGER, or "invalid expire time in 'name' command" when not positive or too large
 */
export function expireArg(c: Client, arg: Bytes, unit: number, relative: boolean, name: string): number {
  const n = intArg(arg);
  if (n <= 0 || n > MAX_MS / unit) throw invalidExpire(name);
  const at = n * unit + (relative ? c.now : 0);
  if (at >= MAX_MS) throw invalidExpire(name);
  return at;
}
