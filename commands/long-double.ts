/**
 * The 80-bit extended floats in which Redis computes INCRBYFLOAT and HINCRBYFLOAT, so that 0.1 + 0.2 is 0.3 here too: a 64-bit
 * significand, round half to even. Values are exact integers times a power of two; only the commands that need them pay.
 *
 * Text in: what strtold accepts without leading blanks. Text out: 17 decimals, trailing zeros cut (Redis 7.0's human format).
 */

/** `m * 2^e`, |m| < 2^64. Infinity has m = 0 and infinite e. */
export interface LongDouble {
  readonly m: bigint;
  readonly e: number;
  readonly infinite: boolean;
}

const MAX_EXPONENT = 16383;
const DECIMAL = /^[+-]?(?:(\d+)(?:\.(\d*))?|\.(\d+))(?:[eE]([+-]?\d+))?$/;
const HEX = /^[+-]?0[xX](?:([0-9a-fA-F]+)(?:\.([0-9a-fA-F]*))?|\.([0-9a-fA-F]+))(?:[pP]([+-]?\d+))?$/;

/** @returns the value of `text`; undefined when it is no number, NaN, or beyond the format's range */
export function parseLongDouble(text: string): LongDouble | undefined {
  if (text.length === 0 || text.length > 5 * 1024) return undefined;
  const negative = text[0] === '-';
  if (/^[+-]?inf(inity)?$/i.test(text)) return { m: negative ? -1n : 1n, e: 0, infinite: true };
  const hex = HEX.exec(text);
  if (hex !== null) return finite(hexParts(hex), negative);
  const dec = DECIMAL.exec(text);
  if (dec === null) return undefined;
  const fraction = dec[2] ?? dec[3] ?? '';
  const digits = BigInt((dec[1] ?? '') + fraction);
  const exponent = Number(dec[4] ?? 0) - fraction.length;
  if (digits === 0n) return { m: 0n, e: 0, infinite: false };
  if (Math.abs(exponent) > 10000) return undefined;
  const ten = 10n ** BigInt(Math.abs(exponent));
  return finite(exponent >= 0 ? round(digits * ten, 1n) : round(digits, ten), negative);
}

function hexParts(hex: RegExpExecArray): LongDouble {
  const fraction = hex[2] ?? hex[3] ?? '';
  const rounded = round(BigInt(`0x0${hex[1] ?? ''}${fraction}`), 1n);
  return { ...rounded, e: rounded.e + Number(hex[4] ?? 0) - fraction.length * 4 };
}

function finite(value: LongDouble, negative: boolean): LongDouble | undefined {
  if (value.m !== 0n && Math.abs(value.e + bits(value.m)) > MAX_EXPONENT + 1) return undefined;
  return negative ? { ...value, m: -value.m } : value;
}

/** a + b, rounded. The result of two finite values may be infinite. */
export function addLongDouble(a: LongDouble, b: LongDouble): LongDouble {
  if (a.infinite) return a;
  if (b.infinite) return b;
  const e = Math.min(a.e, b.e);
  const sum = (a.m << BigInt(a.e - e)) + (b.m << BigInt(b.e - e));
  const rounded = round(sum < 0n ? -sum : sum, 1n);
  const infinite = rounded.m !== 0n && rounded.e + e + bits(rounded.m) > MAX_EXPONENT + 1;
  return { m: sum < 0n ? -rounded.m : rounded.m, e: rounded.e + e, infinite };
}

/** The smallest integer that is not below a * n, which is rounded first; as a number, so that a huge one is only nearly right. */
export function ceilProduct(a: LongDouble, n: bigint): number {
  if (a.infinite) return a.m < 0n ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  const product = round((a.m < 0n ? -a.m : a.m) * n, 1n);
  const m = a.m < 0n ? -product.m : product.m;
  const e = product.e + a.e;
  if (e >= 0) return Number(m) * 2 ** e;
  const floor = m >> BigInt(-e); // towards minus infinity
  return Number(floor << BigInt(-e) === m ? floor : floor + 1n);
}

/** The value with up to 17 decimals. */
export function formatLongDouble(value: LongDouble): string {
  const scaled = (value.m < 0n ? -value.m : value.m) * 10n ** 17n;
  const n = value.e >= 0 ? scaled << BigInt(value.e) : divideHalfEven(scaled, 1n << BigInt(-value.e));
  const digits = n.toString().padStart(18, '0');
  const whole = digits.slice(0, -17);
  const fraction = digits.slice(-17).replace(/0+$/, '');
  const text = fraction === '' ? whole : `${whole}.${fraction}`;
  return value.m < 0n && text !== '0' ? `-${text}` : text;
}

/** numerator / denominator with a 64-bit significand, half to even. */
function round(numerator: bigint, denominator: bigint): LongDouble {
  if (numerator === 0n) return { m: 0n, e: 0, infinite: false };
  let shift = bits(numerator) - bits(denominator) - 64;
  let m = divide(numerator, denominator, shift);
  if (bits(m) > 64) m = divide(numerator, denominator, ++shift);
  else if (bits(m) < 64) m = divide(numerator, denominator, --shift);
  return { m, e: shift, infinite: false };
}

function divide(numerator: bigint, denominator: bigint, shift: number): bigint {
  return shift >= 0
    ? divideHalfEven(numerator, denominator << BigInt(shift))
    : divideHalfEven(numerator << BigInt(-shift), denominator);
}

function divideHalfEven(a: bigint, b: bigint): bigint {
  const q = a / b;
  const twice = (a - q * b) * 2n;
  return twice > b || (twice === b && (q & 1n) === 1n) ? q + 1n : q;
}

function bits(n: bigint): number {
  return (n < 0n ? -n : n).toString(2).length;
}
