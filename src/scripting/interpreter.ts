/**
 * Interpreter: one Lua state with its sandbox, in which scripts are compiled and run. A script runs as a coroutine, which is used again
 * for the next one unless it has ended with an error.
 *
 *   main's stack   [ true globals, 'KEYS', 'ARGV' )
 *   coroutine      [ function )  --resume-->  [ results, or the error )
 *
 * Knows nothing of when a script may run, and of what becomes of its result: scripting.ts. Read next: sandbox.ts, redis-call.ts.
 */
import type { Client } from '../../commands/client.js';
import { scriptSyntax } from '../../commands/script-error.js';
import type { SynapServer } from '../server.js';
import { compile, registerLoad } from './compile.js';
import { registerLibraries } from './libraries.js';
import { Lua } from './lua.js';
import { BOOLEAN, type LuaState, NUMBER, OK, REGISTRY, STRING, TABLE } from './lua-module.js';
import { placeOf, registerErrorHandler } from './place.js';
import { registerProtectedCall } from './protected-call.js';
import { registerRandom, type ScriptRandom } from './random.js';
import { registerRedis } from './redis-api.js';
import { RedisCall } from './redis-call.js';
import type { Run } from './run.js';
import { Sandbox } from './sandbox.js';
import type { Script } from './script.js';

const GLOBALS_AT = 1;
const KEYS_AT = 2;
const ARGV_AT = 3;

/** An error that a script has ended with. */
export interface ScriptError {
  readonly text: string;
  /** It is an error reply of a command, and counted as that. */
  readonly counted: boolean;
}

export class Interpreter {
  readonly lua: Lua;
  readonly call: RedisCall;
  /** The coroutine in which scripts run, and its reference in the registry. */
  thread: LuaState = 0;
  private threadRef = 0;
  private readonly chunkName: number;

  private constructor(lua: Lua, server: SynapServer, run: Run, random: ScriptRandom) {
    this.lua = lua;
    lua.onDefect = (e) => server.log.warning(`internal error in a script: ${e instanceof Error ? e.stack : String(e)}`);
    this.call = new RedisCall(lua, server, run);
    this.chunkName = lua.constant('@user_script');
    const sandbox = Sandbox.open(lua);
    registerLibraries(lua);
    registerLoad(lua);
    registerProtectedCall(lua);
    registerErrorHandler(lua);
    registerRandom(lua, random);
    registerRedis(lua, server, this.call, run);
    const globals = sandbox.close();
    const { raw, main } = lua;
    raw._lua_rawgeti(main, REGISTRY, globals);
    lua.pushText(main, 'KEYS');
    lua.pushText(main, 'ARGV');
    this.renewThread();
  }

  /** Loads one. @throws when it cannot be had */
  static async load(server: SynapServer, run: Run, random: ScriptRandom): Promise<Interpreter> {
    return new Interpreter(await Lua.load(), server, run, random);
  }

  /** Bytes of its memory. */
  get bytes(): number {
    return this.lua.raw.HEAPU8.length;
  }

  private renewThread(): void {
    const { raw, main } = this.lua;
    if (this.thread !== 0) raw._luaL_unref(main, REGISTRY, this.threadRef);
    this.thread = raw._lua_newthread(main);
    this.threadRef = raw._luaL_ref(main, REGISTRY);
  }

  /** Makes `script` runnable here. @throws scriptSyntax */
  compile(script: Script): void {
    if (script.interpreter === this) return;
    const { lua } = this;
    const { raw, main } = lua;
    const { buf, end } = script.source;
    if (compile(lua, main, buf, script.begin, end, this.chunkName) !== OK) {
      const reason = lua.text(main, -1) ?? '';
      raw._lua_settop(main, -2);
      throw scriptSyntax(reason);
    }
    script.ref = raw._luaL_ref(main, REGISTRY);
    script.interpreter = this;
  }

  /** Forgets a script's function. */
  forget(script: Script): void {
    if (script.interpreter !== this) return;
    this.lua.raw._luaL_unref(this.lua.main, REGISTRY, script.ref);
    script.interpreter = undefined;
  }

  /**
   * Begins a compiled script: its keys are the `keys` arguments of `c` from the third on.
   * @returns what lua_resume returns: OK, YIELD or an error; the result or the error is on top of the stack of `thread`, if there is any
   */
  begin(c: Client, script: Script, keys: number): number {
    const { raw } = this.lua;
    this.setArguments(KEYS_AT, c, 3, 3 + keys);
    this.setArguments(ARGV_AT, c, 3 + keys, c.argc);
    this.call.begin(c);
    raw._lua_rawgeti(this.thread, REGISTRY, script.ref);
    return raw._lua_resume(this.thread, 0);
  }

  /** Sets KEYS or ARGV. */
  private setArguments(name: number, { argv }: Client, from: number, to: number): void {
    const { lua } = this;
    const { raw, main } = lua;
    raw._lua_pushvalue(main, name);
    raw._lua_createtable(main, to - from, 0);
    for (let i = from; i < to; i++) {
      const { buf, start, end } = argv[i];
      lua.pushBytes(main, buf, start, end);
      raw._lua_rawseti(main, -2, i - from + 1);
    }
    raw._lua_rawset(main, GLOBALS_AT);
  }

  /** After a script: clears the stack, or replaces a coroutine that has ended with an error. */
  end(status: number): void {
    this.call.end();
    if (status === OK) this.lua.raw._lua_settop(this.thread, 0);
    else this.renewThread();
  }

  // ---- errors -----------------------------------------------------------------------------------------------------------------------

  /** The error that `script` has ended with, with the place where it was raised. */
  error(script: Script): ScriptError {
    const { raw } = this.lua;
    const l = this.thread;
    const place = this.place(l);
    let text: string;
    let counted = false;
    if (raw._lua_type(l, -1) === TABLE) {
      text = this.field(l, 'err') === STRING ? this.lua.text(l, -1)! : 'ERR unknown error';
      raw._lua_settop(l, -2);
      counted = this.field(l, 'ignore_error_stats_update') === BOOLEAN && raw._lua_toboolean(l, -1) !== 0;
    } else text = `ERR ${this.shown(l)}`;
    const nul = text.indexOf('\0');
    if (nul >= 0) text = text.slice(0, nul);
    return { text: `${text} script: ${script.sha}${place}`, counted };
  }

  /** Pushes a field of the table on top. @returns its type */
  private field(l: LuaState, name: string): number {
    this.lua.pushText(l, name);
    this.lua.raw._lua_rawget(l, -2);
    return this.lua.raw._lua_type(l, -1);
  }

  /** What tostring makes of the value on top. */
  private shown(l: LuaState): string {
    const { raw } = this.lua;
    switch (raw._lua_type(l, -1)) {
      case STRING:
      case NUMBER:
        return this.lua.text(l, -1)!;
      case BOOLEAN:
        return raw._lua_toboolean(l, -1) !== 0 ? 'true' : 'false';
      case 0:
        return 'nil';
      default:
        return `function: 0x${raw._lua_topointer(l, -1).toString(16).padStart(8, '0')}`;
    }
  }

  /** `, on @user_script:1.`: where the function stands that has raised the error; for one of C's its caller. */
  private place(l: LuaState): string {
    const place = placeOf(this.lua, l, 0);
    return place === undefined ? '' : `, on ${place.source}:${place.line}.`;
  }
}
