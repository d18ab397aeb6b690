/**
 * The sandbox: which of Lua's functions scripts have, and that no script changes what the next one finds. A table cannot be made
 * read-only in Lua 5.1, so scripts see substitutes: empty tables, which send reads on to the true ones and refuse writes.
 *
 *   script's globals {}  --read-->  true globals { redis = {}, string = {}, KEYS, ... }  --read-->  error: nonexistent global
 *          write: error                              | substitutes too, of the libraries
 *
 * Lua's functions that pass by metatables (next, rawset, ...) are exchanged for ones that know the substitutes. Read next: redis-api.ts.
 */
import { type Lua, LuaError } from './lua.js';
import { GLOBALS, LIGHT_USERDATA, type LuaState, NIL, REGISTRY, STRING, TABLE, UPVALUE } from './lua-module.js';

const REMOVED = ['dofile', 'loadfile', 'print', 'newproxy', 'setfenv', 'getfenv', 'module', 'require'];
const READONLY = 'Attempt to modify a readonly table';

export class Sandbox {
  private readonly lua: Lua;
  /** Addresses of the substitutes, and where the registry keeps the true tables. */
  private readonly substitutes = new Map<number, number>();
  /** What getmetatable shows of the globals and of strings, by registry. */
  private shownOfGlobals = 0;
  private shownOfStrings = 0;
  private globals = 0;

  private constructor(lua: Lua) {
    this.lua = lua;
  }

  /** Opens Lua's libraries, as far as scripts have them. */
  static open(lua: Lua): Sandbox {
    const { raw, main } = lua;
    raw._luaopen_base(main);
    raw._luaopen_table(main);
    raw._luaopen_string(main);
    raw._luaopen_math(main);
    raw._lua_settop(main, 0);
    for (const name of REMOVED) {
      raw._lua_pushnil(main);
      lua.setGlobal(name);
    }
    const sandbox = new Sandbox(lua);
    sandbox.exchange();
    sandbox.nameNull();
    return sandbox;
  }

  /**
   * Closes it: from now on `main` and its coroutines have the substitutes for globals.
   * @returns where the registry keeps the true globals
   */
  close(): number {
    const { lua } = this;
    const { raw, main } = lua;
    const libraries: string[] = [];
    raw._lua_pushnil(main);
    while (raw._lua_next(main, GLOBALS) !== 0) {
      if (raw._lua_type(main, -1) === TABLE) libraries.push(lua.text(main, -2)!);
      raw._lua_settop(main, -2);
    }
    for (const name of libraries) {
      if (name === '_G') continue;
      lua.pushGlobal(name);
      this.substitute();
      lua.setGlobal(name);
    }
    this.showMetatables();
    raw._lua_pushvalue(main, GLOBALS);
    this.failOnMissing();
    this.substitute();
    this.globals = raw._lua_topointer(main, -1);
    raw._lua_pushvalue(main, -1);
    lua.setGlobal('_G');
    raw._lua_replace(main, GLOBALS);
    return this.substitutes.get(this.globals)!;
  }

  /** Exchanges the table on top for a substitute of it. */
  private substitute(): void {
    const { raw, main } = this.lua;
    raw._lua_pushvalue(main, -1);
    const ref = raw._luaL_ref(main, REGISTRY);
    raw._lua_createtable(main, 0, 0);
    raw._lua_createtable(main, 0, 2);
    raw._lua_pushvalue(main, -3);
    this.setField('__index');
    this.lua.pushFunction(main, refuseWrite);
    this.setField('__newindex');
    raw._lua_setmetatable(main, -2);
    this.substitutes.set(raw._lua_topointer(main, -1), ref);
    raw._lua_remove(main, -2);
  }

  /** Reading a global that is not there is an error: of the table on top. */
  private failOnMissing(): void {
    const { lua } = this;
    const { raw, main } = lua;
    raw._lua_createtable(main, 0, 1);
    lua.pushFunction(main, (l) => {
      throw new LuaError(`Script attempted to access nonexistent global variable '${lua.text(l, 2) ?? '(null)'}'`);
    });
    raw._lua_pushvalue(main, -1);
    raw._lua_createtable(main, 0, 1);
    raw._lua_insert(main, -2);
    this.setField('__index');
    this.substitute();
    this.shownOfGlobals = raw._luaL_ref(main, REGISTRY);
    this.setField('__index');
    raw._lua_setmetatable(main, -2);
  }

  /** Scripts see a metatable of strings that they cannot change. */
  private showMetatables(): void {
    const { lua } = this;
    const { raw, main } = lua;
    raw._lua_createtable(main, 0, 1);
    lua.pushGlobal('string');
    this.setField('__index');
    this.substitute();
    this.shownOfStrings = raw._luaL_ref(main, REGISTRY);
  }

  /** Sets field `name` of the table below the value on top, which is taken. */
  private setField(name: string): void {
    const { raw, main } = this.lua;
    this.lua.pushText(main, name);
    raw._lua_insert(main, -2);
    raw._lua_rawset(main, -3);
  }

  // ---- functions that know the substitutes ------------------------------------------------------------------------------------------

  /** The registry's reference of the true table for which the one at `at` stands; undefined: it stands for none. */
  private trueTable(l: LuaState, at: number): number | undefined {
    return this.substitutes.get(this.lua.raw._lua_topointer(l, at));
  }

