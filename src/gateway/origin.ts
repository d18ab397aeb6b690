/**
 * Whom a request may come through: pages of other origins must not call a server on loopback, neither as themselves (Origin, or what
 * browsers say where there is none: an image, a link) nor by a name that they let point here (Host, "DNS rebinding").
 */
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { Failure } from './failure.js';
import type { Settings } from './options.js';

const LOOPBACK = new Set(['localhost', '127.0.0.1', '[::1]']);

/** What scripts of allowed origins may read of answers, beside what all may. */
const EXPOSED = 'upstash-sync-token, retry-after, x-ratelimit-limit, x-ratelimit-remaining, x-ratelimit-reset';

/** What can be looked at by a link from anywhere: it does nothing, and tells nothing to the page with the link. */
const PAGES = new Set(['/', '/docs', '/openapi.json', '/metrics']);

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
    if (origin === undefined && isOfAnotherSite(request) && !isPage(request))
      throw new Failure('FORBIDDEN', 'pages of other sites may only link to pages');
    if (
      origin === undefined ||
      origin === `http://${request.headers.host}` ||
      origin === `https://${request.headers.host}`
    )
      return;
    if (!allowOrigins.includes(origin)) throw new Failure('FORBIDDEN', `Origin '${origin}' is not allowed`);
    reply.header('access-control-allow-origin', origin).header('vary', 'Origin');
    reply.header('access-control-expose-headers', EXPOSED);
    if (request.method !== 'OPTIONS') return;
    reply.header('access-control-allow-methods', 'GET, POST, PUT, DELETE').header('access-control-max-age', '600');
    // All that it asks for: whose origin is allowed may say what it likes, and clients tell of themselves by many names.
    const wanted = request.headers['access-control-request-headers'];
    if (wanted !== undefined) reply.header('access-control-allow-headers', wanted);
    return reply.code(204).send();
  });
  app.options('/*', { schema: { hide: true } }, async (_request, reply) => reply.code(204).send());
}

/** By what browsers say of requests to loopback and by TLS, also where they send no Origin. */
function isOfAnotherSite({ headers }: FastifyRequest): boolean {
  const site = headers['sec-fetch-site'];
  return site === 'cross-site' || site === 'same-site';
}

function isPage({ headers, url }: FastifyRequest): boolean {
  return headers['sec-fetch-mode'] === 'navigate' && PAGES.has(url.split(/[?#]/)[0]);
}

/** A Host header without its port. */
function nameOf(header: string): string {
  return header.toLowerCase().replace(/:\d*$/, '');
}
