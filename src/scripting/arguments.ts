/**
 * What a library asks of the arguments a script gave it, and the errors that Lua itself raises when they are not there. These name
 * the function as the script called it ("bad argument #2 to 'pack' (number expected, got no value)"), which only Lua knows; so they are
 * raised by Lua and unwind the stack from here: none of the functions below returns when it raises.
 *
 * `raw._luaL_checknumber(l, n)` and `raw._luaL_optnumber(l, n, otherwise)` need no more than themselves.
 */
import type { Bytes } from '../../storage/memory/bytes.js';
import { type Lua, LuaError } from './lua.js';
import type { LuaState } from './lua-module.js';

/** Points `view` at the string (or number, made a string) that is argument `n`; otherwise raises "string expected". Holds as `lua.view`'s. */
export function checkString(lua: Lua, l: LuaState, n: number, view: Bytes): void {
  if (!lua.view(l, n, view)) typeError(lua, l, n, 'string');
}

/** Raises "bad argument #n to 'name' (message)". @param message latin1 without NUL */
export function argumentError(lua: Lua, l: LuaState, n: number, message: string): never {
  lua.raw._luaL_argerror(l, n, lua.passing(message));
  throw new LuaError(message); // the compiler does not know that Lua has raised it
}

/** Raises "bad argument #n to 'name' (expected expected, got type)". */
export function typeError(lua: Lua, l: LuaState, n: number, expected: string): never {
  lua.raw._luaL_typerror(l, n, lua.passing(expected));
  throw new LuaError(expected);
}

/** Raises "stack overflow (message)" unless `extra` more values find room on the stack, of which Lua gives a function 8,000. */
export function checkStack(lua: Lua, l: LuaState, extra: number, message: string): void {
  // The message is written only when it is needed.
  if (lua.raw._lua_checkstack(l, extra) === 0) lua.raw._luaL_checkstack(l, extra, lua.passing(message));
}
