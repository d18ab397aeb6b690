/**
 * Functions of Lua that take integers. This build's integers have 32 bits where Redis's have 64, so that an index of 2^40 came out as the
 * most negative one (and NaN as 2^31 steps in table.insert). Before such a function runs, its integers that do not fit are replaced on the
 * stack by what Redis makes of them: the low 32 bits, or where 64 count, the nearest that fits (no string is that long).
 *
 * The functions themselves, their errors included, stay Lua's own; save for tonumber with a base: digits.ts.
 *
 * What stays different, since it lies in the C library of this build: "0x" without digits is read as 0 in sources and in arithmetic; the
 * sign of "-nan" is lost; and the last of 17 digits of sin, cos, tan, their like and log10 (of scripts' 14 digits once in some thousand).
 */
import { registerToNumber } from './digits.js';
import { toInt32 } from './integer64.js';
import type { Lua, LuaFunction } from './lua.js';
import type { LuaState } from './lua-module.js';

const INT_MIN = -(2 ** 31);
const INT_MAX = 2 ** 31 - 1;
/** What Redis makes of a number that is beyond 32 bits, or NaN. */
type Cast = (x: number) => number;

/** Defines anew what takes integers in the libraries base, string, table and math, which must be open. */
export function registerDifferences(lua: Lua): void {
  const { raw } = lua;

  /** Puts `cast` of argument `n` in its place when it is a number beyond 32 bits. */
  const fit = (l: LuaState, n: number, cast: Cast): void => {
    // 0 for what is no number: of that Lua will complain.
    const x = raw._lua_tonumber(l, n);
    if (x >= INT_MIN && x <= INT_MAX) return;
    raw._lua_pushnumber(l, cast(x));
    raw._lua_replace(l, n);
  };
  const one = (library: string, name: string, n: number, cast: Cast): void =>
    replace(lua, library, name, (original) => (l) => {
      fit(l, n, cast);
      return original(l);
    });
  const two = (library: string, name: string, n: number, cast: Cast): void =>
    replace(lua, library, name, (original) => (l) => {
      fit(l, n, cast);
      fit(l, n + 1, cast);
      return original(l);
    });

  two('string', 'sub', 2, nearest);
  two('string', 'byte', 2, nearest);
  one('string', 'find', 3, nearest);
  one('string', 'match', 3, nearest);
  one('string', 'gsub', 4, toInt32);
  one('string', 'rep', 2, toInt32);
  two('table', 'concat', 3, toInt32);
  one('table', 'remove', 2, toInt32);
  one('math', 'ldexp', 2, toInt32);
  two('_G', 'unpack', 2, toInt32);
  one('_G', 'select', 1, toInt32);
  one('_G', 'error', 2, toInt32);
  one('_G', 'collectgarbage', 2, toInt32);
  replace(lua, 'string', 'char', (original) => (l) => {
    for (let n = raw._lua_gettop(l); n > 0; n--) fit(l, n, toInt32);
    return original(l);
  });
  replace(lua, 'table', 'insert', (original) => (l) => {
    // Of two arguments none is a position.
    if (raw._lua_gettop(l) === 3) fit(l, 2, toInt32);
    return original(l);
  });
  replace(lua, 'math', 'frexp', (original) => (l) => {
    const x = raw._luaL_checknumber(l, 1);
    if (Number.isFinite(x)) return original(l);
    // Here the exponent of infinity and NaN is whatever stood in memory; there 0.
    raw._lua_pushnumber(l, x);
    raw._lua_pushnumber(l, 0);
    return 2;
  });
  replace(lua, '_G', 'tonumber', (original) => registerToNumber(lua, original));
}

/** What (int64_t)x is to strings that are shorter than 2^31. */
function nearest(x: number): number {
  return x > 0 && x < 2 ** 63 ? INT_MAX : INT_MIN;
}

/**
 * Puts another function in the place of `library.name`.
 * @param make gets the function that was there, to be called on the stack of the call: to Lua it is then that function which runs
 */
function replace(lua: Lua, library: string, name: string, make: (original: LuaFunction) => LuaFunction): void {
  const { raw, main } = lua;
  lua.pushMember(library, name);
  const f = make(raw.functionAt(raw._lua_tocfunction(main, -1)));
  raw._lua_settop(main, -2);
  // No LuaError is thrown here; and what Lua throws needs no look at it on its way.
  raw._lua_pushcclosure(main, raw.addFunction(f, 'ii'), 0);
  lua.setMember(library, name);
}
