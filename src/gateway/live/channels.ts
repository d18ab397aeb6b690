/**
 * Channels: names, Redis's patterns, and dotted topics (topic-routing.ts). `?channels=a,b&patterns=x.*&topics=a.*.c,b.#`
 *
 * On a WebSocket what is listened to can change: `{"command":"subscribe"|"unsubscribe","channels":[...],"patterns":[...],"topics":[...]}`
 * is answered by `{"type":"subscribe"|"unsubscribe","channels","patterns","topics"}`, all that is listened to then. `unsubscribe` that
 * names nothing is for all. A WebSocket may begin without any name; an event stream may not.
 */
import type { ReplyValue } from '../../../protocol/reply-reader.js';
import { Failure } from '../failure.js';
import { bytesToJson, bytesToText } from '../json-value.js';
import type { Word } from '../link.js';
import type { Session } from '../session.js';
import type { Subscriber } from '../subscriber.js';
import { type Feed, NAMES_MAX, namesIn, pushFeed, type Wish } from './feed.js';
import type { Outlet } from './outlet.js';
import { routes, widerGlob } from './topic-routing.js';

const KINDS = ['channels', 'patterns', 'topics'] as const;

type Names = Readonly<Record<(typeof KINDS)[number], readonly string[]>>;

/**
 * Each message: `{type: "message", channel, data}` with the `pattern` or the `topic` that it came by.
 * @throws Failure ERR when nothing is named, FORBIDDEN, NOPERM
 */
export async function channelFeed({ session, query, acknowledges }: Wish): Promise<Feed> {
  const names = namesBy((kind) => namesIn(query, kind));
  if (!acknowledges && KINDS.every((kind) => names[kind].length === 0))
    throw new Failure('ERR', "one of 'channels', 'patterns', 'topics' must be given");
  const listened = new Listened();
  const commands = listened.add(listened.without(names));
  for (const argv of commands) await session.permit(argv);
  return pushFeed(session, commands, {
    take: (kind, items, outlet) => listened.take(kind, items, outlet),
    greet: (outlet) => outlet.send({ type: 'connected', ...listened.told() }),
    said: async (message, outlet, subscriber) => {
      const { command, ...more } = changeOf(message);
      if (command === 'subscribe') await subscribe(session, listened, more, subscriber);
      else
        await send(
          subscriber,
          listened.remove(KINDS.every((kind) => more[kind].length === 0) ? listened.told() : more),
        );
      outlet.send({ type: command, ...listened.told() });
    },
  });
}

/** @throws Failure what it is refused with; then nothing has changed */
async function subscribe(session: Session, listened: Listened, names: Names, subscriber: Subscriber): Promise<void> {
  const fresh = listened.without(names);
  // Before the server is asked: messages may stand right behind its answer.
  const commands = listened.add(fresh);
  try {
    for (const argv of commands) await session.permit(argv);
    await send(subscriber, commands);
  } catch (e) {
    await send(subscriber, listened.remove(fresh));
    throw e;
  }
}

/** @throws Failure the first error, when all are answered */
async function send(subscriber: Subscriber, commands: readonly (readonly Word[])[]): Promise<void> {
  const outcomes = await Promise.allSettled(commands.map((argv) => subscriber.change(argv)));
  for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason;
}

/** What one reader listens to. */
class Listened {
  private readonly channels = new Set<string>();
  private readonly patterns = new Set<string>();
  /** Topics by the globs that they come by. */
  private readonly topics = new Map<string, Set<string>>();

  told(): Names & Record<string, string[]> {
    return {
      channels: [...this.channels],
      patterns: [...this.patterns],
      topics: [...this.topics.values()].flatMap((topics) => [...topics]),
    };
  }

  /** Those of `names` that are not listened to. */
  without(names: Names): Names {
    const there = this.told();
    return namesBy((kind) => {
      const known = new Set(there[kind]);
      return [...new Set(names[kind])].filter((name) => !known.has(name));
    });
  }

