/**
 * Lua: one Lua state and the memory it lives in, as bytes in and bytes out. Functions that Lua calls are plain functions of a
 * lua_State which read their arguments from its stack, push their results and return how many, as in C:
 *
 *   lua.define('bit', 'bnot', (l) => { lua.raw._lua_pushnumber(l, ~toBits(lua, l, 1)); return 1; });
 *
 * One that throws a LuaError raises an error in Lua. No other exception may pass through WebAssembly, which would leave the state
 * broken: `define` sees to that.
 */
import { type Bytes, copyBytes } from '../../storage/memory/bytes.js';
import {
  GLOBALS,
  type LuaModule,
  type LuaState,
  loadLuaModule,
  REGISTRY,
  renewLuaModule,
  TABLE,
} from './lua-module.js';

/** The arguments of the call stand at 1, 2, ... of the stack of `l`. @returns how many results were pushed */
export type LuaFunction = (l: LuaState) => number;

/**
 * An error to be raised in Lua.
 * @param message bytes as latin1 characters
 * @param level whose position stands before the message: 0 nobody's, 1 the function that called (as luaL_error does), 2 its caller
 */
export class LuaError extends Error {
  constructor(
    message: string,
    readonly level = 1,
  ) {
    super(message);
  }
}

const SCRATCH = 64 * 1024;

export class Lua {
  readonly raw: LuaModule;
  /** The state itself; coroutines, in which functions may be called, have others. */
  readonly main: LuaState;
  /** Where a length is written by `_lua_tolstring`. */
  readonly lengthAt: number;
  /** Bytes on their way into Lua. */
  private readonly scratchAt: number;
  /** Bytes of strings that are longer than usual, and what keeps them. */
  private largeAt = 0;
  private largeSize = 0;
  private largeRef = 0;
  /** Called with what a function has thrown that is no LuaError: a defect. */
  onDefect: (error: unknown) => void = () => {};

  constructor(raw: LuaModule) {
    this.raw = raw;
    this.main = raw._luaL_newstate();
    // Memory of the module is had as userdata that the registry keeps.
    this.lengthAt = this.reserve(8);
    this.scratchAt = this.reserve(SCRATCH);
  }

  /** As `load`, at once: only after one was loaded. */
  static renew(): Lua {
    return new Lua(renewLuaModule());
  }

  /** A state of its own in a module of its own. */
  static async load(): Promise<Lua> {
    return new Lua(await loadLuaModule());
  }

  /** A text for ever in memory, with a NUL at its end, as C takes it. @returns its address */
  constant(text: string): number {
    return this.write(text, this.reserve(text.length + 1));
  }

  /** `text` as C takes it, with a NUL at its end, in the scratch memory. @returns its address */
  passing(text: string): number {
    return this.write(text, this.scratch(text.length + 1));
  }

  private write(text: string, at: number): number {
    const { HEAPU8 } = this.raw;
    for (let i = 0; i < text.length; i++) HEAPU8[at + i] = text.charCodeAt(i);
    HEAPU8[at + text.length] = 0;
    return at;
  }

  /** `n` bytes of memory for ever. @returns their address, a multiple of 8 */
  reserve(n: number): number {
    const { raw, main } = this;
    const at = raw._lua_newuserdata(main, n);
    raw._luaL_ref(main, REGISTRY);
    return at;
  }

  /** Room for `n` bytes on their way into Lua, until the next call of this. @returns its address */
  scratch(n: number): number {
    if (n <= SCRATCH) return this.scratchAt;
    if (n > this.largeSize) {
      this.trim();
      this.largeSize = 2 ** Math.ceil(Math.log2(n));
      this.largeAt = this.raw._lua_newuserdata(this.main, this.largeSize);
      this.largeRef = this.raw._luaL_ref(this.main, REGISTRY);
    }
    return this.largeAt;
  }

  /** Gives back what `scratch` has taken for long strings. */
  trim(): void {
    if (this.largeSize === 0) return;
    this.raw._luaL_unref(this.main, REGISTRY, this.largeRef);
    this.largeSize = 0;
  }

  // ---- values in ------------------------------------------------------------------------------------------------------------------

  /** Pushes the string of the bytes `buf[start, end)`. */
  pushBytes(l: LuaState, buf: Uint8Array, start: number, end: number): void {
    const n = end - start;
    const at = this.scratch(n);
    copyBytes(this.raw.HEAPU8, at, buf, start, n);
    this.raw._lua_pushlstring(l, at, n);
  }

