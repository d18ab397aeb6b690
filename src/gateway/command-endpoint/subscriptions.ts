/**
 * pubsub.subscribe, poll and unsubscribe: a subscription that lives between requests, under the `subscriber_id` that the client gives
 * itself or is given. Its messages wait here until they are polled.
 *
 *   news     a channel        user.*, a.#.z     what live/topic-routing.ts says
 *
 * When too many messages wait, no more are read: the server keeps them, and closes the subscription at its own limit.
 */
import { randomUUID } from 'node:crypto';
import type { ReplyValue } from '../../../protocol/reply-reader.js';
import { Failure } from '../failure.js';
import { type JsonValue, replyText } from '../json-value.js';
import type { Link, Word } from '../link.js';
import { routes, widerGlob } from '../live/topic-routing.js';
import type { Session } from '../session.js';
import { fromStored } from '../stored-value.js';
import { Subscriber } from '../subscriber.js';
import { HeldLinks } from './held-links.js';
import type { Payload } from './payload.js';

/** A subscription that nobody polls is forgotten after this, ms. */
const IDLE_MS = 60_000;
/** Messages that wait, at most. */
const MESSAGES_MAX = 1000;
/** The longest wait of one poll, ms. */
const WAIT_MAX_MS = 30_000;

interface Message {
  readonly topic: string;
  readonly payload: ReplyValue;
}

interface Subscription {
  readonly subscriber: Subscriber;
  /** Exact names, and patterns. */
  readonly topics: Set<string>;
  readonly messages: Message[];
  isPaused: boolean;
  /** Wakes a poll. */
  wake: () => void;
}

type Handler = (session: Session, payload: Payload) => Promise<JsonValue>;

export class Subscriptions {
  readonly operations = new Map<string, Handler>(
    Object.entries<Handler>({
      'pubsub.subscribe': (session, payload) => this.subscribe(session, payload),
      'pubsub.poll': (session, payload) => this.poll(session, payload),
      'pubsub.unsubscribe': (session, payload) => this.unsubscribe(session, payload),
    }),
  );
  private readonly held = new HeldLinks<Subscription>(IDLE_MS);

  close(): void {
    this.held.close();
  }

  private async subscribe(session: Session, payload: Payload): Promise<JsonValue> {
    const topics = namesOf(payload);
    const id = payload.has('subscriber_id') ? payload.text('subscriber_id') : randomUUID();
    payload.end();
    for (const argv of commands(topics, 'SUBSCRIBE')) await session.permit(argv);
    const { about } = await this.held.open(session, id, begin);
    unlessFull(about);
    const fresh = [...new Set(topics)].filter((topic) => !about.topics.has(topic));
    for (const topic of fresh) about.topics.add(topic);
    const outcomes = await Promise.allSettled(
      commands(fresh, 'SUBSCRIBE').map((argv) => about.subscriber.change(argv)),
    );
    const refused = outcomes.find((outcome) => outcome.status === 'rejected');
    if (refused !== undefined) {
      for (const topic of fresh) about.topics.delete(topic);
      if (about.topics.size === 0) this.held.drop(session, id);
      else await this.leave(about, fresh);
      throw refused.reason;
    }
    return { subscriber_id: id, topics: [...about.topics], subscription_count: about.topics.size };
  }

  private async poll(session: Session, payload: Payload): Promise<JsonValue> {
    const id = payload.text('subscriber_id');
    const limit = bounded(payload, 'limit', 100, MESSAGES_MAX);
    const wait = bounded(payload, 'wait_ms', 0, WAIT_MAX_MS);
    const form = payload.form();
    payload.end();
    const { link, about } = await this.known(session, id);
    if (about.messages.length === 0 && wait > 0) await arrival(session, about, wait);
    const messages = about.messages.splice(0, limit);
    if (about.isPaused && about.messages.length < MESSAGES_MAX) {
      about.isPaused = false;
      link.resume();
    }
    return { messages: messages.map(({ topic, payload }) => ({ topic, payload: fromStored(payload, form) })) };
  }

