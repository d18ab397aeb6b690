/**
 * ScriptingService: EVAL and what belongs to it. The interpreter is loaded when the first command needs it, which takes some
 * milliseconds and 17 MB: a server that sees no script has none. Commands that come meanwhile are held, as CLIENT PAUSE holds them.
 *
 *   EVAL -> gate NO_INTERPRETER -> hold, load ... -> dispatch again -> find or compile -> run -> reply
 *
 * An interpreter that a script has broken (Lua's C stack lies on V8's) is dropped. The next one comes at once, as the binary is there, and
 * compiles from the cache.
 * Read next: script.ts, interpreter.ts, run.ts.
 */
import type { Wait } from '../../commands/blocking.js';
import type { Client } from '../../commands/client.js';
import { dispatch } from '../../commands/dispatch.js';
import { OOM, ReplyError } from '../../commands/error.js';
import { OUT_OF_MEMORY } from '../../commands/eviction.js';
import { MEMORY_LIMITED, NO_INTERPRETER, SAVE_FAILING } from '../../commands/gates.js';
import {
  INTERPRETER_BROKEN,
  NO_INTERPRETER_LOADED,
  NOSCRIPT,
  SCRIPT_KILLED,
  SCRIPT_WRITES,
} from '../../commands/script-error.js';
import type { Continuation, Scripting } from '../../commands/scripts.js';
import type { Bytes } from '../../storage/memory/bytes.js';
import type { SynapServer } from '../server.js';
import { Interpreter } from './interpreter.js';
import { OK, YIELD } from './lua-module.js';
import { LuaToReply } from './lua-to-reply.js';
import { ScriptRandom } from './random.js';
import { Run } from './run.js';
import { ALLOW_OOM, NO_WRITES, Script, UNDECLARED } from './script.js';
import { ScriptCache } from './script-cache.js';
import { type Host, Suspension } from './suspension.js';

class Held implements Wait {
  /** The interpreter ends it, not time. */
  readonly deadline = Number.POSITIVE_INFINITY;

  constructor(
    readonly client: Client,
    readonly argv: Bytes[],
  ) {}
}

export class ScriptingService implements Scripting, Host {
  private readonly server: SynapServer;
  private readonly cache = new ScriptCache();
  private readonly run = new Run();
  private readonly random = new ScriptRandom();
  private interpreter: Interpreter | undefined = undefined;
  private replies: LuaToReply | undefined = undefined;
  private loading = false;
  private held: Held[] = [];
  private readonly suspension: Suspension;

  constructor(server: SynapServer) {
    this.server = server;
    this.suspension = new Suspension(server, this.run, this);
  }

  get isSuspended(): boolean {
    return this.suspension.isSuspended;
  }

  get cached(): number {
    return this.cache.size;
  }

  get cacheBytes(): number {
    return this.cache.bytes;
  }

  get interpreterBytes(): number {
    return this.interpreter?.bytes ?? 0;
  }

  // ---- the interpreter --------------------------------------------------------------------------------------------------------------

  hold(c: Client): boolean {
    if (!this.loading) this.loadInterpreter();
    if (c.link === undefined) return false;
    const held = new Held(c, c.copyArguments());
    c.wait = held;
    this.held.push(held);
    return true;
  }

  private loadInterpreter(): void {
    this.loading = true;
    Interpreter.load(this.server, this.run, this.random).then(
      (interpreter) => this.loaded(interpreter),
      (e) => {
        this.server.log.warning(
          `The interpreter of scripts cannot be loaded: ${e instanceof Error ? e.stack : String(e)}`,
        );
        this.loaded(undefined);
      },
    );
  }

  /** Runs what was held; without an interpreter it is refused, and the next command tries again. */
  private loaded(interpreter: Interpreter | undefined): void {
    const { server } = this;
    this.loading = false;
    if (server.isClosed) return;
    server.beginTurn();
    if (interpreter !== undefined) this.use(interpreter);
    server.gates &= ~NO_INTERPRETER;
    const { held } = this;
    this.held = [];
    for (const { client, argv } of held) {
      if (!(client.wait instanceof Held)) continue; // gone meanwhile
      client.wait = undefined;
      client.argv = argv;
      client.argc = argv.length;
      dispatch(client);
      client.link?.schedule();
    }
    if (this.interpreter === undefined) server.gates |= NO_INTERPRETER;
    server.endTurn();
  }

  forget(c: Client): void {
    if (!(c.wait instanceof Held)) return;
    this.held = this.held.filter((held) => held !== c.wait);
    c.wait = undefined;
  }

  /** The interpreter; a new one after the last was broken or has grown too large. @throws NO_INTERPRETER_LOADED */
  private get(): Interpreter {
    if (this.interpreter !== undefined) return this.interpreter;
    try {
      return this.use(Interpreter.renew(this.server, this.run, this.random));
    } catch {
      throw NO_INTERPRETER_LOADED; // the last attempt has told why, or there is no memory
    }
  }

  private use(interpreter: Interpreter): Interpreter {
    this.interpreter = interpreter;
    interpreter.onTick = () => this.suspension.tick();
    this.replies = new LuaToReply(interpreter.lua, (text, counted) => this.countError(text, counted));
    return interpreter;
  }

  // ---- the cache --------------------------------------------------------------------------------------------------------------------

  /** The script with this text, compiled. @throws a ReplyError when it cannot be */
  private script(text: Bytes): Script {
    const cached = this.cache.find(text);
    if (cached !== undefined) return cached;
    const script = Script.of(text);
    this.compile(script);
    this.cache.add(script);
    return script;
  }