  /** @returns the commands that are needed for that. @throws Failure ERR on too many; nothing has changed then */
  add({ channels, patterns, topics }: Names): Word[][] {
    const now = this.told();
    const count =
      KINDS.reduce((n, kind) => n + now[kind].length, 0) + channels.length + patterns.length + topics.length;
    if (count > NAMES_MAX) throw new Failure('ERR', `more than ${NAMES_MAX} names`);
    const before = this.globs();
    for (const channel of channels) this.channels.add(channel);
    for (const pattern of patterns) this.patterns.add(pattern);
    for (const topic of topics) {
      const glob = widerGlob(topic);
      this.topics.set(glob, (this.topics.get(glob) ?? new Set()).add(topic));
    }
    return commands('SUBSCRIBE', channels, difference(this.globs(), before));
  }

  /** @returns the commands that are needed for that; names that are not listened to are passed over */
  remove({ channels, patterns, topics }: Names): Word[][] {
    const before = this.globs();
    const gone = channels.filter((channel) => this.channels.delete(channel));
    for (const pattern of patterns) this.patterns.delete(pattern);
    for (const topic of topics) {
      const glob = widerGlob(topic);
      const those = this.topics.get(glob);
      if (those?.delete(topic) === true && those.size === 0) this.topics.delete(glob);
    }
    return commands('UNSUBSCRIBE', gone, difference(before, this.globs()));
  }

  take(kind: string, [, ...items]: readonly ReplyValue[], outlet: Outlet): void {
    const rest = items.map((item) => (item instanceof Uint8Array ? item : new Uint8Array()));
    if (kind === 'message') {
      const channel = bytesToText(rest[0]);
      if (this.channels.has(channel)) outlet.send({ type: 'message', channel, data: bytesToJson(rest[1]) });
    }
    if (kind !== 'pmessage') return;
    const [pattern, channel] = rest.map(bytesToText);
    const message = { type: 'message', channel, data: bytesToJson(rest[2]) };
    if (this.patterns.has(pattern)) outlet.send({ ...message, pattern });
    for (const topic of this.topics.get(pattern) ?? []) if (routes(topic, channel)) outlet.send({ ...message, topic });
  }

  /** What is asked of PSUBSCRIBE. */
  private globs(): Set<string> {
    return new Set([...this.patterns, ...this.topics.keys()]);
  }
}

function commands(word: string, channels: readonly string[], globs: readonly string[]): Word[][] {
  const all: Word[][] = [];
  if (channels.length > 0) all.push([word, ...channels]);
  if (globs.length > 0) all.push([`P${word}`, ...globs]);
  return all;
}

function difference(all: ReadonlySet<string>, but: ReadonlySet<string>): string[] {
  return [...all].filter((one) => !but.has(one));
}

function namesBy(of: (kind: (typeof KINDS)[number]) => readonly string[]): Names {
  return { channels: of('channels'), patterns: of('patterns'), topics: of('topics') };
}

/** @throws Failure ERR on a message that is no change */
function changeOf(message: unknown): Names & { readonly command: 'subscribe' | 'unsubscribe' } {
  const { command, ...rest } = (message ?? {}) as Record<string, unknown>;
  if (command !== 'subscribe' && command !== 'unsubscribe')
    throw new Failure('ERR', 'a message must be {"command":"subscribe"|"unsubscribe","channels","patterns","topics"}');
  const known: readonly string[] = KINDS;
  for (const name of Object.keys(rest))
    if (!known.includes(name)) throw new Failure('ERR', `unknown argument '${name}'`);
  const names = namesBy((kind) => {
    const given = rest[kind] ?? [];
    if (!Array.isArray(given) || !given.every((name) => typeof name === 'string' && name !== ''))
      throw Failure.argument(kind, 'an array of names');
    return given as string[];
  });
  if (command === 'subscribe' && KINDS.every((kind) => names[kind].length === 0))
    throw new Failure('ERR', "one of 'channels', 'patterns', 'topics' must be given");
  return { command, ...names };
}
