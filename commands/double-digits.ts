/**
 * Doubles as C's `%.17g` writes them: what Redis hashes of a score (DEBUG DIGEST), whatever replies show. Must not be used for
 * replies: those are written by protocol/double.ts, with the shortest digits.
 */

/** Significant digits: enough to tell any two doubles apart. */
const PRECISION = 17;

/** `value` by at most 17 significant digits: `3`, `0.10000000000000001`, `1e+20`, `-inf`. Exact, ties to even. */
export function doubleDigits(value: number): string {
  if (Number.isNaN(value)) return 'nan';
  const sign = value < 0 || Object.is(value, -0) ? '-' : '';
  const n = Math.abs(value);
  if (n === Number.POSITIVE_INFINITY) return `${sign}inf`;
  if (Number.isInteger(n) && n < 1e17) return `${sign}${BigInt(n)}`; // `${n}` has only the shortest digits
  const [mantissa, power] = rounded(n).split('e');
  const exponent = Number(power);
  const digits = mantissa.replace('.', '').replace(/0+$/, '');
  if (exponent < -4 || exponent >= PRECISION) {
    const rest = digits.length > 1 ? `.${digits.slice(1)}` : '';
    const e = String(Math.abs(exponent)).padStart(2, '0');
    return `${sign}${digits[0]}${rest}e${exponent < 0 ? '-' : '+'}${e}`;
  }
  if (exponent < 0) return `${sign}0.${'0'.repeat(-exponent - 1)}${digits}`;
  const whole = digits.slice(0, exponent + 1).padEnd(exponent + 1, '0');
  const fraction = digits.slice(exponent + 1);
  return `${sign}${whole}${fraction === '' ? '' : `.${fraction}`}`;
}

/**
 * `d.ddde±x` with 17 digits. JavaScript rounds a tie upwards and C to the even digit: a tie is a double whose exact digits end with a
 * 5 in the 18th place.
 */
function rounded(n: number): string {
  const up = n.toExponential(PRECISION - 1);
  const exact = n.toExponential(60);
  const tail = exact.slice(PRECISION + 1, exact.indexOf('e'));
  const isTie = /^50*$/.test(tail);
  const isEven = Number(exact[PRECISION]) % 2 === 0;
  return isTie && isEven ? exact.slice(0, PRECISION + 1) + exact.slice(exact.indexOf('e')) : up;
}
