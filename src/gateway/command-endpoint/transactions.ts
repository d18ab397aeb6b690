/**
 * transaction.*: MULTI, EXEC and WATCH over requests that have nothing in common but the `client_id` in their payloads. Commands are kept
 * here until EXEC, which runs them all at once on a link of the client's own: the link on which it watches. Each result is what the
 * operation would have answered by itself; an error is `{error, code}`, and the others have run, as in Redis.
 */
import { ReplyError, type ReplyValue } from '../../../protocol/reply-reader.js';
import { Failure } from '../failure.js';
import { type JsonValue, unlessError } from '../json-value.js';
import type { Word } from '../link.js';
import { execute, type Session } from '../session.js';
import { HeldLinks } from './held-links.js';
import type { Payload } from './payload.js';

/** A transaction that nobody goes on with is forgotten after this, ms. */
const IDLE_MS = 60_000;

interface Queued {
  readonly argv: readonly Word[];
  readonly result: (reply: ReplyValue) => JsonValue;
}

export interface Transaction {
  /** Whether MULTI was called; else keys are watched. */
  isOpen: boolean;
  readonly queue: Queued[];
}

type Handler = (session: Session, id: string, payload: Payload) => Promise<JsonValue>;

/** A handler that takes nothing but the client's name. */
function alone(run: (session: Session, id: string) => Promise<JsonValue>): Handler {
  return (session, id, payload) => {
    payload.end();
    return run(session, id);
  };
}

export class Transactions {
  /** The operations by name. */
  readonly operations = new Map<string, Handler>(
    Object.entries<Handler>({
      'transaction.multi': alone((session, id) => this.multi(session, id)),
      'transaction.watch': (session, id, payload) => {
        const keys = payload.words('keys');
        payload.end();
        return this.watch(session, id, keys);
      },
      'transaction.unwatch': alone((session, id) => this.unwatch(session, id)),
      'transaction.discard': alone((session, id) => this.discard(session, id)),
      'transaction.exec': alone((session, id) => this.exec(session, id)),
    }),
  );
  private readonly held = new HeldLinks<Transaction>(IDLE_MS);
  private readonly limit: number;

  /** @param limit commands in one transaction, at most */
  constructor(limit: number) {
    this.limit = limit;
  }

  /** The transaction that commands of this client belong to; undefined when it has none. */
  async find(session: Session, id: string): Promise<Transaction | undefined> {
    const held = await this.held.find(session, id);
    return held?.about.isOpen === true ? held.about : undefined;
  }

  /** @throws Failure when the command may not be called, or there are too many */
  async add(session: Session, { queue }: Transaction, { argv, result }: Queued): Promise<void> {
    await session.admit(argv);
    if (queue.length >= this.limit) throw new Failure('TOOLARGE', `more than ${this.limit} commands in a transaction`);
    queue.push({ argv, result });
  }

  close(): void {
    this.held.close();
  }

  private async multi(session: Session, id: string): Promise<JsonValue> {
    const { about } = await this.open(session, id);
    if (about.isOpen) throw new Failure('ERR', 'MULTI calls can not be nested');
    about.isOpen = true;
    return { success: true, message: 'Transaction started' };
  }

  private async watch(session: Session, id: string, keys: readonly Word[]): Promise<JsonValue> {
    const argv = ['WATCH', ...keys];
    await session.permit(argv);
    const { link, about } = await this.open(session, id);
    if (about.isOpen) throw new Failure('ERR', 'WATCH inside MULTI is not allowed');
    unlessError(await link.call(argv));
    return { success: true, message: 'Keys watched' };
  }

  private async unwatch(session: Session, id: string): Promise<JsonValue> {
    const held = await this.held.find(session, id);
    if (held?.about.isOpen) unlessError(await held.link.call(['UNWATCH']));
    else this.held.drop(session, id);
    return { success: true, message: 'Keys unwatched' };
  }

  private async discard(session: Session, id: string): Promise<JsonValue> {
    if ((await this.find(session, id)) === undefined) throw new Failure('ERR', 'DISCARD without MULTI');
    this.held.drop(session, id);
    return { success: true, message: 'Transaction discarded' };
  }

  private async exec(session: Session, id: string): Promise<JsonValue> {
    const held = await this.held.find(session, id);
    if (held?.about.isOpen !== true) throw new Failure('ERR', 'EXEC without MULTI');
    const release = this.held.take(session, id);
    const { link, about } = held;
    try {
      const argvs = about.queue.map(({ argv }) => argv);
      return results(about.queue, await execute(link, argvs));
    } finally {
      release();
    }
  }

  private open(session: Session, id: string) {
    return this.held.open(session, id, (): Transaction => ({ isOpen: false, queue: [] }));
  }
}

/** @param reply of EXEC: null when a watched key has changed */
function results(queue: readonly Queued[], reply: ReplyValue): JsonValue {
  if (reply === null) return { success: false, aborted: true, message: 'A watched key has changed' };
  const replies = reply as readonly ReplyValue[];
  return {
    success: true,
    results: replies.map((one, i) =>
      one instanceof ReplyError ? { error: one.text, code: one.code } : queue[i].result(one),
    ),
  };
}
