/** Session: one request's view of the server: as whom, to which database, with what limits. Cheap; one is made for each request. */
import { BLOCKING } from '../../commands/spec/flags.js';
import { ReplyError, type ReplyValue } from '../../protocol/reply-reader.js';
import type { Access } from './access.js';
import { type Command, commandOf } from './commands.js';
import { Failure } from './failure.js';
import { unlessError } from './json-value.js';
import type { Link, Word } from './link.js';
import type { LinkPool, Login } from './link-pool.js';

/**
 * Commands that change the connection itself, or that a connection keeps on answering. They have other doors: the login of the
 * request, its database, transactions, subscriptions.
 */
const OF_CONNECTIONS = new Set(
  (
    'auth hello select reset quit monitor sync psync replconf multi exec discard watch unwatch subscribe unsubscribe psubscribe ' +
    'punsubscribe ssubscribe sunsubscribe client|reply client|tracking client|caching client|setname client|no-touch client|no-evict ' +
    'readonly readwrite asking'
  ).split(' '),
);

/** Calls `stop` when the peer goes away before it is answered. @returns takes that back */
export type WhenGone = (stop: () => void) => () => void;

export class Session {
  readonly commands: ReadonlyMap<string, Command>;
  readonly login: Login;
  readonly access: Access;
  private readonly pool: LinkPool;
  private readonly whenGone: WhenGone;

  constructor(
    commands: ReadonlyMap<string, Command>,
    pool: LinkPool,
    access: Access,
    login: Login,
    whenGone: WhenGone,
  ) {
    this.commands = commands;
    this.pool = pool;
    this.access = access;
    this.login = login;
    this.whenGone = whenGone;
  }

  /**
   * Calls one command.
   * @param argv the command's words
   * @returns its reply, also when that is an error of the server
   * @throws Failure ERR for a command that does not exist here or belongs to a connection, FORBIDDEN, UNAVAILABLE, BUSY, or the
   *   server's error when it refuses the login
   */
  async call(argv: readonly Word[]): Promise<ReplyValue> {
    const { entry } = await this.admit(argv);
    if ((entry.flags & BLOCKING) !== 0) return this.alone((link) => link.call(argv));
    return this.ask(argv);
  }

  /** The command of `argv`, when it may be called. */
  private async admit(argv: readonly Word[]): Promise<Command> {
    const command = this.find(argv);
    if (this.access.isLimited) await this.access.check(command, argv, (words) => this.ask(words));
    return command;
  }

  /** As `call`, but throws what an error reply means. */
  async run(argv: readonly Word[]): Promise<ReplyValue> {
    return unlessError(await this.call(argv));
  }

  /** Sends what is known to be allowed on the shared link. */
  private async ask(argv: readonly Word[]): Promise<ReplyValue> {
    return (await this.pool.common(this.login)).call(argv);
  }

  /**
   * Calls several commands in their order, each for itself: they leave together, and an error of one is its reply. One that may wait
   * has its own connection, so those behind it do not wait.
   * @returns a reply or a Failure for each
   * @throws Failure when the server cannot be reached, or refuses the login
   */
  async pipeline(all: readonly (readonly Word[])[]): Promise<(ReplyValue | Failure)[]> {
    const link = await this.pool.common(this.login);
    const admitted = await Promise.all(all.map((argv) => this.admit(argv).catch(unlessDefect)));
    return Promise.all(
      all.map((argv, i) => {
        const command = admitted[i];
        if (command instanceof Failure) return command;
        const waits = (command.entry.flags & BLOCKING) !== 0;
        return (waits ? this.alone((own) => own.call(argv)) : link.call(argv)).catch(unlessDefect);
      }),
    );
  }

  /**
   * Runs commands as one transaction.
   * @returns the reply of each
   * @throws Failure what a command is refused with before any of them has run
   */
  async transaction(all: readonly (readonly Word[])[]): Promise<readonly ReplyValue[]> {
    for (const argv of all) await this.admit(argv);
    return this.alone(async (link) => {
      const replies = await Promise.all([
        link.call(['MULTI']),
        ...all.map((argv) => link.call(argv)),
        link.call(['EXEC']),
      ]);
      const refused = replies.slice(0, -1).find((reply) => reply instanceof ReplyError);
      if (refused !== undefined) throw Failure.of(refused as ReplyError);
      return unlessError(replies[replies.length - 1]) as readonly ReplyValue[];
    });
  }

  /**
   * Runs `work` with a link that nobody else uses; it must leave it as it found it, or throw.
   * @throws Failure BUSY when too many are used, and what `work` throws
   */
  async alone<T>(work: (link: Link) => Promise<T>): Promise<T> {
    const { pool, login } = this;
    const link = await pool.own(login);
    // Or a command that waits would take what nobody gets any more.
    const forget = this.whenGone(() => link.close());
    let clean = false;
    try {
      const result = await work(link);
      clean = link.pending === 0;
      return result;
    } catch (e) {
      clean = e instanceof Failure && link.pending === 0;
      throw e;
    } finally {
      forget();
      pool.giveBack(login, link, clean);
    }
  }

  /** Lends a link for a subscription; `release` must be called when it is over. */
  async listen(): Promise<{ link: Link; release: () => void }> {
    const { pool, login } = this;
    const link = await pool.own(login);
    let over = false;
    const release = (): void => {
      if (over) return;
      over = true;
      pool.giveBack(login, link, false);
    };
    return { link, release };
  }

  /** @throws Failure ERR when there is no such command, or when it is about the connection */
  find(argv: readonly Word[]): Command {
    const command = commandOf(this.commands, argv);
    const { name } = command?.entry ?? { name: '' };
    if (command === undefined) throw new Failure('ERR', `unknown command '${String(argv[0] ?? '').slice(0, 128)}'`);
    if (OF_CONNECTIONS.has(name))
      throw new Failure('ERR', `'${name.replace('|', ' ')}' cannot be used in a single request`);
    return command;
  }
}

function unlessDefect(e: unknown): Failure {
  if (e instanceof Failure) return e;
  throw e;
}
