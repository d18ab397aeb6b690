/** The command table: every family's specs and handlers made into rows, found by name without allocating. */
import type { Bytes } from '../storage/memory/bytes.js';
import { Command, type Handler } from './command.js';
import { handlers as connectionHandlers } from './connection.js';
import { IN_MULTI, UNAUTHENTICATED } from './gates.js';
import { handlers as genericHandlers } from './generic.js';
import { handlers as serverHandlers } from './server-commands.js';
import { handlers as setHandlers } from './set.js';
import { connection } from './spec/connection.js';
import type { Family } from './spec/family.js';
import { NO_AUTH } from './spec/flags.js';
import { generic } from './spec/generic.js';
import { server } from './spec/server.js';
import { set } from './spec/set.js';
import { string } from './spec/string.js';
import { transactions } from './spec/transactions.js';
import { handlers as stringHandlers } from './string.js';
import { handlers as transactionHandlers } from './transaction.js';

export class CommandTable {
  /** By name, lower case. */
  readonly byName = new Map<string, Command>();
  private readonly byHash = new Map<number, Command>();

  /** Adds the commands of a family that have a handler: some families are not whole yet, and their files say so with Partial. */
  add<N extends string>(family: Family<N>, handlers: { readonly [K in N]?: Handler }): void {
    for (const name of family.names) {
      const handler = handlers[name];
      if (handler === undefined) continue;
      const { arity, flags, spec } = family.entries[name];
      const gates = IN_MULTI | ((flags & NO_AUTH) === 0 ? UNAUTHENTICATED : 0);
      const row = new Command(name, family.group, arity, flags, gates, handler, spec);
      const hash = nameHash(Buffer.from(name), 0, name.length);
      if (this.byName.has(name) || this.byHash.has(hash)) throw new Error(`command '${name}' clashes with another`);
      this.byName.set(name, row);
      this.byHash.set(hash, row);
    }
  }

  /** The row of the command called `name`, in any case of letters; undefined when there is none. */
  find(name: Bytes): Command | undefined {
    const row = this.byHash.get(nameHash(name.buf, name.start, name.end));
    return row !== undefined && name.is(row.name) ? row : undefined;
  }
}

function nameHash(buf: Uint8Array, start: number, end: number): number {
  let h = end - start;
  for (let p = start; p < end; p++) h = (Math.imul(h, 31) + (buf[p] | 32)) | 0;
  return h;
}

/** A table of all commands, with its own counters. */
export function commandTable(): CommandTable {
  const table = new CommandTable();
  table.add(connection, connectionHandlers);
  table.add(generic, genericHandlers);
  table.add(server, serverHandlers);
  table.add(set, setHandlers);
  table.add(string, stringHandlers);
  table.add(transactions, transactionHandlers);
  return table;
}
