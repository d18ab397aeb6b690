/**
 * A connection for the few commands that prepare and check a measurement: one at a time, RESP2, strings as latin1. It is never on
 * the measured path (redis-benchmark is) and never carries bulk data (loader.ts does). Next: loader.ts.
 */
import { connect, type Socket } from 'node:net';

/** An error reply; a value, not an exception, because for some callers it is an answer like any other. */
export class ReplyError {
  constructor(readonly text: string) {}
}

export type Reply = string | number | null | ReplyError | Reply[];

/**
 * Reads one RESP2 reply at `start` of `buf`. Returns the reply and the index behind it, or undefined while it is not complete.
 * Throws on a first byte that RESP2 does not know.
 */
export function parseReply(buf: Buffer, start: number): { reply: Reply; end: number } | undefined {
  const eol = buf.indexOf('\r\n', start);
  if (eol === -1) return undefined;
  const text = buf.toString('latin1', start + 1, eol);
  const next = eol + 2;
  switch (buf[start]) {
    case 0x2b: // +
      return { reply: text, end: next };
    case 0x2d: // -
      return { reply: new ReplyError(text), end: next };
    case 0x3a: // :
      return { reply: Number(text), end: next };
    case 0x24: {
      // $
      const length = Number(text);
      if (length === -1) return { reply: null, end: next };
      if (buf.length < next + length + 2) return undefined;
      return { reply: buf.toString('latin1', next, next + length), end: next + length + 2 };
    }
    case 0x2a: // *
      return parseArray(buf, Number(text), next);
    default:
      throw new Error(`not a RESP2 reply: ${JSON.stringify(buf.toString('latin1', start, start + 40))}`);
  }
}

function parseArray(buf: Buffer, count: number, start: number): { reply: Reply; end: number } | undefined {
  if (count === -1) return { reply: null, end: start };
  const items: Reply[] = [];
  let end = start;
  for (let i = 0; i < count; i++) {
    const item = parseReply(buf, end);
    if (item === undefined) return undefined;
    items.push(item.reply);
    end = item.end;
  }
  return { reply: items, end };
}

/** The bytes of a request. */
export function requestBytes(words: readonly (string | number)[]): Buffer {
  let text = `*${words.length}\r\n`;
  for (const word of words) {
    const bytes = String(word);
    text += `$${bytes.length}\r\n${bytes}\r\n`;
  }
  return Buffer.from(text, 'latin1');
}

export class RespConnection {
  private readonly socket: Socket;
  private pending = Buffer.alloc(0);
  private settle: { resolve: (reply: Reply) => void; reject: (error: Error) => void } | undefined;
  private failure: Error | undefined;

  private constructor(socket: Socket) {
    this.socket = socket;
    socket.on('data', (chunk) => this.receive(chunk));
    socket.on('error', (error) => this.fail(error));
    socket.on('close', () => this.fail(new Error('the server closed the connection')));
  }

  /** Connects to 127.0.0.1; rejects where nobody listens. */
  static open(port: number): Promise<RespConnection> {
    return new Promise((resolve, reject) => {
      const socket = connect({ port, host: '127.0.0.1', noDelay: true });
      socket.once('error', reject);
      socket.once('connect', () => {
        socket.off('error', reject);
        resolve(new RespConnection(socket));
      });
    });
  }

  /** Sends one command and resolves with its reply, an error reply included. Rejects when the connection breaks. One call at a time. */
  call(...words: (string | number)[]): Promise<Reply> {
    return new Promise((resolve, reject) => {
      if (this.failure !== undefined) return reject(this.failure);
      this.settle = { resolve, reject };
      this.socket.write(requestBytes(words));
    });
  }

  /** As `call`, but an error reply rejects, with the command's name and the server's words. */
  async demand(...words: (string | number)[]): Promise<Reply> {
    const reply = await this.call(...words);
    if (reply instanceof ReplyError) throw new Error(`${words[0]}: ${reply.text}`);
    return reply;
  }

  close(): void {
    this.failure ??= new Error('the connection is closed');
    this.socket.destroy();
  }

  private receive(chunk: Buffer): void {
    this.pending = this.pending.length === 0 ? Buffer.from(chunk) : Buffer.concat([this.pending, chunk]);
    try {
      const parsed = parseReply(this.pending, 0);
      if (parsed === undefined) return;
      this.pending = this.pending.subarray(parsed.end);
      this.settle?.resolve(parsed.reply);
      this.settle = undefined;
    } catch (error) {
      this.fail(error as Error);
      this.socket.destroy();
    }
  }

  private fail(error: Error): void {
    this.failure ??= error;
    this.settle?.reject(this.failure);
    this.settle = undefined;
  }
}
