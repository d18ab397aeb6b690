/**
 * Subscriptions of Upstash's REST protocol, as server-sent events whose data are words with commas:
 *
 *   /subscribe/news     data: subscribe,news,1      data: message,news,hello
 *   /psubscribe/n*      data: psubscribe,n*,1       data: pmessage,n*,news,hello
 *   /monitor            data: "OK"                  data: "1700000000.123456 [0 127.0.0.1:50000] \"get\" \"a\""
 *
 * Who reads too slowly stops the source: the link is not read meanwhile, and the server closes it at its output limit.
 */
import type { FastifyReply, FastifyRequest } from 'fastify';
import { ReplyError } from '../../protocol/reply-reader.js';
import { Failure } from './failure.js';
import type { Context } from './gateway.js';
import { replyText } from './json-value.js';
import type { Link, Word } from './link.js';

const EVENTS = new Set(['subscribe', 'psubscribe', 'monitor']);
/** A comment is sent when nothing else was for so long (ms), so that nobody between takes the connection for dead. */
const HEARTBEAT_MS = 15_000;

/** Whether `name` is a command that is answered by events. */
export function isEvents(name: string): boolean {
  return EVENTS.has(name);
}

/**
 * Answers with events until the peer goes away or the server closes.
 * @throws Failure ERR, FORBIDDEN, BUSY, UNAVAILABLE, or what the server refuses it with
 */
export async function upstashEvents(
  context: Context,
  request: FastifyRequest,
  reply: FastifyReply,
  argv: readonly Word[],
): Promise<unknown> {
  const name = String(argv[0]).toLowerCase();
  if ((name === 'monitor') === argv.length > 1)
    throw new Failure('ERR', `wrong number of arguments for '${name}' command`);
  const session = context.session(request, reply);
  await session.permit(argv);
  const { link, release } = await session.listen(() => events.end());
  const events = new Events(reply, link);
  try {
    await begin(link, argv, events);
  } catch (e) {
    release();
    throw e;
  }
  const over = (): void => {
    events.end();
    release();
  };
  if (reply.raw.destroyed) over();
  else reply.raw.once('close', over);
  return reply;
}

/** @throws Failure what the server refuses it with */
function begin(link: Link, argv: readonly Word[], events: Events): Promise<void> {
  return new Promise((resolve, reject) => {
    link.onPush = (items) => {
      events.send(items.map(replyText).join(','));
      resolve();
    };
    link.onLine = (line) => events.send(JSON.stringify(replyText(line)));
    // SUBSCRIBE is answered by push messages, only an error is a reply; MONITOR has a reply, and lines behind it.
    link.call(argv).then((value) => {
      if (value instanceof ReplyError) return reject(Failure.of(value));
      events.send(JSON.stringify(replyText(value)));
      resolve();
    }, reject);
  });
}

/** An event stream: its head goes with the first event. */
class Events {
  private readonly reply: FastifyReply;
  private readonly link: Link;
  private heartbeat: NodeJS.Timeout | undefined = undefined;

  constructor(reply: FastifyReply, link: Link) {
    this.reply = reply;
    this.link = link;
  }

  send(text: string): void {
    if (this.heartbeat === undefined) this.begin();
    const lines = text.split(/\r\n|\r|\n/).map((line) => `data: ${line}\n`);
    this.write(`${lines.join('')}\n`);
  }

  end(): void {
    if (this.heartbeat === undefined) return;
    clearInterval(this.heartbeat);
    this.reply.raw.end();
  }

  private begin(): void {
    const { reply } = this;
    reply.hijack();
    const headers = {
      ...reply.getHeaders(),
      'content-type': 'text/event-stream',
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
    };
    reply.raw.writeHead(200, headers as Record<string, string>);
    this.heartbeat = setInterval(() => this.write(': \n\n'), HEARTBEAT_MS).unref();
  }

  private write(text: string): void {
    const { raw } = this.reply;
    if (raw.destroyed || raw.writableEnded) return;
    const waits = raw.writableNeedDrain;
    raw.write(text);
    if (waits || !raw.writableNeedDrain) return;
    this.link.pause();
    raw.once('drain', () => this.link.resume());
  }
}
