/**
 * Subscriber: a link that listens, and what it listens to may change. A change is confirmed by a push message for each name; when the
 * server refuses it, an error that nobody asked for comes instead.
 */
import { ReplyError, type ReplyValue } from '../../protocol/reply-reader.js';
import { Failure } from './failure.js';
import { replyText } from './json-value.js';
import type { Link, Word } from './link.js';

interface Change {
  /** Names that are not confirmed. */
  left: number;
  done(error?: Failure): void;
}

export class Subscriber {
  readonly link: Link;
  /** What was sent and is not confirmed, in its order. */
  private readonly changes: Change[] = [];

  /** @param take is given the messages that come; not the confirmations */
  constructor(link: Link, take: (kind: string, items: readonly ReplyValue[]) => void) {
    this.link = link;
    link.onPush = (items) => {
      const kind = replyText(items[0]);
      if (kind.endsWith('subscribe')) this.confirm();
      else take(kind, items);
    };
    link.onLine = (line) => {
      if (line instanceof ReplyError) this.changes.shift()?.done(Failure.of(line));
    };
    const ended = link.onClose;
    link.onClose = () => {
      ended?.();
      for (const { done } of this.changes.splice(0)) done(gone());
    };
  }

  /**
   * Changes what is listened to.
   * @param argv SUBSCRIBE, UNSUBSCRIBE or their kin, with at least one name
   * @returns when the server has confirmed each name
   * @throws Failure the server's error, UNAVAILABLE when the connection ends before
   */
  change(argv: readonly Word[]): Promise<void> {
    return new Promise((resolve, reject) => {
      if (this.link.closed) return reject(gone());
      this.changes.push({ left: argv.length - 1, done: (error) => (error === undefined ? resolve() : reject(error)) });
      this.link.send(argv);
    });
  }

  private confirm(): void {
    const [oldest] = this.changes;
    if (oldest === undefined || --oldest.left > 0) return;
    this.changes.shift();
    oldest.done();
  }
}

function gone(): Failure {
  return new Failure('UNAVAILABLE', 'The connection was closed');
}
