/**
 * Link: one connection to the server, in RESP3 (in RESP2 for who wants replies in its shapes). Requests of one turn of the event loop
 * leave in one write; replies come back in their order. It does not come back to life: who finds it closed takes another (link-pool.ts).
 *
 *   call(argv) -> queue, out ... end of the turn: one write       reply -> the oldest that waits       push -> onPush
 */
import net from 'node:net';
import { Push, ReplyError, ReplyReader, type ReplyValue } from '../../protocol/reply-reader.js';
import { connectTls, type TlsOptions } from '../client-tls.js';
import { Failure } from './failure.js';

/** An argument: text goes as UTF-8. */
export type Word = string | Uint8Array;

/** Where the server is, and as whom and to which database one logs in. */
export interface Target {
  readonly host: string;
  readonly port: number;
  /** The path of a Unix socket, instead of host and port. */
  readonly path?: string;
  /** How TLS is spoken, where it is. */
  readonly tls?: TlsOptions;
  readonly username?: string;
  readonly password?: string;
  readonly db: number;
  /** The version of RESP in which the server answers. Default 3. */
  readonly protocol?: 2 | 3;
}

interface Waiting {
  resolve(value: ReplyValue): void;
  reject(error: Error): void;
}

/** So many requests may wait for replies. */
const WAITING_MAX = 10_000;
/** A connection that is not ready after this fails, ms. */
const CONNECT_MS = 5000;
const KEEPALIVE_MS = 30_000;

export class Link {
  closed = false;
  /** When it was opened (ms of performance.now()). */
  readonly since = performance.now();
  /** Called for each out-of-band message. */
  onPush: ((items: readonly ReplyValue[]) => void) | undefined = undefined;
  /** Called for each line that nobody asked for: those of MONITOR. */
  onLine: ((line: ReplyValue) => void) | undefined = undefined;
  /** Called once when the connection has ended. */
  onClose: (() => void) | undefined = undefined;
  private readonly socket: net.Socket;
  private readonly reader = new ReplyReader();
  private readonly waiting: Waiting[] = [];
  /** The oldest in `waiting` that has no reply. */
  private head = 0;
  private out: Word[] = [];
  private scheduled = false;

  private constructor(socket: net.Socket) {
    this.socket = socket;
    socket.setNoDelay(true);
    socket.setKeepAlive(true, KEEPALIVE_MS);
    socket.on('data', (chunk) => this.receive(chunk));
    socket.on('error', (e) => this.end(new Failure('UNAVAILABLE', `The server cannot be reached: ${e.message}`)));
    socket.on('close', () => this.end(new Failure('UNAVAILABLE', 'The server has closed the connection')));
  }

  /**
   * Connects, logs in and selects the database.
   * @throws Failure UNAVAILABLE when nobody answers, or the server's own error (WRONGPASS, NOAUTH, ERR DB index is out of range)
   */
  static async open(target: Target): Promise<Link> {
    const { host, port, path } = target;
    const where = path === undefined ? { host, port } : { path };
    const socket = target.tls === undefined ? net.connect(where) : connectTls(where, target.tls);
    const link = new Link(socket);
    const timer = setTimeout(() => link.end(new Failure('UNAVAILABLE', 'The server does not answer')), CONNECT_MS);
    try {
      const login = target.password === undefined ? [] : ['AUTH', target.username ?? 'default', target.password];
      const replies = [link.call(['HELLO', String(target.protocol ?? 3), ...login, 'SETNAME', 'synap-gateway'])];
      if (target.db !== 0) replies.push(link.call(['SELECT', String(target.db)]));
      for (const reply of await Promise.all(replies)) if (reply instanceof ReplyError) throw Failure.of(reply);
      return link;
    } catch (e) {
      link.close();
      throw e;
    } finally {
      clearTimeout(timer);
    }
  }

  /** Requests that wait for their replies. */
  get pending(): number {
    return this.waiting.length - this.head;
  }

  /**
   * Sends one command.
   * @returns its reply, also when that is an error
   * @throws Failure UNAVAILABLE when the connection ends before, BUSY when too many wait
   */
  call(argv: readonly Word[]): Promise<ReplyValue> {
    return new Promise((resolve, reject) => {
      if (this.closed) return reject(new Failure('UNAVAILABLE', 'The server has closed the connection'));
      if (this.pending >= WAITING_MAX) return reject(new Failure('BUSY', 'Too many requests wait for the server'));
      this.waiting.push({ resolve, reject });
      this.write(argv);
    });
  }

  /** Sends a command that is answered by push messages alone (SUBSCRIBE). */
  send(argv: readonly Word[]): void {
    if (!this.closed) this.write(argv);
  }

  close(): void {
    this.end(new Failure('UNAVAILABLE', 'The connection was closed'));
  }

  /** Stops reading while who takes the messages cannot keep up. */
  pause(): void {
    this.socket.pause();
  }

  resume(): void {
    this.socket.resume();
  }

  private write(argv: readonly Word[]): void {
    const { out } = this;
    let head = `*${argv.length}\r\n`;
    for (const word of argv) {
      if (typeof word === 'string') head += `$${Buffer.byteLength(word)}\r\n${word}\r\n`;
      else {
        out.push(`${head}$${word.length}\r\n`, word);
        head = '\r\n';
      }
    }
    out.push(head);
    if (this.scheduled) return;
    this.scheduled = true;
    setImmediate(() => this.flush());
  }

  private flush(): void {
    this.scheduled = false;
    if (this.closed) return;
    const { out } = this;
    this.out = [];
    this.socket.cork();
    let text = '';
    for (const piece of out) {
      if (typeof piece === 'string') text += piece;
      else {
        this.socket.write(text);
        this.socket.write(piece);
        text = '';
      }
    }
    if (text !== '') this.socket.write(text);
    this.socket.uncork();
  }

  private receive(chunk: Uint8Array): void {
    try {
      this.reader.feed(chunk);
      for (let value = this.reader.next(); value !== undefined; value = this.reader.next()) this.take(value);
    } catch (e) {
      this.end(new Failure('UNAVAILABLE', `The server's answer cannot be read: ${(e as Error).message}`));
    }
  }

  private take(value: ReplyValue): void {
    if (value instanceof Push) return this.onPush?.(value.items);
    const { waiting } = this;
    if (this.head === waiting.length) return this.onLine?.(value); // or an error that precedes the end
    const { resolve } = waiting[this.head++];
    if (this.head === waiting.length) {
      waiting.length = 0;
      this.head = 0;
    } else if (this.head > 1024) {
      waiting.splice(0, this.head);
      this.head = 0;
    }
    resolve(value);
  }

  private end(error: Error): void {
    if (this.closed) return;
    this.closed = true;
    this.socket.destroy();
    const rest = this.waiting.splice(this.head);
    this.waiting.length = this.head = 0;
    for (const one of rest) one.reject(error);
    this.onClose?.();
  }
}
