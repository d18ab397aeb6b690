/** `/openapi.json`: every route as OpenAPI 3.1; `/docs`: a page that shows it and tries it, from the files in docs/. */
import { existsSync, readFileSync } from 'node:fs';
import type { FastifyInstance } from 'fastify';
import { OWN, querySchema } from '../checked-route.js';
import { ERROR } from '../plain-route.js';

/** Where the files are: in the source for modules that stand where they were compiled to, beside the bundle for the package. */
function place(): URL {
  const compiled = import.meta.url.endsWith('/dist/src/gateway/rest/documentation.js');
  return new URL(compiled ? '../../../../src/gateway/rest/docs/' : './docs/', import.meta.url);
}

const FILES: readonly (readonly [url: string, file: string, type: string])[] = [
  ['/docs', 'index.html', 'text/html; charset=utf-8'],
  ['/docs/docs.css', 'docs.css', 'text/css; charset=utf-8'],
  ['/docs/docs.js', 'docs.js', 'text/javascript; charset=utf-8'],
  ['/docs/icon.svg', 'icon.svg', 'image/svg+xml'],
];

/** Nothing from elsewhere, nothing inline. */
const POLICY = "default-src 'self'; base-uri 'none'; frame-ancestors 'none'; form-action 'none'";

interface Part {
  readonly name?: string;
  readonly in?: string;
}

/** The document with what every route has in one place, errors and the gateway's own parameters: written out it is half of it. */
function withSharedOnce(document: object): object {
  const error = JSON.stringify(ERROR);
  const parameters: Record<string, Part> = {};
  const { components = {}, ...rest } = JSON.parse(JSON.stringify(document), (name, value: Part) => {
    if (name === 'schema' && JSON.stringify(value) === error) return { $ref: '#/components/schemas/Error' };
    if (value?.in !== 'query' || !Object.hasOwn(OWN, value.name!)) return value;
    parameters[value.name!] = value;
    return { $ref: `#/components/parameters/${value.name}` };
  }) as { components?: { schemas?: object } };
  return { ...rest, components: { ...components, parameters, schemas: { ...components.schemas, Error: ERROR } } };
}

/** @param app the gateway itself: fastify's validator comes into being with the first route that leaves it to fastify, this one */
export function documentation(app: FastifyInstance): void {
  let document: string | undefined;
  app.get('/openapi.json', { schema: { hide: true, querystring: querySchema() } }, (_request, reply) => {
    document ??= JSON.stringify(withSharedOnce(app.swagger()));
    return reply.type('application/json; charset=utf-8').send(document);
  });
  const directory = place();
  if (!existsSync(directory)) return;
  for (const [url, file, type] of FILES) {
    const text = readFileSync(new URL(file, directory), 'utf8');
    app.get(url, { schema: { hide: true } }, (_request, reply) =>
      reply
        .headers({ 'content-type': type, 'content-security-policy': POLICY, 'referrer-policy': 'no-referrer' })
        .send(text),
    );
  }
}
