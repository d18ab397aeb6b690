/**
 * The door of what goes on: `/api/v1/{what}/ws`, a WebSocket, and `/api/v1/{what}/sse`, an event stream, for channels, keys, topics and
 * queues. Every message is a JSON object with a `type`; the first is `connected`.
 */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { checked, querySchema } from '../checked-route.js';
import type { Context } from '../gateway.js';
import { responses } from '../plain-route.js';
import { INTEGER, type Schema } from '../schema.js';
import { channelFeed } from './channels.js';
import { EventStream } from './event-stream.js';
import type { Prepare, Query } from './feed.js';
import { keyFeed } from './key-events.js';
import { queueFeed } from './queues.js';
import { topicFeed } from './topics.js';
import { Upgrades } from './web-socket.js';

interface Source {
  readonly path: string;
  /** What must be there, and be allowed. */
  readonly command: string;
  readonly summary: string;
  /** What can be said on a WebSocket. */
  readonly says?: string;
  readonly query: Readonly<Record<string, Schema>>;
  readonly required: readonly string[];
  readonly prepare: Prepare;
}

const TEXT: Schema = { type: 'string' };
/** A parameter that may come several times. */
const SEVERAL = { anyOf: [{ type: 'array', items: TEXT }, TEXT] };
const NAMES = (what: string): Schema => ({ ...SEVERAL, description: `${what}, parted by commas` });

const SOURCES: readonly Source[] = [
  {
    path: 'pubsub',
    command: 'subscribe',
    summary: 'The messages of channels.',
    says:
      '{"command":"subscribe"|"unsubscribe","channels":[...],"patterns":[...],"topics":[...]} changes what is listened to, and is ' +
      'answered by {"type":"subscribe"|"unsubscribe"} with all of that; unsubscribe without names is for all.',
    query: {
      channels: NAMES('channels'),
      patterns: NAMES('patterns as of PSUBSCRIBE'),
      topics: NAMES('dotted names in which * is a word and # any number of words'),
    },
    required: [],
    prepare: channelFeed,
  },
  {
    path: 'key',
    command: 'type',
    summary: 'What happens to keys (keyspace notifications).',
    query: { key: SEVERAL },
    required: ['key'],
    prepare: keyFeed,
  },
  {
    path: 'topic',
    command: 'topic.read',
    summary: 'The events of a topic, from an offset on.',
    query: {
      topic: TEXT,
      partition: { ...INTEGER, description: 'all when not given' },
      offset: { type: 'string', description: 'the first when not given; $: from now on' },
    },
    required: ['topic'],
    prepare: topicFeed,
  },
  {
    path: 'queue',
    command: 'queue.consume',
    summary: 'The messages of a queue.',
    says:
      '{"command":"ack"|"nack","message_id"} acknowledges or gives back a message; nack takes "delay" (ms) and "requeue": false for the ' +
      'dead letters.',
    query: {
      queue: TEXT,
      consumer: TEXT,
      prefetch: { ...INTEGER, description: 'messages that are held without acknowledgement, at most' },
      noack: { type: 'boolean' },
    },
    required: ['queue', 'consumer'],
    prepare: queueFeed,
  },
];

export function liveRoutes(app: FastifyInstance, context: Context): void {
  const upgrades = new Upgrades(app);
  for (const source of SOURCES) {
    const command = context.commands.get(source.command);
    if (command === undefined || !context.access.allows(command)) continue;
    app.get(`/api/v1/${source.path}/ws`, options(app, source, 'ws', '101'), async (request, reply) => {
      upgrades.demand(request);
      const feed = await prepare(context, source, request, reply, true);
      const outlet = await upgrades.accept(request, reply, context.settings);
      if (outlet === undefined) feed.stop();
      else outlet.attach(feed.start(outlet));
    });
    app.get(`/api/v1/${source.path}/sse`, options(app, source, 'sse', '200'), async (request, reply) => {
      const feed = await prepare(context, source, request, reply, false);
      if (reply.raw.destroyed) return feed.stop();
      const outlet = new EventStream(reply, context.settings);
      outlet.attach(feed.start(outlet));
    });
  }
}

function prepare(
  context: Context,
  source: Source,
  request: FastifyRequest,
  reply: FastifyReply,
  acknowledges: boolean,
): ReturnType<Prepare> {
  const id = request.headers['last-event-id'];
  const session = context.session(request, reply);
  const query = request.query as Query;
  return source.prepare({ session, query, resume: typeof id === 'string' && id !== '' ? id : undefined, acknowledges });
}

function options(
  app: FastifyInstance,
  { path, summary, says, query, required }: Source,
  kind: 'ws' | 'sse',
  status: string,
): object {
  const how = kind === 'ws' ? 'a WebSocket' : 'an event stream';
  return {
    exposeHeadRoute: false,
    ...checked(app),
    schema: {
      tags: [path],
      summary: `${summary} As ${how}.`,
      ...(kind === 'ws' && says !== undefined ? { description: says } : {}),
      operationId: `get_${path}_${kind}`,
      querystring: querySchema(query, required),
      response: responses(
        {
          description: `${how}: JSON objects with a type, the first is "connected"`,
          ...(kind === 'sse' ? { content: { 'text/event-stream': { schema: TEXT } } } : { type: 'null' }),
        },
        status,
      ),
    },
  };
}