  private async unsubscribe(session: Session, payload: Payload): Promise<JsonValue> {
    const id = payload.text('subscriber_id');
    const given = payload.has('topics') ? namesOf(payload) : undefined;
    payload.end();
    const { about } = await this.known(session, id);
    if (given !== undefined) unlessFull(about);
    const topics = (given ?? [...about.topics]).filter((topic) => about.topics.delete(topic));
    if (about.topics.size === 0) this.held.drop(session, id);
    else await this.leave(about, topics);
    return { unsubscribed: topics.length };
  }

  /** Tells the server that these are over, but for patterns whose glob another needs. */
  private async leave(about: Subscription, topics: readonly string[]): Promise<void> {
    const used = new Set([...about.topics].filter(isPattern).map(widerGlob));
    const gone = topics.filter((topic) => !isPattern(topic) || !used.has(widerGlob(topic)));
    await Promise.all(commands(gone, 'UNSUBSCRIBE').map((argv) => about.subscriber.change(argv)));
  }

  private async known(session: Session, id: string) {
    const held = await this.held.find(session, id);
    if (held === undefined) throw new Failure('NOTFOUND', `no subscriber '${id}'`);
    return held;
  }
}

/** Nothing that the server says is read then, so a change would not be answered. @throws Failure BUSY */
function unlessFull(about: Subscription): void {
  if (about.isPaused) throw new Failure('BUSY', 'too many messages wait: poll them first');
}

function bounded(payload: Payload, name: string, fallback: number, most: number): number {
  const n = Number(payload.integer(name, fallback));
  if (n < 0 || n > most) throw Failure.argument(name, `between 0 and ${most}`);
  return n;
}

function namesOf(payload: Payload): string[] {
  const topics = payload.list('topics');
  if (topics.length === 0) throw Failure.argument('topics', 'at least one');
  for (const topic of topics) if (typeof topic !== 'string' || topic === '') throw Failure.argument('topics', 'names');
  return topics as string[];
}

function begin(link: Link): Subscription {
  const about: Subscription = {
    subscriber: new Subscriber(link, (kind, items) => receive(about, kind, items)),
    topics: new Set(),
    messages: [],
    isPaused: false,
    wake: () => {},
  };
  const ended = link.onClose;
  link.onClose = () => {
    ended?.();
    about.wake();
  };
  return about;
}

function receive(about: Subscription, type: string, [, ...rest]: readonly ReplyValue[]): void {
  if (type !== 'message' && type !== 'pmessage') return;
  const { link } = about.subscriber;
  const [channel, payload] = rest.slice(-2);
  const topic = replyText(channel);
  if (type === 'message' ? !about.topics.has(topic) : !first(about, topic, replyText(rest[0]))) return;
  about.messages.push({ topic, payload });
  if (about.messages.length >= MESSAGES_MAX && !about.isPaused) {
    about.isPaused = true;
    link.pause();
  }
  about.wake();
}

/** Whether a message that came by the glob `glob` is wanted, and comes by no other way: each is given once. */
function first(about: Subscription, topic: string, glob: string): boolean {
  const names = [...about.topics];
  if (names.includes(topic) && !isPattern(topic)) return false;
  const way = names.find((name) => isPattern(name) && routes(name, topic));
  return way !== undefined && widerGlob(way) === glob;
}

/**
 * Resolves when a message has come, the link has ended, or the time is over.
 * @throws Failure UNAVAILABLE when the peer goes away: it must not be given what it does not get
 */
function arrival(session: Session, about: Subscription, wait: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const over = (end: () => void) => (): void => {
      clearTimeout(timer);
      forget();
      end();
    };
    const timer = setTimeout(over(resolve), wait).unref();
    const forget = session.whenGone(over(() => reject(new Failure('UNAVAILABLE', 'The client has gone away'))));
    about.wake = over(resolve);
  });
}

// ---- names of topics --------------------------------------------------------------------------------------------------------------

function isPattern(topic: string): boolean {
  return topic.split('.').some((word) => word === '*' || word === '#');
}

/** The commands for channels, and for patterns. */
function commands(topics: readonly string[], word: string): Word[][] {
  const channels = topics.filter((topic) => !isPattern(topic));
  const patterns = topics.filter(isPattern).map(widerGlob);
  const all: Word[][] = [];
  if (channels.length > 0) all.push([word, ...channels]);
  if (patterns.length > 0) all.push([`P${word}`, ...patterns]);
  return all;
}
