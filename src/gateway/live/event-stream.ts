/** Server-sent events (WHATWG HTML, 9.2): an Outlet over a plain HTTP answer. */
import type { ServerResponse } from 'node:http';
import type { FastifyReply } from 'fastify';
import { Outlet, type OutletSettings } from './outlet.js';

export class EventStream extends Outlet {
  private readonly response: ServerResponse;
  private readonly tellsWhy: boolean;

  /**
   * Answers `reply` with a stream that stays open.
   * @param tellsWhy whether its last message says why it ends: where messages are JSON with a `type`
   */
  constructor(reply: FastifyReply, settings: OutletSettings, tellsWhy = true) {
    super(settings);
    this.tellsWhy = tellsWhy;
    reply.hijack();
    this.response = reply.raw;
    const { response } = this;
    response.writeHead(200, {
      ...(reply.getHeaders() as Record<string, string>),
      'content-type': 'text/event-stream',
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
    const data = `data: ${text.replace(/\r\n|\r|\n/g, '\ndata: ')}\n\n`;
    this.response.write(id === undefined ? data : `id: ${id}\n${data}`);
  }

  /** What cannot wait is cut off; there are no codes here, so the last message tells the reason. */
  protected override shut(code: number, reason: string): void {
    if (this.backlog > this.settings.backlogLimit / 4) this.response.destroy();
    else if (!this.tellsWhy) this.response.end();
    else this.response.end(`data: ${JSON.stringify({ type: 'closed', code, reason })}\n\n`);
  }

  protected override beat(): void {
    if (!this.stopped) this.response.write(': \n\n');
  }
}
