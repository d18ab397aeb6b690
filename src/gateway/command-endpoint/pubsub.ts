/** pubsub.publish and what is told of topics; subscriptions stand in subscriptions.ts. */
import type { ReplyValue } from '../../../protocol/reply-reader.js';
import { callsOf } from '../info.js';
import { toJson } from '../json-value.js';
import { infoFields } from './info.js';
import { type Calls, items, type Operations, several, single } from './operation.js';
import type { Payload } from './payload.js';

async function stats(calls: Calls, p: Payload) {
  const pattern = p.has('topic') ? [p.word('topic')] : [];
  p.end();
  const [channels, patterns, fields] = await Promise.all([
    calls.run(['PUBSUB', 'CHANNELS', ...pattern]),
    calls.run(['PUBSUB', 'NUMPAT']),
    infoFields(calls, 'commandstats'),
  ]);
  const names = items(channels) as Uint8Array[];
  const told = items(names.length === 0 ? [] : await calls.run(['PUBSUB', 'NUMSUB', ...names]));
  const subscribers = told.filter((_, i) => i % 2 === 1).reduce((sum: number, n: ReplyValue) => sum + Number(n), 0);
  return {
    total_topics: names.length,
    total_subscribers: subscribers,
    total_wildcard_subscriptions: toJson(patterns),
    messages_published: callsOf(fields, 'publish'),
  };
}

const topics = single(
  (p) => ['PUBSUB', 'CHANNELS', ...(p.has('pattern') ? [p.word('pattern')] : [])],
  (reply) => ({ topics: toJson(reply), count: items(reply).length }),
);

export const pubsubOperations: Operations = {
  'pubsub.publish': single(
    (p) => ['PUBLISH', p.word('topic', 'channel'), p.word('payload', 'data', 'message')],
    (reply, p) => ({ success: true, topic: toJson(p.text('topic', 'channel')), subscribers_matched: toJson(reply) }),
  ),
  'pubsub.topics': topics,
  'pubsub.list': topics,
  'pubsub.info': single(
    (p) => ['PUBSUB', 'NUMSUB', p.word('topic')],
    (reply, p) => ({ subscriber_count: toJson(items(reply)[1]), ...p.echo('topic') }),
  ),
  'pubsub.stats': several(stats),
};