  /** Pushes a string, one byte a character (latin1). */
  pushText(l: LuaState, text: string): void {
    this.raw._lua_pushlstring(l, this.passing(text), text.length);
  }

  /** Pushes a function that Lua can call. */
  pushFunction(l: LuaState, f: LuaFunction): void {
    this.raw._lua_pushcclosure(l, this.pointer(f), 0);
  }

  /** Makes `f` callable; for ever, so it is not done for a function of passing life. @returns a pointer for `_lua_pushcclosure` */
  pointer(f: LuaFunction): number {
    return this.raw.addFunction((l: LuaState) => {
      let error: LuaError;
      try {
        return f(l);
      } catch (e) {
        if (!isOurs(e)) throw e;
        if (!(e instanceof LuaError)) this.onDefect(e);
        error = e instanceof LuaError ? e : new LuaError('internal error');
      }
      return this.raise(l, error);
    }, 'ii');
  }

  /** Does not return: the error unwinds the stack to whoever has protected his call. */
  private raise(l: LuaState, e: LuaError): number {
    const { raw } = this;
    if (e.level > 0) {
      raw._luaL_where(l, e.level);
      this.pushText(l, e.message);
      raw._lua_concat(l, 2);
    } else this.pushText(l, e.message);
    return raw._lua_error(l);
  }

  // ---- globals, on the stack of `main` and past metatables --------------------------------------------------------------------------

  /** Pushes a global. */
  pushGlobal(name: string): void {
    this.pushText(this.main, name);
    this.raw._lua_rawget(this.main, GLOBALS);
  }

  /** Takes the value on top for a global. */
  setGlobal(name: string): void {
    const { raw, main } = this;
    this.pushText(main, name);
    raw._lua_insert(main, -2);
    raw._lua_rawset(main, GLOBALS);
  }

  /** Pushes `library.name`; the library must be there. */
  pushMember(library: string, name: string): void {
    const { raw, main } = this;
    this.pushGlobal(library);
    this.pushText(main, name);
    raw._lua_rawget(main, -2);
    raw._lua_remove(main, -2);
  }

  /** Takes the value on top for `library.name`, making the library's table when there is none. */
  setMember(library: string, name: string): void {
    const { raw, main } = this;
    this.pushGlobal(library);
    if (raw._lua_type(main, -1) !== TABLE) {
      raw._lua_settop(main, -2);
      raw._lua_createtable(main, 0, 8);
      raw._lua_pushvalue(main, -1);
      this.setGlobal(library);
    }
    raw._lua_insert(main, -2);
    this.pushText(main, name);
    raw._lua_insert(main, -2);
    raw._lua_rawset(main, -3);
    raw._lua_settop(main, -2);
  }

  /** Defines the function `library.name`, making the library's table when there is none. */
  define(library: string, name: string, f: LuaFunction): void {
    this.pushFunction(this.main, f);
    this.setMember(library, name);
  }

  // ---- values out -----------------------------------------------------------------------------------------------------------------

  /**
   * Points `view` at the bytes of the string at `at`; a number there is made a string by this (as Lua does). The view holds until Lua
   * runs, allocates or pops the value.
   * @returns false when there is neither
   */
  view(l: LuaState, at: number, view: Bytes): boolean {
    const { raw, lengthAt } = this;
    const p = raw._lua_tolstring(l, at, lengthAt);
    if (p === 0) return false;
    view.set(raw.HEAPU8, p, p + raw.HEAPU32[lengthAt >> 2]);
    return true;
  }

  /** The string or number at `at` as text, one character a byte (latin1); undefined when it is neither. */
  text(l: LuaState, at: number): string | undefined {
    const { raw, lengthAt } = this;
    const p = raw._lua_tolstring(l, at, lengthAt);
    if (p === 0) return undefined;
    const n = raw.HEAPU32[lengthAt >> 2];
    return Buffer.from(raw.HEAPU8.buffer, p, n).toString('latin1');
  }
}

/** Whether `e` was thrown by our code; what WebAssembly throws to unwind (an error in Lua, its end) must go on its way. */
function isOurs(e: unknown): boolean {
  return e instanceof Error && e.name !== 'RuntimeError' && !(e instanceof RangeError);
}
