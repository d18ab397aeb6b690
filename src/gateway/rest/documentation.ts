/** `/openapi.json`: every route as OpenAPI 3.1; `/docs`: a page that shows it and tries it, from the files in docs/. */
import { existsSync, readFileSync } from 'node:fs';
import type { FastifyInstance } from 'fastify';
import type { Context } from '../gateway.js';

/** Beside this module, or in the source where that has not been copied. */
const PLACES = ['./docs/', '../../../../src/gateway/rest/docs/'];

const FILES: readonly (readonly [url: string, file: string, type: string])[] = [
  ['/docs', 'index.html', 'text/html; charset=utf-8'],
  ['/docs/docs.css', 'docs.css', 'text/css; charset=utf-8'],
  ['/docs/docs.js', 'docs.js', 'text/javascript; charset=utf-8'],
];

/** Nothing from elsewhere, nothing inline. */
const POLICY = "default-src 'self'; base-uri 'none'; frame-ancestors 'none'; form-action 'none'";

export function documentation(app: FastifyInstance, _context: Context): void {
  let document: string | undefined;
  app.get('/openapi.json', { schema: { hide: true } }, (_request, reply) => {
    document ??= JSON.stringify(app.swagger());
    return reply.type('application/json; charset=utf-8').send(document);
  });
  const directory = PLACES.map((place) => new URL(place, import.meta.url)).find((place) => existsSync(place));
  if (directory === undefined) return;
  for (const [url, file, type] of FILES) {
    const text = readFileSync(new URL(file, directory), 'utf8');
    app.get(url, { schema: { hide: true } }, (_request, reply) =>
      reply
        .headers({ 'content-type': type, 'content-security-policy': POLICY, 'referrer-policy': 'no-referrer' })
        .send(text),
    );
  }
}
