/** What crash tests do to a server: start it on what it has left, and crash it; and how it is asked. */
import { Connection } from '../../compat-suite/wire/connection.js';
import { request } from '../../compat-suite/wire/request.js';
import type { Ask } from './step.js';

/** How long a reply may take before the server counts as hung, ms. */
export const PATIENCE_MS = 60_000;

export function pause(ms: number): Promise<void> {
  return new Promise((later) => setTimeout(later, ms));
}

export interface Target {
  readonly port: number;
  /** Whether fields of hashes can have a TTL. */
  readonly fieldTtls: boolean;
  /** Resolves when it serves. @throws Error when it does not start */
  start(): Promise<void>;
  /** Ends it: without warning, so that nothing it does later reaches its files, or gently, as one who asks for it. */
  crash(gently: boolean): Promise<void>;
  /** Begins to start it and crashes it: `moment` 0 at once, 1 about when it serves. */
  interruptedStart(moment: number): Promise<void>;
}

/** A connection to a target as a function; `close` ends it. */
export interface Line {
  readonly ask: Ask;
  readonly close: () => void;
}

/** @throws Error when the server hangs up or stays silent while it is asked */
export async function line(target: Target): Promise<Line> {
  const connection = await Connection.open(target.port);
  const ask: Ask = async (commands) => {
    connection.write(Buffer.concat(commands.map(request)));
    const replies: string[] = [];
    while (replies.length < commands.length) {
      const reply = await connection.next(PATIENCE_MS);
      if (reply[0] === '<') throw new Error(`${reply} instead of an answer to ${commands[replies.length].join(' ')}`);
      replies.push(reply);
    }
    return replies;
  };
  return { ask, close: () => connection.close() };
}
