/**
 * Threads: pcall, xpcall and the library `coroutine`, so that a script can be stopped and go on later wherever Lua lets it. Lua 5.1 can
 * stop (yield) across its own functions but not across those of C, and pcall and resume are such. So pcall of a Lua function runs that
 * in a thread of its own, and what resumes threads is written in Lua: where the clock has stopped a thread, whoever has resumed it stops
 * too, and resumes it again when he goes on.
 *
 *   script's thread -- resume --> pcall's thread -- resume --> a coroutine of the script
 *          <- stops                     <- stops                    <- the clock stops it
 *
 * To scripts it looks as in Redis: a yield out of pcall, or of no coroutine at all, is refused. `table.sort`, `string.gsub` and metamethods
 * remain C's: a function that they call is not stopped.
 */
import { type Lua, LuaError } from './lua.js';
import { FUNCTION, type LuaState, MULTIPLE_RESULTS, OK, REGISTRY, TABLE, YIELD } from './lua-module.js';

/** Name of the chunk below, which error messages leave out. */
export const CHUNK = '=synap';
/** Calls of pcall within each other, as many as Lua has of C. */
const DEPTH_MAX = 190;
/** What luaL_unref passes over. */
const NO_REF = -2;
const NO_YIELD = 'attempt to yield across metamethod/C-call boundary';

/** Where in a lua_State the numbers of calls of C stand, 16 bits each: all of them, and those when it was resumed. */
const C_CALLS = 52;
const BASE_C_CALLS = 54;

const SOURCE = `
local enter, left, pause, take, isLua, plain, text, create, resume, handle = ...
local type, error = type, error

local function settle(co, ...)
  if left(co) then pause() enter(co) return settle(co, resume(co)) end
  return ...
end

function coroutine.resume(co, ...)
  if type(co) ~= 'thread' then error("bad argument #1 to 'resume' (coroutine expected)", 2) end
  enter(co)
  return settle(co, resume(co, ...))
end

local function wrapped(ok, ...)
  if ok then return ... end
  local e = ...
  if type(e) == 'string' then error(e, 3) end
  error(e, 0)
end

function coroutine.wrap(f)
  if not isLua(f) then error("bad argument #1 to 'wrap' (Lua function expected)", 2) end
  local co = create(f)
  return function(...)
    enter(co)
    return wrapped(settle(co, resume(co, ...)))
  end
end

local function protected(ok, ...)
  if ok then return true, ... end
  return false, text(...)
end

function pcall(f, ...)
  if not isLua(f) then return plain(f, ...) end
  local co = take(f)
  return protected(settle(co, resume(co, ...)))
end

local function handled(handler, ok, ...)
  if ok then return true, ... end
  return false, handle(handler, ...)
end

local xplain, count = xpcall, select
function xpcall(f, ...)
  if count('#', ...) == 0 then error("bad argument #2 to 'xpcall' (value expected)", 2) end
  if not isLua(f) then return xplain(f, ...) end
  local co = take(f)
  return handled((...), settle(co, resume(co)))
end
`;

interface Own {
  readonly ref: number;
  /** The script's coroutine within which it runs; 0: none. */
  owner: LuaState;
}

export class Threads {
  private readonly lua: Lua;
  /** The clock has stopped the thread that ran, and stops those that have resumed it. */
  stopping = false;
  /** Threads that have resumed another one, outermost first. */
  private readonly chain: LuaState[] = [];
  /** Threads of our own: the one in which scripts run, and pcall's. */
  private readonly own = new Map<LuaState, Own>();
  private readonly free: LuaState[] = [];
  /** The last thread that has ended with an error in this script, and what keeps it; 0: none has. */
  failed: LuaState = 0;
  private failedRef = NO_REF;
  private readonly seesCalls: boolean;
  /** Called in every new thread of our own. */
  private readonly onThread: (l: LuaState) => void;

