/** A client of RESP2 that sends anything and reads replies one by one, for tests of scripts, whose texts hold blanks. */
import net from 'node:net';
import { ReplyError, ReplyReader, type ReplyValue } from '../../../protocol/reply-reader.js';

/** Bulk strings and simple strings as text, errors as `-text`, nil as null. */
export type Answer = string | number | null | Answer[];

export class RawClient {
  private readonly reader = new ReplyReader();
  private readonly waiting: ((answer: Answer) => void)[] = [];
  private readonly socket: net.Socket;

  private constructor(socket: net.Socket) {
    this.socket = socket;
    socket.on('error', () => {});
    socket.on('data', (chunk) => {
      this.reader.feed(new Uint8Array(chunk));
      for (let value = this.reader.next(); value !== undefined; value = this.reader.next())
        this.waiting.shift()?.(shown(value));
    });
    socket.on('close', () => {
      for (const wake of this.waiting.splice(0)) wake('closed');
    });
  }

  static async connect(port: number): Promise<RawClient> {
    const socket = net.connect({ port, host: '127.0.0.1', noDelay: true });
    await new Promise((resolve, reject) => socket.once('connect', resolve).once('error', reject));
    return new RawClient(socket);
  }

  /** @returns the reply; `closed` when the connection ends before */
  ask(...words: (string | number)[]): Promise<Answer> {
    const bulks = words.map((word) => `$${Buffer.byteLength(String(word), 'latin1')}\r\n${word}\r\n`);
    this.socket.write(`*${words.length}\r\n${bulks.join('')}`, 'latin1');
    return new Promise((resolve) => this.waiting.push(resolve));
  }

  close(): void {
    this.socket.destroy();
  }
}

function shown(value: ReplyValue): Answer {
  if (value instanceof ReplyError) return `-${value.text}`;
  if (value instanceof Uint8Array) return Buffer.from(value).toString('latin1');
  if (Array.isArray(value)) return value.map(shown);
  return value as Answer;
}
