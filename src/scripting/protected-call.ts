/** pcall as Redis 7.0 has it: of an error that is a table with `err`, what a command's error is, the text is returned. */
import type { Lua } from './lua.js';
import { MULTIPLE_RESULTS, OK, TABLE } from './lua-module.js';
import { setGlobal } from './sandbox.js';

export function registerProtectedCall(lua: Lua): void {
  const { raw, main } = lua;
  const err = lua.constant('err');
  lua.pushFunction(main, (l) => {
    raw._luaL_checkany(l, 1);
    const failed = raw._lua_pcall(l, raw._lua_gettop(l) - 1, MULTIPLE_RESULTS, 0) !== OK;
    if (failed && raw._lua_type(l, -1) === TABLE) {
      raw._lua_pushlstring(l, err, 3);
      raw._lua_rawget(l, -2);
      raw._lua_settop(l, raw._lua_isstring(l, -1) !== 0 ? 2 : 1);
      if (raw._lua_gettop(l) === 2) raw._lua_remove(l, 1);
    }
    raw._lua_pushboolean(l, failed ? 0 : 1);
    raw._lua_insert(l, 1);
    return raw._lua_gettop(l);
  });
  setGlobal(lua, 'pcall');
}