  constructor(lua: Lua, onThread: (l: LuaState) => void) {
    this.lua = lua;
    this.onThread = onThread;
    this.register();
    this.seesCalls = this.probe();
  }

  // ---- threads of our own -----------------------------------------------------------------------------------------------------------

  /** A thread of our own, with an empty stack; `owner` as in Own. */
  make(owner: LuaState): LuaState {
    const reused = this.free.pop();
    if (reused !== undefined) {
      this.own.get(reused)!.owner = owner;
      return reused;
    }
    const { raw, main } = this.lua;
    const l = raw._lua_newthread(main);
    this.own.set(l, { ref: raw._luaL_ref(main, REGISTRY), owner });
    this.onThread(l);
    return l;
  }

  /** One is done with: used again when it has ended well, else forgotten. */
  drop(l: LuaState, status: number): void {
    const { raw, main } = this.lua;
    if (status === OK) {
      raw._lua_settop(l, 0);
      this.free.push(l);
      return;
    }
    raw._luaL_unref(main, REGISTRY, this.own.get(l)!.ref);
    this.own.delete(l);
  }

  /** A script is over in the middle of it: nothing is left of its threads. */
  abandon(): void {
    this.end();
    this.stopping = false;
    for (const l of [...this.own.keys()]) if (!this.free.includes(l)) this.drop(l, -1);
  }

  /** A script has ended by itself. */
  end(): void {
    this.chain.length = 0;
    if (this.failed === 0) return;
    this.lua.raw._luaL_unref(this.lua.main, REGISTRY, this.failedRef);
    this.failed = 0;
    this.failedRef = NO_REF;
  }

  /** Whether `l`, which runs, can stop now, and all that have resumed it. */
  canStop(l: LuaState): boolean {
    if (!this.seesCalls || !this.isOutsideC(l)) return false;
    for (const resumer of this.chain) if (!this.isOutsideC(resumer)) return false;
    return true;
  }

  private isOutsideC(l: LuaState): boolean {
    const { HEAPU8 } = this.lua.raw;
    return HEAPU8[l + C_CALLS] === HEAPU8[l + BASE_C_CALLS] && HEAPU8[l + C_CALLS + 1] === HEAPU8[l + BASE_C_CALLS + 1];
  }

  /** Whether the numbers of calls stand where they should: equal in a coroutine, unequal in what C has called there. */
  private probe(): boolean {
    const { lua } = this;
    const { raw, main } = lua;
    const seen: boolean[] = [];
    lua.pushFunction(main, (l) => {
      seen.push(this.isOutsideC(l));
      return 0;
    });
    lua.setGlobal('probe');
    this.load(
      'local c = coroutine.create(function() probe() table.sort({2, 1}, function() probe() end) end) resume0(c)',
      () => {
        lua.pushMember('coroutine', 'resume');
        lua.setGlobal('resume0');
        return 0;
      },
    );
    for (const name of ['probe', 'resume0']) {
      raw._lua_pushnil(main);
      lua.setGlobal(name);
    }
    return seen.length >= 2 && seen[0] && !seen[1];
  }

  // ---- what Lua's side asks -----------------------------------------------------------------------------------------------------------

  private enter(l: LuaState): void {
    this.chain.push(l);
  }

  /** The thread `co`, which stands at 1 of `l`, has ended, or has yielded by itself. */
  private leave(l: LuaState, co: LuaState): void {
    const { raw } = this.lua;
    const status = raw._lua_status(co);
    if (status > YIELD) {
      raw._luaL_unref(l, REGISTRY, this.failedRef);
      raw._lua_pushvalue(l, 1);
      this.failedRef = raw._luaL_ref(l, REGISTRY);
      this.failed = co;
    }
    if (this.own.has(co)) this.drop(co, status);
  }