  /** Makes `script` runnable. @throws a ReplyError */
  private compile(script: Script): Interpreter {
    const interpreter = this.get();
    try {
      interpreter.compile(script);
    } catch (e) {
      if (!(e instanceof ReplyError)) this.broken(script.sha, e); // it did not fit into the memory
      throw e instanceof ReplyError ? e : INTERPRETER_BROKEN;
    }
    return interpreter;
  }

  load(source: Bytes): string {
    return this.script(source).sha;
  }

  exists(sha: Bytes): boolean {
    return this.cache.findSha(sha.toString().toLowerCase()) !== undefined;
  }

  flush(): void {
    const { interpreter } = this;
    if (interpreter !== undefined) {
      for (const script of this.cache.scripts()) interpreter.forget(script);
      interpreter.collect();
    }
    this.cache.clear();
  }

  // ---- running ----------------------------------------------------------------------------------------------------------------------

  eval(c: Client, keys: number, readOnly: boolean): void {
    this.start(c, this.script(c.argv[1]), keys, readOnly);
  }

  evalSha(c: Client, keys: number, readOnly: boolean): void {
    const script = this.cache.findSha(c.argv[1].toString().toLowerCase());
    if (script === undefined) throw NOSCRIPT;
    this.start(c, script, keys, readOnly);
  }

  private start(c: Client, script: Script, keys: number, readOnly: boolean): void {
    const { server, run } = this;
    const interpreter = this.compile(script);
    const outOfMemory = (server.gates & MEMORY_LIMITED) !== 0 && server.eviction.makeRoom() === OUT_OF_MEMORY;
    const declared = (script.flags & UNDECLARED) === 0;
    if (declared) this.check(script, readOnly, outOfMemory);
    const mayNotWrite = readOnly || (declared && (script.flags & NO_WRITES) !== 0);
    run.begin(script, c, mayNotWrite, outOfMemory && (script.flags & ALLOW_OOM) === 0);
    const { timing } = server;
    timing.settle(undefined);
    const { lapSeconds, lapNanoseconds } = timing;
    const at = c.out.pos;
    if (!c.inExec) server.effects.mark();
    timing.epochUs(server.now); // from which its TIME goes on
    try {
      const status = interpreter.begin(c, script, keys);
      if (status === YIELD) this.suspension.begin(c);
      else this.finish(c, status);
    } catch (e) {
      c.out.pos = at;
      this.broken(script.sha, e);
      throw INTERPRETER_BROKEN;
    } finally {
      timing.lapSeconds = lapSeconds;
      timing.lapNanoseconds = lapNanoseconds;
    }
  }

  /** What the shebang of a script declares against what it may now. @throws ReplyError */
  private check(script: Script, readOnly: boolean, outOfMemory: boolean): void {
    if ((script.flags & NO_WRITES) !== 0) return;
    if (outOfMemory && (script.flags & ALLOW_OOM) === 0) throw OOM;
    if ((this.server.gates & SAVE_FAILING) !== 0) {
      const refusal = this.server.diskFailure.reason;
      if (refusal !== undefined) throw refusal;
    }
    if (readOnly) throw SCRIPT_WRITES;
  }

  // ---- what a script has come to (suspension.ts) ------------------------------------------------------------------------------------

  resume(): number | undefined {
    try {
      return this.interpreter!.resume();
    } catch (e) {
      this.broken(this.run.script!.sha, e);
      return undefined;
    }
  }

  finish(c: Client, status: number): void {
    const { interpreter, run } = this;
    if (interpreter === undefined) return this.fail(c, INTERPRETER_BROKEN.message);
    if (status === OK) {
      const at = c.out.pos;
      try {
        interpreter.lua.raw._lua_settop(interpreter.thread, 1); // the first result, or nil
        this.replies!.put(interpreter.thread, c.out, run.resp === 3);
      } catch (e) {
        c.out.pos = at;
        this.broken(run.script!.sha, e);
        return this.fail(c, INTERPRETER_BROKEN.message);
      }
    } else {
      const { text, counted } = interpreter.error(run.script!);
      this.countError(text, counted);
      c.out.error(text);
    }
    interpreter.end(status);
    run.end();
    this.shrink();
  }

  /**
   * Gives up an interpreter that has grown: nothing is left of a script in it but functions, which are compiled again, and a new one comes
   * sooner than the garbage of the old one is collected.
   */
  private shrink(): void {
    if (this.interpreter!.isOvergrown) this.drop();
  }

  private drop(): void {
    this.interpreter = undefined;
    this.replies = undefined; // which would keep it
  }

  abandon(c: Client): void {
    const interpreter = this.interpreter!;
    const { sha } = this.run.script!;
    this.server.log.warning('Lua script killed by user with SCRIPT KILL.');
    interpreter.abandon();
    this.fail(c, `${SCRIPT_KILLED} script: ${sha}${interpreter.stoppedAt}`);
  }

  private fail(c: Client, text: string): void {
    this.countError(text, false);
    c.out.error(text);
    this.run.end();
  }

  private countError(text: string, counted: boolean): void {
    this.run.caller!.command!.failed++;
    if (!counted) this.server.stats.countError(text);
  }

  /** Something has come out of WebAssembly that leaves Lua in no known state. */
  private broken(sha: string, e: unknown): void {
    this.drop();
    this.server.log.warning(
      `Script ${sha} has broken its interpreter: ${e instanceof Error ? `${e.name}: ${e.message}` : String(e)}`,
    );
  }

  kill(): void {
    this.suspension.kill();
  }

  whenEnded(c: Client, continuation: Continuation): void {
    this.suspension.whenEnded(c, continuation);
  }

  /** Calls back when no script is suspended any more. */
  onceIdle(done: () => void): void {
    this.suspension.onceIdle(done);
  }

  close(): void {
    this.suspension.close();
  }
}
