/** Session: one request's view of the server: as whom, to which database, with what limits. Cheap; one is made for each request. */
import { BLOCKING, RUNS_SCRIPT } from '../../commands/spec/flags.js';
import type { ReplyValue } from '../../protocol/reply-reader.js';
import type { Access } from './access.js';
import { type Command, commandOf, wordText } from './commands.js';
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
    'readonly readwrite asking script|debug'
  ).split(' '),
);

/** Whether a command can be called by a request of its own. */
export function isSingle({ entry }: Command): boolean {
  return !OF_CONNECTIONS.has(entry.name);
}

const UNAUTHORIZED = 401;

/** In which way a door calls. */
export interface Manner {
  /** The version of RESP in which the server answers. Default 3. */
  readonly protocol?: 2 | 3;
  /** Whether commands that the table does not know go to the server, which may know them; never where anything is limited. */
  readonly foreign?: boolean;
  /** Other limits than those of the gateway, for what it asks itself on behalf of a request. */
  readonly limits?: Access;
}

/** Calls `stop` when the peer goes away before it is answered. @returns takes that back */
export type WhenGone = (stop: () => void) => () => void;

export class Session {
  readonly commands: ReadonlyMap<string, Command>;
  readonly login: Login;
  readonly access: Access;
  private readonly pool: LinkPool;
  /** Tells when the peer goes away before it is answered. */
  readonly whenGone: WhenGone;
  private readonly foreign: boolean;

  constructor(
    commands: ReadonlyMap<string, Command>,
    pool: LinkPool,
    access: Access,
    login: Login,
    whenGone: WhenGone,
    { protocol, foreign }: Manner = {},
  ) {
    this.commands = commands;
    this.pool = pool;
    this.access = access;
    this.login = protocol === undefined ? login : { ...login, protocol };
    this.whenGone = whenGone;
    this.foreign = foreign === true && !access.isLimited;
  }

  /** The same view of another database. @param whenGone tells when the peer goes away, where that is another than before */
  at(db: number, whenGone: WhenGone = this.whenGone): Session {
    return new Session(this.commands, this.pool, this.access, { ...this.login, db }, whenGone);
  }

  /**
   * Makes sure that the server knows who asks, for doors whose answers tell errors of commands in another way than refused logins.
   * @throws Failure NOAUTH, WRONGPASS; not that the server cannot be reached
   */
  async authenticate(): Promise<void> {
    try {
      await this.pool.common(this.login);
    } catch (e) {
      if (!(e instanceof Failure) || e.status === UNAUTHORIZED) throw e;
    }
  }

  /**
   * Calls one command.
   * @param argv the command's words
   * @returns its reply, also when that is an error of the server
   * @throws Failure ERR for a command that does not exist here or belongs to a connection, FORBIDDEN, UNAVAILABLE, BUSY, or the
   *   server's error when it refuses the login
   */
  async call(argv: readonly Word[]): Promise<ReplyValue> {
    const command = await this.admit(argv);
    return mayWait(command, argv) ? this.alone((link) => link.call(argv)) : this.ask(argv, runsScript(command));
  }

  /**
   * What must hold before `argv` is sent.
   * @returns its command; undefined for one that only the server knows
   * @throws Failure as `call`
   */
  async admit(argv: readonly Word[]): Promise<Command | undefined> {
    const command = this.known(argv);
    if (command !== undefined && this.access.isLimited)
      await this.access.check(command, argv, (words) => this.ask(words));
    return command;
  }

  /** As `call`, but throws what an error reply means. */
  async run(argv: readonly Word[]): Promise<ReplyValue> {
    return unlessError(await this.call(argv));
  }

  /** Sends what is known to be allowed on the shared link. */
  private async ask(argv: readonly Word[], scripts = false): Promise<ReplyValue> {
    return (await this.pool.common(this.login, scripts)).call(argv);
  }

