/**
 * The one way to execute. `dispatch` finds the row of what stands in `c.argv`, checks arity and gates, and calls it; `call` runs
 * a handler and accounts for it. Sockets, EXEC, scripts and log replay all come through here.
 *
 * In the calm case nothing is allocated: one look-up, two comparisons, one AND, two clock readings.
 */
import { Fault } from '../storage/fault.js';
import type { Client } from './client.js';
import type { Command } from './command.js';
import {
  INTERNAL,
  NOAUTH,
  notInTransaction,
  OOM,
  onlySubscribed,
  ReplyError,
  TOO_LONG,
  unknownCommand,
  unknownSubcommand,
  WRONGTYPE,
  wrongArity,
} from './error.js';
import { BOUNDED, IN_MULTI, MONITORED, MUTED, NO_TOUCH, PAUSED, SUBSCRIBED, UNAUTHENTICATED } from './gates.js';
import { DENYOOM, NO_MULTI, SKIP_MONITOR, SKIP_SLOWLOG } from './spec/flags.js';

/** Executes the command in `c.argv[0..c.argc)`. Every path writes exactly one reply, or parks the client. */
export function dispatch(c: Client): void {
  const server = c.server;
  let command = server.commands.find(c.argv[0]);
  if (command === undefined) return refuse(c, undefined, unknown(c));
  if (command.subcommands !== undefined && c.argc > 1) {
    const sub = command.subcommands.get(c.argv[1].toString().toLowerCase());
    if (sub !== undefined) command = sub;
    else return refuse(c, command, unknownSubcommand(c.argv[1].toString(), command.name));
  }
  if (command.arity >= 0 ? c.argc !== command.arity : c.argc < -command.arity)
    return refuse(c, command, wrongArity(command.name));
  c.commands++;
  const gates = (c.gates | server.gates) & command.gates;
  if (gates !== 0) return admit(c, command, gates);
  call(c, command);
}

/** Runs a command that was admitted, and accounts for it. */
export function call(c: Client, command: Command): void {
  const server = c.server;
  c.command = command;
  const out = c.out;
  const at = out.pos;
  const began = server.monotonicUs();
  try {
    command.handler(c);
  } catch (e) {
    out.pos = at;
    failed(c, command, e);
  }
  const us = server.monotonicUs() - began;
  command.calls++;
  command.usec += us;
  server.stats.commands++;
  if (us >= server.slowUs && (command.flags & SKIP_SLOWLOG) === 0) server.slow(c, command, us);
}

function failed(c: Client, command: Command, e: unknown): void {
  command.failed++;
  if (e instanceof ReplyError) return writeError(c, e);
  if (e instanceof Fault) return writeError(c, e.code === 'WRONG_TYPE' ? WRONGTYPE : TOO_LONG);
  c.server.failure(c, command, e);
  writeError(c, INTERNAL);
}

function writeError(c: Client, e: ReplyError): void {
  c.server.stats.countError(e.message);
  c.out.error(e.message);
}

/** Answers a command that will not run; inside MULTI that dooms the transaction. */
export function refuse(c: Client, command: Command | undefined, e: ReplyError): void {
  if (command !== undefined) command.rejected++;
  if ((c.gates & IN_MULTI) !== 0) c.transaction!.aborted = true;
  const at = c.out.pos;
  writeError(c, e);
  if ((c.gates & MUTED) !== 0) mute(c, at);
}

function unknown(c: Client): ReplyError {
  const args: string[] = [];
  for (let i = 1; i < c.argc && i < 130; i++) args.push(c.argv[i].toString());
  return unknownCommand(c.argv[0].toString(), args);
}

/** Some gate concerns this command: decides whether it runs now, later, or not at all. In the order of Redis's checks. */
function admit(c: Client, command: Command, gates: number): void {
  const server = c.server;
  if ((gates & UNAUTHENTICATED) !== 0) return refuse(c, command, NOAUTH);
  if ((gates & IN_MULTI) !== 0 && (command.flags & NO_MULTI) !== 0) return refuse(c, command, notInTransaction());
  if ((gates & BOUNDED) !== 0 && !server.makeRoom() && (command.flags & DENYOOM) !== 0) return refuse(c, command, OOM);
  if ((gates & SUBSCRIBED) !== 0) return refuse(c, command, onlySubscribed(command.name));
  if ((gates & PAUSED) !== 0 && server.holdPaused(c, command)) return;
  if ((gates & IN_MULTI) !== 0 && !runsInMulti(command)) {
    const at = c.out.pos;
    c.transaction!.add(c, command);
    c.out.simple('QUEUED');
    if ((gates & MUTED) !== 0) mute(c, at);
    return;
  }
  if ((gates & MONITORED) !== 0 && (command.flags & SKIP_MONITOR) === 0) server.feedMonitors(c, command);
  callQuietly(c, command, gates);
}

/** With CLIENT REPLY or CLIENT NO-TOUCH in force. */
function callQuietly(c: Client, command: Command, gates: number): void {
  const at = c.out.pos;
  const space = c.db.space;
  if ((gates & NO_TOUCH) !== 0) space.touching = false;
  call(c, command);
  space.touching = true;
  if ((c.gates & MUTED) !== 0) mute(c, at);
}

function mute(c: Client, at: number): void {
  if (c.replyMode === 'skip-next') {
    c.replyMode = 'skip';
    return;
  }
  c.out.pos = at;
  if (c.replyMode === 'skip') {
    c.replyMode = 'on';
    c.gates &= ~MUTED;
  }
}

const RUN_IN_MULTI = new Set(['exec', 'discard', 'multi', 'watch', 'quit', 'reset']);

function runsInMulti(command: Command): boolean {
  return RUN_IN_MULTI.has(command.name);
}
