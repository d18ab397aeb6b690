/**
 * Connection: one connection of synap-cli. Replies come back in the order of the commands; what nobody waits for (messages of
 * channels, MONITOR, invalidations) goes to onPush, in RESP2 as well, where messages look like replies.
 */
import net from 'node:net';
import { Push, ReplyReader, type ReplyValue } from '../../protocol/reply-reader.js';
import { connectTls, type TlsOptions } from '../client-tls.js';

/** Where the server is. */
export interface Place {
  readonly host: string;
  readonly port: number;
  /** A Unix socket instead. */
  readonly path: string | undefined;
  readonly tls: TlsOptions | undefined;
}

/** Why there is no connection, as it is shown. */
export class ConnectionFault extends Error {}

interface Waiting {
  resolve(value: ReplyValue | undefined): void;
  reject(error: Error): void;
  /** For a subscription: so many confirmations are its reply. */
  confirmations: number;
}

const MESSAGES = new Set(['message', 'pmessage', 'smessage']);
/** Commands that change what is listened to, and the messages that confirm them. */
export const SUBSCRIBING = /^[ps]?(un)?subscribe$/;

export class Connection {
  closed = false;
  /** Takes what nobody waits for. */
  onPush: (value: ReplyValue) => void = () => {};
  /** Called once when the server has closed it. */
  onClose: () => void = () => {};
  /** Channels and patterns that are listened to. */
  subscriptions = 0;
  /** The protocol that is spoken. In 3 messages have a type of their own, and no array is one. */
  protocol: 2 | 3 = 2;
  private readonly socket: net.Socket;
  private readonly reader = new ReplyReader();
  private readonly waiting: Waiting[] = [];

  private constructor(socket: net.Socket) {
    this.socket = socket;
    socket.setNoDelay(true);
    socket.on('data', (chunk) => this.receive(chunk));
    socket.on('error', (e) => this.end(`Error: ${e.message}`));
    socket.on('close', () => this.end('Error: Server closed the connection'));
  }

  /** @throws ConnectionFault when nobody answers */
  static async open({ host, port, path, tls: secure }: Place): Promise<Connection> {
    const where = path === undefined ? { host, port } : { path };
    const socket = secure === undefined ? net.connect(where) : connectTls(where, secure);
    const ready = secure === undefined ? 'connect' : 'secureConnect';
    let met = false;
    socket.once('connect', () => (met = true));
    try {
      await new Promise<void>((resolve, reject) => {
        const gone = (): void => reject(new Error('Server closed the connection'));
        socket.once(ready, resolve).once('error', reject).once('close', gone);
      });
    } catch (e) {
      const why = secure !== undefined && met ? `SSL_connect failed: ${refusal(e)}` : reason(e);
      throw new ConnectionFault(`Could not connect to Redis at ${path ?? `${host}:${port}`}: ${why}`);
    }
    return new Connection(socket);
  }

  /**
   * Sends a command.
   * @param confirmations a subscription's: how many of them end it; they go to onPush, and the reply is undefined
   * @throws ConnectionFault when the connection ends before the reply
   */
  call(words: readonly Uint8Array[], confirmations = 0): Promise<ReplyValue | undefined> {
    return new Promise((resolve, reject) => {
      if (this.closed) return reject(new ConnectionFault('Error: Server closed the connection'));
      this.waiting.push({ resolve, reject, confirmations });
      this.socket.cork();
      this.socket.write(`*${words.length}\r\n`);
      for (const word of words) {
        this.socket.write(`$${word.length}\r\n`);
        this.socket.write(word);
        this.socket.write('\r\n');
      }
      this.socket.uncork();
    });
  }

  /** Sends bytes that are requests already; their replies go to onPush. @returns when there is room for more */
  send(bytes: Uint8Array): Promise<void> {
    return new Promise((resolve) => {
      if (this.closed || this.socket.write(bytes)) return resolve();
      const go = (): void => {
        this.socket.off('drain', go).off('close', go);
        resolve();
      };
      this.socket.once('drain', go).once('close', go);
    });
  }

  /** @param why what is told to who waits for a reply */
  close(why: string): void {
    this.end(why);
  }

  private receive(chunk: Uint8Array): void {
    try {
      this.reader.feed(chunk);
      for (let value = this.reader.next(); value !== undefined; value = this.reader.next()) this.take(value);
    } catch (e) {
      this.end(`Error: Protocol error: ${(e as Error).message}`);
    }
  }

  private take(value: ReplyValue): void {
    const first = this.waiting[0];
    const kind = this.kindOf(value, first);
    if (SUBSCRIBING.test(kind)) {
      const [, , count] = value instanceof Push ? value.items : (value as ReplyValue[]);
      this.subscriptions = Number(count);
      this.onPush(value);
      if (first !== undefined && first.confirmations > 0 && --first.confirmations === 0) {
        this.waiting.shift();
        first.resolve(undefined);
      }
      return;
    }
    if (value instanceof Push || MESSAGES.has(kind) || first === undefined) return this.onPush(value);
    this.waiting.shift();
    first.resolve(value);
  }

  /** The first word of an out-of-band message; empty for other values. */
  private kindOf(value: ReplyValue, first: Waiting | undefined): string {
    let items: readonly ReplyValue[] = [];
    if (value instanceof Push) items = value.items;
    else if (Array.isArray(value) && this.protocol === 2 && (this.subscriptions > 0 || (first?.confirmations ?? 0) > 0))
      items = value;
    return items[0] instanceof Uint8Array ? Buffer.from(items[0]).toString('latin1') : '';
  }

  private end(why: string): void {
    if (this.closed) return;
    this.closed = true;
    this.socket.destroy();
    for (const one of this.waiting.splice(0)) one.reject(new ConnectionFault(why));
    this.onClose();
  }
}

const REASONS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'Connection refused',
  ENOENT: 'No such file or directory',
  ENOTFOUND: 'Name or service not known',
  ETIMEDOUT: 'Connection timed out',
  EACCES: 'Permission denied',
};

function reason(e: unknown): string {
  const { code = '', message, errors } = e as { code?: string; message: string; errors?: { code?: string }[] };
  return REASONS[errors?.[0]?.code ?? code] ?? message;
}

/** Why there is no TLS: Node names what is wrong with a certificate by a code, what the other side said by its own words. */
function refusal(e: unknown): string {
  const { code = '', message, reason } = e as { code?: string; message: string; reason?: string };
  if (/CERT|SIGNED|ISSUER|VERIFY|ALTNAME|CRL/.test(code)) return `certificate verify failed: ${message}`;
  return reason ?? message;
}
