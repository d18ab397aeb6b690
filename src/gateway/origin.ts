/**
 * Whom a request may come through: pages of other origins must not call a server on loopback, neither as themselves (Origin) nor by
 * a name that they let point here (Host, "DNS rebinding").
 */
import type { FastifyInstance } from 'fastify';
import { Failure } from './failure.js';
import type { Settings } from './options.js';

const LOOPBACK = new Set(['localhost', '127.0.0.1', '[::1]']);

/** Adds the checks, and CORS headers for the origins that are allowed. */
export function guardOrigin(app: FastifyInstance, { host, allowHosts, allowOrigins }: Settings): void {
  const local = LOOPBACK.has(host) || host === '::1';
  const hosts = new Set(
    [...LOOPBACK, host.includes(':') ? `[${host}]` : host, ...allowHosts].map((name) => name.toLowerCase()),
  );
  app.addHook('onRequest', async (request, reply) => {
    const name = nameOf(request.headers.host ?? '');
    if ((local || allowHosts.length > 0) && !hosts.has(name))
      throw new Failure('FORBIDDEN', `Host '${name}' is not allowed`);
    const { origin } = request.headers;
    if (
      origin === undefined ||
      origin === `http://${request.headers.host}` ||
      origin === `https://${request.headers.host}`
    )
      return;
    if (!allowOrigins.includes(origin)) throw new Failure('FORBIDDEN', `Origin '${origin}' is not allowed`);
    reply.header('access-control-allow-origin', origin).header('vary', 'Origin');
    if (request.method !== 'OPTIONS') return;
    reply.header('access-control-allow-methods', 'GET, POST, PUT, DELETE').header('access-control-max-age', '600');
    reply.header(
      'access-control-allow-headers',
      'authorization, content-type, x-synap-db, upstash-encoding, mcp-session-id, mcp-protocol-version',
    );
    return reply.code(204).send();
  });
  app.options('/*', { schema: { hide: true } }, async (_request, reply) => reply.code(204).send());
}

/** A Host header without its port. */
function nameOf(header: string): string {
  return header.toLowerCase().replace(/:\d*$/, '');
}
