/**
 * MONITOR: who runs it is sent a line for every command of anybody, after it has run:
 *
 *   +1700000000.123000 [0 127.0.0.1:1234] "set" "k" "v"      database (after the command), client, the words as they were sent
 *                      [0 unix:/run/synap.sock]  [0 lua]
 *
 * Commands for operators, and those that are refused before they run, are not shown; passwords are not either. What MULTI has queued
 * is shown when EXEC runs it, and then EXEC itself. A monitor may not reach keys. Costs nothing while nobody monitors: the executor
 * asks the attention bit. Read next: dispatch.ts `call`.
 */
import { ATTEND_MONITOR } from './attention.js';
import type { Client } from './client.js';
import type { Command } from './command.js';
import { MONITOR_IN_EXEC } from './error.js';
import { MONITORING } from './gates.js';
import { isUnix } from './protected.js';
import { quoted } from './quoted.js';
import { isSecret } from './secret.js';
import { ADMIN, SKIP_MONITOR } from './spec/flags.js';

export function monitor(c: Client): void {
  if (c.inExec) throw MONITOR_IN_EXEC;
  // Who monitors already gets no reply at all (Redis 7.0).
  if (c.server.monitors.has(c)) return;
  c.server.monitors.add(c);
  c.out.ok();
}

/** The clients of a server that monitor it. */
export class Monitors {
  private readonly clients = new Set<Client>();

  get size(): number {
    return this.clients.size;
  }

  has(c: Client): boolean {
    return this.clients.has(c);
  }

  add(c: Client): void {
    this.clients.add(c);
    c.gates |= MONITORING;
    c.server.attention |= ATTEND_MONITOR;
  }

  /** `c` is an ordinary client again (RESET), or gone. Nothing happens when it does not monitor. */
  remove(c: Client): void {
    if (!this.clients.delete(c)) return;
    c.gates &= ~MONITORING;
    if (this.clients.size === 0) c.server.attention &= ~ATTEND_MONITOR;
  }

  /** Tells all monitors that `c` has run `command` with the arguments it still has. O(bytes of the arguments) */
  feed(c: Client, command: Command): void {
    // A command that has waited for a key was told when it began to wait.
    if ((command.flags & (ADMIN | SKIP_MONITOR)) === 0 && !c.server.blocking.isRetrying(c)) this.tell(c, command);
  }

  /** Tells them of a command whatever its flags: of a script before it runs, so that its calls come behind it. */
  tell(c: Client, command: Command): void {
    const line = monitorLine(c, command);
    for (const monitor of this.clients) {
      monitor.out.simple(line);
      monitor.link?.schedule();
    }
  }
}

/** What monitors are shown of the command that `c` has just run. */
function monitorLine(c: Client, command: Command): string {
  const { now } = c;
  const seconds = Math.floor(now / 1000);
  let line = `${seconds}.${String((now - seconds * 1000) * 1000).padStart(6, '0')} [${c.db.index} ${peer(c)}]`;
  for (let i = 0; i < c.argc; i++) line += isSecret(c, command, i) ? ' "(redacted)"' : ` ${quoted(c.argv[i])}`;
  return line;
}

function peer(c: Client): string {
  if (c.link === undefined) return 'lua';
  const { address } = c.link;
  return isUnix(address) ? `unix:${address.slice(0, -2)}` : address;
}
