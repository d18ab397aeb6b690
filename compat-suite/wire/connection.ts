/**
 * One raw TCP connection to a server under test. Replies are cut exactly and kept as their bytes (a latin1 string, one
 * char a byte). Must never decode, retry or reconnect: whatever the server does is a result.
 *
 *   bytes in ──► pending ──replyEnd──► replies (queue) ──► next()
 *                                        '<closed>' once the server hung up, '<timeout>' when it stays silent,
 *                                        '<malformed …>' when the bytes are no reply
 * Read next: reply-frame.ts, request.ts.
 */

import { connect, type Socket } from 'node:net';
import { MalformedReply, replyEnd } from './reply-frame.js';
import { request } from './request.js';

export const CLOSED = '<closed>';
export const TIMEOUT = '<timeout>';

/** How long a reply may take. A server that is right never comes near it, so it only costs time when something is wrong. */
const PATIENCE_MS = 3000;

export class Connection {
  private pending: Buffer<ArrayBufferLike> = Buffer.alloc(0);
  private readonly replies: string[] = [];
  private wake: (() => void) | undefined = undefined;
  private broken: string | undefined = undefined;
  private silent = false;

  private constructor(private readonly socket: Socket) {
    socket.setNoDelay(true);
    socket.on('data', (chunk: Buffer) => this.receive(chunk));
    socket.on('error', () => this.end());
    socket.on('close', () => this.end());
  }

  /** A connection to 127.0.0.1:`port`; rejects when nobody listens there. */
  static open(port: number): Promise<Connection> {
    return new Promise((resolve, reject) => {
      const socket = connect({ port, host: '127.0.0.1' });
      socket.once('error', reject);
      socket.once('connect', () => {
        socket.off('error', reject);
        resolve(new Connection(socket));
      });
    });
  }

  write(bytes: Buffer): void {
    if (!this.socket.destroyed) this.socket.write(bytes);
  }

  /** Sends the bytes one by one, each in a packet of its own. */
  async writeBytewise(bytes: Buffer): Promise<void> {
    for (let i = 0; i < bytes.length; i++) {
      if (this.socket.destroyed) return;
      await new Promise((sent) => this.socket.write(bytes.subarray(i, i + 1), sent));
    }
  }

  send(words: readonly string[]): void {
    this.write(request(words));
  }

  /** The next reply's bytes, or CLOSED, TIMEOUT or '<malformed …>', and from then on always that. */
  async next(patienceMs = PATIENCE_MS): Promise<string> {
    if (this.replies.length === 0 && this.broken === undefined && !this.silent) await this.arrival(patienceMs);
    const reply = this.replies.shift();
    if (reply !== undefined) return reply;
    if (this.broken !== undefined) return this.broken;
    this.silent = true;
    return TIMEOUT;
  }

  /** Sends a command and gives its reply, with the pushes that came before it in front. */
  async ask(words: readonly string[], patienceMs = PATIENCE_MS): Promise<string> {
    this.send(words);
    return this.answer(patienceMs);
  }

  /** The next reply that is no push, with the pushes that came before it in front. */
  async answer(patienceMs = PATIENCE_MS): Promise<string> {
    let seen = '';
    for (;;) {
      const reply = await this.next(patienceMs);
      seen += reply;
      if (reply[0] !== '>') return seen;
    }
  }

  close(): void {
    this.socket.destroy();
  }

  private arrival(patienceMs: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => this.wake?.(), patienceMs);
      this.wake = () => {
        clearTimeout(timer);
        this.wake = undefined;
        resolve();
      };
    });
  }

  private receive(chunk: Buffer): void {
    if (this.broken !== undefined) return;
    let buf: Buffer = this.pending.length > 0 ? Buffer.concat([this.pending, chunk]) : chunk;
    let at = 0;
    try {
      for (;;) {
        const end = at < buf.length ? replyEnd(buf, at, buf.length) : -1;
        if (end < 0) break;
        this.replies.push(buf.toString('latin1', at, end));
        at = end;
      }
    } catch (error) {
      if (!(error instanceof MalformedReply)) throw error;
      this.broken = `<malformed: ${error.message}>`;
      this.socket.destroy();
      buf = buf.subarray(0, 0);
      at = 0;
    }
    this.pending = buf.subarray(at);
    if (this.replies.length > 0 || this.broken !== undefined) this.wake?.();
  }

  private end(): void {
    this.broken ??=
      this.pending.length > 0 ? `<closed within ${JSON.stringify(this.pending.toString('latin1'))}>` : CLOSED;
    this.wake?.();
  }
}
