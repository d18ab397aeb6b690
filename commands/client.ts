/**
 * Client: who a command runs for. A socket's, but also whoever else fills `argv`: EXEC, a script, a log that is replayed.
 * Handlers see this, its `db`, its `out` and the services of `server`; nothing of sockets.
 *
 * After a change a handler calls `touched`, which is all it must know of WATCH, waiting clients, keyspace events and dirty counts.
 */
import type { Reply } from '../protocol/reply.js';
import type { Database } from '../storage/database.js';
import { Bytes } from '../storage/memory/bytes.js';
import { ATTEND_CHANGES, ATTEND_EFFECTS } from './attention.js';
import { always, type Wait, type Wants } from './blocking.js';
import type { Command } from './command.js';
import type { Effects } from './effects.js';
import type { Server } from './server.js';
import type { Transaction } from './transaction.js';

/** How a connection is driven by commands. */
export interface Link {
  /** The peer's end, `127.0.0.1:51234` or `/path/of/socket:0`, and ours. */
  readonly address: string;
  readonly localAddress: string;
  readonly unix: boolean;
  /** The socket's file descriptor; -1 when it has none. */
  readonly fd: number;
  /** Bytes received and not yet executed, and bytes held free for more. */
  readonly inputBytes: number;
  readonly inputFree: number;
  /** Bytes sent that the kernel has not taken, in how many pieces, and the longest piece of the last seconds. */
  readonly unsentBytes: number;
  readonly unsentPieces: number;
  readonly replyPeak: number;
  /** At the end of the turn: runs what the client has sent meanwhile, and sends what was written for it. */
  schedule(): void;
  /** Once a second: closes when the peer has left more output unread for longer than its class may. */
  checkOutput(): void;
  /** Closes at once. */
  kill(): void;
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
  /** What CLIENT SETINFO told: the client's library. */
  libName = '';
  libVer = '';
  readonly createdAt: number;
  /** Time of the last command, ms. */
  lastAt: number;
  transaction: Transaction | undefined = undefined;
  /** Set while the client runs no commands: it waits for a key, or CLIENT PAUSE holds its command. */
  wait: Wait | undefined = undefined;
  /** True while EXEC runs commands for this client: what would block answers at once. */
  inExec = false;
  /** Nanoseconds that a parked command has run so far. */
  ranNs = 0;
  closing = false;
  /** True while a command runs for this client: its reply may have begun. */
  running = false;
  /** Channels, patterns and shard channels that it listens to. */
  subscriptions = 0;
  commands = 0;
  netIn = 0;
  netOut = 0;
  /** The log's sequence (Holding.sequence) after the last change that it made; 0: it has made none. */
  changedAt = 0;
  /** Bytes that this client takes, as counted in Server.clientMemory. */
  memory = 0;

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
   * `key` has changed: call once per change, after it. Marks the dataset dirty and fails WATCHes.
   * @param kind the event's class, a bit of events.ts
   * @param event the event's name as keyspace events tell it: "sadd"
   * @param db where the key is, when not in the current database
   * @param changes how many changes that counts as (INFO: rdb_changes_since_last_save): one for each element that came or went. 0 for
   *   the second of two keys that one change has touched, and where an event is told of nothing
   */
  touched(key: Bytes, kind: number, event: string, db: Database = this.db, changes = 1): void {
    const server = this.server;
    server.dirty += changes;
    if ((server.attention & ATTEND_CHANGES) !== 0) server.changed(db, key, kind, event);
  }

  /**
   * Parks the client, whose command has found nothing in `argv[from..to)`: when one of these keys holds a value of `type`, the same
   * handler runs again. A client that waits longer than its deadline gets a nil array. Inside EXEC it gets `empty` at once.
   * Must be the last thing that a handler does, and nothing may have been replied.
   * @param deadline ms since the epoch, Infinity: never; `deadlineArg` reads it
   * @param type LIST, ZSET, STREAM, QUEUE, TOPIC of storage/types.ts. A value of our own types (OwnValue) says when it is `ready`, and
   *   what time does to it wakes, too
   * @param anyChange run the handler again whatever happens to a key, its deletion too
   * @param wants asked of a value of our own types before the handler runs again in vain; it may not change anything
   */
  block(
    from: number,
    to: number,
    deadline: number,
    type: number,
    empty: 'nil' | 'nil-array',
    anyChange = false,
    wants: Wants = always,
  ): void {
    if (!this.inExec) this.server.blocking.block(this, from, to, deadline, type, anyChange, wants);
    else if (empty === 'nil') this.out.nil();
    else this.out.nilArray();
  }

  /** The current command's arguments as views onto a copy, for who must remember them. */
  copyArguments(): Bytes[] {
    let total = 0;
    for (let i = 0; i < this.argc; i++) total += this.argv[i].length;
    const buf = new Uint8Array(total);
    const argv: Bytes[] = [];
    for (let i = 0, at = 0; i < this.argc; i++) {
      const a = this.argv[i];
      buf.set(a.buf.subarray(a.start, a.end), at);
      argv.push(new Bytes().set(buf, at, at + a.length));
      at += a.length;
    }
    return argv;
  }

  /** A second event of a change that `touched` has told: only keyspace events hear of it. */
  notify(key: Bytes, kind: number, event: string): void {
    const server = this.server;
    if ((server.attention & ATTEND_CHANGES) !== 0) server.notify(this.db, key, kind, event);
  }

  /**
   * Begins an effect that stands for the current command, `c.effect(DEL)?.add(key).tell()`: see effects.ts.
   * @returns undefined while nobody listens
   */
  effect(name: Bytes, db: Database = this.db): Effects | undefined {
    const { server } = this;
    return (server.attention & ATTEND_EFFECTS) === 0 ? undefined : server.effects.begin(db, name);
  }

  /** Tells the request itself as an effect, whether or not it has made anything dirty. */
  tellRequest(): void {
    const { server } = this;
    if ((server.attention & ATTEND_EFFECTS) !== 0) server.effects.tellRequest(this);
  }
}