  /**
   * Calls several commands in their order, each for itself: they leave together, and an error of one is its reply. One that may wait
   * has its own connection and begins when those before it are answered; those behind it do not wait. With commands that only the
   * server knows all of them have one, in order.
   * @returns a reply or a Failure for each
   * @throws Failure when the server cannot be reached, or refuses the login
   */
  async pipeline(all: readonly (readonly Word[])[]): Promise<(ReplyValue | Failure)[]> {
    const admitted = await Promise.all(all.map((argv) => this.admit(argv).catch(unlessDefect)));
    const link = await this.pool.common(this.login, admitted.some(runsScript));
    const send = (to: Link): Promise<(ReplyValue | Failure)[]> => {
      let last: Promise<unknown> = Promise.resolve();
      return Promise.all(
        all.map((argv, i) => {
          const command = admitted[i];
          if (command instanceof Failure) return command;
          if (to === link && mayWait(command, argv))
            return last.then(() => this.alone((own) => own.call(argv))).catch(unlessDefect);
          const reply = to.call(argv).catch(unlessDefect);
          last = reply;
          return reply;
        }),
      );
    };
    return admitted.includes(undefined) ? this.alone(send) : send(link);
  }

  /**
   * Runs commands as one transaction.
   * @returns the reply of each
   * @throws Failure what a command is refused with before any of them has run
   */
  async transaction(all: readonly (readonly Word[])[]): Promise<readonly ReplyValue[]> {
    for (const argv of all) await this.admit(argv);
    return this.alone(async (link) => (await execute(link, all)) as readonly ReplyValue[]);
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

  /**
   * Checks what is to be sent on a link of `listen`.
   * @throws Failure ERR when there is no such command, FORBIDDEN
   */
  async permit(argv: readonly Word[]): Promise<void> {
    const command = commandOf(this.commands, argv);
    if (command === undefined) throw unknown(argv);
    await this.access.check(command, argv, (words) => this.ask(words));
  }

  /**
   * Lends a link for a subscription; `release` must be called when it is over.
   * @param gone called when the link ends by itself
   * @throws Failure BUSY when too many are lent
   */
  async listen(gone: () => void = () => {}): Promise<{ link: Link; release: () => void }> {
    const { pool, login } = this;
    const link = await pool.own(login);
    let over = false;
    const { onClose } = link;
    link.onClose = () => {
      onClose?.();
      if (!over) gone();
    };
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
    if (command === undefined) throw unknown(argv);
    refuseOfConnections(command.entry.name);
    return command;
  }

  /** As `find`; undefined when only the server may know it. */
  private known(argv: readonly Word[]): Command | undefined {
    if (!this.foreign || argv.length === 0 || commandOf(this.commands, argv) !== undefined) return this.find(argv);
    const [name, sub = ''] = argv.map((word) => wordText(word).toLowerCase());
    refuseOfConnections(name);
    refuseOfConnections(`${name}|${sub}`);
    return undefined;
  }
}

function unknown(argv: readonly Word[]): Failure {
  return new Failure('ERR', `unknown command '${wordText(argv[0] ?? '').slice(0, 128)}'`);
}

/** @throws Failure ERR */
function refuseOfConnections(name: string): void {
  if (OF_CONNECTIONS.has(name))
    throw new Failure('ERR', `'${name.replace('|', ' ')}' cannot be used in a single request`);
}

/** Whether it may keep a link from answering others. What the table does not know may; what waits only when told to BLOCK, if it is. */
function mayWait(command: Command | undefined, argv: readonly Word[]): boolean {
  if (command === undefined) return true;
  if ((command.entry.flags & BLOCKING) === 0) return false;
  if (!command.properties.some(({ token }) => token === 'BLOCK')) return true;
  return argv.some((word) => word.length === 5 && wordText(word).toUpperCase() === 'BLOCK');
}

/** Whether it may run for long, during which the server looks at nothing else of its link. */
function runsScript(command: Command | Failure | undefined): boolean {
  return command !== undefined && !(command instanceof Failure) && (command.entry.flags & RUNS_SCRIPT) !== 0;
}

/**
 * Runs commands in a transaction on a link that nobody else uses.
 * @returns EXEC's reply: null when a watched key has changed
 * @throws Failure what a command is refused with, and none has run
 */
export async function execute(link: Link, all: readonly (readonly Word[])[]): Promise<ReplyValue> {
  // Awaited alone: behind a MULTI that is refused (a user may not call it) the others would run.
  unlessError(await link.call(['MULTI']));
  const replies = await Promise.all([...all, ['EXEC']].map((argv) => link.call(argv)));
  for (const reply of replies) unlessError(reply);
  return replies[replies.length - 1];
}

function unlessDefect(e: unknown): Failure {
  if (e instanceof Failure) return e;
  throw e;
}