  private register(): void {
    const { lua } = this;
    const { raw, main } = lua;
    const err = lua.constant('err');
    const plain = (l: LuaState): number => {
      raw._luaL_checkany(l, 1);
      const failed = raw._lua_pcall(l, raw._lua_gettop(l) - 1, MULTIPLE_RESULTS, 0) !== OK;
      if (failed) textOf(l);
      raw._lua_pushboolean(l, failed ? 0 : 1);
      raw._lua_insert(l, 1);
      return raw._lua_gettop(l);
    };
    /** In the place of an error that is a table with `err`, what a command's error is, the text, as Redis 7.0 has it. */
    const textOf = (l: LuaState): void => {
      if (raw._lua_type(l, -1) !== TABLE) return;
      raw._lua_pushlstring(l, err, 3);
      raw._lua_rawget(l, -2);
      if (raw._lua_isstring(l, -1) !== 0) raw._lua_replace(l, -2);
      else raw._lua_settop(l, -2);
    };
    const functions: readonly ((l: LuaState) => number)[] = [
      // enter(co): it is about to be resumed
      (l) => {
        this.enter(l);
        return 0;
      },
      // left(co): it has been, and whether the clock has stopped it
      (l) => {
        this.chain.pop();
        const co = raw._lua_tothread(l, 1);
        if (!this.stopping) this.leave(l, co);
        raw._lua_pushboolean(l, this.stopping ? 1 : 0);
        return 1;
      },
      // pause(): this one stops too
      (l) => raw._lua_yield(l, 0),
      // take(f): a thread of our own that runs f
      (l) => {
        if (this.chain.length >= DEPTH_MAX) throw new LuaError('C stack overflow', 2);
        const own = this.own.get(l);
        const co = this.make(own === undefined ? l : own.owner);
        raw._lua_settop(l, 1);
        raw._lua_xmove(l, co, 1);
        raw._lua_rawgeti(l, REGISTRY, this.own.get(co)!.ref);
        this.enter(l);
        return 1;
      },
      // isLua(f)
      (l) => {
        const is = raw._lua_type(l, 1) === FUNCTION && raw._lua_iscfunction(l, 1) === 0;
        raw._lua_pushboolean(l, is ? 1 : 0);
        return 1;
      },
      plain,
      // text(e): what pcall returns of an error
      (l) => {
        raw._lua_settop(l, 1);
        textOf(l);
        return 1;
      },
    ];
    this.load(SOURCE, () => {
      for (const f of functions) lua.pushFunction(main, f);
      for (const name of ['create', 'resume']) lua.pushMember('coroutine', name);
      // handle(handler, e): what xpcall's handler makes of an error
      lua.pushFunction(main, (l) => {
        raw._lua_settop(l, 2);
        raw._lua_pcall(l, 1, 1, 0);
        return 1;
      });
      return functions.length + 3;
    });
    lua.define('coroutine', 'yield', (l) => {
      if (this.own.has(l)) throw new LuaError(NO_YIELD, 0);
      return raw._lua_yield(l, raw._lua_gettop(l));
    });
    lua.define('coroutine', 'running', (l) => {
      const own = this.own.get(l);
      if (own === undefined) return raw._lua_pushthread(l) === 1 ? 0 : 1;
      if (own.owner === 0) {
        raw._lua_pushnil(l);
        return 1;
      }
      raw._lua_pushthread(own.owner);
      raw._lua_xmove(own.owner, l, 1);
      return 1;
    });
  }

  /** Runs a chunk of ours on `main` with the arguments that `push` pushes. */
  private load(source: string, push: () => number): void {
    const { lua } = this;
    const { raw, main } = lua;
    const text = lua.constant(source);
    const top = raw._lua_gettop(main);
    if (raw._luaL_loadbuffer(main, text, source.length, lua.constant(CHUNK)) !== OK)
      throw new Error(lua.text(main, -1));
    if (raw._lua_pcall(main, push(), 0, 0) !== OK) throw new Error(lua.text(main, -1));
    raw._lua_settop(main, top);
  }
}
