/**
 * Arguments as numbers and words: strict as Redis's parsers, without a string on the way. All throw a ReplyError. And the way back:
 * `decimal`.
 */
import { Bytes } from '../storage/memory/bytes.js';
import type { Client } from './client.js';
import {
  COUNT_OUT_OF_RANGE,
  NOT_INTEGER,
  outOfRange,
  type ReplyError,
  SYNTAX,
  TIMEOUT_NEGATIVE,
  TIMEOUT_NOT_FLOAT,
  TIMEOUT_OUT_OF_RANGE,
} from './error.js';
import { ceilProduct, parseLongDouble } from './long-double.js';

const MAX_SAFE = Number.MAX_SAFE_INTEGER;

/**
 * A canonical decimal integer (no blanks, no plus, no leading zeros) that a number holds exactly; NaN for anything else. 64-bit
 * values beyond 2^53 are NaN too: who accepts them reads them with `parseBigint`.
 */
export function parseInteger(arg: Bytes): number {
  const { buf, end } = arg;
  let p = arg.start;
  const negative = buf[p] === 45 && end - p > 1;
  if (negative) p++;
  const digits = end - p;
  if (digits < 1 || digits > 16) return Number.NaN;
  if (buf[p] === 48) return digits === 1 && !negative ? 0 : Number.NaN;
  let n = 0;
  for (; p < end; p++) {
    const d = buf[p] - 48;
    if (d < 0 || d > 9) return Number.NaN;
    n = n * 10 + d;
  }
  if (n > MAX_SAFE) return Number.NaN;
  return negative ? -n : n;
}

export const INT64_MAX = 9223372036854775807n;
export const INT64_MIN = -9223372036854775808n;

/** A canonical decimal 64-bit integer as a bigint; undefined for anything else. */
export function parseBigint(arg: Bytes): bigint | undefined {
  const n = arg.end - arg.start;
  if (n === 0 || n > 20) return undefined;
  const text = arg.toString();
  if (!/^(0|-?[1-9][0-9]*)$/.test(text)) return undefined;
  const value = BigInt(text);
  return value > INT64_MAX || value < INT64_MIN ? undefined : value;
}

/**
 * An integer argument. 64-bit values beyond 2^53 come back as the nearest number: right wherever only "huge" matters (indexes,
 * counts). @throws NOT_INTEGER, or `error`
 */
export function intArg(arg: Bytes, error: ReplyError = NOT_INTEGER): number {
  const n = parseInteger(arg);
  if (!Number.isNaN(n)) return n;
  const big = parseBigint(arg);
  if (big === undefined) throw error;
  return Number(big);
}

/** An integer argument between `min` and `max`; outside them `rangeError` is thrown. */
export function rangeArg(arg: Bytes, min: number, max: number, rangeError: ReplyError, error?: ReplyError): number {
  const n = intArg(arg, error);
  if (n < min || n > max) throw rangeError;
  return n;
}

/**
 * The integer in argument `i`, behind the word of an option.
 * @param name what the option is called in the error
 * @throws SYNTAX when it is missing, NOT_INTEGER, outOfRange
 */
export function optionArg(c: Client, i: number, name: string, min: number, max: number): number {
  if (i >= c.argc) throw SYNTAX;
  const n = intArg(c.argv[i]);
  if (n < min || n > max) throw outOfRange(name, min, max);
  return n;
}

/**
 * A 64-bit integer of which the sign will be turned: any but the smallest, -2^63.
 * @throws NOT_INTEGER, COUNT_OUT_OF_RANGE
 */
export function negatableArg(arg: Bytes): number {
  const n = intArg(arg);
  if (n === -(2 ** 63) && parseBigint(arg) === INT64_MIN) throw COUNT_OUT_OF_RANGE;
  return n;
}

const DIGITS = new Uint8Array(24);
const VIEW = new Bytes();

/** The decimal text of `n`, an integer up to 2^53 either way, as a view that holds until the next call. */
export function decimal(n: number): Bytes {
  let p = DIGITS.length;
  let rest = n < 0 ? -n : n;
  do {
    const q = Math.floor(rest / 10);
    DIGITS[--p] = 48 + (rest - q * 10); // in this order: 48 + rest may be beyond 2^53
    rest = q;
  } while (rest > 0);
  if (n < 0) DIGITS[--p] = 45;
  return VIEW.set(DIGITS, p, DIGITS.length);
}

/**
 * A blocking command's timeout in seconds, with fractions, as the time when it ends.
 * @param now ms since the epoch
 * @returns ms since the epoch; Infinity for a timeout of 0, which never ends
 * @throws TIMEOUT_NOT_FLOAT, TIMEOUT_OUT_OF_RANGE, TIMEOUT_NEGATIVE
 */
export function deadlineArg(arg: Bytes, now: number): number {
  let ms = plainMilliseconds(arg);
  if (Number.isNaN(ms)) {
    const seconds = parseLongDouble(arg.toString());
    if (seconds === undefined) throw TIMEOUT_NOT_FLOAT;
    ms = ceilProduct(seconds, 1000n);
    if (ms >= 2 ** 63) throw TIMEOUT_OUT_OF_RANGE;
    if (ms < 0) throw TIMEOUT_NEGATIVE;
  }
  if (ms === 0) return Number.POSITIVE_INFINITY;
  if (ms + now >= 2 ** 63) throw TIMEOUT_OUT_OF_RANGE;
  return now + ms;
}

/** The usual forms, `5` and `0.25`, in whole milliseconds, rounded up; NaN for any other text. */
function plainMilliseconds(arg: Bytes): number {
  const { buf, start, end } = arg;
  if (end - start > 12 || end === start) return Number.NaN;
  let ms = 0;
  let decimals = -1;
  let more = 0;
  for (let p = start; p < end; p++) {
    const d = buf[p] - 48;
    if (d === -2 && decimals < 0 && p > start && p + 1 < end) decimals = 0;
    else if (d < 0 || d > 9) return Number.NaN;
    else if (decimals < 3) {
      ms = ms * 10 + d;
      if (decimals >= 0) decimals++;
    } else if (d > 0) more = 1;
  }
  for (let i = Math.max(0, decimals); i < 3; i++) ms *= 10;
  return ms + more;
}
