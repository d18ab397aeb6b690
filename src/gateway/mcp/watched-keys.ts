/**
 * The keys that an agent has subscribed to as resources, by keyspace notifications on a link of their own. A resource that changes is
 * told once in a while, not at each change: who is told reads it anyway. When the link ends it is made again, and all of them are told,
 * as nobody knows what happened meanwhile.
 */
import { Failure } from '../failure.js';
import type { Word } from '../link.js';
import { turnOn } from '../live/key-events.js';
import type { Session } from '../session.js';
import { Subscriber } from '../subscriber.js';
import { parseKeyUri } from './key-uri.js';

/** Subscriptions of one agent, at most. */
const URIS_MAX = 1000;
/** Between two notifications of the same resource, and before the link is made again, ms. */
const PAUSE_MS = 100;
const AGAIN_MS = 1000;

export class WatchedKeys {
  private readonly session: Session;
  private readonly updated: (uri: string) => void;
  /** The subscribed URIs by the channel that tells of their key, as a string of its bytes: several are pages of one key. */
  private readonly channels = new Map<string, Set<string>>();
  private readonly changed = new Set<string>();
  private timer: NodeJS.Timeout | undefined = undefined;
  private again: NodeJS.Timeout | undefined = undefined;
  private listening: Promise<Subscriber> | undefined = undefined;
  private closed = false;

  /** @param updated is told of a resource that has changed, or may have */
  constructor(session: Session, updated: (uri: string) => void) {
    this.session = session;
    this.updated = updated;
  }

  /**
   * Begins to tell of a resource; its key need not exist. Twice is as once.
   * @throws Failure ERR on what is no URI of a key, on too many, or when the server tells of no keys and may not be made to; FORBIDDEN
   */
  async subscribe(uri: string): Promise<void> {
    const { db, key } = parseKeyUri(uri);
    const session = this.session.at(db);
    await session.permit(['TYPE', key]);
    await turnOn(session);
    const subscriber = await this.listen();
    const channel = channelOf(uri);
    const uris = this.channels.get(channel);
    if (uris?.has(uri)) return;
    if (this.count >= URIS_MAX) throw new Failure('TOOLARGE', `more than ${URIS_MAX} subscriptions`);
    if (uris !== undefined) return void uris.add(uri);
    this.channels.set(channel, new Set([uri]));
    await subscriber.change(['SUBSCRIBE', wordOf(channel)]).catch((e: unknown) => {
      this.channels.delete(channel);
      throw e;
    });
  }

  /** Ends it. What is not subscribed to is passed over. @throws Failure ERR on what is no URI of a key */
  async unsubscribe(uri: string): Promise<void> {
    const channel = channelOf(uri);
    const uris = this.channels.get(channel);
    this.changed.delete(uri);
    if (uris?.delete(uri) !== true || uris.size > 0) return;
    this.channels.delete(channel);
    const subscriber = await this.listening;
    // Unless it was wanted again meanwhile.
    if (subscriber !== undefined && !this.channels.has(channel))
      await subscriber.change(['UNSUBSCRIBE', wordOf(channel)]);
  }

  close(): void {
    this.closed = true;
    clearTimeout(this.timer);
    clearTimeout(this.again);
    this.channels.clear();
    this.listening?.then(
      ({ link }) => link.close(),
      () => {},
    );
  }

  private get count(): number {
    let n = 0;
    for (const uris of this.channels.values()) n += uris.size;
    return n;
  }

  private listen(): Promise<Subscriber> {
    if (this.listening !== undefined) return this.listening;
    const opening = this.open().catch((e: unknown) => {
      this.listening = undefined;
      throw e;
    });
    this.listening = opening;
    return opening;
  }

  private async open(): Promise<Subscriber> {
    const { link, release } = await this.session.listen(() => {
      release();
      this.lost();
    });
    const subscriber = new Subscriber(link, (kind, [, channel]) => {
      if (kind === 'message' && channel instanceof Uint8Array) this.tell(Buffer.from(channel).toString('latin1'));
    });
    try {
      const known = [...this.channels.keys()];
      if (known.length > 0) {
        // It may be another server, which tells of no keys.
        await turnOn(this.session);
        await subscriber.change(['SUBSCRIBE', ...known.map(wordOf)]);
      }
      return subscriber;
    } catch (e) {
      release();
      throw e;
    }
  }

  private lost(): void {
    this.listening = undefined;
    if (this.closed || this.channels.size === 0) return;
    this.again = setTimeout(() => {
      this.listen().then(
        () => {
          for (const channel of this.channels.keys()) this.tell(channel);
        },
        () => this.lost(),
      );
    }, AGAIN_MS).unref();
  }

  private tell(channel: string): void {
    for (const uri of this.channels.get(channel) ?? []) this.changed.add(uri);
    if (this.changed.size === 0) return;
    this.timer ??= setTimeout(() => {
      this.timer = undefined;
      const all = [...this.changed];
      this.changed.clear();
      for (const uri of all) this.updated(uri);
    }, PAUSE_MS).unref();
  }
}

function channelOf(uri: string): string {
  const { db, key } = parseKeyUri(uri);
  return `__keyspace@${db}__:${Buffer.from(key).toString('latin1')}`;
}

function wordOf(channel: string): Word {
  return Buffer.from(channel, 'latin1');
}
