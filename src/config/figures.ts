/**
 * Figures: integers and sizes of memory between text and number. Redis counts in 64 bits; numbers here hold 53 exactly, so a
 * larger one is rounded, except that the largest (2^63 - 1 and 2^64 - 1) print as themselves: they mean "no limit".
 */
import { MEMORY_UNITS } from '../../commands/memory-units.js';

export const INT_MAX = 2 ** 31 - 1;
export const INT_MIN = -(2 ** 31);
export const UINT_MAX = 2 ** 32 - 1;
/** 2^63 - 1, as the nearest number. */
export const LONG_MAX = 2 ** 63;
/** 2^64 - 1, as the nearest number. */
export const ULONG_MAX = 2 ** 64;

/** A number in decimal, without an exponent. */
export function figure(n: number): string {
  if (n >= ULONG_MAX) return '18446744073709551615';
  if (n === LONG_MAX) return '9223372036854775807';
  return Number.isSafeInteger(n) ? String(n) : String(BigInt(n));
}

/**
 * The integer that `text` is in its only form (no sign but `-`, no leading zero, no space); undefined when it is not one, or not
 * one of 64 bits.
 */
export function parseInteger(text: string): number | undefined {
  if (!/^(0|-?[1-9]\d{0,18})$/.test(text)) return undefined;
  const exact = BigInt(text);
  return BigInt.asIntN(64, exact) === exact ? Number(exact) : undefined;
}

/** The integer that `text` is as C's strtoll reads it: spaces and a sign before it, leading zeros; else undefined. */
export function parseLoosely(text: string): number | undefined {
  if (!/^[ \t\n\v\f\r]*[+-]?\d+$/.test(text)) return undefined;
  return Math.max(-LONG_MAX, Math.min(LONG_MAX, Number(text.trim())));
}

/**
 * Bytes: digits and a unit in any case (1k = 1000, 1kb = 1024). Redis takes a unit, and even nothing, without digits as 0.
 * A larger number than 2^64 - 1 is that; undefined when `text` is no size.
 */
export function parseMemory(text: string): number | undefined {
  const match = /^(\d*)([a-z]*)$/i.exec(text);
  const unit = match === null ? undefined : MEMORY_UNITS[match[2].toLowerCase()];
  return match === null || unit === undefined ? undefined : Math.min(ULONG_MAX, Number(match[1]) * unit);
}

/** Bytes in the largest unit that divides them, as CONFIG REWRITE prints them: 1073741824 is `1gb`, 1000 stays `1000`. */
export function memoryText(bytes: number): string {
  for (const unit of ['gb', 'mb', 'kb'])
    if (bytes > 0 && bytes < LONG_MAX && bytes % MEMORY_UNITS[unit] === 0)
      return figure(bytes / MEMORY_UNITS[unit]) + unit;
  return figure(bytes);
}
