/** Server-sent events (WHATWG HTML, 9.2): an Outlet over a plain HTTP answer. Every message is JSON with a `type`. */
import type { ServerResponse } from 'node:http';
import type { FastifyReply } from 'fastify';
import { Outlet, type OutletSettings } from './outlet.js';

export class EventStream extends Outlet {
  private readonly response: ServerResponse;

  /** Answers `reply` with a stream that stays open. */
  constructor(reply: FastifyReply, settings: OutletSettings) {
    super(settings);
    reply.hijack();
    this.response = reply.raw;
    const { response } = this;
    response.writeHead(200, {
      ...(reply.getHeaders() as Record<string, string>),
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
      'x-accel-buffering': 'no',
    });
    response.flushHeaders();
    response.on('drain', () => this.taken());
    response.on('close', () => this.ended());
    response.on('error', () => this.ended());
  }

  override get backlog(): number {
    return this.response.writableLength;
  }

  protected override write(text: string, id: string | undefined): void {
    // JSON has no line ends of its own.
    this.response.write(id === undefined ? `data: ${text}\n\n` : `id: ${id}\ndata: ${text}\n\n`);
  }

  /** What cannot wait is cut off; there are no codes here, so the last message tells the reason. */
  protected override shut(code: number, reason: string): void {
    if (this.backlog > this.settings.backlogLimit / 4) this.response.destroy();
    else this.response.end(`data: ${JSON.stringify({ type: 'closed', code, reason })}\n\n`);
  }

  protected override beat(): void {
    if (!this.stopped) this.response.write(': \n\n');
  }
}
