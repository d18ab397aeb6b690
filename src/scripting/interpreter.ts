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
import { registerRandom, type ScriptRandom } from './random.js';
import { registerRedis } from './redis-api.js';
import { RedisCall } from './redis-call.js';
import type { Run } from './run.js';
import { Sandbox } from './sandbox.js';
import type { Script } from './script.js';
import { Threads } from './threads.js';

/**
 * The hook is called every so many instructions, about a millisecond. A prime: else a loop whose length divides it would be met at the
 * same place every time, which may be one where it cannot stop.
 */
const INSTRUCTIONS = 100003;
const MASK_COUNT = 8;

/** What lua_gc does: a whole collection. */
const GC_COLLECT = 2;
const OVERGROWN = 128 * 1024 * 1024;

const GLOBALS_AT = 1;
const KEYS_AT = 2;
const ARGV_AT = 3;

/** An error that a script has ended with. */
export interface ScriptError {
  readonly text: string;
  /** It is an error reply of a command, and counted as that. */
  readonly counted: boolean;
}

/** Interpreters of this process so far. */
let interpreters = 0;

export class Interpreter {
  /** Its number: scripts know it by that, which keeps nothing in memory. */
  private readonly id = ++interpreters;
  readonly lua: Lua;
  readonly call: RedisCall;
  /** The coroutine in which scripts run. */
  thread: LuaState;
  private readonly threads: Threads;
  private readonly hook: number;
  /** Where the clock has stopped the script last: `, on @user_script:1.` */
  stoppedAt = '';
  /** Asked every so many instructions whether the script is to stop. */
  onTick: () => boolean = () => false;
  private readonly chunkName: number;

  private constructor(lua: Lua, server: SynapServer, run: Run, random: ScriptRandom) {
    this.lua = lua;
    lua.onDefect = (e) => server.log.warning(`internal error in a script: ${e instanceof Error ? e.stack : String(e)}`);
    this.call = new RedisCall(lua, server, run);
    this.chunkName = lua.constant('@user_script');
    const { raw, main } = lua;
    const sandbox = Sandbox.open(lua);
    this.hook = raw.addFunction((l) => this.tick(l), 'vii');
    registerLibraries(lua);
    registerLoad(lua);
    this.threads = new Threads(lua, (l) => raw._lua_sethook(l, this.hook, MASK_COUNT, INSTRUCTIONS));
    registerErrorHandler(lua);
    registerRandom(lua, random);
    registerRedis(lua, server, this.call, run);
    const globals = sandbox.close();
    raw._lua_rawgeti(main, REGISTRY, globals);
    lua.pushText(main, 'KEYS');
    lua.pushText(main, 'ARGV');
    this.thread = this.threads.make(0);
  }

  /** Loads one. @throws when it cannot be had */
  static async load(server: SynapServer, run: Run, random: ScriptRandom): Promise<Interpreter> {
    return new Interpreter(await Lua.load(), server, run, random);
  }

  /** As `load`, at once: only after one was loaded. */
  static renew(server: SynapServer, run: Run, random: ScriptRandom): Interpreter {
    return new Interpreter(Lua.renew(), server, run, random);
  }

  /** Whether it has more memory, which never shrinks, than an interpreter should keep. */
  get isOvergrown(): boolean {
    return this.bytes > OVERGROWN;
  }

  /** Frees what nobody refers to. */
  collect(): void {
    this.lua.raw._lua_gc(this.lua.main, GC_COLLECT, 0);
  }

  /** Bytes of its memory. */
  get bytes(): number {
    return this.lua.raw.HEAPU8.length;
  }

  /** Makes `script` runnable here. @throws scriptSyntax */
  compile(script: Script): void {
    if (script.interpreter === this.id) return;
    const { lua } = this;
    const { raw, main } = lua;
    const { buf, end } = script.source;
    if (compile(lua, main, buf, script.begin, end, this.chunkName) !== OK) {
      const reason = lua.text(main, -1) ?? '';
      raw._lua_settop(main, -2);
      throw scriptSyntax(reason);
    }
    script.ref = raw._luaL_ref(main, REGISTRY);
    script.interpreter = this.id;
  }

  /** Forgets a script's function. */
  forget(script: Script): void {
    if (script.interpreter !== this.id) return;
    this.lua.raw._luaL_unref(this.lua.main, REGISTRY, script.ref);
    script.interpreter = 0;
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
    this.lua.trim();
    this.threads.end();
    this.threads.drop(this.thread, status);
    this.thread = this.threads.make(0);
  }

  // ---- stopping ---------------------------------------------------------------------------------------------------------------------

  /** Lua's clock has ticked in the thread `l`. */
  private tick(l: LuaState): void {
    if (!this.onTick() || !this.threads.canStop(l)) return;
    this.threads.stopping = true;
    this.stoppedAt = this.place(l);
    this.lua.raw._lua_yield(l, 0);
  }

  /** Goes on with a script that was stopped. @returns as `begin` */
  resume(): number {
    this.threads.stopping = false;
    return this.lua.raw._lua_resume(this.thread, 0);
  }

  /** Ends a script that was stopped; none of it runs any more, not even its own pcall. */
  abandon(): void {
    this.call.end();
    this.threads.abandon();
    this.thread = this.threads.make(0);
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
    let place = placeOf(this.lua, l, 0);
    // A function that has called one of threads.ts last has left no trace: then where the error was raised within that.
    if (place === undefined && this.threads.failed !== 0) place = placeOf(this.lua, this.threads.failed, 0);
    return place === undefined ? '' : `, on ${place.source}:${place.line}.`;
  }
}
