/**
 * The library `bit` of scripts: operations on 32 bits, whose results are signed. Numbers are rounded to the nearest integer, halves to
 * even, and taken modulo 2^32.
 */
import type { Lua } from './lua.js';
import type { LuaState } from './lua-module.js';

/** Added to a double, this leaves its integer in the low bits of the mantissa, rounded: exact below 2^51, as Redis has it beyond. */
const ROUNDING = 2 ** 52 + 2 ** 51;
const double = new Float64Array(1);
const halves = new Int32Array(double.buffer);

const DIGITS_MAX = 8;
const LOWER = '0123456789abcdef';
const UPPER = '0123456789ABCDEF';

/** Defines the global `bit`. */
export function registerBit(lua: Lua): void {
  const { raw } = lua;

  /** Argument `n` as 32 bits; raises "number expected" for what is none (a string of one is). */
  const bits = (l: LuaState, n: number): number => {
    double[0] = raw._luaL_checknumber(l, n) + ROUNDING;
    return halves[0];
  };
  const one = (name: string, f: (a: number) => number): void =>
    lua.define('bit', name, (l) => {
      raw._lua_pushnumber(l, f(bits(l, 1)));
      return 1;
    });
  // The first argument is looked at first, then the last: this decides which of two wrong ones is named.
  const any = (name: string, f: (a: number, b: number) => number): void =>
    lua.define('bit', name, (l) => {
      let all = bits(l, 1);
      for (let n = raw._lua_gettop(l); n > 1; n--) all = f(all, bits(l, n));
      raw._lua_pushnumber(l, all);
      return 1;
    });
  const shift = (name: string, f: (a: number, n: number) => number): void =>
    lua.define('bit', name, (l) => {
      const a = bits(l, 1);
      raw._lua_pushnumber(l, f(a, bits(l, 2) & 31) | 0);
      return 1;
    });

  one('tobit', (a) => a);
  one('bnot', (a) => ~a);
  one('bswap', swapped);
  any('band', (a, b) => a & b);
  any('bor', (a, b) => a | b);
  any('bxor', (a, b) => a ^ b);
  shift('lshift', (a, n) => a << n);
  shift('rshift', (a, n) => a >>> n);
  shift('arshift', (a, n) => a >> n);
  // A shift by 32 is one by 0 here as there, so that 0 needs no case of its own.
  shift('rol', (a, n) => (a << n) | (a >>> (32 - n)));
  shift('ror', (a, n) => (a >>> n) | (a << (32 - n)));
  lua.define('bit', 'tohex', (l) => {
    const a = bits(l, 1);
    lua.pushText(l, hexadecimal(a, raw._lua_gettop(l) < 2 ? DIGITS_MAX : bits(l, 2)));
    return 1;
  });
}

function swapped(a: number): number {
  return (a >>> 24) | ((a >>> 8) & 0xff00) | ((a & 0xff00) << 8) | (a << 24);
}

/** The last `digits` (at most 8) hexadecimal digits of `a`; upper case when the number of them is negative. */
function hexadecimal(a: number, digits: number): string {
  const alphabet = digits < 0 ? UPPER : LOWER;
  let text = '';
  for (let n = Math.min(Math.abs(digits), DIGITS_MAX); n > 0; n--) {
    text = alphabet[a & 15] + text;
    a >>>= 4;
  }
  return text;
}
