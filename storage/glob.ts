/**
 * Glob patterns as Redis matches them, byte by byte: KEYS, SCAN MATCH, PSUBSCRIBE, CONFIG GET and ACL patterns all mean this.
 *
 *   *        any run of bytes, also none        [abc]    one byte of the class      \x   the byte x itself
 *   ?        any one byte                       [a-z]    one byte of the range      [^…] one byte outside the class
 *
 * Never allocates and never recurses. Only the last `*` is retried: when the rest of a pattern matches nowhere behind its
 * last `*`, giving an earlier `*` more bytes cannot help. So the cost is O(pattern × text) at worst, where trying every
 * combination would be exponential in the number of stars (the limit that Redis has had since CVE-2022-36021).
 *
 * Quirks which clients may rely on, all of Redis 7.0 too: an empty text matches the empty pattern only, not even `*` (KEYS and
 * SCAN take a lone `*` as "no pattern" before they come here); a class without `]` ends with the pattern; `[a-]` is a range up
 * to `]`; ranges may be given backwards; `[]` matches nothing and `[^]` everything; a lone `\` at the end is itself; without regard
 * to case, a range is put in order before its ends are lowered (so `[a-Z]` is empty) and `\x` inside a class stays exact.
 */

const STAR = 0x2a;
const QUESTION = 0x3f;
const OPEN = 0x5b;
const BACKSLASH = 0x5c;
const CLOSE = 0x5d;
const CARET = 0x5e;
const DASH = 0x2d;

/**
 * Whether `text[tStart, tEnd)` matches `pattern[pStart, pEnd)` as a whole. O(pattern × text) at worst, O(text) in practice.
 *
 * @param nocase whether ASCII letters match in either case
 */
export function globMatch(
  pattern: Uint8Array,
  pStart: number,
  pEnd: number,
  text: Uint8Array,
  tStart: number,
  tEnd: number,
  nocase: boolean,
): boolean {
  let p = pStart;
  let t = tStart;
  let retryP = -1; // just behind the last `*`; -1 while there was none
  let retryT = 0; // where the run of that `*` ends at present
  if (t === tEnd) return p === pEnd;
  while (t < tEnd) {
    if (p < pEnd && pattern[p] === STAR) {
      while (p < pEnd && pattern[p] === STAR) p++;
      if (p === pEnd) return true;
      retryP = p;
      retryT = t;
      continue;
    }
    const next = p < pEnd ? matchOne(pattern, p, pEnd, text[t], nocase) : -1;
    if (next >= 0) {
      p = next;
      t++;
    } else if (retryP >= 0) {
      p = retryP;
      t = ++retryT;
    } else {
      return false;
    }
  }
  while (p < pEnd && pattern[p] === STAR) p++;
  return p === pEnd;
}

/** Matches one byte against the element at `p` (anything but `*`). Returns where the next element starts, or -1. */
function matchOne(pattern: Uint8Array, p: number, pEnd: number, byte: number, nocase: boolean): number {
  let c = pattern[p];
  if (c === QUESTION) return p + 1;
  if (c === OPEN) return matchClass(pattern, p + 1, pEnd, byte, nocase);
  if (c === BACKSLASH && p + 1 < pEnd) c = pattern[++p];
  return c === byte || (nocase && lower(c) === lower(byte)) ? p + 1 : -1;
}

/** Matches one byte against the class whose `[` is just before `p`. Returns where the next element starts, or -1. */
function matchClass(pattern: Uint8Array, p: number, pEnd: number, byte: number, nocase: boolean): number {
  const negated = p < pEnd && pattern[p] === CARET;
  if (negated) p++;
  const folded = nocase ? lower(byte) : byte;
  let found = false;
  for (; p < pEnd && pattern[p] !== CLOSE; p++) {
    let low = pattern[p];
    if (low === BACKSLASH && p + 1 < pEnd) {
      if (pattern[++p] === byte) found = true;
      continue;
    }
    let high = low;
    if (p + 2 < pEnd && pattern[p + 1] === DASH) {
      high = pattern[(p += 2)];
      if (low > high) {
        high = low;
        low = pattern[p];
      }
    }
    if (nocase) {
      low = lower(low);
      high = lower(high);
    }
    if (folded >= low && folded <= high) found = true;
  }
  if (found === negated) return -1;
  return p < pEnd ? p + 1 : p;
}

function lower(byte: number): number {
  return byte >= 65 && byte <= 90 ? byte | 32 : byte;
}
