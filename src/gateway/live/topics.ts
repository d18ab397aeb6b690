/**
 * The events of a topic: `?topic=t&partition=0&offset=0`. Without a partition, those of all; without an offset, from the first; `$`: what
 * comes from now on. The id of a message tells where to go on: the offset, or `partition:offset` of each.
 */
import type { ReplyValue } from '../../../protocol/reply-reader.js';
import { Failure } from '../failure.js';
import { toJson } from '../json-value.js';
import { type Feed, integerIn, type Query, valueIn, type Wish } from './feed.js';
import type { Outlet } from './outlet.js';
import { members, pullFeed } from './pull.js';

/** Events in one question. */
const BATCH = 100;
const PARTITION_MAX = 1023;

/** Next offsets by partition. */
type Places = Map<number, number>;

/**
 * Each event: `{type: "event", partition, offset, time, key, event, data, headers}`.
 * @throws Failure ERR (404) when there is no such topic or partition, ERR on a place that is none, FORBIDDEN
 */
export async function topicFeed({ session, query, resume }: Wish): Promise<Feed> {
  const topic = valueIn(query, 'topic');
  const info = members(await session.run(['TOPIC.INFO', topic]));
  const known = (info.partitions ?? []) as readonly Readonly<Record<string, number>>[];
  const one = integerIn(query, 'partition', -1, 0, PARTITION_MAX);
  const chosen = known.filter(({ partition }) => one < 0 || partition === one);
  if (chosen.length === 0) throw new Failure('ERR', 'no such partition', 404);
  const places: Places = new Map();
  for (const place of chosen) places.set(place.partition, startOf(query, place));
  if (resume !== undefined) goOn(places, resume);
  const argv = (): string[] => {
    const from = [...places].flatMap(([partition, offset]) => [String(partition), String(offset)]);
    return ['TOPIC.READ', topic, 'COUNT', String(BATCH), 'BLOCK', '0', 'FROM', ...from];
  };
  await session.permit(argv());
  return pullFeed<ReplyValue>(session, () => ({
    ask: argv,
    greet: (outlet) => outlet.send({ type: 'connected', topic, partitions: [...places.keys()] }),
    take: (reply) => (Array.isArray(reply) ? reply : []),
    send: (event, outlet) => send(members(event), places, outlet),
  }));
}

function send({ type, ...event }: ReturnType<typeof members>, places: Places, outlet: Outlet): void {
  places.set(Number(event.partition), Number(event.offset) + 1);
  const last = [...places].map(([partition, next]) => `${partition}:${next - 1}`);
  const id = places.size === 1 ? String(event.offset) : last.join(',');
  outlet.send({ type: 'event', ...event, event: toJson(type as string | null) }, id);
}

function startOf(query: Query, place: Readonly<Record<string, number>>): number {
  if (query.offset === '$') return place['next-offset'];
  return integerIn(query, 'offset', place['first-offset'], 0, Number.MAX_SAFE_INTEGER);
}

/** Takes `Last-Event-ID` for what it says; what is no place of these partitions is refused. */
function goOn(places: Places, id: string): void {
  for (const text of id.split(',')) {
    const [, partition, offset] = /^(?:(\d{1,4}):)?(-1|\d{1,16})$/.exec(text) ?? [];
    const where = partition === undefined && places.size === 1 ? [...places.keys()][0] : Number(partition);
    if (offset === undefined || !places.has(where))
      throw new Failure('ERR', `invalid Last-Event-ID '${id.slice(0, 64)}'`);
    places.set(where, Number(offset) + 1);
  }
}
