/**
 * The command table: every family's specs and handlers made into rows, found by name without allocating. A container (OBJECT) is a
 * row too, which says only what is wrong with its first words; its sub-commands are rows that know it.
 */
import type { Bytes } from '../storage/memory/bytes.js';
import type { Client } from './client.js';
import { handlers as clientHandlers } from './client-commands.js';
import { Command, type Handler } from './command.js';
import { handlers as commandHandlers } from './command-info.js';
import { handlers as configHandlers } from './config.js';
import { handlers as connectionHandlers } from './connection.js';
import { wrongArity } from './error.js';
import {
  DATASET_LOADING,
  GUARDED,
  IN_MULTI,
  MEMORY_LIMITED,
  MONITORING,
  NO_INTERPRETER,
  PAUSED,
  SAVE_FAILING,
  SCRIPT_RUNNING,
  SUBSCRIBER,
  UNAUTHENTICATED,
} from './gates.js';
import { handlers as genericHandlers } from './generic.js';
import { handlers as hashHandlers } from './hash.js';
import { handlers as latencyHandlers } from './latency.js';
import { handlers as listHandlers } from './list.js';
import { handlers as memoryHandlers } from './memory.js';
import { handlers as pubsubHandlers } from './pubsub.js';
import { handlers as queueHandlers } from './queue.js';
import { handlers as scriptingHandlers } from './scripting.js';
import { handlers as serverHandlers } from './server-commands.js';
import { handlers as setHandlers } from './set.js';
import { handlers as slowlogHandlers } from './slowlog.js';
import { client } from './spec/client.js';
import { command } from './spec/command.js';
import { config } from './spec/config.js';
import { connection } from './spec/connection.js';
import type { Entry, Family } from './spec/family.js';
import {
  ALLOW_BUSY,
  DENYOOM,
  LOADING,
  MAY_REPLICATE,
  NO_AUTH,
  PROTECTED,
  READONLY,
  RUNS_FOR_SUBSCRIBERS,
  RUNS_SCRIPT,
  WRITE,
} from './spec/flags.js';
import { generic } from './spec/generic.js';
import { hash } from './spec/hash.js';
import { latency, slowlog } from './spec/latency.js';
import { list } from './spec/list.js';
import { memory } from './spec/memory.js';
import { pubsub } from './spec/pubsub.js';
import { queue } from './spec/queue.js';
import { scripting } from './spec/scripting.js';
import { server } from './spec/server.js';
import { set } from './spec/set.js';
import { string } from './spec/string.js';
import { topic } from './spec/topic.js';
import { transactions } from './spec/transactions.js';
import { zset } from './spec/zset.js';
import { handlers as stringHandlers } from './string.js';
import { handlers as topicHandlers } from './topic.js';
import { handlers as transactionHandlers } from './transaction.js';
import { handlers as zsetHandlers } from './zset.js';

export class CommandTable {
  /** By name, lower case. */
  readonly byName = new Map<string, Command>();
  private readonly byHash = new Map<number, Command>();

  /** Number of commands; sub-commands do not count. */
  get count(): number {
    return this.byHash.size;
  }

  /** Adds the commands of a family. */
  add<N extends string>(family: Family<N>, handlers: { readonly [K in N]: Handler }): void {
    const { names, entries, containers } = family;
    for (const entry of containers) this.addRow(entry, refuseContainer);
    // A command that is a container itself (COMMAND) stands before its sub-commands.
    for (const name of names) if (!name.includes('|')) this.addRow(entries[name], handlers[name]);
    for (const name of names) if (name.includes('|')) this.addRow(entries[name], handlers[name]);
  }

  private addRow(entry: Entry, handler: Handler): void {
    const { name } = entry;
    const bar = name.indexOf('|');
    const parent = bar < 0 ? undefined : this.byName.get(name.slice(0, bar));
    if (bar >= 0 && parent === undefined) throw new Error(`'${name}' has no container`);
    const row = new Command(entry, gatesOf(entry), handler, parent);
    const map = parent === undefined ? this.byHash : (parent.subcommands ??= new Map());
    const hash = nameHash(Buffer.from(row.word), 0, row.word.length);
    if (this.byName.has(name) || map.has(hash)) throw new Error(`command '${name}' clashes with another`);
    this.byName.set(name, row);
    map.set(hash, row);
  }

