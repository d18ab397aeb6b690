/**
 * The dashboard: a page at `/` whose files (assets/) are served as they are, and the two routes that it needs beside those of commands:
 * `GET /api/v1/about` (what server and what limits) and `POST /api/v1/console` (commands as words, replies with their types).
 *
 * The page may load nothing but its own files, so what it shows of keys and values can never run.
 */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { WRITE } from '../../../commands/spec/flags.js';
import type { ReplyValue } from '../../../protocol/reply-reader.js';
import { Access } from '../access.js';
import { toWord } from '../arguments.js';
import { checked, querySchema } from '../checked-route.js';
import { Failure } from '../failure.js';
import type { Context } from '../gateway.js';
import { parseInfo } from '../info.js';
import { replyText } from '../json-value.js';
import type { Word } from '../link.js';
import { VALUE } from '../schema.js';
import { isSingle } from '../session.js';
import { type Asset, assets } from './assets.js';
import { Budget, type TypedReply, typed } from './typed-reply.js';

const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "connect-src 'self'",
  "img-src 'self' data:",
  "font-src 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
  "form-action 'none'",
].join('; ');

const UNLIMITED = new Access({});
/** Words of all commands of one request, at most. */
const WORDS_MAX = 100_000;

export function dashboard(app: FastifyInstance, context: Context): void {
  for (const asset of assets()) addAsset(app, asset);
  app.get(
    '/api/v1/about',
    {
      schema: {
        tags: ['gateway'],
        summary: 'Versions, limits and commands',
        querystring: querySchema(),
        response: { 200: { type: 'object' } },
      },
      ...checked(app),
    },
    (request, reply) => about(context, request, reply),
  );
  app.post(
    '/api/v1/console',
    {
      schema: {
        tags: ['gateway'],
        summary: 'Calls commands given as words; replies keep their types',
        querystring: querySchema(),
        body: {
          type: 'object',
          properties: {
            commands: { type: 'array', items: { type: 'array', items: VALUE, minItems: 1 }, minItems: 1 },
          },
          required: ['commands'],
          additionalProperties: false,
        },
        response: { 200: { type: 'object', properties: { replies: { type: 'array', items: {} } } } },
      },
      ...checked(app),
    },
    (request, reply) => call(context, request, reply),
  );
}

function addAsset(app: FastifyInstance, { url, type, body, tag }: Asset): void {
  app.get(url, { schema: { hide: true } }, async (request, reply) => {
    reply.header('content-security-policy', POLICY).header('referrer-policy', 'no-referrer');
    reply.header('cache-control', 'no-cache').header('etag', tag);
    if (request.headers['if-none-match'] === tag) return reply.code(304).send();
    return reply.type(type).send(body());
  });
}

// ---- about --------------------------------------------------------------------------------------------------------------------------

async function about(context: Context, request: FastifyRequest, reply: FastifyReply): Promise<unknown> {
  const session = context.session(request, reply, { limits: UNLIMITED });
  const [info, list, databases] = await session.pipeline([
    ['INFO', 'SERVER'],
    ['COMMAND', 'LIST'],
    ['CONFIG', 'GET', 'databases'],
  ]);
  for (const one of [info, list]) if (one instanceof Failure && isNobody(one)) throw one;
  const fields = parseInfo(info instanceof Failure ? '' : replyText(info));
  const known = Array.isArray(list) ? new Set(list.map(replyText)) : undefined;
  const { readOnly, families, prefixes } = context.settings;
  return {
    version: context.version,
    server: { redis: fields.get('redis_version') ?? '', synap: fields.get('synap_version') ?? '' },
    limits: { readOnly, families: families ?? null, prefixes: prefixes ?? null },
    login: request.headers.authorization !== undefined,
    db: session.login.db,
    databases: databasesOf(databases),
    commands: [...context.commands.values()]
      .filter((command) => context.access.allows(command) && isSingle(command))
      .filter(({ entry }) => known?.has(entry.name) ?? true)
      .map(({ entry }) => ({
        name: entry.name.replace('|', ' ').toUpperCase(),
        syntax: entry.spec.syntax,
        summary: entry.spec.summary,
        group: entry.group,
        write: (entry.flags & WRITE) !== 0,
      })),
  };
}

/** Whether it is for want of a login, or of a server. */
function isNobody({ status, code }: Failure): boolean {
  return status === 401 || code === 'UNAVAILABLE';
}

function databasesOf(reply: ReplyValue | Failure): number {
  if (!(reply instanceof Map)) return 16;
  const [value] = (reply as ReadonlyMap<ReplyValue, ReplyValue>).values();
  return Number(replyText(value)) || 16;
}

// ---- console ------------------------------------------------------------------------------------------------------------------------

async function call(
  context: Context,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<{ replies: readonly TypedReply[] }> {
  const { commands } = request.body as { readonly commands: readonly (readonly unknown[])[] };
  const { batchLimit } = context.settings;
  if (commands.length > batchLimit) throw new Failure('TOOLARGE', `more than ${batchLimit} commands`);
  if (commands.reduce((n, words) => n + words.length, 0) > WORDS_MAX)
    throw new Failure('TOOLARGE', `more than ${WORDS_MAX} words`);
  const all = commands.map((words): Word[] => words.map((word, i) => toWord(word, String(i))));
  const replies = await context.session(request, reply, { foreign: true }).pipeline(all);
  for (const one of replies) if (one instanceof Failure && isNobody(one)) throw one;
  const budget = new Budget();
  return { replies: replies.map((one) => typed(one, budget)) };
}
