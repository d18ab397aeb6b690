/**
 * What pipelined input asks for next: where the keys of the commands stand that are already here. It is a guess for warming caches and
 * nothing else: the first argument behind the name, whatever the command, of plain multibulk requests; it stops at anything unusual.
 */

const DOLLAR = 36;
const STAR = 42;
const CR = 13;

/** Position behind the decimal number at `p` and its line's end, with the number in `NUMBER`; -1 when it is none. */
function number(buf: Uint8Array, p: number, end: number): number {
  let n = 0;
  const from = p;
  for (; p < end; p++) {
    const d = buf[p] - 48;
    if (d < 0 || d > 9 || p - from > 8) break;
    n = n * 10 + d;
  }
  NUMBER[0] = n;
  return p > from && p + 1 < end && buf[p] === CR ? p + 2 : -1;
}

const NUMBER = new Int32Array(1);

/**
 * Writes start and end of the first key of each command that lies whole in `buf[pos, end)` to `bounds`, two numbers a command, as far as
 * that reaches.
 * @returns how many commands they are. O(arguments)
 */
export function firstKeys(buf: Uint8Array, pos: number, end: number, bounds: Int32Array): number {
  let count = 0;
  let p = pos;
  while (p < end && buf[p] === STAR && count * 2 < bounds.length) {
    p = number(buf, p + 1, end);
    if (p < 0) return count;
    const argc = NUMBER[0];
    for (let i = 0; i < argc; i++) {
      if (p >= end || buf[p] !== DOLLAR) return count;
      p = number(buf, p + 1, end);
      if (p < 0) return count;
      if (i === 1) {
        bounds[count * 2] = p;
        bounds[count * 2 + 1] = p + NUMBER[0];
      }
      p += NUMBER[0] + 2;
      if (p > end) return count;
    }
    if (argc > 1) count++;
  }
  return count;
}
