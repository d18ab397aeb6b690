/**
 * DiskFailure: why commands that may write are refused although they could run: the log cannot be written, or the last snapshot could
 * not and `stop-writes-on-bgsave-error` is set. PING is refused too, as in Redis, so that who watches the server notices.
 */
import type { Client } from './client.js';
import type { Command } from './command.js';
import type { ReplyError } from './error.js';
import { SAVE_FAILING } from './gates.js';
import type { Server } from './server.js';
import { writes } from './transaction.js';

export class DiskFailure {
  private log: ReplyError | undefined = undefined;
  private snapshot: ReplyError | undefined = undefined;
  private readonly server: Server;

  constructor(server: Server) {
    this.server = server;
  }

  /** The log, or snapshots, fail: `error` is what writes are answered; undefined: they work. */
  set(what: 'log' | 'snapshot', error: ReplyError | undefined): void {
    this[what] = error;
    if (this.log === undefined && this.snapshot === undefined) this.server.gates &= ~SAVE_FAILING;
    else this.server.gates |= SAVE_FAILING;
  }

  /** What writes are answered; undefined: they work. */
  get reason(): ReplyError | undefined {
    return this.snapshot ?? this.log;
  }

  /** What `command` of `c` is answered instead of running; undefined: it may run. */
  refusal(c: Client, command: Command): ReplyError | undefined {
    return writes(c, command) || command.entry.name === 'ping' ? this.reason : undefined;
  }
}
