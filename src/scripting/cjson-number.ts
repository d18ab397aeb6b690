/**
 * Numbers of cjson: written as C's printf writes them with %.14g, read as C's strtod reads them, which takes more than JSON has:
 * leading zeros and signs, hexadecimal, infinity and "not a number".
 */

/** The longest that a number gets: `-1.2345678901234e-308`. */
export const NUMBER_LENGTH = 24;

/** Significant digits, and the power of ten of the first. */
const digits = new Uint8Array(128);
let count = 0;
let exponent = 0;

/**
 * Writes a finite number as C's %.{precision}g does: `0`, `-0`, `0.1`, `1e+20`.
 * @param precision significant digits, 1 to 14
 * @param at where to, with room for NUMBER_LENGTH bytes
 * @returns where it ends
 */
export function formatNumber(x: number, precision: number, to: Uint8Array, at: number): number {
  if (x < 0 || (x === 0 && 1 / x < 0)) {
    to[at++] = 0x2d;
    x = -x;
  }
  shortestDigits(x);
  if (count > precision) round(x, precision);
  const scientific = exponent < -4 || exponent >= precision;
  let point = scientific ? 1 : exponent + 1;
  if (point <= 0) {
    to[at++] = 0x30;
    to[at++] = 0x2e;
    for (; point < 0; point++) to[at++] = 0x30;
    point = -1;
  }
  for (let i = 0; i < count; i++) {
    if (i === point) to[at++] = 0x2e;
    to[at++] = 0x30 + digits[i];
  }
  if (!scientific) {
    for (let i = count; i < point; i++) to[at++] = 0x30;
    return at;
  }
  to[at++] = 0x65;
  to[at++] = exponent < 0 ? 0x2d : 0x2b;
  const power = Math.abs(exponent);
  if (power >= 100) to[at++] = 0x30 + Math.trunc(power / 100);
  to[at++] = 0x30 + (Math.trunc(power / 10) % 10);
  to[at++] = 0x30 + (power % 10);
  return at;
}

/** From here down, numbers have fewer digits than we may be asked for. */
const LEAST_NORMAL = 2 ** -1022;

/** Takes apart what JavaScript writes for x >= 0: the fewest digits that tell it from all other numbers, if these are as good as it. */
function shortestDigits(x: number): void {
  const text = x < LEAST_NORMAL && x > 0 ? x.toExponential(100) : String(x);
  count = 0;
  exponent = -1;
  let point = false;
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i);
    if (c === 0x2e) point = true;
    else if (c === 0x65) {
      exponent += Number(text.slice(i + 1));
      break;
    } else if (count > 0 || c !== 0x30) {
      digits[count++] = c - 0x30;
      if (!point) exponent++;
    } else if (point) exponent--;
  }
  if (count === 0) {
    digits[count++] = 0;
    exponent = 0;
  }
  withoutZeros();
}

function withoutZeros(): void {
  while (count > 1 && digits[count - 1] === 0) count--;
}

/**
 * Rounds to `n` digits. Rounding the shortest digits is as good as rounding x itself, unless they end halfway: x would have been given
 * the digits of the half if that lay between. Halfway C takes the even one.
 */
function round(x: number, n: number): void {
  let up = digits[n] >= 5;
  if (digits[n] === 5 && count === n + 1) {
    // 100 digits are more than any number needs which only looks as if it lay there.
    const exact = x.toExponential(100).replace('.', '');
    const rest = exact.slice(n, exact.indexOf('e'));
    up = /^50*$/.test(rest) ? (digits[n - 1] & 1) === 1 : rest >= '5';
  }
  count = n;
  if (!up) return withoutZeros();
  while (count > 0 && digits[count - 1] === 9) count--;
  if (count > 0) digits[count - 1]++;
  else {
    digits[count++] = 1;
    exponent++;
  }
}

/** Powers of ten that are exact. */
const POWERS = Array.from({ length: 23 }, (_, i) => Number(`1e${i}`));
const NEGATIVE_NAN = new Float64Array(new Uint32Array([0, 0xfff80000]).buffer);

function isDigit(c: number): boolean {
  return c >= 0x30 && c <= 0x39;
}

/** The value of a hexadecimal digit, -1 when it is none. */
export function hexDigit(c: number): number {
  if (isDigit(c)) return c - 0x30;
  c |= 0x20;
  return c >= 0x61 && c <= 0x66 ? c - 0x57 : -1;
}

/** Whether `word`, in lower case, stands at `at`, in any case. */
function isWord(buf: Uint8Array, at: number, word: string): boolean {
  for (let i = 0; i < word.length; i++) if ((buf[at + i] | 0x20) !== word.charCodeAt(i)) return false;
  return true;
}

/** Whether a number begins at `at` in a way that JSON does not have: +1, 01, 0x1, inf, nan. */
export function isForeign(buf: Uint8Array, at: number): boolean {
  if (buf[at] === 0x2b) return true;
  if (buf[at] === 0x2d) at++;
  if (buf[at] === 0x30) return (buf[at + 1] | 0x20) === 0x78 || isDigit(buf[at + 1]);
  return isWord(buf, at, 'inf') || isWord(buf, at, 'nan');
}