  /** rename-command: `from` is called `to` from now on, or nothing when that is ''. Both are checked before. */
  rename(from: string, to: string): void {
    const old = this.byName.get(from.toLowerCase());
    if (old === undefined) return;
    this.byName.delete(old.name);
    this.byHash.delete(nameHash(Buffer.from(old.name), 0, old.name.length));
    if (to === '') return;
    const name = to.toLowerCase();
    const row = new Command(old.entry, old.gates, old.handler, undefined, name);
    row.subcommands = old.subcommands;
    const hash = nameHash(Buffer.from(name, 'latin1'), 0, name.length);
    if (this.byHash.has(hash)) throw new Error(`command '${name}' clashes with another`);
    this.byName.set(name, row);
    this.byHash.set(hash, row);
  }

  /** The row of the command called `name`, in any case of letters; undefined when there is none. */
  find(name: Bytes): Command | undefined {
    const row = this.byHash.get(nameHash(name.buf, name.start, name.end));
    return row !== undefined && name.is(row.name) ? row : undefined;
  }

  /** The row of the sub-command `word` of `container`, in any case of letters; undefined when there is none. */
  findSub(container: Command, word: Bytes): Command | undefined {
    const row = container.subcommands?.get(nameHash(word.buf, word.start, word.end));
    return row !== undefined && word.is(row.word) ? row : undefined;
  }
}

/** A container without a sub-command: its arity says so before, and this says it again to who comes around that. */
function refuseContainer(c: Client): void {
  throw wrongArity(c.argv[0].toString().toLowerCase());
}

/** The states in which a command may not simply run. */
function gatesOf({ flags, name }: Entry): number {
  let gates = IN_MULTI | PAUSED;
  if ((flags & NO_AUTH) === 0) gates |= UNAUTHENTICATED;
  if ((flags & DENYOOM) !== 0) gates |= MEMORY_LIMITED;
  if ((flags & LOADING) === 0) gates |= DATASET_LOADING;
  if ((flags & WRITE) !== 0 || name === 'ping') gates |= SAVE_FAILING;
  if ((flags & PROTECTED) !== 0) gates |= GUARDED;
  // EXEC too: its queue may hold a script.
  if ((flags & RUNS_SCRIPT) !== 0 || name === 'exec') gates |= NO_INTERPRETER;
  if ((flags & ALLOW_BUSY) === 0) gates |= SCRIPT_RUNNING;
  if ((flags & (WRITE | READONLY | MAY_REPLICATE)) !== 0) gates |= MONITORING;
  if ((flags & RUNS_FOR_SUBSCRIBERS) === 0) gates |= SUBSCRIBER;
  return gates;
}

function nameHash(buf: Uint8Array, start: number, end: number): number {
  let h = end - start;
  for (let p = start; p < end; p++) h = (Math.imul(h, 31) + (buf[p] | 32)) | 0;
  return h;
}

/** A table of all commands, with its own counters. */
export function commandTable(): CommandTable {
  const table = new CommandTable();
  table.add(client, clientHandlers);
  table.add(command, commandHandlers);
  table.add(config, configHandlers);
  table.add(connection, connectionHandlers);
  table.add(generic, genericHandlers);
  table.add(hash, hashHandlers);
  table.add(latency, latencyHandlers);
  table.add(list, listHandlers);
  table.add(memory, memoryHandlers);
  table.add(pubsub, pubsubHandlers);
  table.add(queue, queueHandlers);
  table.add(scripting, scriptingHandlers);
  table.add(server, serverHandlers);
  table.add(set, setHandlers);
  table.add(slowlog, slowlogHandlers);
  table.add(string, stringHandlers);
  table.add(topic, topicHandlers);
  table.add(transactions, transactionHandlers);
  table.add(zset, zsetHandlers);
  return table;
}
