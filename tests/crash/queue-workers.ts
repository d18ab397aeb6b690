/**
 * Producers and consumers of one queue that is to lose nothing, and the books that are kept of what they were told. Consumers die at
 * random: they drop their connection, or forget what they were given; the server is killed while all of them are at it.
 *
 *   published   ids of which the server has said that they are in the queue
 *   acked       how often ACK has answered 1, by id
 *   in doubt    ids whose ACK was sent, but the server died before it answered: done or not
 */
import type { Random } from '../../compat-suite/random/random.js';
import { Connection } from '../../compat-suite/wire/connection.js';
import { request } from '../../compat-suite/wire/request.js';
import { PATIENCE_MS, pause, type Target } from './target.js';

export const QUEUE = 'jobs';
const PRIORITIES = [1, 5, 9];
/** Messages that a producer sends before it reads the answers. */
const BATCH = 25;
/** Until when a message must be acknowledged, ms: what consumers forget comes back then. */
const DEADLINE_MS = 400;

export class Books {
  readonly published = new Set<number>();
  readonly acked = new Map<number, number>();
  readonly inDoubt = new Set<number>();
  /** What must never happen. */
  readonly outOfOrder: string[] = [];
  deliveries = 0;
  redeliveries = 0;
  /** By consumer and priority: the id that was delivered for the first time last. */
  private readonly last = new Map<string, number>();

  delivered(consumer: string, id: number, priority: number, deliveries: number): void {
    this.deliveries++;
    if (this.acked.has(id)) this.outOfOrder.push(`${consumer} was given ${id}, which was acknowledged`);
    if (deliveries > 1) {
      this.redeliveries++;
      return;
    }
    const place = `${consumer} ${priority}`;
    const before = this.last.get(place) ?? 0;
    if (id <= before) this.outOfOrder.push(`${consumer} was given ${id} behind ${before}`);
    this.last.set(place, id);
  }

  /** Published, and acknowledged by nobody: neither surely nor perhaps. */
  get lost(): number[] {
    return [...this.published].filter((id) => !this.acked.has(id) && !this.inDoubt.has(id));
  }

  get twice(): number[] {
    return [...this.acked].filter(([, times]) => times > 1).map(([id]) => id);
  }
}

/** What all workers share. */
export interface Work {
  readonly target: Target;
  readonly books: Books;
  readonly random: Random;
  /** Resolves when the server serves. */
  serving: Promise<void>;
  /** Messages that shall be published. */
  wanted: number;
  ended: boolean;
}

/** Runs `shift` on one connection after another, until the work has ended. */
async function onConnections(work: Work, shift: (connection: Connection) => Promise<void>): Promise<void> {
  while (!work.ended) {
    await work.serving;
    const connection = await Connection.open(work.target.port).catch(() => undefined);
    if (connection === undefined) await pause(5);
    else {
      await shift(connection);
      connection.close();
    }
  }
}

/** Publishes until enough was. */
export function produce(work: Work): Promise<void> {
  const { books, random } = work;
  return onConnections(work, async (connection) => {
    while (!work.ended) {
      if (books.published.size >= work.wanted) {
        await pause(5);
        continue;
      }
      const batch = Array.from({ length: BATCH }, () =>
        request(['QUEUE.PUBLISH', QUEUE, 'x'.repeat(random.below(200)), 'PRIORITY', String(random.pick(PRIORITIES))]),
      );
      connection.write(Buffer.concat(batch));
      for (let i = 0; i < BATCH; i++) {
        const id = /^\$\d+\r\n(\d+)\r\n$/.exec(await connection.next(PATIENCE_MS))?.[1];
        if (id === undefined) return;
        books.published.add(Number(id));
      }
    }
  });
}

const MESSAGE = /\$2\r\nid\r\n\$\d+\r\n(\d+)\r\n[\s\S]*?priority\r\n:(\d)\r\n\$10\r\ndeliveries\r\n:(\d+)\r\n/g;

/** Consumes until nothing is left to do; dies now and then. */
export function consume(work: Work, name: string): Promise<void> {
  const { books, random } = work;
  return onConnections(work, async (connection) => {
    while (!work.ended) {
      const count = String(1 + random.below(20));
      connection.send(['QUEUE.CONSUME', QUEUE, name, 'COUNT', count, 'BLOCK', '50', 'DEADLINE', String(DEADLINE_MS)]);
      const reply = await connection.next(PATIENCE_MS);
      if (reply[0] !== '*') return;
      const ids: string[] = [];
      for (const [, id, priority, deliveries] of reply.matchAll(MESSAGE)) {
        books.delivered(name, Number(id), Number(priority), Number(deliveries));
        ids.push(id);
      }
      if (random.oneIn(60)) return; // dies with all that it holds
      const kept = ids.filter(() => !random.oneIn(80)); // and forgets the others
      if (random.oneIn(40)) {
        if (kept.length > 0 && (await connection.ask(['QUEUE.NACK', QUEUE, ...kept], PATIENCE_MS))[0] === '<') return;
      } else if (!(await acknowledge(work, connection, name, kept))) return;
    }
  });
}

/** @returns false when the server has gone meanwhile */
async function acknowledge(work: Work, connection: Connection, name: string, ids: readonly string[]): Promise<boolean> {
  const { books } = work;
  if (ids.length === 0) return true;
  connection.write(Buffer.concat(ids.map((id) => request(['QUEUE.ACK', QUEUE, 'CONSUMER', name, id]))));
  for (const [i, id] of ids.entries()) {
    const reply = await connection.next(PATIENCE_MS);
    if (reply[0] === '<') {
      for (const other of ids.slice(i)) books.inDoubt.add(Number(other));
      return false;
    }
    if (reply === ':1\r\n') books.acked.set(Number(id), (books.acked.get(Number(id)) ?? 0) + 1);
  }
  return true;
}
