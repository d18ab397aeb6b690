/**
 * Hexadecimal floats (`0x1.8p3`), which strtod takes and so Redis does. Rare, hence in a file of its own and by BigInt.
 * Rounds to the nearest double, ties to even, once. Read next: double.ts, which calls this behind the `0x`.
 */

/** Hexadecimal digits that are looked at; whether the rest is all zeros is one bit. */
const KEPT = 32;
/** log2 of the smallest double. */
const LEAST = -1074;
/** Beyond this power of two everything is infinite or 0, whatever the digits. */
const FAR = 1e9;
/** Digits of an exponent that lead beyond this are dropped. */
const SATURATED = 1e12;

/**
 * Reads `buf[start, end)`, which follows `0x`: digits with an optional point, then an optional `p` and a decimal exponent.
 * @returns the value, infinite when it is too large, 0 when it is too small; NaN when the text is malformed
 */
export function scanHexFloat(buf: Uint8Array, start: number, end: number): number {
  let p = start;
  let text = '0x';
  let rest = false;
  let exponent = 0;
  let seen = false;
  let point = false;
  for (; p < end; p++) {
    const d = hexDigit(buf[p]);
    if (d >= 0) {
      seen = true;
      if (text.length < KEPT + 2) {
        if (d > 0 || text.length > 2) text += d.toString(16);
        if (point) exponent -= 4;
      } else {
        rest ||= d > 0;
        if (!point) exponent += 4;
      }
    } else if (buf[p] === 46 && !point) point = true;
    else break;
  }
  if (!seen) return Number.NaN;
  if (p < end) {
    if ((buf[p] | 32) !== 112) return Number.NaN;
    const power = scanExponent(buf, p + 1, end);
    if (Number.isNaN(power)) return power;
    exponent += power;
  }
  if (text.length === 2) return 0;
  return scaled((BigInt(text) << 1n) | (rest ? 1n : 0n), exponent - 1);
}

/** `units` times 2^`exponent`, rounded. */
function scaled(units: bigint, exponent: number): number {
  if (exponent > FAR) return Number.POSITIVE_INFINITY;
  if (exponent < -FAR) return 0;
  const shift = Math.max(units.toString(2).length - 53, LEAST - exponent);
  if (shift > 0) {
    if (shift > 8 * KEPT) return 0;
    const by = BigInt(shift);
    const half = 1n << (by - 1n);
    const cut = units & ((half << 1n) - 1n);
    units >>= by;
    if (cut > half || (cut === half && (units & 1n) === 1n)) units += 1n;
    exponent += shift;
  }
  // In two steps, because 2^exponent alone may lie outside the range; both are exact, or infinite.
  const first = Math.max(exponent, -1000);
  return Number(units) * 2 ** Math.min(first, 1000) * 2 ** (exponent - Math.min(first, 1000));
}

function hexDigit(c: number): number {
  if (c >= 48 && c <= 57) return c - 48;
  const d = (c | 32) - 87;
  return d >= 10 && d <= 15 ? d : -1;
}

/**
 * Reads `buf[p, end)` as an exponent of either base: an optional sign and decimal digits, at least one.
 * @returns the value, saturated far beyond what matters; NaN when the text is malformed
 */
export function scanExponent(buf: Uint8Array, p: number, end: number): number {
  const negative = p < end && buf[p] === 45;
  if (negative || (p < end && buf[p] === 43)) p++;
  if (p === end) return Number.NaN;
  let value = 0;
  for (; p < end; p++) {
    const d = buf[p] - 48;
    if (d < 0 || d > 9) return Number.NaN;
    if (value < SATURATED) value = value * 10 + d;
  }
  return negative ? -value : value;
}
