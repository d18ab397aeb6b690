/**
 * What a library asks of the arguments a script gave it, and the errors that Lua itself raises when they are not there. These name
 * the function as the script called it ("bad argument #2 to 'pack' (number expected, got no value)"), which only Lua knows; so they are
 * raised by Lua and unwind the stack from here: none of the functions below returns when it raises.
 *
 * `raw._luaL_checknumber(l, n)` and `raw._luaL_optnumber(l, n, otherwise)` need no more than themselves.
 */
import type { Bytes } from '../../storage/memory/bytes.js';
import type { Lua } from './lua.js';
import type { LuaState } from './lua-module.js';

/** Points `view` at the string (or number, made a string) that is argument `n`; otherwise raises "string expected". Holds as `lua.view`'s. */
export function checkString(lua: Lua, l: LuaState, n: number, view: Bytes): void {
  if (!lua.view(l, n, view)) lua.raw._luaL_typerror(l, n, cString(lua, 'string'));
}

/** Raises "bad argument #n to 'name' (message)". @param message latin1 without NUL */
export function argumentError(lua: Lua, l: LuaState, n: number, message: string): void {
  lua.raw._luaL_argerror(l, n, cString(lua, message));
}

/** Raises "stack overflow (message)" unless `extra` more values find room on the stack, of which Lua gives a function 8,000. */
export function checkStack(lua: Lua, l: LuaState, extra: number, message: string): void {
  // The message is written only when it is needed.
  if (lua.raw._lua_checkstack(l, extra) === 0) lua.raw._luaL_checkstack(l, extra, cString(lua, message));
}

/** `text` as C reads it, in the scratch memory. @returns its address */
function cString(lua: Lua, text: string): number {
  const n = text.length;
  const at = lua.scratch(n + 1);
  const { HEAPU8 } = lua.raw;
  for (let i = 0; i < n; i++) HEAPU8[at + i] = text.charCodeAt(i);
  HEAPU8[at + n] = 0;
  return at;
}
