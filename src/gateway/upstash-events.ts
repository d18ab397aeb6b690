/**
 * Subscriptions of Upstash's REST protocol, as server-sent events whose data are words with commas:
 *
 *   /subscribe/news     data: subscribe,news,1      data: message,news,hello
 *   /psubscribe/n*      data: psubscribe,n*,1       data: pmessage,n*,news,hello
 *   /monitor            data: "OK"                  data: "1700000000.123456 [0 127.0.0.1:50000] \"get\" \"a\""
 *
 * Who reads too slowly stops the source, and is closed when that lasts (live/outlet.ts).
 */
import type { FastifyReply, FastifyRequest } from 'fastify';
import { ReplyError } from '../../protocol/reply-reader.js';
import { Failure } from './failure.js';
import type { Context } from './gateway.js';
import { replyText } from './json-value.js';
import type { Link, Word } from './link.js';
import { EventStream } from './live/event-stream.js';
import { FAILED } from './live/outlet.js';

const EVENTS = new Set(['subscribe', 'psubscribe', 'monitor']);

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
  let outlet: EventStream | undefined;
  // What comes before the stream has begun: until then, what is wrong can be answered by a status.
  const early: string[] = [];
  const tell = (text: string): void => void (outlet === undefined ? early.push(text) : outlet.sendText(text));
  const over = (): void => outlet?.close(FAILED, 'the server has closed the connection');
  const { link, release } = await session.listen(over);
  try {
    await begin(link, argv, tell);
  } catch (e) {
    release();
    throw e;
  }
  if (reply.raw.destroyed) {
    release();
    return reply;
  }
  outlet = new EventStream(reply, context.settings, false);
  for (const text of early) outlet.sendText(text);
  if (link.closed) over();
  outlet.attach({ full: () => link.pause(), drained: () => link.resume(), closed: release });
  return reply;
}

/** @throws Failure what the server refuses it with */
function begin(link: Link, argv: readonly Word[], tell: (text: string) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    link.onPush = (items) => {
      tell(items.map(replyText).join(','));
      resolve();
    };
    link.onLine = (line) => tell(JSON.stringify(replyText(line)));
    // SUBSCRIBE is answered by push messages, only an error is a reply; MONITOR has a reply, and lines behind it.
    link.call(argv).then((value) => {
      if (value instanceof ReplyError) return reject(Failure.of(value));
      tell(JSON.stringify(replyText(value)));
      resolve();
    }, reject);
  });
}
