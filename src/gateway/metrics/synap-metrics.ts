/**
 * Synap's own: its version, queues and topics. Names of keys become labels, so there are bounds on how many are told, and a gateway that
 * lets through only some keys tells only of those.
 */
import type { ReplyValue } from '../../../protocol/reply-reader.js';
import type { Info } from '../info.js';
import { byName, replyText } from '../json-value.js';
import type { Exposition, Sample } from './exposition.js';
import { type AskAll, numberOf } from './server-metrics.js';

/** Queues, topics and groups that are told one by one; `synap_queues` and `synap_topics` count all. */
const NAMED_MAX = 500;

export function addVersion(out: Exposition, gateway: string, info: Info): void {
  const labels = { version: info.get('synap_version') ?? '', redis_version: info.get('redis_version') ?? '', gateway };
  out.add('synap_version_info', 'gauge', 'Versions of the server and of the gateway', [{ labels, value: 1 }]);
}

/** A metric of QUEUE.INFO: its name, what it is, the field, what it says. */
const QUEUE: readonly (readonly [name: string, kind: 'gauge' | 'counter', field: string, help: string])[] = [
  ['synap_queue_depth', 'gauge', 'depth', 'Messages that are ready, delayed or in flight'],
  ['synap_queue_ready', 'gauge', 'ready', 'Messages that can be delivered'],
  ['synap_queue_delayed', 'gauge', 'delayed', 'Messages that wait for their time'],
  ['synap_queue_in_flight', 'gauge', 'in-flight', 'Messages delivered and not acknowledged'],
  ['synap_queue_dead', 'gauge', 'dead', 'Dead letters'],
  ['synap_queue_consumers', 'gauge', 'consumers', 'Consumers'],
  ['synap_queue_bytes', 'gauge', 'bytes', 'Memory'],
  ['synap_queue_published_total', 'counter', 'published', 'Messages published'],
  ['synap_queue_delivered_total', 'counter', 'delivered', 'Deliveries'],
  ['synap_queue_acked_total', 'counter', 'acked', 'Messages acknowledged'],
];

/** Adds what the queues of the database are. @param shown which names may be told */
export async function addQueues(out: Exposition, ask: AskAll, shown: (name: string) => boolean): Promise<void> {
  const names = await list(ask, 'QUEUE.LIST', shown);
  if (names === undefined) return;
  out.add('synap_queues', 'gauge', 'Queues of the database', [{ value: names.length }]);
  const told = names.slice(0, NAMED_MAX);
  const infos = (await ask(told.map((name) => ['QUEUE.INFO', name]))).map(byName);
  for (const [name, kind, field, help] of QUEUE)
    out.add(
      name,
      kind,
      help,
      infos.flatMap((info, i) => sample({ queue: replyText(told[i]) }, info.get(field))),
    );
}

/** Adds what the topics of the database are. @param shown which names may be told */
export async function addTopics(out: Exposition, ask: AskAll, shown: (name: string) => boolean): Promise<void> {
  const names = await list(ask, 'TOPIC.LIST', shown);
  if (names === undefined) return;
  out.add('synap_topics', 'gauge', 'Topics of the database', [{ value: names.length }]);
  const told = names.slice(0, NAMED_MAX);
  const infos = (await ask(told.map((name) => ['TOPIC.INFO', name]))).map(byName);
  const events: Sample[] = [];
  const published: Sample[] = [];
  const groups: (readonly [topic: Uint8Array, group: Uint8Array])[] = [];
  infos.forEach((info, i) => {
    const topic = replyText(told[i]);
    const partitions = ((info.get('partitions') ?? []) as readonly ReplyValue[]).map(byName);
    const sum = partitions.reduce((n, partition) => n + numberOf(partition.get('events')), 0);
    if (info.size > 0) events.push({ labels: { topic }, value: sum });
    published.push(...sample({ topic }, info.get('published')));
    for (const group of (info.get('groups') ?? []) as readonly Uint8Array[]) groups.push([told[i], group]);
  });
  out.add('synap_topic_events', 'gauge', 'Events that a topic keeps', events);
  out.add('synap_topic_published_total', 'counter', 'Events published', published);
  await addLag(out, ask, groups.slice(0, NAMED_MAX));
}

async function addLag(
  out: Exposition,
  ask: AskAll,
  groups: readonly (readonly [topic: Uint8Array, group: Uint8Array])[],
): Promise<void> {
  const replies = await ask(groups.map(([topic, group]) => ['TOPIC.GROUP.OFFSETS', topic, group]));
  const lags = replies.flatMap((reply, i): Sample[] => {
    if (!Array.isArray(reply)) return [];
    const value = reply.reduce((sum: number, partition) => sum + numberOf(byName(partition).get('lag')), 0);
    return [{ labels: { topic: replyText(groups[i][0]), group: replyText(groups[i][1]) }, value }];
  });
  out.add('synap_topic_group_lag', 'gauge', 'Events that a group has not committed, over all partitions', lags);
}

/** The names that LIST tells, those of the same text once (one may be UTF-8, another the same in latin1); undefined when the server has no such command. */
async function list(
  ask: AskAll,
  command: string,
  shown: (name: string) => boolean,
): Promise<readonly Uint8Array[] | undefined> {
  const [names] = await ask([[command]]);
  if (!Array.isArray(names)) return undefined;
  const byText = new Map((names as readonly Uint8Array[]).map((name) => [replyText(name), name]));
  return [...byText].flatMap(([text, name]) => (shown(text) ? [name] : []));
}

function sample(labels: Record<string, string>, value: ReplyValue | undefined): Sample[] {
  const n = numberOf(value);
  return Number.isNaN(n) ? [] : [{ labels, value: n }];
}
