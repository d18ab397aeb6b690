/** Compiling: text only. What begins as compiled code begins with ESC; a blank before it makes Lua read it as the text that it is not. */
import { copyBytes } from '../../storage/memory/bytes.js';
import type { Lua } from './lua.js';
import { FUNCTION, type LuaState, NIL, OK, STRING } from './lua-module.js';

const ESC = 27;
const BLANK = 32;

/**
 * Compiles `buf[start, end)` and pushes the function, or the error message.
 * @param name a pointer to the chunk's name, with a NUL at its end
 * @returns what luaL_loadbuffer returns
 */
export function compile(lua: Lua, l: LuaState, buf: Uint8Array, start: number, end: number, name: number): number {
  const n = end - start;
  const isCode = buf[start] === ESC;
  const at = lua.scratch(n + 1);
  const { HEAPU8 } = lua.raw;
  copyBytes(HEAPU8, isCode ? at + 1 : at, buf, start, n);
  if (isCode) HEAPU8[at] = BLANK;
  return lua.raw._luaL_loadbuffer(l, at, isCode ? n + 1 : n, name);
}

/** Defines loadstring and load. */
export function registerLoad(lua: Lua): void {
  const { raw, main } = lua;
  const loadName = lua.constant('=(load)');

  /** Compiles the string at `at`, and replies as Lua's functions do. */
  const load = (l: LuaState, at: number, name: number): number => {
    const p = raw._lua_tolstring(l, at, lua.lengthAt);
    const n = raw.HEAPU32[lua.lengthAt >> 2];
    const status =
      raw.HEAPU8[p] === ESC
        ? compile(lua, l, raw.HEAPU8.slice(p, p + n), 0, n, name)
        : raw._luaL_loadbuffer(l, p, n, name);
    if (status === OK) return 1;
    raw._lua_pushnil(l);
    raw._lua_insert(l, -2);
    return 2;
  };

  /** The error on top has come out of the reader function: Redis's handler has made a table of it. */
  const refuse = (l: LuaState): number => {
    const text = lua.text(l, -1);
    raw._lua_pushnil(l);
    raw._lua_insert(l, -2);
    if (text === undefined) return 2;
    raw._lua_settop(l, -2);
    raw._lua_createtable(l, 0, 1);
    lua.pushText(l, 'err');
    lua.pushText(l, `ERR ${text}`);
    raw._lua_rawset(l, -3);
    return 2;
  };

  lua.pushFunction(main, (l) => {
    const text = raw._luaL_checklstring(l, 1, lua.lengthAt);
    return load(l, 1, raw._luaL_optlstring(l, 2, text, lua.lengthAt));
  });
  lua.setGlobal('loadstring');

  lua.pushFunction(main, (l) => {
    raw._luaL_checktype(l, 1, FUNCTION);
    const name = raw._luaL_optlstring(l, 2, loadName, lua.lengthAt);
    raw._lua_settop(l, 2);
    raw._lua_pushlstring(l, name, 0); // 3: what there is so far
    for (;;) {
      raw._lua_pushvalue(l, 1);
      if (raw._lua_pcall(l, 0, 1, 0) !== OK) return refuse(l);
      const type = raw._lua_type(l, -1);
      if (type === NIL) raw._lua_settop(l, -2);
      else if (raw._lua_isstring(l, -1) === 0) {
        raw._luaL_where(l, 1);
        lua.pushText(l, 'reader function must return a string');
        raw._lua_concat(l, 2);
        return refuse(l);
      }
      const isEnd = type === NIL || (type === STRING && raw._lua_objlen(l, -1) === 0);
      if (type !== NIL) raw._lua_concat(l, 2);
      // Code is refused by its first byte, whatever follows.
      if (isEnd || raw.HEAPU8[raw._lua_tolstring(l, 3, lua.lengthAt)] === ESC) return load(l, 3, name);
    }
  });
  lua.setGlobal('load');
}