  private exchange(): void {
    const { lua } = this;
    const { raw, main } = lua;
    const metatableField = lua.constant('__metatable');
    const noTable = lua.constant('nil or table expected');
    const insertArguments = lua.constant("wrong number of arguments to 'insert'");

    const next = (l: LuaState): number => {
      raw._luaL_checktype(l, 1, TABLE);
      raw._lua_settop(l, 2);
      const ref = this.trueTable(l, 1);
      if (ref !== undefined) this.replaceByTrue(l, ref);
      if (raw._lua_next(l, 1) !== 0) return 2;
      raw._lua_pushnil(l);
      return 1;
    };
    // pairs has Lua's own next and ours for upvalues: what is no substitute goes fast.
    lua.pushGlobal('next');
    lua.pushFunction(main, next);
    raw._lua_pushvalue(main, -1);
    lua.setGlobal('next');
    const pairs = lua.pointer((l) => {
      raw._luaL_checktype(l, 1, TABLE);
      raw._lua_settop(l, 1);
      raw._lua_pushvalue(l, this.trueTable(l, 1) === undefined ? UPVALUE : UPVALUE - 1);
      raw._lua_insert(l, 1);
      raw._lua_pushnil(l);
      return 3;
    });
    raw._lua_pushcclosure(main, pairs, 2);
    lua.setGlobal('pairs');

    this.set('rawget', (l) => {
      raw._luaL_checktype(l, 1, TABLE);
      raw._luaL_checkany(l, 2);
      raw._lua_settop(l, 2);
      const ref = this.trueTable(l, 1);
      if (ref !== undefined) this.replaceByTrue(l, ref);
      raw._lua_rawget(l, 1);
      return 1;
    });
    this.set('rawset', (l) => {
      raw._luaL_checktype(l, 1, TABLE);
      raw._luaL_checkany(l, 2);
      raw._luaL_checkany(l, 3);
      raw._lua_settop(l, 3);
      if (this.trueTable(l, 1) !== undefined) throw new LuaError(READONLY, 0);
      raw._lua_rawset(l, 1);
      return 1;
    });
    this.set('setmetatable', (l) => {
      const type = raw._lua_type(l, 2);
      raw._luaL_checktype(l, 1, TABLE);
      if (type !== NIL && type !== TABLE) return raw._luaL_argerror(l, 2, noTable);
      if (this.trueTable(l, 1) !== undefined) throw new LuaError(READONLY, 0);
      if (raw._luaL_getmetafield(l, 1, metatableField) !== 0) throw new LuaError('cannot change a protected metatable');
      raw._lua_settop(l, 2);
      raw._lua_setmetatable(l, 1);
      return 1;
    });
    this.set('getmetatable', (l) => {
      raw._luaL_checkany(l, 1);
      if (raw._lua_type(l, 1) === STRING) raw._lua_rawgeti(l, REGISTRY, this.shownOfStrings);
      else if (raw._lua_type(l, 1) === LIGHT_USERDATA) raw._lua_pushnil(l);
      else if (this.trueTable(l, 1) !== undefined) {
        if (raw._lua_topointer(l, 1) === this.globals) raw._lua_rawgeti(l, REGISTRY, this.shownOfGlobals);
        else raw._lua_pushnil(l);
      } else if (raw._lua_getmetatable(l, 1) === 0) raw._lua_pushnil(l);
      else raw._luaL_getmetafield(l, 1, metatableField);
      return 1;
    });
    lua.define('table', 'insert', (l) => {
      raw._luaL_checktype(l, 1, TABLE);
      const n = raw._lua_objlen(l, 1);
      const top = raw._lua_gettop(l);
      if (top === 2) {
        if (this.trueTable(l, 1) !== undefined) throw new LuaError(READONLY, 0);
        raw._lua_rawseti(l, 1, n + 1);
        return 0;
      }
      if (top !== 3) return raw._luaL_error(l, insertArguments, 0);
      const at = raw._luaL_checknumber(l, 2) | 0;
      if (this.trueTable(l, 1) !== undefined) throw new LuaError(READONLY, 0);
      for (let i = Math.max(n + 1, at); i > at; i--) {
        raw._lua_rawgeti(l, 1, i - 1);
        raw._lua_rawseti(l, 1, i);
      }
      raw._lua_rawseti(l, 1, at);
      return 0;
    });
  }

  /** cjson.null is the address 0, which C's libraries write in ways of their own; all such values have one metatable. */
  private nameNull(): void {
    const { lua } = this;
    const { raw, main } = lua;
    raw._lua_pushlightuserdata(main, 0);
    raw._lua_createtable(main, 0, 1);
    lua.pushFunction(main, (l) => {
      lua.pushText(l, 'userdata: (nil)');
      return 1;
    });
    this.setField('__tostring');
    raw._lua_setmetatable(main, -2);
    raw._lua_settop(main, -2);
  }

  /** Puts the true table in the place of its substitute at 1. */
  private replaceByTrue(l: LuaState, ref: number): void {
    const { raw } = this.lua;
    raw._lua_rawgeti(l, REGISTRY, ref);
    raw._lua_replace(l, 1);
  }

  private set(name: string, f: (l: LuaState) => number): void {
    this.lua.pushFunction(this.lua.main, f);
    this.lua.setGlobal(name);
  }
}

function refuseWrite(): number {
  throw new LuaError(READONLY);
}
