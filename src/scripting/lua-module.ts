/**
 * LuaModule: the raw exports of Lua 5.1 compiled to WebAssembly (wasmoon-lua5.1), as far as they are used. The package's own API
 * converts every value through proxies and reads bytes as UTF-8; these take and give pointers into the module's memory, and are ten
 * times as fast. Names and arguments are those of the Lua 5.1 reference manual, chapters 3 and 4.
 *
 * Whatever may allocate may grow the memory: then HEAPU8 and its like are new objects, so nobody keeps one across a call.
 */

import { instantiate, instantiateAgain } from './instantiate.js';

/** Address of a lua_State; each coroutine has its own. */
export type LuaState = number;

export interface LuaModule {
  readonly HEAPU8: Uint8Array;
  readonly HEAP32: Int32Array;
  readonly HEAPU32: Uint32Array;
  readonly HEAPF64: Float64Array;
  /** Makes `f` callable from Lua. @param signature `ii`: (lua_State) -> number of results; `vii`: a hook @returns a function pointer */
  addFunction(f: (a: number, b: number) => unknown, signature: string): number;
  /** The function of C (or of `addFunction`) that `pointer` stands for, to be called as C would: on the caller's own stack. */
  functionAt(pointer: number): (l: LuaState) => number;

  _luaL_newstate(): LuaState;
  _lua_close(l: LuaState): void;
  _lua_atpanic(l: LuaState, f: number): number;
  _lua_newthread(l: LuaState): LuaState;
  _lua_tocfunction(l: LuaState, at: number): number;
  _lua_tothread(l: LuaState, at: number): LuaState;
  _lua_pushthread(l: LuaState): number;
  _lua_gc(l: LuaState, what: number, data: number): number;

  _luaopen_base(l: LuaState): number;
  _luaopen_table(l: LuaState): number;
  _luaopen_string(l: LuaState): number;
  _luaopen_math(l: LuaState): number;
  _luaopen_os(l: LuaState): number;
  _luaopen_debug(l: LuaState): number;

  _lua_gettop(l: LuaState): number;
  _lua_settop(l: LuaState, at: number): void;
  _lua_checkstack(l: LuaState, extra: number): number;
  _lua_pushvalue(l: LuaState, at: number): void;
  _lua_remove(l: LuaState, at: number): void;
  _lua_insert(l: LuaState, at: number): void;
  _lua_replace(l: LuaState, at: number): void;
  _lua_xmove(from: LuaState, to: LuaState, n: number): void;

  _lua_type(l: LuaState, at: number): number;
  _lua_iscfunction(l: LuaState, at: number): number;
  _lua_isnumber(l: LuaState, at: number): number;
  _lua_isstring(l: LuaState, at: number): number;
  _lua_rawequal(l: LuaState, a: number, b: number): number;
  _lua_tonumber(l: LuaState, at: number): number;
  _lua_toboolean(l: LuaState, at: number): number;
  _lua_tolstring(l: LuaState, at: number, length: number): number;
  _lua_objlen(l: LuaState, at: number): number;
  _lua_topointer(l: LuaState, at: number): number;

  _lua_pushnil(l: LuaState): void;
  _lua_pushnumber(l: LuaState, x: number): void;
  _lua_pushboolean(l: LuaState, b: number): void;
  _lua_pushlstring(l: LuaState, s: number, n: number): void;
  _lua_pushlightuserdata(l: LuaState, p: number): void;
  _lua_pushcclosure(l: LuaState, f: number, upvalues: number): void;

  _lua_createtable(l: LuaState, array: number, records: number): void;
  _lua_gettable(l: LuaState, at: number): void;
  _lua_settable(l: LuaState, at: number): void;
  _lua_rawget(l: LuaState, at: number): void;
  _lua_rawset(l: LuaState, at: number): void;
  _lua_rawgeti(l: LuaState, at: number, i: number): void;
  _lua_rawseti(l: LuaState, at: number, i: number): void;
  _lua_next(l: LuaState, at: number): number;
  _lua_getmetatable(l: LuaState, at: number): number;
  _lua_setmetatable(l: LuaState, at: number): number;
  _lua_getfenv(l: LuaState, at: number): void;
  _lua_setfenv(l: LuaState, at: number): number;
  _lua_getupvalue(l: LuaState, at: number, n: number): number;

  _luaL_loadbuffer(l: LuaState, s: number, n: number, name: number): number;
  _lua_pcall(l: LuaState, args: number, results: number, handler: number): number;
  _lua_call(l: LuaState, args: number, results: number): void;
  _lua_resume(l: LuaState, args: number): number;
  _lua_yield(l: LuaState, results: number): number;
  _lua_status(l: LuaState): number;
  _lua_error(l: LuaState): number;
  _luaL_where(l: LuaState, level: number): void;
  _lua_getstack(l: LuaState, level: number, record: number): number;
  _lua_getinfo(l: LuaState, what: number, record: number): number;
  _lua_sethook(l: LuaState, f: number, mask: number, count: number): void;
  // What functions of C ask of their arguments. These raise Lua's own errors: then they do not return. Texts end with a NUL.
  _luaL_checknumber(l: LuaState, argument: number): number;
  _luaL_optnumber(l: LuaState, argument: number, otherwise: number): number;
  _luaL_checkstack(l: LuaState, extra: number, message: number): void;
  _luaL_argerror(l: LuaState, argument: number, message: number): number;
  _luaL_typerror(l: LuaState, argument: number, name: number): number;

  _luaL_ref(l: LuaState, table: number): number;
  _luaL_unref(l: LuaState, table: number, ref: number): void;
  _lua_concat(l: LuaState, n: number): void;
  _lua_newuserdata(l: LuaState, n: number): number;
  _luaL_checktype(l: LuaState, at: number, type: number): void;
  _luaL_checkany(l: LuaState, at: number): void;
  /** The length is written to `length`. */
  _luaL_checklstring(l: LuaState, at: number, length: number): number;
  _luaL_optlstring(l: LuaState, at: number, otherwise: number, length: number): number;
  /** @param args 0: the format names none */
  _luaL_error(l: LuaState, format: number, args: number): number;
  /** @returns 0: it has none, and nothing is pushed */
  _luaL_getmetafield(l: LuaState, at: number, name: number): number;
}

// Pseudo-indices.
export const REGISTRY = -10000;
export const GLOBALS = -10002;
/** The first upvalue of the C closure that runs; the second is one less. */
export const UPVALUE = -10003;

export const MULTIPLE_RESULTS = -1;

// What pcall, resume and load return.
export const OK = 0;
export const YIELD = 1;
export const ERROR_RUN = 2;
export const ERROR_SYNTAX = 3;
export const ERROR_MEMORY = 4;
export const ERROR_HANDLER = 5;

// What lua_type returns.
export const NONE = -1;
export const NIL = 0;
export const BOOLEAN = 1;
export const LIGHT_USERDATA = 2;
export const NUMBER = 3;
export const STRING = 4;
export const TABLE = 5;
export const FUNCTION = 6;
export const USERDATA = 7;
export const THREAD = 8;

/** Loads a new module with memory of its own (16 MiB, growing). About 5 ms, the first time 15 ms. */
export function loadLuaModule(): Promise<LuaModule> {
  return instantiate();
}

/** Another one, at once: only after one was loaded. */
export function renewLuaModule(): LuaModule {
  return instantiateAgain();
}
