/**
 * pubsub.subscribe, poll and unsubscribe: a subscription that lives between requests, under the `subscriber_id` that the client gives
 * itself or is given. Its messages wait here until they are polled.
 *
 *   news           a channel                     user.*    `*` is one word
 *   user.#         `#` is any number of words    a.*.c.#
 *
 * When too many messages wait, no more are read: the server keeps them, and closes the subscription at its own limit.
 */
import { randomUUID } from 'node:crypto';
import { ReplyError, type ReplyValue } from '../../../protocol/reply-reader.js';
import { Failure } from '../failure.js';
import { type JsonValue, unlessError } from '../json-value.js';
import type { Link, Word } from '../link.js';
import type { Session } from '../session.js';
import { fromStored } from '../stored-value.js';
import { HeldLinks } from './held-links.js';
import { textOf } from './operation.js';
import { type Payload, wrong } from './payload.js';

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
  /** Exact names, and patterns with what a topic must match. */
  readonly topics: Map<string, RegExp | undefined>;
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
    const { link, about } = await this.held.open(session, id, begin);
    const fresh = topics.filter((topic) => !about.topics.has(topic));
    for (const topic of fresh) about.topics.set(topic, isPattern(topic) ? matcher(topic) : undefined);
    for (const argv of commands(fresh, 'SUBSCRIBE')) link.send(argv);
    // Answered behind them: by an error when one of them was refused.
    const answer = await link.call(['PING']);
    if (answer instanceof ReplyError) {
      for (const topic of fresh) about.topics.delete(topic);
      throw Failure.of(answer);
    }
    return { subscriber_id: id, topics: [...about.topics.keys()], subscription_count: about.topics.size };
  }

  private async poll(session: Session, payload: Payload): Promise<JsonValue> {
    const id = payload.text('subscriber_id');
    const limit = bounded(payload, 'limit', 100, MESSAGES_MAX);
    const wait = bounded(payload, 'wait_ms', 0, WAIT_MAX_MS);
    const form = payload.form();
    payload.end();
    const { link, about } = await this.known(session, id);
    if (about.messages.length === 0 && wait > 0) await arrival(about, wait);
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
    const { link, about } = await this.known(session, id);
    const topics = (given ?? [...about.topics.keys()]).filter((topic) => about.topics.delete(topic));
    if (about.topics.size === 0) this.held.drop(session, id);
    else {
      const used = new Set([...about.topics.keys()].map(globOf));
      const gone = topics.filter((topic) => !isPattern(topic) || !used.has(globOf(topic)));
      for (const argv of commands(gone, 'UNSUBSCRIBE')) link.send(argv);
      unlessError(await link.call(['PING']));
    }
    return { unsubscribed: topics.length };
  }

  private async known(session: Session, id: string) {
    const held = await this.held.find(session, id);
    if (held === undefined) throw new Failure('NOTFOUND', `no subscriber '${id}'`);
    return held;
  }
}

function bounded(payload: Payload, name: string, fallback: number, most: number): number {
  const n = Number(payload.integer(name, fallback));
  if (n < 0 || n > most) throw wrong(name, `between 0 and ${most}`);
  return n;
}

function namesOf(payload: Payload): string[] {
  const topics = payload.list('topics');
  if (topics.length === 0) throw wrong('topics', 'at least one');
  for (const topic of topics) if (typeof topic !== 'string' || topic === '') throw wrong('topics', 'names');
  return topics as string[];
}

function begin(link: Link): Subscription {
  const about: Subscription = { topics: new Map(), messages: [], isPaused: false, wake: () => {} };
  link.onPush = (items) => receive(link, about, items);
  const ended = link.onClose;
  link.onClose = () => {
    ended?.();
    about.wake();
  };
  return about;
}

function receive(link: Link, about: Subscription, [kind, ...rest]: readonly ReplyValue[]): void {
  const type = textOf(kind);
  if (type !== 'message' && type !== 'pmessage') return;
  const [channel, payload] = rest.slice(-2);
  const topic = textOf(channel);
  if (type === 'message' ? !about.topics.has(topic) : !first(about, topic, textOf(rest[0]))) return;
  about.messages.push({ topic, payload });
  if (about.messages.length >= MESSAGES_MAX && !about.isPaused) {
    about.isPaused = true;
    link.pause();
  }
  about.wake();
}

/** Whether a message that came by the glob `glob` is wanted, and comes by no other way: each is given once. */
function first(about: Subscription, topic: string, glob: string): boolean {
  if (about.topics.has(topic) && about.topics.get(topic) === undefined) return false;
  for (const [name, pattern] of about.topics) if (pattern?.test(topic)) return globOf(name) === glob;
  return false;
}

/** Resolves when a message has come, the link has ended, or the time is over. */
function arrival(about: Subscription, wait: number): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, wait).unref();
    about.wake = () => {
      clearTimeout(timer);
      resolve();
    };
  });
}

// ---- names of topics --------------------------------------------------------------------------------------------------------------

function isPattern(topic: string): boolean {
  return topic.split('.').some((word) => word === '*' || word === '#');
}

/** A glob of the server that lets through at least what the pattern does. */
function globOf(pattern: string): string {
  let glob = '';
  const words = pattern.split('.');
  for (const [i, word] of words.entries()) {
    // `#` may stand for no word at all: then the dot beside it is not there either.
    if (i > 0 && word !== '#' && words[i - 1] !== '#') glob += '.';
    glob += word === '#' || word === '*' ? '*' : word.replace(/[*?[\]\\]/g, '\\$&');
  }
  return glob;
}

function matcher(pattern: string): RegExp {
  let source = '';
  const words = pattern.replace(/#(\.#)+/g, '#').split('.');
  if (words.length === 1 && words[0] === '#') return /^/;
  for (const [i, word] of words.entries()) {
    if (word === '#') source += i === 0 ? '(?:[^.]+\\.)*' : '(?:\\.[^.]+)*';
    else {
      const dot = i === 0 || (i === 1 && words[0] === '#') ? '' : '\\.';
      source += dot + (word === '*' ? '[^.]+' : word.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
    }
  }
  return new RegExp(`^${source}$`, 's');
}

/** The commands for channels, and for patterns. */
function commands(topics: readonly string[], word: string): Word[][] {
  const channels = topics.filter((topic) => !isPattern(topic));
  const patterns = topics.filter(isPattern).map(globOf);
  const all: Word[][] = [];
  if (channels.length > 0) all.push([word, ...channels]);
  if (patterns.length > 0) all.push([`P${word}`, ...patterns]);
  return all;
}
