/** Modules of Lua: each with memory of its own, with views that follow the memory as it grows. */
import t from 'tap';
import { loadLuaModule } from '../../../src/scripting/lua-module.js';

const [a, b] = await Promise.all([loadLuaModule(), loadLuaModule()]);

const l = a._luaL_newstate();
const before = a.HEAPU8;
a.HEAPU8[a._lua_newuserdata(l, 8)] = 1;
const far = a._lua_newuserdata(l, 64 * 1024 * 1024);
t.not(a.HEAPU8, before);
t.equal(before.length, 0, 'a view from before has no length any more');
a.HEAPF64[far >> 3] = 1.5;
t.equal(a.HEAPU32[(far >> 2) + 1], 0x3ff80000);
t.equal(a.HEAP32.buffer, a.HEAPU8.buffer);
t.not(b.HEAPU8.buffer, a.HEAPU8.buffer);
t.equal(b._lua_gettop(b._luaL_newstate()), 0);
