/** How messages of queues look in replies: maps, with the id as text and the headers as a map. */
import { Bytes } from '../storage/memory/bytes.js';
import type { Queue } from '../storage/queue.js';
import { BY_NACK, countHeaders, DEAD, headerAt, IN_FLIGHT } from '../storage/queue-message.js';
import type { Client } from './client.js';

const FIELDS = 7;
const HEADERS = new Bytes();
const TEXT = new Bytes();

/** Replies with the message in block `ref`; with why and when it died, when it is dead. O(bytes) */
export function replyMessage(c: Client, queue: Queue, ref: number): void {
  const { out } = c;
  const { fields } = queue;
  const state = fields.state(ref);
  out.map(state === DEAD ? FIELDS + 2 : FIELDS);
  out.bulkText('id');
  out.bulkInt(fields.id(ref));
  out.bulkText('payload');
  out.bulk(fields.payload(ref, TEXT));
  out.bulkText('priority');
  out.int(fields.priority(ref));
  out.bulkText('deliveries');
  out.int(fields.deliveries(ref));
  out.bulkText('published');
  out.int(fields.published(ref));
  out.bulkText('deadline');
  out.int(state === IN_FLIGHT ? fields.time(ref) : 0);
  out.bulkText('headers');
  replyHeaders(c, fields.headers(ref, HEADERS));
  if (state !== DEAD) return;
  out.bulkText('reason');
  out.bulkText(fields.reason(ref) === BY_NACK ? 'nack' : 'retries');
  out.bulkText('dead-at');
  out.int(fields.time(ref));
}

function replyHeaders({ out }: Client, headers: Bytes): void {
  const n = countHeaders(headers, TEXT);
  out.map(n);
  let at = headers.start;
  for (let i = 0; i < 2 * n; i++) {
    at = headerAt(headers, at, TEXT);
    out.bulk(TEXT);
  }
}

/** Replies with up to `count` messages in `state`, in their order, leaving out those that expire by now. O(messages) */
export function replyMessages(c: Client, queue: Queue, state: number, count: number): void {
  const { out } = c;
  const mark = out.defer();
  let n = 0;
  queue.forEach(state, (ref) => {
    const expires = queue.fields.expires(ref);
    if (expires === 0 || expires > c.now) {
      replyMessage(c, queue, ref);
      n++;
    }
    return n < count;
  });
  out.endArray(mark, n);
}
