/**
 * Doubles as text, both ways: how scores look in replies, how numbers are read from arguments. The one place for both.
 *
 * Written as Redis 7.2 does (before it, `%.17g`): an integer up to 2^62 in full, anything else by its shortest digits:
 *
 *   3        2^53 = 9007199254740992      -0       inf      nan
 *   3.1      0.000001      1e-7      1.5e-10       1e+20     1.7976931348623157e+308
 *   1234567890.123456      1.2345678901234567e+4        plain when few digits follow the point or |exponent| < 4
 *
 * Integers and short decimals make no garbage in either direction. Knows no command; who stores scores passes these along.
 * Read next: hex-float.ts, reply.ts.
 */
import { scanExponent, scanHexFloat } from './hex-float.js';

/** No double takes more bytes than this. */
export const DOUBLE_BYTES = 25;

/** The largest double that is written out as an integer (Redis: half of LLONG_MAX, which rounds to this). */
const MAX_WHOLE = 2 ** 62;
const BILLION = 1e9;
const POWERS = Float64Array.from({ length: 23 }, (_, i) => Number(`1e${i}`));
/** Below this many units a decimal is known by its first 15 digits alone (DBL_DIG). */
const EXACT_DIGITS = 1e15;
/** Decimals with at most this many places are tried without a string. */
const PLACES = 6;

const DIGITS = new Uint8Array(DOUBLE_BYTES);

/**
 * Writes `value` at `at` into `buf`, which has room for DOUBLE_BYTES.
 * @returns the number of bytes written
 */
export function putDouble(buf: Uint8Array, at: number, value: number): number {
  let p = at;
  if (value < 0 || (value === 0 && 1 / value < 0)) {
    buf[p++] = 45;
    value = -value;
  }
  if (value <= MAX_WHOLE && Math.floor(value) === value) return putWhole(buf, p, value) - at;
  if (value === Number.POSITIVE_INFINITY) return putWord(buf, p, 105, 110, 102) - at;
  if (!(value <= Number.MAX_VALUE)) return putWord(buf, p, 110, 97, 110) - at;
  for (let places = 1; places <= PLACES; places++) {
    const units = Math.round(value * POWERS[places]);
    if (units >= EXACT_DIGITS) break;
    if (units / POWERS[places] === value) {
      const start = putWhole(DIGITS, 0, units);
      return emit(buf, p, start, -places) - at;
    }
  }
  return putShortest(buf, p, value) - at;
}

function putWord(buf: Uint8Array, p: number, a: number, b: number, c: number): number {
  buf[p] = a;
  buf[p + 1] = b;
  buf[p + 2] = c;
  return p + 3;
}

/** Writes an integer of 0 to 2^62; returns the position behind it. `%` is exact, and so are the differences and quotients. */
function putWhole(buf: Uint8Array, p: number, value: number): number {
  if (value < BILLION) return putSmall(buf, p, value | 0);
  const low = value % BILLION;
  p = putWhole(buf, p, (value - low) / BILLION);
  let rest = low | 0;
  for (let i = 8; i >= 0; i--) {
    const tenth = (rest / 10) | 0;
    buf[p + i] = 48 + rest - tenth * 10;
    rest = tenth;
  }
  return p + 9;
}

function putSmall(buf: Uint8Array, p: number, value: number): number {
  let n = 1;
  for (let bound = 10; n < 9 && value >= bound; bound *= 10) n++;
  for (let i = p + n - 1; i >= p; i--) {
    const tenth = (value / 10) | 0;
    buf[i] = 48 + value - tenth * 10;
    value = tenth;
  }
  return p + n;
}

/** Takes the shortest digits from the language's own text, which differs in layout only. */
function putShortest(buf: Uint8Array, p: number, value: number): number {
  const text = String(value);
  let n = 0;
  let exponent = 0;
  let places = -1; // digits behind the point, -1 before it
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i);
    if (c === 46) places = 0;
    else if (c === 101) {
      exponent = Number(text.slice(i + 1));
      break;
    } else {
      if (n > 0 || c !== 48) DIGITS[n++] = c;
      if (places >= 0) places++;
    }
  }
  exponent -= places > 0 ? places : 0;
  while (DIGITS[n - 1] === 48) {
    n--;
    exponent++;
  }
  return emit(buf, p, n, exponent);
}

/** Lays out the `n` digits in DIGITS times 10^`exponent`; returns the position behind. */
function emit(buf: Uint8Array, p: number, n: number, exponent: number): number {
  const scale = exponent + n - 1; // the exponent of the first digit
  const size = scale < 0 ? -scale : scale;
  if (exponent >= 0 && size < n + 7) {
    for (let i = 0; i < n; i++) buf[p++] = DIGITS[i];
    for (let i = 0; i < exponent; i++) buf[p++] = 48;
    return p;
  }
  if (exponent < 0 && (exponent > -7 || size < 4)) {
    let i = 0;
    if (scale < 0) buf[p++] = 48;
    else while (i <= scale) buf[p++] = DIGITS[i++];
    buf[p++] = 46;
    for (let zeros = -scale - 1; zeros > 0; zeros--) buf[p++] = 48;
    while (i < n) buf[p++] = DIGITS[i++];
    return p;
  }
  buf[p++] = DIGITS[0];
  if (n > 1) buf[p++] = 46;
  for (let i = 1; i < n; i++) buf[p++] = DIGITS[i];
  buf[p++] = 101;
  buf[p++] = scale < 0 ? 45 : 43;
  return putSmall(buf, p, size);
}

