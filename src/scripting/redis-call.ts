/**
 * redis.call and redis.pcall: a command of a script goes the way of every other, through dispatch's `call`, for a client of the script's
 * own. What would only be refused there is refused here, in the words that scripts know.
 *
 *   Lua's stack -> CallArguments -> call -> the client's Reply -> ReplyToLua -> Lua's stack
 */
import { Client } from '../../commands/client.js';
import type { Command } from '../../commands/command.js';
import { call } from '../../commands/dispatch.js';
import { OOM } from '../../commands/error.js';
import { GUARDED, SAVE_FAILING } from '../../commands/gates.js';
import {
  CALL_ARGUMENTS,
  CALL_ARITY,
  CALL_EMPTY,
  CALL_NOSCRIPT,
  CALL_UNKNOWN,
  CALL_WRITES,
} from '../../commands/script-error.js';
import { DENYOOM, FAST, MAY_REPLICATE, NOSCRIPT, PUBSUB, WRITE } from '../../commands/spec/flags.js';
import { Reply } from '../../protocol/reply.js';
import type { SynapServer } from '../server.js';
import { CallArguments } from './call-arguments.js';
import type { Lua } from './lua.js';
import type { LuaState } from './lua-module.js';
import { ReplyToLua } from './reply-to-lua.js';
import type { Run } from './run.js';

/** A reply buffer longer than this (bytes) is given up after the call. */
const REPLY_KEPT = 64 * 1024;
const MINUS = 45;
/** What sends messages: a script that only reads may not, as replicas would not get them. */
const PUBLISHES = PUBSUB | FAST;

/** What it finds of a command: its row, or why there is none. */
type Found = Command | string;

export class RedisCall {
  private readonly lua: Lua;
  private readonly server: SynapServer;
  private readonly run: Run;
  readonly client: Client;
  private readonly args: CallArguments;
  readonly replies: ReplyToLua;

  constructor(lua: Lua, server: SynapServer, run: Run) {
    this.lua = lua;
    this.server = server;
    this.run = run;
    this.client = new Client(0, server, new Reply(server.replies), server.databases[0], [], undefined);
    this.client.inExec = true; // nothing parks it
    this.args = new CallArguments(lua);
    this.replies = new ReplyToLua(lua);
  }

  /** A script of `caller` begins. */
  begin(caller: Client): void {
    const { client } = this;
    client.db = caller.db;
    client.out.resp = 2;
  }

  /** It has ended: what it may have grown is given back. */
  end(): void {
    if (this.client.out.buf.length > 0) this.client.out.taken(false);
  }

  /** The command of the arguments on the stack, as redis.acl_check_cmd asks for it. @returns undefined: there is none; or an error */
  known(l: LuaState): Command | string | undefined {
    const argc = this.args.read(l);
    if (argc <= 0) return argc === 0 ? CALL_EMPTY : CALL_ARGUMENTS;
    const found = this.find(argc);
    return found === CALL_UNKNOWN ? undefined : found;
  }

  /**
   * Runs the command that stands on the stack of `l` and pushes its reply.
   * @param raise an error is raised in Lua, else it is pushed like any reply
   */
  call(l: LuaState, raise: boolean): number {
    const { client, lua, args } = this;
    const argc = args.read(l);
    if (argc <= 0) return this.fail(l, argc === 0 ? CALL_EMPTY : CALL_ARGUMENTS, false, raise);
    const command = this.find(argc);
    if (typeof command === 'string') return this.refuse(l, command, raise);
    const refusal = this.refusal(command, argc);
    if (refusal !== undefined) {
      command.rejected++;
      return this.refuse(l, refusal, raise);
    }
    if ((command.flags & WRITE) !== 0) this.run.wrote = true;
    client.argv = args.views;
    client.argc = argc;
    call(client, command);
    const { out } = client;
    const { buf } = out;
    this.replies.push(l, buf);
    out.pos = 0;
    if (buf.length > REPLY_KEPT) out.taken(false);
    return raise && buf[0] === MINUS ? lua.raw._lua_error(l) : 1;
  }

  private find(argc: number): Found {
    const { commands } = this.server;
    const { views } = this.args;
    const command = commands.find(views[0]);
    if (command === undefined) return CALL_UNKNOWN;
    if (command.subcommands === undefined || argc === 1) return command;
    return commands.findSub(command, views[1]) ?? CALL_UNKNOWN;
  }

  /** Why `command` may not run now. */
  private refusal(command: Command, argc: number): string | undefined {
    const { run, server, client } = this;
    const { arity, flags } = command;
    if (arity >= 0 ? argc !== arity : argc < -arity) return CALL_ARITY;
    if ((flags & NOSCRIPT) !== 0) return CALL_NOSCRIPT;
    if (run.readOnly && ((flags & (WRITE | MAY_REPLICATE)) !== 0 || (flags & PUBLISHES) === PUBLISHES))
      return CALL_WRITES;
    if (run.wrote) return undefined; // it cannot stop half-way
    const gates = server.gates & command.gates;
    if ((gates & ~GUARDED) === 0 && !run.outOfMemory) return undefined;
    if ((gates & SAVE_FAILING) !== 0) {
      const refusal = server.diskFailure.refusal(client, command);
      if (refusal !== undefined) return refusal.message;
    }
    return run.outOfMemory && (flags & DENYOOM) !== 0 ? OOM.message : undefined;
  }

  /** Of a command that does not run; as an error it counts. */
  private refuse(l: LuaState, text: string, raise: boolean): number {
    this.server.stats.countError(text);
    return this.fail(l, text, true, raise);
  }

  private fail(l: LuaState, text: string, counted: boolean, raise: boolean): number {
    this.replies.pushError(l, text, counted);
    return raise ? this.lua.raw._lua_error(l) : 1;
  }
}
