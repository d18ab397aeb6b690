/**
 * `GET /metrics` for Prometheus: the server by the names of redis_exporter (metrics/info-table.ts, metrics/server-metrics.ts), queues and
 * topics (metrics/synap-metrics.ts), and the gateway itself (metrics/requests.ts). While the server cannot be reached, `redis_up` is 0
 * and only the gateway's own are told. It needs the login that every request needs; what the gateway lets through of commands does not
 * matter here, except that names of keys are told only where those could be read.
 */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { ReplyValue } from '../../protocol/reply-reader.js';
import { Access } from './access.js';
import { Failure } from './failure.js';
import type { Context } from './gateway.js';
import { CONTENT_TYPE, Exposition } from './metrics/exposition.js';
import { RequestFigures } from './metrics/requests.js';
import { type AskAll, addServer } from './metrics/server-metrics.js';
import { addQueues, addTopics, addVersion } from './metrics/synap-metrics.js';

const UNLIMITED = new Access({});

export function metrics(app: FastifyInstance, context: Context): void {
  const figures = new RequestFigures();
  app.addHook('onResponse', (request, reply, done) => {
    const { method } = request;
    figures.record(request.routeOptions.url, method, reply.statusCode, reply.elapsedTime);
    done();
  });
  app.get(
    '/metrics',
    {
      schema: {
        tags: ['gateway'],
        summary: 'Metrics of the server and of the gateway, for Prometheus',
        response: { 200: { type: 'string', description: 'the text format 0.0.4' } },
      },
      serializerCompiler: () => (text) => text as unknown as string,
    },
    async (request, reply) => {
      const out = await ofServer(context, request, reply);
      figures.addTo(out);
      addGateway(out, context);
      reply.type(CONTENT_TYPE);
      return out.toString();
    },
  );
}

/** What the server tells, or that it does not: also when it goes while it is asked. */
async function ofServer(context: Context, request: FastifyRequest, reply: FastifyReply): Promise<Exposition> {
  const out = new Exposition();
  const session = context.session(request, reply, { limits: UNLIMITED });
  const ask: AskAll = async (all) => (await session.pipeline(all)).map(replyOf);
  try {
    const info = await addServer(out, ask);
    addVersion(out, context.version, info);
    const { families, prefixes } = context.settings;
    const shown = (name: string): boolean => prefixes?.some((prefix) => name.startsWith(prefix)) ?? true;
    const has = (name: string): boolean => families?.includes(name) ?? true;
    if (!info.has('synap_version')) return out;
    if (context.commands.has('queue.list') && has('queue')) await addQueues(out, ask, shown);
    if (context.commands.has('topic.list') && has('topic')) await addTopics(out, ask, shown);
    return out;
  } catch (e) {
    if (!(e instanceof Failure) || e.code !== 'UNAVAILABLE') throw e;
    const down = new Exposition();
    down.add('redis_up', 'gauge', 'Whether the server answers', [{ value: 0 }]);
    return down;
  }
}

/** A reply, nil for what the server did not do. @throws Failure when it is not there, or does not know who asks */
function replyOf(reply: ReplyValue | Failure): ReplyValue {
  if (!(reply instanceof Failure)) return reply;
  if (reply.code === 'UNAVAILABLE' || reply.status === 401) throw reply;
  return null;
}

function addGateway(out: Exposition, context: Context): void {
  const { open, lent } = context.links();
  out.add('synap_gateway_links', 'gauge', 'Connections to the server', [{ value: open }]);
  out.add('synap_gateway_links_lent', 'gauge', 'Connections that serve one request alone', [{ value: lent }]);
  const { user, system } = process.cpuUsage();
  const memory = process.memoryUsage();
  out.add('process_cpu_seconds_total', 'counter', 'CPU of the gateway', [{ value: (user + system) / 1e6 }]);
  out.add('process_resident_memory_bytes', 'gauge', 'Memory of the gateway', [{ value: memory.rss }]);
}
