/** Channels: names, Redis's patterns, and dotted topics (topic-routing.ts). `?channels=a,b&patterns=x.*&topics=a.*.c,b.#` */
import type { ReplyValue } from '../../../protocol/reply-reader.js';
import { Failure } from '../failure.js';
import { bytesToJson, bytesToText } from '../json-value.js';
import type { Word } from '../link.js';
import { type Feed, namesIn, pushFeed, type Wish } from './feed.js';
import type { Outlet } from './outlet.js';
import { routes, widerGlob } from './topic-routing.js';

/**
 * Each message: `{type: "message", channel, data}` with the `pattern` or the `topic` that it came by.
 * @throws Failure ERR when nothing is named, FORBIDDEN, NOPERM
 */
export async function channelFeed({ session, query }: Wish): Promise<Feed> {
  const channels = namesIn(query, 'channels');
  const patterns = namesIn(query, 'patterns');
  const topics = namesIn(query, 'topics');
  if (channels.length + patterns.length + topics.length === 0)
    throw new Failure('ERR', "one of 'channels', 'patterns', 'topics' must be given");
  const byGlob = new Map<string, string[]>();
  for (const topic of topics) byGlob.set(widerGlob(topic), [...(byGlob.get(widerGlob(topic)) ?? []), topic]);
  const asked = new Set(patterns);
  const globs = [...new Set([...patterns, ...byGlob.keys()])];
  const commands: Word[][] = [];
  if (channels.length > 0) commands.push(['SUBSCRIBE', ...channels]);
  if (globs.length > 0) commands.push(['PSUBSCRIBE', ...globs]);
  for (const argv of commands) await session.permit(argv);

  const take = (items: readonly ReplyValue[], outlet: Outlet): void => {
    const [kind, ...rest] = items.map((item) => (item instanceof Uint8Array ? item : new Uint8Array()));
    const name = bytesToText(kind);
    if (name === 'message') outlet.send({ type: 'message', channel: bytesToText(rest[0]), data: bytesToJson(rest[1]) });
    if (name !== 'pmessage') return;
    const [pattern, channel] = rest.map(bytesToText);
    const message = { type: 'message', channel, data: bytesToJson(rest[2]) };
    if (asked.has(pattern)) outlet.send({ ...message, pattern });
    for (const topic of byGlob.get(pattern) ?? []) if (routes(topic, channel)) outlet.send({ ...message, topic });
  };
  return pushFeed(session, commands, take, (outlet) => outlet.send({ type: 'connected', channels, patterns, topics }));
}
