/**
 * The one way to execute. `dispatch` finds the row of what stands in `c.argv`, checks arity and gates, and calls it; `call` runs
 * a handler and accounts for it. Sockets and EXEC both come through here.
 *
 * In the calm case nothing is allocated: one look-up, two comparisons, one AND.
 */
import { Fault } from '../storage/fault.js';
import { ATTEND_CAPTURE, ATTEND_EFFECTS, ATTEND_MONITOR, ATTEND_PUSHES, ATTEND_READY } from './attention.js';
import { captureKeys } from './captured-keys.js';
import type { Client } from './client.js';
import { runInMode } from './client-mode.js';
import type { Command } from './command.js';
import { endTransaction } from './end-transaction.js';
import {
  execAborted,
  guarded,
  INTERNAL,
  IS_LOADING,
  NO_KEYSPACE,
  NOAUTH,
  NOT_IN_MULTI,
  notForSubscribers,
  ReplyError,
  TOO_LONG,
  unknownCommand,
  unknownSubcommand,
  WRONGTYPE,
  wrongArity,
} from './error.js';
import {
  DATASET_LOADING,
  GUARDED,
  IN_MULTI,
  MEMORY_LIMITED,
  MONITORING,
  NO_INTERPRETER,
  PAUSED,
  PECULIAR,
  SAVE_FAILING,
  SCRIPT_RUNNING,
  SUBSCRIBER,
  UNAUTHENTICATED,
} from './gates.js';
import { guardAllows } from './protected.js';
import { BUSY } from './script-error.js';
import type { Server } from './server.js';
import { NO_MULTI, RUNS_IN_MULTI, WRITE } from './spec/flags.js';
import { needsInterpreter } from './transaction.js';

/** Executes the command in `c.argv[0..c.argc)`. Every path writes exactly one reply, or parks the client. */
export function dispatch(c: Client): void {
  if ((c.gates & PECULIAR) === 0) execute(c);
  else runInMode(c, execute, undefined);
  const { server } = c;
  if ((server.attention & (ATTEND_READY | ATTEND_PUSHES)) !== 0 && !c.inExec) settle(server);
}

function execute(c: Client): void {
  const { server } = c;
  let command = server.commands.find(c.argv[0]);
  if (command === undefined) return refuse(c, undefined, unknown(c));
  if (command.subcommands !== undefined && c.argc > 1) {
    const sub = server.commands.findSub(command, c.argv[1]);
    if (sub === undefined) return refuse(c, undefined, unknownSubcommand(c.argv[1].toString(), command.name));
    command = sub;
  }
  if (command.arity >= 0 ? c.argc !== command.arity : c.argc < -command.arity)
    return refuse(c, command, wrongArity(command.name));
  const gates = (c.gates | server.gates) & command.gates;
  if (gates !== 0) admit(c, command, gates);
  else call(c, command);
}

/** What a command has set off and must come after its reply: messages to its own client, and who waited for a key. */
export function settle(server: Server): void {
  if ((server.attention & ATTEND_PUSHES) !== 0) server.pubsub.settle();
  if ((server.attention & ATTEND_READY) === 0 || (server.gates & SCRIPT_RUNNING) !== 0) return;
  server.blocking.serve();
  if ((server.attention & ATTEND_PUSHES) !== 0) server.pubsub.settle();
}

/** Runs a command that was admitted, and accounts for it once it has an answer. */
export function call(c: Client, command: Command): void {
  c.command = command;
  const { out, server } = c;
  const at = out.pos;
  server.timing.begin(c, command);
  c.running = true;
  if ((server.attention & ATTEND_CAPTURE) !== 0 && (command.flags & WRITE) !== 0) captureKeys(c, command);
  try {
    if ((server.attention & ATTEND_EFFECTS) === 0) command.handler(c);
    else server.effects.run(c, command);
  } catch (e) {
    out.pos = at;
    fail(c, command, e);
  }
  c.running = false;
  server.timing.end(c, command);
  if ((server.attention & ATTEND_MONITOR) === 0) return;
  server.timing.settle(c);
  server.monitors.feed(c, command);
  server.timing.skip();
}

function fail(c: Client, command: Command, e: unknown): void {
  command.failed++;
  writeError(c, replyErrorFor(c, command, e));
}

/** What a handler's exception means to a client; one that is no reply is a defect, and logged. */
export function replyErrorFor(c: Client, command: Command, e: unknown): ReplyError {
  if (e instanceof ReplyError) return e;
  if (e instanceof Fault) return e.code === 'WRONG_TYPE' ? WRONGTYPE : TOO_LONG;
  c.server.failure(command, e);
  return INTERNAL;
}

function writeError(c: Client, e: ReplyError): void {
  c.server.stats.countError(e.message);
  c.out.error(e.message);
}

/** Answers a command that will not run; inside MULTI that dooms the transaction, and an EXEC that will not run ends it. */
function refuse(c: Client, command: Command | undefined, e: ReplyError): void {
  if (command !== undefined) command.rejected++;
  if (command?.entry.name === 'exec') {
    endTransaction(c);
    e = execAborted(e);
  }
  if ((c.gates & IN_MULTI) !== 0) c.transaction!.aborted = true;
  writeError(c, e);
  c.server.timing.skip();
}

function unknown(c: Client): ReplyError {
  const args: string[] = [];
  for (let i = 1; i < c.argc && i < 130; i++) args.push(c.argv[i].toString());
  return unknownCommand(c.argv[0].toString(), args);
}

/** Some gate concerns this command: it is refused, held, queued, or runs in spite of it. */
function admit(c: Client, command: Command, gates: number): void {
  if ((gates & GUARDED) !== 0 && !guardAllows(c, command)) return refuse(c, command, guarded(command.name));
  if ((gates & UNAUTHENTICATED) !== 0) return refuse(c, command, NOAUTH);
  if ((gates & SCRIPT_RUNNING) !== 0) return refuse(c, command, BUSY);
  if ((c.server.gates & MEMORY_LIMITED) !== 0) {
    const refusal = c.server.eviction.refusal(c, command);
    if (refusal !== undefined) return refuse(c, command, refusal);
  }
  if ((c.server.gates & SAVE_FAILING) !== 0) {
    const refusal = c.server.diskFailure.refusal(c, command);
    if (refusal !== undefined) return refuse(c, command, refusal);
  }
  if ((gates & MONITORING) !== 0) return refuse(c, command, NO_KEYSPACE);
  if ((gates & SUBSCRIBER) !== 0 && c.out.resp === 2) return refuse(c, command, notForSubscribers(command.name));
  if ((gates & DATASET_LOADING) !== 0) return refuse(c, command, IS_LOADING);
  if ((gates & PAUSED) !== 0 && c.server.pause.hold(c, command)) return;
  if ((c.gates & IN_MULTI) === 0 || (command.flags & RUNS_IN_MULTI) !== 0) {
    if ((gates & NO_INTERPRETER) !== 0 && needsInterpreter(c, command) && c.server.scripting.hold(c)) return;
    return call(c, command);
  }
  if ((command.flags & NO_MULTI) !== 0) return refuse(c, command, NOT_IN_MULTI);
  c.transaction!.add(c, command);
  c.out.simple('QUEUED');
  c.server.timing.skip();
}
