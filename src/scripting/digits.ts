/**
 * tonumber with a base, as the 64-bit strtoul reads it: a sign (negative numbers wrap at 2^64), digits and letters below the base, white
 * space around. This build's has 32 bits, for which the first 12 digits of a SHA1 are too many.
 */
import { Bytes } from '../../storage/memory/bytes.js';
import { toInt32 } from './integer64.js';
import type { Lua, LuaFunction } from './lua.js';
import { type LuaState, NIL, STRING } from './lua-module.js';

const DECIMAL = 10;
const BASE_MIN = 2;
const BASE_MAX = 36;
const NO_DIGIT = 99;
const ULONG_MAX = 2n ** 64n - 1n;

/** @param original Lua's tonumber, which keeps all but strings in another base @returns what stands for it */
export function registerToNumber(lua: Lua, original: LuaFunction): LuaFunction {
  const { raw } = lua;
  const string = new Bytes();
  /** Base 10 is Lua's own business, also when none is given. */
  const decimal = (l: LuaState): number => {
    original(l);
    // The C library of this build takes 0x for a zero.
    if (raw._lua_tonumber(l, -1) === 0 && raw._lua_type(l, 1) === STRING) {
      lua.view(l, 1, string);
      if (endsInX(string)) raw._lua_pushnil(l);
    }
    return 1;
  };
  return (l) => {
    if (raw._lua_type(l, 2) <= NIL) return decimal(l);
    const base = toInt32(raw._luaL_checknumber(l, 2));
    raw._lua_pushnumber(l, base);
    raw._lua_replace(l, 2);
    if (base === DECIMAL) return decimal(l);
    if (base < BASE_MIN || base > BASE_MAX || raw._lua_isstring(l, 1) === 0) return original(l);
    lua.view(l, 1, string);
    const x = unsignedLong(string, base);
    if (x === undefined) raw._lua_pushnil(l);
    else raw._lua_pushnumber(l, x);
    return 1;
  };
}

/**
 * The number that a string is, up to its first NUL.
 * @returns as the nearest double; undefined when it is none
 */
function unsignedLong(string: Bytes, base: number): number | undefined {
  const { buf } = string;
  // Lua keeps a NUL behind every string, at which all of these end.
  let p = pastSpace(buf, string.start);
  const sign = buf[p];
  if (sign === 0x2d || sign === 0x2b) p++;
  if (base === 16 && buf[p] === 0x30 && (buf[p + 1] | 0x20) === 0x78 && digit(buf[p + 2]) < base) p += 2;
  const first = p;
  let n = 0;
  let large = 0n;
  for (let d = digit(buf[p]); d < base; d = digit(buf[++p])) {
    if (large !== 0n) large = large > ULONG_MAX ? large : large * BigInt(base) + BigInt(d);
    else if (n * base + d <= Number.MAX_SAFE_INTEGER) n = n * base + d;
    else large = BigInt(n) * BigInt(base) + BigInt(d);
  }
  if (p === first || buf[pastSpace(buf, p)] !== 0) return undefined;
  if (large === 0n && sign !== 0x2d) return n;
  if (large === 0n) large = BigInt(n);
  if (large > ULONG_MAX) return Number(ULONG_MAX);
  return Number(sign === 0x2d ? BigInt.asUintN(64, -large) : large);
}

/** Whether a string that came to 0 has an x and no digit behind it; what follows its first NUL is none of it. */
function endsInX({ buf, start }: Bytes): boolean {
  let p = pastSpace(buf, start);
  if (buf[p] === 0x2d || buf[p] === 0x2b) p++;
  return buf[p] === 0x30 && (buf[p + 1] | 0x20) === 0x78 && buf[pastSpace(buf, p + 2)] === 0;
}

/** What a character counts as a digit: 0 to 35. */
function digit(c: number): number {
  if (c >= 0x30 && c <= 0x39) return c - 0x30;
  const letter = c | 0x20;
  return letter >= 0x61 && letter <= 0x7a ? letter - 0x61 + 10 : NO_DIGIT;
}

function pastSpace(buf: Uint8Array, p: number): number {
  while (buf[p] === 0x20 || (buf[p] >= 9 && buf[p] <= 13)) p++;
  return p;
}
