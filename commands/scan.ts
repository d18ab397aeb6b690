/**
 * What SCAN, SSCAN, HSCAN and ZSCAN share: the cursor and the options. A cursor is the table's own: a 32-bit hash, 0 at both ends
 * (storage/memory/table.ts), so that whatever a client sends is a valid one.
 */
import { globMatch } from '../storage/glob.js';
import type { Bytes } from '../storage/memory/bytes.js';
import { intArg } from './args.js';
import type { Client } from './client.js';
import { INVALID_CURSOR, SYNTAX } from './error.js';

/** Filled again by every `scanOptions`. */
class ScanOptions {
  /** About how many elements to visit. */
  count = 10;
  /** Undefined when everything matches. */
  pattern: Bytes | undefined = undefined;
  /** SCAN's TYPE, undefined when all types are wanted. */
  type: Bytes | undefined = undefined;
  /** HSCAN's NOVALUES. */
  noValues = false;

  /** Whether `element` is asked for, as far as MATCH goes. */
  wants(element: Bytes): boolean {
    const { pattern } = this;
    if (pattern === undefined) return true;
    return globMatch(pattern.buf, pattern.start, pattern.end, element.buf, element.start, element.end, false);
  }
}

const OPTIONS = new ScanOptions();

/** Which options a command has beside MATCH and COUNT. */
export const PLAIN = 0;
export const TYPES = 1;
export const VALUES = 2;

/**
 * Reads the options from `c.argv[from]` on.
 * @param more PLAIN, TYPES (TYPE, of SCAN) or VALUES (NOVALUES, of HSCAN)
 * @returns what the next call fills again
 * @throws SYNTAX for an unknown or incomplete option and a count below 1; NOT_INTEGER
 */
export function scanOptions(c: Client, from: number, more: number): ScanOptions {
  const { argv, argc } = c;
  OPTIONS.count = 10;
  OPTIONS.pattern = OPTIONS.type = undefined;
  OPTIONS.noValues = false;
  for (let i = from; i < argc; i++) {
    const word = argv[i];
    if (more === VALUES && word.is('novalues')) {
      OPTIONS.noValues = true;
      continue;
    }
    if (++i === argc) throw SYNTAX;
    if (word.is('count')) {
      OPTIONS.count = intArg(argv[i]);
      if (OPTIONS.count < 1) throw SYNTAX;
    } else if (word.is('match')) OPTIONS.pattern = argv[i].is('*') ? undefined : argv[i];
    else if (more === TYPES && word.is('type')) OPTIONS.type = argv[i];
    else throw SYNTAX;
  }
  return OPTIONS;
}

/**
 * A cursor as C's strtoul reads it: no leading blank, a sign is allowed, nothing at all is 0.
 * @returns its low 32 bits
 * @throws INVALID_CURSOR for anything else, and beyond 64 bits
 */
export function scanCursor(arg: Bytes): number {
  const { buf } = arg;
  let p = arg.start;
  let end = p;
  while (end < arg.end && buf[end] !== 0) end++; // a NUL byte ends it
  const sign = p < end ? buf[p] : 0;
  if (sign === 43 || sign === 45) p++;
  if (p === end && p !== arg.start) throw INVALID_CURSOR;
  let n = 0;
  for (let q = p; q < end; q++) {
    const digit = buf[q] - 48;
    if (digit < 0 || digit > 9) throw INVALID_CURSOR;
    n = n * 10 + digit;
  }
  if (n > Number.MAX_SAFE_INTEGER) {
    if (n > 1.9e19) throw INVALID_CURSOR;
    const exact = BigInt(arg.toString().slice(p - arg.start, end - arg.start));
    if (exact >= 1n << 64n) throw INVALID_CURSOR;
    n = Number(BigInt.asUintN(32, exact));
  }
  return (sign === 45 ? -(n % 4294967296) : n) >>> 0;
}

/** The reply where there is nothing to walk through. */
export function emptyScan(c: Client): void {
  c.out.array(2);
  c.out.bulkText('0');
  c.out.array(0);
}
