/**
 * KeyspaceEvents: publishes what happens to keys, as `notify-keyspace-events` asks for it. First to `__keyspace@N__:key`, with the
 * event as the message, then to `__keyevent@N__:event`, with the key. Channel names are built in one buffer: no string is made.
 *
 * The classes and how they are written stand in commands/events.ts; who tells events is Client.touched and the keyspace itself.
 */
import { NOTIFY_KEYEVENT, NOTIFY_KEYSPACE } from '../../commands/events.js';
import { CHANNEL, PATTERN, type PubSub } from '../../commands/subscription.js';
import { Bytes, copyBytes } from '../../storage/memory/bytes.js';

/** Bytes of a channel's name before the key or the event, at most. */
const PREFIX_BYTES = 32;

export class KeyspaceEvents {
  private buf = new Uint8Array(256);
  private readonly channel = new Bytes();
  private readonly message = new Bytes();
  private readonly pubsub: PubSub;

  constructor(pubsub: PubSub) {
    this.pubsub = pubsub;
  }

  /**
   * Publishes one event.
   * @param flags bits of events.ts: what is configured
   * @param db the database's number
   * @param event ASCII
   */
  publish(flags: number, db: number, event: string, key: Bytes): void {
    const { pubsub, channel, message } = this;
    if (pubsub.size(CHANNEL) === 0 && pubsub.size(PATTERN) === 0) return;
    const n = key.end - key.start;
    const room = PREFIX_BYTES + n + 2 * event.length;
    if (this.buf.length < room) this.buf = new Uint8Array(room * 2);
    const { buf } = this;
    // The event's name stands at the front, channel names behind it.
    const from = put(buf, 0, event);
    if ((flags & NOTIFY_KEYSPACE) !== 0) {
      const at = put(buf, putNumber(buf, put(buf, from, '__keyspace@'), db), '__:');
      copyBytes(buf, at, key.buf, key.start, n);
      pubsub.publish(CHANNEL, channel.set(buf, from, at + n), message.set(buf, 0, from));
    }
    if ((flags & NOTIFY_KEYEVENT) !== 0) {
      const at = put(buf, putNumber(buf, put(buf, from, '__keyevent@'), db), '__:');
      copyBytes(buf, at, buf, 0, from);
      pubsub.publish(CHANNEL, channel.set(buf, from, at + from), key);
    }
    if (buf.length > 65536) this.buf = new Uint8Array(256);
  }
}

function put(buf: Uint8Array, at: number, text: string): number {
  for (let i = 0; i < text.length; i++) buf[at + i] = text.charCodeAt(i);
  return at + text.length;
}

function putNumber(buf: Uint8Array, at: number, n: number): number {
  if (n >= 10) at = putNumber(buf, at, Math.floor(n / 10));
  buf[at] = 48 + (n % 10);
  return at + 1;
}