export class NumberReader {
  /** What was read last. */
  value = 0;

  /**
   * Reads the longest number that begins at `at`. The bytes must end in one that belongs to no number.
   * @returns where it ends, -1 when there is none
   */
  read(buf: Uint8Array, at: number): number {
    let p = at;
    let c = buf[p];
    const negative = c === 0x2d;
    if (negative || c === 0x2b) c = buf[++p];
    if (c === 0x30 && (buf[p + 1] | 0x20) === 0x78) {
      const end = this.readHex(buf, p + 2, negative);
      if (end >= 0) return end;
    }
    const first = p;
    let mantissa = 0;
    while (isDigit(c)) {
      mantissa = mantissa * 10 + c - 0x30;
      c = buf[++p];
    }
    let count = p - first;
    let exponent = 0;
    if (c === 0x2e) {
      const point = p;
      c = buf[++p];
      while (isDigit(c)) {
        mantissa = mantissa * 10 + c - 0x30;
        c = buf[++p];
      }
      exponent = point + 1 - p;
      count -= exponent;
    }
    if (count === 0) return this.readWord(buf, first, negative);
    if (c === 0x65 || c === 0x45) {
      let q = p + 1;
      const sign = buf[q];
      if (sign === 0x2b || sign === 0x2d) q++;
      if (isDigit(buf[q])) {
        let power = 0;
        for (; isDigit(buf[q]); q++) if (power < 1e6) power = power * 10 + buf[q] - 0x30;
        exponent += sign === 0x2d ? -power : power;
        p = q;
      }
    }
    if (count > 15 || exponent > 22 || exponent < -22) {
      this.value = Number(Buffer.from(buf.buffer, buf.byteOffset + at, p - at).toString('latin1'));
      return p;
    }
    // Both numbers are exact, so that one operation on them is rounded as it should be.
    const size = exponent < 0 ? mantissa / POWERS[-exponent] : mantissa * POWERS[exponent];
    this.value = negative ? -size : size;
    return p;
  }

  private readWord(buf: Uint8Array, at: number, negative: boolean): number {
    if (isWord(buf, at, 'inf')) {
      this.value = negative ? -Infinity : Infinity;
      return isWord(buf, at, 'infinity') ? at + 8 : at + 3;
    }
    if (!isWord(buf, at, 'nan')) return -1;
    this.value = negative ? NEGATIVE_NAN[0] : Number.NaN;
    if (buf[at + 3] !== 0x28) return at + 3;
    // nan(chars) names one of many; nobody can tell them apart.
    let p = at + 4;
    while (isDigit(buf[p]) || ((buf[p] | 0x20) >= 0x61 && (buf[p] | 0x20) <= 0x7a) || buf[p] === 0x5f) p++;
    return buf[p] === 0x29 ? p + 1 : at + 3;
  }

  /** Reads what follows `0x`. */
  private readHex(buf: Uint8Array, at: number, negative: boolean): number {
    let p = at;
    while (hexDigit(buf[p]) >= 0) p++;
    let text = Buffer.from(buf.buffer, buf.byteOffset + at, p - at).toString('latin1');
    let exponent = 0;
    if (buf[p] === 0x2e) {
      const point = ++p;
      while (hexDigit(buf[p]) >= 0) p++;
      text += Buffer.from(buf.buffer, buf.byteOffset + point, p - point).toString('latin1');
      exponent = -4 * (p - point);
    }
    if (text === '') return -1;
    if ((buf[p] | 0x20) === 0x70) {
      let q = p + 1;
      const sign = buf[q];
      if (sign === 0x2b || sign === 0x2d) q++;
      if (isDigit(buf[q])) {
        let power = 0;
        for (; isDigit(buf[q]); q++) if (power < 1e10) power = power * 10 + buf[q] - 0x30;
        exponent += sign === 0x2d ? -power : power;
        p = q;
      }
    }
    const size = scaled(BigInt(`0x${text}`), exponent);
    this.value = negative ? -size : size;
    return p;
  }
}

/** mantissa * 2 ** exponent, rounded once: halfway to the even one. */
function scaled(mantissa: bigint, exponent: number): number {
  if (mantissa === 0n) return 0;
  const bits = mantissa.toString(16).length * 4;
  if (bits + exponent < -1100) return 0;
  if (bits + exponent > 1100) return Infinity;
  // What is finer than the last bit of a double of this size, or of the smallest ones, is rounded away here.
  const exact = mantissa.toString(2).length;
  const drop = Math.max(exact - 53, -1074 - exponent);
  if (drop > 0) {
    const shift = BigInt(drop);
    const rest = mantissa & ((1n << shift) - 1n);
    const half = 1n << (shift - 1n);
    mantissa >>= shift;
    if (rest > half || (rest === half && (mantissa & 1n) === 1n)) mantissa++;
    exponent += drop;
  }
  // In two steps, as neither power may leave the range alone.
  const step = Math.trunc(exponent / 2);
  return Number(mantissa) * 2 ** step * 2 ** (exponent - step);
}
