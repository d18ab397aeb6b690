/**
 * The messages of a queue: `?queue=q&consumer=c`, with `noack=true` for those that need no acknowledgement. On a WebSocket the reader
 * answers `{"command":"ack"|"nack","message_id"}` (nack with `requeue: false` for the dead letters, `delay` in ms) and holds at most
 * `prefetch` messages; what it holds when it goes is given back. On an event stream it acknowledges by POST /api/v1/queue/ack.
 */
import { Failure } from '../failure.js';
import type { JsonValue } from '../json-value.js';
import { type Feed, integerIn, valueIn, type Wish } from './feed.js';
import type { Outlet } from './outlet.js';
import { members, type Pull, pullFeed } from './pull.js';

const PREFETCH = 16;
const PREFETCH_MAX = 1000;

/**
 * Each message: `{type: "message", message_id, payload, priority, deliveries, published, deadline, headers}`.
 * @throws Failure ERR (404) when there is no such queue, FORBIDDEN, READONLY
 */
export async function queueFeed({ session, query, acknowledges }: Wish): Promise<Feed> {
  const queue = valueIn(query, 'queue');
  const consumer = valueIn(query, 'consumer');
  const noack = query.noack === true;
  const prefetch = integerIn(query, 'prefetch', PREFETCH, 1, PREFETCH_MAX);
  const consume = (count: number): string[] => {
    const options = ['COUNT', String(count), 'BLOCK', '0', ...(noack ? ['NOACK'] : [])];
    return ['QUEUE.CONSUME', queue, consumer, ...options];
  };
  await session.permit(consume(1));
  const { deadline } = members(await session.run(['QUEUE.INFO', queue]));
  const counts = acknowledges && !noack;
  const giveBack = (ids: readonly string[]): void => {
    if (ids.length > 0) session.call(['QUEUE.NACK', queue, 'CONSUMER', consumer, ...ids]).catch(() => {});
  };
  return pullFeed(session, (wake) => {
    const held = new Held(Number(deadline), wake);
    const answer = async (message: unknown, outlet: Outlet): Promise<void> => {
      const { argv, id, command } = answerOf(message, queue, consumer);
      const reply = await session.run(argv);
      held.delete(id);
      outlet.send({ type: command, message_id: id, done: reply === 1 });
      wake();
    };
    const pull: Pull<QueueMessage> = {
      ask: () => (counts && held.size >= prefetch ? undefined : consume(counts ? prefetch - held.size : prefetch)),
      greet: (outlet) => outlet.send({ type: 'connected', queue, consumer, prefetch, noack }),
      take: (reply) => {
        if (!Array.isArray(reply)) return [];
        const messages = reply.map((one) => {
          const { id, ...message } = members(one);
          return { message_id: String(id), ...message };
        });
        if (counts) for (const { message_id } of messages) held.add(message_id);
        return messages;
      },
      send: (message, outlet) => outlet.send({ type: 'message', ...message }),
      closed: (unsent) => {
        const ids = new Set(held.clear());
        if (!noack) for (const { message_id } of unsent) ids.add(message_id);
        giveBack([...ids]);
      },
    };
    if (!counts) return pull;
    return {
      ...pull,
      said: (message, outlet) =>
        void answer(message, outlet).catch((e: unknown) =>
          outlet.tell(e instanceof Failure ? e : new Failure('INTERNAL', 'Internal error')),
        ),
    };
  });
}

type QueueMessage = { readonly message_id: string } & Readonly<Record<string, JsonValue>>;

/** The longest delay that a timer takes, ms. */
const MAX_DELAY = 2 ** 31 - 1;

/** The messages that a reader holds: those whose deadline has passed are the server's again. */
class Held {
  private readonly timers = new Map<string, NodeJS.Timeout>();
  private readonly deadline: number;
  private readonly wake: () => void;

  /** @param deadline of the queue, ms @param wake is called when there is room again */
  constructor(deadline: number, wake: () => void) {
    this.deadline = Math.min(deadline, MAX_DELAY);
    this.wake = wake;
  }

  get size(): number {
    return this.timers.size;
  }

  add(id: string): void {
    this.delete(id); // it has come again
    const timer = setTimeout(() => {
      this.timers.delete(id);
      this.wake();
    }, this.deadline).unref();
    this.timers.set(id, timer);
  }

  delete(id: string): void {
    clearTimeout(this.timers.get(id));
    this.timers.delete(id);
  }

  /** @returns the ids of all that was held */
  clear(): string[] {
    const ids = [...this.timers.keys()];
    for (const id of ids) this.delete(id);
    return ids;
  }
}

/** @throws Failure ERR on what is no acknowledgement */
function answerOf(message: unknown, queue: string, consumer: string) {
  const { command, message_id, requeue, delay } = (message ?? {}) as Record<string, unknown>;
  const id = String(message_id);
  if ((command !== 'ack' && command !== 'nack') || !/^\d{1,16}$/.test(id))
    throw new Failure('ERR', 'a message must be {"command":"ack"|"nack","message_id"}');
  const words = ['CONSUMER', consumer];
  if (command === 'ack') return { argv: ['QUEUE.ACK', queue, ...words, id], id, command };
  if (delay !== undefined && !Number.isSafeInteger(delay)) throw Failure.argument('delay', 'an integer');
  if (requeue !== undefined && typeof requeue !== 'boolean') throw Failure.argument('requeue', 'true or false');
  if (delay !== undefined) words.push('DELAY', String(delay));
  if (requeue === false) words.push('DEAD');
  return { argv: ['QUEUE.NACK', queue, ...words, id], id, command };
}