/**
 * `value` with 17 significant digits, as `%.17g` writes it: what ZSCAN still gives for big sorted sets in Redis 7.2. Makes a
 * string, for a walk that is rare.
 */
export function preciseText(value: number): string {
  if (value === 0) return 1 / value < 0 ? '-0' : '0';
  if (!Number.isFinite(value)) return value > 0 ? 'inf' : value < 0 ? '-inf' : 'nan';
  const [digits, exponent] = value.toExponential(16).split('e');
  const e = Number(exponent);
  if (e < -4 || e >= 17) {
    const power = String(Math.abs(e)).padStart(2, '0');
    return `${withoutZeros(digits)}e${e < 0 ? '-' : '+'}${power}`;
  }
  return withoutZeros(value.toFixed(16 - e));
}

function withoutZeros(text: string): string {
  return text.includes('.') ? text.replace(/\.?0+$/, '') : text;
}

// ---- reading --------------------------------------------------------------------------------------------------------------

/** Whether the last scan met a finite number that is too large, or too small and not 0. */
let outOfRange = false;

/**
 * Reads all of `buf[start, end)` as a double, as an argument must be written: what strtod takes (decimal, hexadecimal, inf,
 * infinity), but no blanks, nothing behind, and nothing that overflows or vanishes.
 * @returns the value, NaN when it is none (`nan` itself is refused)
 */
export function parseDouble(buf: Uint8Array, start: number, end: number): number {
  const value = scan(buf, start, end);
  return outOfRange ? Number.NaN : value;
}

/**
 * Reads a bound of a range of scores. Redis is more lenient here: leading blanks, nothing at all (0), and values beyond the
 * range of doubles are taken, and a NUL byte ends the text.
 * @returns the value, NaN when it is none
 */
export function parseBound(buf: Uint8Array, start: number, end: number): number {
  for (let i = start; i < end; i++) if (buf[i] === 0) end = i;
  const text = start;
  while (start < end && (buf[start] === 32 || (buf[start] >= 9 && buf[start] <= 13))) start++;
  if (start === end) return start === text ? 0 : Number.NaN;
  return scan(buf, start, end);
}

function scan(buf: Uint8Array, start: number, end: number): number {
  outOfRange = false;
  let p = start;
  const negative = p < end && buf[p] === 45;
  if (negative || (p < end && buf[p] === 43)) p++;
  const value = scanMagnitude(buf, p, end);
  return negative ? -value : value;
}

function scanMagnitude(buf: Uint8Array, start: number, end: number): number {
  if (start === end) return Number.NaN;
  const c = buf[start];
  if ((c | 32) === 105) return isInfinity(buf, start, end) ? Number.POSITIVE_INFINITY : Number.NaN;
  if (c === 48 && start + 1 < end && (buf[start + 1] | 32) === 120) {
    const value = scanHexFloat(buf, start + 2, end);
    // The one hexadecimal text of 0 has no digit but zeros: anything else that comes out as 0 vanished.
    outOfRange = value === Number.POSITIVE_INFINITY || (value === 0 && hasDigit(buf, start + 2, end, 112));
    return value;
  }
  return scanDecimal(buf, start, end);
}

function scanDecimal(buf: Uint8Array, start: number, end: number): number {
  let p = start;
  let units = 0;
  let digits = 0; // significant ones, and so without leading zeros
  let seen = false;
  let places = 0;
  let point = false;
  for (; p < end; p++) {
    const d = buf[p] - 48;
    if (d >= 0 && d <= 9) {
      seen = true;
      if (digits > 0 || d > 0) digits++;
      if (digits <= 16) units = units * 10 + d;
      if (point) places++;
    } else if (d === -2 && !point) point = true;
    else break;
  }
  if (!seen) return Number.NaN;
  let exponent = 0;
  if (p < end) {
    if ((buf[p] | 32) !== 101) return Number.NaN;
    exponent = scanExponent(buf, p + 1, end);
    if (Number.isNaN(exponent)) return exponent;
  }
  if (digits === 0) return 0;
  exponent -= places;
  // Both operands are exact, and so the one operation rounds once (Clinger 1990).
  if (digits <= 16 && units <= Number.MAX_SAFE_INTEGER && exponent >= -22 && exponent <= 22)
    return exponent < 0 ? units / POWERS[-exponent] : units * POWERS[exponent];
  const value = Number(Buffer.from(buf.buffer, buf.byteOffset + start, end - start).toString('latin1'));
  outOfRange = value === 0 || value === Number.POSITIVE_INFINITY;
  return value;
}

/** Whether a digit other than 0 stands before the letter `stop` (lower case). */
function hasDigit(buf: Uint8Array, p: number, end: number, stop: number): boolean {
  for (; p < end && (buf[p] | 32) !== stop; p++) if (buf[p] !== 48 && buf[p] !== 46) return true;
  return false;
}

const INFINITY = 'infinity';

function isInfinity(buf: Uint8Array, start: number, end: number): boolean {
  const n = end - start;
  if (n !== 3 && n !== 8) return false;
  for (let i = 0; i < n; i++) if ((buf[start + i] | 32) !== INFINITY.charCodeAt(i)) return false;
  return true;
}
