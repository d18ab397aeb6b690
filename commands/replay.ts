/**
 * Replay: runs commands that were told as effects (effects.ts), or that stand in an append-only file of Redis, on this server. What
 * they did where they were told they do again, whatever the time is now: the clock of the databases stands at 0 meanwhile, so nothing
 * expires and no time is past.
 *
 *   begin() -> run(db, argv, argc) ... -> end()        a slice, within one turn of the event loop
 *
 * Only the dataset changes. Nobody is told anything (events, MONITOR, WATCH, effects), and nothing is counted: neither dirty, nor
 * look-ups, nor calls. States that keep clients from running commands (a password, a pause, maxmemory, loading) do not count either;
 * renamed and disabled commands are found by their own names. What would block does not.
 *
 * MULTI ... EXEC is applied when its EXEC comes, as a whole. One that never ends has no effect: a caller that must know where it began
 * notes its own position whenever `inTransaction` is false after `run`.
 *
 * Between slices nothing may expire or be evicted either: what looks past now may be given more time by what is still to be run. That
 * is the caller's to see to, from the first slice to the last.
 */
import { Reply, ReplyPool } from '../protocol/reply.js';
import type { Bytes } from '../storage/memory/bytes.js';
import { Client } from './client.js';
import type { Command } from './command.js';
import { replyErrorFor } from './dispatch.js';
import {
  DB_OUT_OF_RANGE,
  EXEC_WITHOUT_MULTI,
  NESTED_MULTI,
  NOT_REPEATABLE,
  unknownCommand,
  wrongArity,
} from './error.js';
import { applyNotify } from './notify.js';
import { commandTable } from './registry.js';
import type { Server } from './server.js';
import { WRITE } from './spec/flags.js';

/** Stay in the database that was selected last. */
export const SELECTED = -1;
/** A reply buffer longer than this (bytes) is given up after the command. */
const REPLY_KEPT = 64 * 1024;
/** Strings may be as long as they once became, whatever proto-max-bulk-len says now (bytes). */
const BULK_MAX = 2 ** 32;

/** A command between MULTI and EXEC. */
interface Queued {
  readonly db: number;
  readonly argv: Bytes[];
}

export class Replay {
  private readonly server: Server;
  /** Its rows count apart from the server's, and know nothing of rename-command. */
  private readonly commands = commandTable();
  /** Who the commands run for. */
  readonly client: Client;
  /** The commands since MULTI; undefined outside of it. */
  private queue: Queued[] | undefined = undefined;
  // What `begin` has found.
  private now = 0;
  private dirty = 0;
  private attention = 0;
  private hits = 0;
  private misses = 0;
  private bulkMax = 0;

  constructor(server: Server) {
    this.server = server;
    this.client = new Client(0, server, new Reply(new ReplyPool()), server.databases[0], [], undefined);
    this.client.inExec = true; // nothing parks it
  }

  /** Whether a MULTI has come and its EXEC has not. */
  get inTransaction(): boolean {
    return this.queue !== undefined;
  }

  /** Begins a slice: the clocks of server and databases stand at 0 until `end`. Their access clocks go on. O(databases) */
  begin(): void {
    const { server } = this;
    const { stats, settings } = server;
    this.now = server.now;
    this.dirty = server.dirty;
    this.attention = server.attention;
    this.hits = stats.keyspaceHits;
    this.misses = stats.keyspaceMisses;
    this.bulkMax = settings.protoMaxBulkLen;
    server.now = 0;
    server.attention = 0;
    settings.protoMaxBulkLen = BULK_MAX;
    for (const { space } of server.databases) {
      space.now = 0;
      space.tellsNew = false;
      space.tellsMisses = false;
    }
  }

  /** Ends the slice: time, counters and listeners are what they were at `begin`. O(databases) */
  end(): void {
    const { server } = this;
    const { stats, settings } = server;
    server.now = this.now;
    server.dirty = this.dirty;
    server.attention |= this.attention;
    stats.keyspaceHits = this.hits;
    stats.keyspaceMisses = this.misses;
    settings.protoMaxBulkLen = this.bulkMax;
    for (const { space } of server.databases) space.now = this.now;
    applyNotify(server);
  }

  /**
   * Runs one command, or keeps a copy of it for the EXEC that follows. Only within a slice.
   * @param db number of the database in which it happened; SELECTED: the one of the last SELECT, or of the last call
   * @param argv `argv[0..argc)` is the command; the views need to hold only during the call
   * @returns undefined when it has worked; else its error reply without the `-`: nothing has changed then, but for the other commands
   *   of an EXEC. A command that changes no dataset (GET, SHUTDOWN) is refused.
   */
  run(db: number, argv: Bytes[], argc: number): string | undefined {
    const c = this.client;
    if (db !== SELECTED && this.server.databases[db] === undefined) return DB_OUT_OF_RANGE.message;
    c.argv = argv;
    c.argc = argc;
    const command = this.find();
    if (typeof command === 'string') return command;
    switch (command.entry.name) {
      case 'multi':
        if (this.queue !== undefined) return NESTED_MULTI.message;
        this.queue = [];
        return undefined;
      case 'exec':
        return this.exec();
      default:
        if (this.queue === undefined) return this.call(command, db);
        this.queue.push({ db, argv: c.copyArguments() });
        return undefined;
    }
  }

  /** Forgets a transaction that was begun: its EXEC will not come. */
  discard(): void {
    this.queue = undefined;
  }

  /** The row of the client's command, or why it cannot run. */
  private find(): Command | string {
    const { argv, argc } = this.client;
    const command = argc === 0 ? undefined : this.commands.find(argv[0]);
    if (command === undefined) return unknownCommand(argc === 0 ? '' : argv[0].toString(), []).message;
    const { name } = command.entry;
    if (command.arity >= 0 ? argc !== command.arity : argc < -command.arity) return wrongArity(name).message;
    const repeatable =
      (command.flags & WRITE) !== 0 ||
      name === 'select' ||
      name === 'multi' ||
      name === 'exec' ||
      (name === 'debug' && argv[1].is('populate'));
    return repeatable ? command : NOT_REPEATABLE.message;
  }

  /** All that was queued, also after one of the commands has failed, as EXEC does. */
  private exec(): string | undefined {
    const { queue, client } = this;
    if (queue === undefined) return EXEC_WITHOUT_MULTI.message;
    this.queue = undefined;
    let first: string | undefined;
    for (const { db, argv } of queue) {
      client.argv = argv;
      client.argc = argv.length;
      const command = this.find();
      const failed = typeof command === 'string' ? command : this.call(command, db);
      first ??= failed;
    }
    return first;
  }

  private call(command: Command, db: number): string | undefined {
    const c = this.client;
    if (db !== SELECTED) c.db = this.server.databases[db];
    c.command = command;
    let error: string | undefined;
    try {
      command.handler(c);
    } catch (e) {
      error = replyErrorFor(c, command, e).message;
    }
    if (c.out.buf.length > REPLY_KEPT) c.out.taken(false);
    else c.out.pos = 0;
    return error;
  }
}
