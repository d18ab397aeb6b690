/**
 * The pretty routes of table.ts over HTTP. What has a path with names in it can also be asked with all of them in the query.
 *
 *   POST /api/v1/kv/set {"key":"a","value":"b","ttl":10}   ->  {"success":true,"key":"a","written":true}
 *   GET /api/v1/kv/get?key=a, GET /api/v1/kv/get/a         ->  {"value":"b"}
 *
 * Values are told as text; `?as=json` gives back what was written, `?as=bytes` the numbers of the bytes (stored-value.ts).
 * A body of application/octet-stream is the value itself, the other arguments stand in the query; with `Accept:
 * application/octet-stream` a reply that is one string comes as its bytes.
 */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { checked, querySchema, withoutOwn } from '../checked-route.js';
import { Failure } from '../failure.js';
import type { Context } from '../gateway.js';
import { unlessError } from '../json-value.js';
import { responses } from '../plain-route.js';
import { readJson } from '../reading.js';
import type { Schema } from '../schema.js';
import { FORMS, type Form } from '../stored-value.js';
import { sendBytes, wantsBytes } from './generic.js';
import { type Route, routeOf } from './route.js';
import { ROWS, type Row } from './table.js';

type Json = Readonly<Record<string, unknown>>;

const OCTETS = 'application/octet-stream';

export function prettyRoutes(app: FastifyInstance, context: Context): void {
  for (const row of ROWS) {
    const route = routeOf(row, context.commands);
    if (route === undefined || !route.commands.every((command) => context.access.allows(command))) continue;
    add(app, context, route, route.short, false);
    if (route.params.length > 0) add(app, context, route, row.path, true);
  }
}

function add(app: FastifyInstance, context: Context, route: Route, path: string, inPath: boolean): void {
  const { row } = route;
  const handler = (request: FastifyRequest, reply: FastifyReply) => answer(context, route, request, reply);
  app.route({
    method: row.method,
    url: `/api/v1/${path}`,
    ...checked(app, { takesBytes: row.bytes !== undefined }),
    schema: { ...texts(route, inPath), ...input(route, inPath), response: responses(route.output) },
    handler,
  });
}

function texts({ row, short, command, commands }: Route, inPath: boolean): Record<string, unknown> {
  const { spec } = command.entry;
  const calls = commands.map(({ words, entry }) => `${words.join(' ')} ${entry.spec.syntax}`.trim());
  return {
    tags: [row.path.split('/')[0]],
    summary: spec.summary,
    description: calls.join(' or ') + (row.bytes === undefined ? '' : bytesText(row.bytes)),
    operationId: `${row.method.toLowerCase()}_${short.replaceAll('/', '_')}${inPath ? '_in_path' : ''}`,
  };
}

function bytesText(name: string): string {
  return `. A body of ${OCTETS} is '${name}' itself; the other arguments then stand in the query.`;
}

/** Of every route, and no argument of a command. */
const AS: Schema = { enum: FORMS, default: 'string', description: 'how values are told' };

function input(route: Route, inPath: boolean): Record<string, Schema> {
  const { row, input: schema, params } = route;
  const { properties, required = [] } = schema as { properties: Record<string, Schema>; required?: readonly string[] };
  if (row.method === 'POST')
    return { body: schema, querystring: querySchema({ ...besideBytes(row, properties), as: AS }) };
  if (!inPath) return { querystring: querySchema({ ...properties, as: AS }, required) };
  const pick = (yes: boolean) =>
    Object.fromEntries(Object.entries(properties).filter(([name]) => params.includes(name) === yes));
  const rest = required.filter((name) => !params.includes(name));
  return {
    params: { type: 'object', properties: pick(true), required: params, additionalProperties: false },
    querystring: querySchema({ ...pick(false), as: AS }, rest),
  };
}

/** Where a body may be bytes, what else there is to say stands in the query. */
function besideBytes({ bytes }: Row, properties: Readonly<Record<string, Schema>>): Readonly<Record<string, Schema>> {
  if (bytes === undefined) return {};
  return Object.fromEntries(Object.entries(properties).filter(([name]) => name !== bytes));
}

async function answer(context: Context, route: Route, request: FastifyRequest, reply: FastifyReply): Promise<unknown> {
  const { as } = request.query as Json;
  const given = argumentsOf(route, request);
  const form = as as Form | undefined;
  const session = context.session(request, reply);
  const value = unlessError(await session.call(route.words(given)));
  return (wantsBytes(request) ? sendBytes(reply, value) : undefined) ?? route.answer(value, given, form);
}

function argumentsOf({ row, params }: Route, { body, params: inPath, query: all }: FastifyRequest): Json {
  const query = withoutOwn(all);
  if (row.method !== 'POST') return params.length === 0 ? query : { ...query, ...(inPath as Json) };
  if (row.bytes !== undefined && body instanceof Uint8Array)
    return { ...query, [row.bytes]: { base64: (body as Buffer).toString('base64') } };
  const [stray] = Object.keys(query);
  if (stray !== undefined) throw new Failure('ERR', `argument '${stray}' must stand in the body`);
  return body as Json;
}

/** Lets bodies be bytes, and JSON what curl sends without being told that it is. */
export function acceptBodies(app: FastifyInstance): void {
  app.addContentTypeParser(OCTETS, { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
  app.addContentTypeParser('application/x-www-form-urlencoded', { parseAs: 'buffer' }, readJson);
}
