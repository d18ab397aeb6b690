/**
 * EX, PX, EXAT and PXAT as SET, GETEX, SETEX and HSETEX take them: a positive integer that, as milliseconds since the epoch, fits 64
 * bits.
 */
import type { Bytes } from '../storage/memory/bytes.js';
import { INT64_MAX, intArg, parseBigint, parseInteger } from './args.js';
import type { Client } from './client.js';
import { invalidExpire, NOT_INTEGER } from './error.js';

/** The first time, in ms since the epoch, that no longer fits 64 bits. */
export const MAX_MS = 2 ** 63;
/** The last moment that a number can name below MAX_MS. */
const LAST_MS = MAX_MS - 1024;

/**
 * @param unit milliseconds per unit: 1000 for seconds, 1 for milliseconds
 * @param relative from now, else since the epoch
 * @param name the command's name for the error text
 * @returns ms since the epoch
 * @throws NOT_INTEGER, or "invalid expire time in 'name' command" when not positive or too large
 */
export function expireArg(c: Client, arg: Bytes, unit: number, relative: boolean, name: string): number {
  if (intArg(arg) <= 0) throw invalidExpire(name);
  return momentArg(arg, unit, relative ? c.now : 0, name);
}

/**
 * A time of either sign, as EXPIRE and its kin take it: `unit` milliseconds a unit, counted from `base`. Beyond 2^53 ms it is as near
 * as a number comes to it.
 * @throws NOT_INTEGER, or "invalid expire time in 'name' command" where 64 bits cannot hold the milliseconds
 */
export function momentArg(arg: Bytes, unit: number, base: number, name: string): number {
  const n = parseInteger(arg);
  if (n * unit + base <= Number.MAX_SAFE_INTEGER && n * unit >= -Number.MAX_SAFE_INTEGER) return n * unit + base;
  const exact = parseBigint(arg);
  if (exact === undefined) throw NOT_INTEGER;
  const limit = INT64_MAX / BigInt(unit);
  if (exact > limit || exact < -limit - (unit === 1 ? 1n : 0n)) throw invalidExpire(name);
  const at = exact * BigInt(unit) + BigInt(base);
  if (at > INT64_MAX) throw invalidExpire(name);
  return Math.min(Number(at), LAST_MS);
}
