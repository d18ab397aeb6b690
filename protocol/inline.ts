/**
 * The quoting of inline commands, redis.conf lines and redis-cli: words parted by blanks; "double quotes" with \n \r \t \b \a
 * \xHH and backslash-anything; 'single quotes' with \' only. A closing quote must be followed by a blank or the end.
 */

const ESCAPES: Readonly<Record<number, number>> = { 110: 10, 114: 13, 116: 9, 98: 8, 97: 7 };

/** @returns the words of `buf[start, end)`, none for a blank line; undefined when quotes are unbalanced. O(length). */
export function splitWords(buf: Uint8Array, start: number, end: number): Uint8Array[] | undefined {
  const words: Uint8Array[] = [];
  let p = start;
  for (;;) {
    while (p < end && isBlank(buf[p])) p++;
    if (p >= end || buf[p] === 0) return words;
    const word: number[] = [];
    p = readWord(buf, p, end, word);
    if (p < 0) return undefined;
    words.push(Uint8Array.from(word));
  }
}

/** Reads one word into `word`; returns the position after it, or -1 when its quotes are unbalanced. */
function readWord(buf: Uint8Array, p: number, end: number, word: number[]): number {
  while (p < end && !endsWord(buf[p])) {
    const b = buf[p];
    if (b !== 34 && b !== 39) {
      word.push(b);
      p++;
      continue;
    }
    p = b === 34 ? readDouble(buf, p + 1, end, word) : readSingle(buf, p + 1, end, word);
    if (p < 0 || (p < end && !isBlank(buf[p]))) return -1;
    return p;
  }
  return p;
}

function readDouble(buf: Uint8Array, p: number, end: number, word: number[]): number {
  for (; p < end; p++) {
    const b = buf[p];
    if (b === 34) return p + 1;
    if (b !== 92 || p + 1 >= end) {
      word.push(b);
      continue;
    }
    p++;
    const hex = buf[p] === 120 && p + 2 < end ? hexPair(buf[p + 1], buf[p + 2]) : -1;
    if (hex >= 0) {
      word.push(hex);
      p += 2;
    } else word.push(ESCAPES[buf[p]] ?? buf[p]);
  }
  return -1;
}

function readSingle(buf: Uint8Array, p: number, end: number, word: number[]): number {
  for (; p < end; p++) {
    if (buf[p] === 39) return p + 1;
    if (buf[p] === 92 && p + 1 < end && buf[p + 1] === 39) p++;
    word.push(buf[p]);
  }
  return -1;
}

/** What may stand between words. */
function isBlank(b: number): boolean {
  return b === 32 || (b >= 9 && b <= 13);
}

/** What ends a word without quotes: fewer characters than may stand before it (Redis 7.0), so that `a\vb` is one word. */
function endsWord(b: number): boolean {
  return b === 32 || b === 9 || b === 10 || b === 13 || b === 0;
}

function hexPair(a: number, b: number): number {
  const text = String.fromCharCode(a, b);
  return /^[0-9a-fA-F]{2}$/.test(text) ? Number.parseInt(text, 16) : -1;
}
