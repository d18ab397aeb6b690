/** A queue as one would write it without a thought for speed: what storage/queue.ts must be equal to. */
import { Bytes } from '../../storage/memory/bytes.js';
import type { NewMessage } from '../../storage/queue-message.js';
import type { QueueValue } from '../../storage/queue-value.js';

export type ModelState = 'waits' | 'flies' | 'dead';

export interface ModelMessage {
  readonly id: number;
  readonly priority: number;
  readonly retries: number;
  readonly payload: string;
  state: ModelState;
  deliveries: number;
  /** Until when it waits, must be acknowledged, or since when it is dead. */
  time: number;
  expires: number;
  holder: string;
  reason: number;
}

export class QueueModel {
  readonly messages = new Map<number, ModelMessage>();
  lastId = 0;

  publish(priority: number, retries: number, payload: string, due: number, expires: number): void {
    const id = ++this.lastId;
    const m: ModelMessage = {
      id,
      priority,
      retries,
      payload,
      state: 'waits',
      deliveries: 0,
      time: due,
      expires,
      holder: '',
      reason: 0,
    };
    this.messages.set(id, m);
  }

  /** Those that can be delivered at `now`, the next one first. */
  ready(now: number): ModelMessage[] {
    return this.in('waits')
      .filter((m) => m.time <= now)
      .sort((a, b) => b.priority - a.priority || a.id - b.id);
  }

  in(state: ModelState): ModelMessage[] {
    return [...this.messages.values()].filter((m) => m.state === state);
  }

  dead(): ModelMessage[] {
    return this.in('dead').sort((a, b) => a.time - b.time || a.id - b.id);
  }

  outdated(now: number): ModelMessage[] {
    return this.in('waits').filter((m) => m.expires > 0 && m.expires <= now);
  }

  overdue(now: number): ModelMessage[] {
    return this.in('flies')
      .filter((m) => m.time <= now)
      .sort((a, b) => a.time - b.time || a.id - b.id);
  }

  /** When something happens next. */
  due(now: number): number {
    let due = Number.POSITIVE_INFINITY;
    for (const m of this.messages.values()) {
      if (m.state === 'flies' || (m.state === 'waits' && m.time > now)) due = Math.min(due, m.time);
      if (m.state === 'waits' && m.expires > 0) due = Math.min(due, m.expires);
    }
    return due;
  }

  holds(name: string): number {
    return this.in('flies').filter((m) => m.holder === name).length;
  }
}

/** A message for storage/queue.ts; what is not said is as in a new queue. */
export function message(id: number, payload: string, rest: Partial<NewMessage> = {}): NewMessage {
  return {
    id,
    payload: Bytes.from(payload),
    headers: new Bytes(),
    priority: 5,
    retries: 3,
    published: 1,
    due: 0,
    expires: 0,
    ...rest,
  };
}

/** Whether two queues hold the same. */
export function sameParts(a: QueueValue, b: QueueValue): boolean {
  const of = (queue: QueueValue): string => {
    const list: string[] = [];
    queue.parts((part) => list.push(Buffer.from(part).toString('latin1')));
    return list.sort().join('|');
  };
  return of(a) === of(b);
}
