/**
 * Client: who a command runs for. A socket's, but also whoever else fills `argv`: EXEC, a script, a log that is replayed.
 * Handlers see this, its `db`, its `out` and the services of `server`; nothing of sockets.
 *
 * After a change a handler calls `touched`, which is all it must know of WATCH, keyspace events, waiters and dirty counts.
 */
import type { Reply } from '../protocol/reply.js';
import type { Database } from '../storage/database.js';
import type { Bytes } from '../storage/memory/bytes.js';
import type { Command } from './command.js';
import { SUBSCRIBED } from './gates.js';
import type { Server } from './server.js';
import type { Transaction } from './transaction.js';

/** How a connection is driven by commands such as CLIENT KILL, and what they ask it. */
export interface Link {
  readonly address: string;
  readonly localAddress: string;
  readonly kind: 'tcp' | 'unix' | 'none';
  /** Bytes received that are not executed yet, bytes of the query buffer, bytes waiting to be sent. */
  readonly pendingInput: number;
  readonly pendingOutput: number;
  /** Sends what `out` holds, at the end of the turn. */
  schedule(): void;
  /** Closes after what was written has been sent. */
  closeSoon(): void;
  /** Closes at once. */
  kill(): void;
  /** Goes on reading commands after the client was blocked or paused. */
  resume(): void;
}

/** What a blocked client waits for; made by `block`, owned by the blocking service. */
export interface Wait {
  /** Milliseconds since the epoch; Infinity for ever. */
  readonly deadline: number;
}

export class Client {
  readonly id: number;
  readonly server: Server;
  readonly out: Reply;
  /** The current command's arguments: views, filled again for the next command. */
  argv: Bytes[];
  argc = 0;
  db: Database;
  /** The current command; in EXEC the one that runs. */
  command: Command | undefined = undefined;
  /** State bits of gates.ts. */
  gates = 0;
  link: Link | undefined;
  name = '';
  libName = '';
  libVersion = '';
  user = 'default';
  readonly createdAt: number;
  /** Time of the last command, ms. */
  lastAt: number;
  transaction: Transaction | undefined = undefined;
  /** Set while the client waits in BLPOP and its like, or is held by CLIENT PAUSE. */
  wait: Wait | undefined = undefined;
  /** True while EXEC (or a script) runs commands for this client: blocking commands then answer at once. */
  inExec = false;
  /** True while a parked command runs again because a key became ready. */
  retrying = false;
  /** CLIENT REPLY: 'on', 'off', 'skip' for the current command, 'skip-next' when SKIP itself has just run. */
  replyMode: 'on' | 'off' | 'skip' | 'skip-next' = 'on';
  noEvict = false;
  monitor = false;
  channels: Map<string, Bytes> | undefined = undefined;
  patterns: Map<string, Bytes> | undefined = undefined;
  shardChannels: Map<string, Bytes> | undefined = undefined;
  closing = false;
  commands = 0;
  netIn = 0;
  netOut = 0;

  constructor(id: number, server: Server, out: Reply, db: Database, argv: Bytes[], link: Link | undefined) {
    this.id = id;
    this.server = server;
    this.out = out;
    this.db = db;
    this.argv = argv;
    this.link = link;
    this.createdAt = server.now;
    this.lastAt = server.now;
  }

  /** The server's time of this batch of commands, in ms since the epoch. */
  get now(): number {
    return this.server.now;
  }

  /**
   * `key` of the current database has changed. Marks the dataset dirty, fails WATCHes, and tells keyspace events and blocked
   * clients, if there are any. Call once per change, after it.
   * @param kind the event class of events.ts (NOTIFY_STRING, ...)
   * @param event the event's name, e.g. "set"
   */
  touched(key: Bytes, kind: number, event: string): void {
    const server = this.server;
    server.dirty++;
    if (server.attention !== 0) server.changed(this.db, key, kind, event);
  }

  /** Like `touched` for a second event of the same change: only keyspace events hear of it. */
  notify(key: Bytes, kind: number, event: string): void {
    const server = this.server;
    if (server.attention !== 0) server.notify(this.db, key, kind, event);
  }

  /**
   * Parks the client until one of `argv[from..to)` holds a value of `type` or `deadline` (ms since the epoch, Infinity: never)
   * has passed; then the same handler runs again, or the client gets `empty`. Inside EXEC it gets `empty` at once.
   */
  block(from: number, to: number, deadline: number, type: number, empty: 'nil' | 'nil-array'): void {
    if (!this.inExec) this.server.block(this, from, to, deadline, type, empty);
    else if (empty === 'nil') this.out.nil();
    else this.out.nilArray();
  }

  get subscriptions(): number {
    return (this.channels?.size ?? 0) + (this.patterns?.size ?? 0) + (this.shardChannels?.size ?? 0);
  }

  /** Brings the SUBSCRIBED gate in line with the subscriptions and the protocol. */
  updateSubscribed(): void {
    if (this.subscriptions > 0 && this.out.resp === 2) this.gates |= SUBSCRIBED;
    else this.gates &= ~SUBSCRIBED;
  }
}
