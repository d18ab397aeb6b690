/**
 * Session: the connection of synap-cli with what it must know of it: login, database, protocol, transaction. It connects again when
 * the server has gone, logs in and selects again; a transaction is lost then.
 */
import { ReplyError, type ReplyValue } from '../../protocol/reply-reader.js';
import { Connection, type Place, SUBSCRIBING } from './connection.js';
import type { CliOptions } from './options.js';

export class Session {
  place: Place;
  db: number;
  inTransaction = false;
  /** Takes what nobody asked for. */
  onPush: (value: ReplyValue) => void = () => {};
  /** Called when the server has closed the connection. */
  onClose: () => void = () => {};
  private protocol: 2 | 3;
  /** The words of AUTH that let one in, to be said again. */
  private login: readonly string[] | undefined;
  private connection: Connection | undefined = undefined;
  /** The database before MULTI. */
  private before = 0;

  constructor(options: CliOptions) {
    const { user, password } = options;
    if (password !== undefined) this.login = user === undefined ? [password] : [user, password];
    this.place = options.place;
    this.db = options.db;
    this.protocol = options.protocol;
  }

  get connected(): boolean {
    return this.connection !== undefined && !this.connection.closed;
  }

  get subscribed(): boolean {
    return this.connected && this.connection!.subscriptions > 0;
  }

  /**
   * Connects, logs in, selects the database and the protocol.
   * @returns what the server refused of that, a line for each
   * @throws ConnectionFault
   */
  async connect(): Promise<readonly string[]> {
    this.close();
    const connection = await Connection.open(this.place);
    this.connection = connection;
    connection.onPush = (value) => this.onPush(value);
    connection.onClose = () => {
      if (this.connection === connection) this.onClose();
    };
    this.inTransaction = false;
    const refused: string[] = [];
    const ask = async (what: string, ...words: string[]): Promise<void> => {
      const reply = await connection.call(words.map((word) => Buffer.from(word, 'latin1')));
      if (reply instanceof ReplyError) refused.push(`${what} failed: ${reply.text}`);
      else if (words[0] === 'HELLO') connection.protocol = 3;
    };
    if (this.login !== undefined) await ask('AUTH', 'AUTH', ...this.login);
    if (this.protocol === 3) await ask('HELLO 3', 'HELLO', '3');
    if (this.db !== 0) await ask(`SELECT ${this.db}`, 'SELECT', String(this.db));
    return refused;
  }

  /**
   * Calls a command on a connection that is open.
   * @param words strings of bytes
   * @returns its reply; undefined when only messages answer it
   * @throws ConnectionFault when the connection ends before
   */
  async call(words: readonly string[]): Promise<ReplyValue | undefined> {
    const name = words[0].toLowerCase();
    const confirmations = SUBSCRIBING.test(name) ? Math.max(1, words.length - 1) : 0;
    const reply = await this.connection!.call(
      words.map((word) => Buffer.from(word, 'latin1')),
      confirmations,
    );
    this.note(name, words, reply);
    return reply;
  }

  /** Sends bytes that are requests already; their replies go to onPush. @returns when there is room for more */
  async send(bytes: Uint8Array): Promise<void> {
    await this.connection?.send(bytes);
  }

  /** @param why what is told to who waits for a reply */
  close(why = 'Error: Server closed the connection'): void {
    const { connection } = this;
    this.connection = undefined;
    connection?.close(why);
  }

  /** What a reply says about the connection. */
  private note(name: string, words: readonly string[], reply: ReplyValue | undefined): void {
    const failed = reply instanceof ReplyError;
    if (name === 'exec' && this.inTransaction) {
      this.inTransaction = false;
      if (failed || reply === null) this.db = this.before;
    } else if (name === 'discard' && this.inTransaction && !failed) {
      this.inTransaction = false;
      this.db = this.before;
    }
    if (failed) return;
    if (name === 'auth' && reply === 'OK') this.login = words.slice(1);
    else if (name === 'select' && words.length === 2) this.db = Number(words[1]);
    else if (name === 'multi') {
      this.inTransaction = true;
      this.before = this.db;
    } else if (name === 'hello' && (words[1] === '2' || words[1] === '3')) this.speak(words[1] === '3' ? 3 : 2);
    else if (name === 'reset' && reply === 'RESET') {
      this.inTransaction = false;
      this.db = 0;
      this.connection!.subscriptions = 0;
      this.speak(2);
    }
  }

  private speak(protocol: 2 | 3): void {
    this.protocol = protocol;
    this.connection!.protocol = protocol;
  }
}
