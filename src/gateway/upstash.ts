/**
 * Upstash's REST protocol, so that @upstash/redis and what is built on it work with any server behind the gateway.
 *
 *   POST /             ["SET", "k", "v"]                     {"result": "OK"}
 *   POST /pipeline     [["SET", "k", "v"], ["INCR", "n"]]    [{"result": "OK"}, {"error": "ERR ..."}]
 *   POST /multi-exec   the same, as one transaction          the same; {"error"} with 400 when none has run
 *   GET  /set/k/v?EX=100        words in the path, then those of the query
 *   POST /set/k?EX=100  body    the body is the word behind those of the path
 *   /subscribe/channel, /psubscribe/pattern, /monitor        events: upstash-events.ts
 *
 * The login is `Authorization: Bearer token` or `?_token=`. Commands that the table does not know go to the server, unless access is
 * limited. A GET that may write, or run a script, needs a login: where browsers do not tell of it (origin.ts), a page of another site
 * could have it sent by an image.
 */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { READONLY, RUNS_SCRIPT } from '../../commands/spec/flags.js';
import { ReplyError, type ReplyValue } from '../../protocol/reply-reader.js';
import { toWord } from './arguments.js';
import { commandOf } from './commands.js';
import { Failure } from './failure.js';
import type { Context } from './gateway.js';
import type { Word } from './link.js';
import { parseJson } from './reading.js';
import type { Session } from './session.js';
import { isEvents, upstashEvents } from './upstash-events.js';
import { toResp2, upstashAnswer } from './upstash-reply.js';

const HIDDEN = { schema: { hide: true } };
/** A command's name. Nothing else is one in a path: other paths are routes that do not exist. */
const NAME = /^[a-z][\w.-]*$/i;
/** What the query holds beside the command's words. */
const OF_THE_GATEWAY = new Set(['_token', 'db']);

export async function upstashRoutes(app: FastifyInstance, context: Context): Promise<void> {
  // A body is bytes here: in a path-style request it is a value of any type.
  await app.register(async (scope) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
    scope.post('/', HIDDEN, (request, reply) => one(context, request, reply, wordsOf(json(request))));
    scope.post('/pipeline', HIDDEN, (request, reply) => pipeline(context, request, reply));
    scope.post('/multi-exec', HIDDEN, (request, reply) => transaction(context, request, reply));
    for (const method of ['GET', 'POST', 'PUT'] as const)
      scope.route({ method, url: '/*', ...HIDDEN, handler: (request, reply) => path(context, request, reply) });
  });
}

function session(context: Context, request: FastifyRequest, reply: FastifyReply): Session {
  // What it has read is what it has written: there is one server, so the token says nothing and is given back.
  const token = request.headers['upstash-sync-token'];
  if (typeof token === 'string' && token !== '') reply.header('upstash-sync-token', token);
  return context.session(request, reply, { protocol: 2, foreign: true });
}

/** The first line of a script that tells Upstash how to lock. */
const LOCKING = /^(#!lua[^\n]*?) flags=allow-key-locking(?=[ \n])/;

/** What the server takes: the flag above says nothing to a server that runs one script at a time, and Redis refuses it. */
function portable(argv: readonly Word[]): readonly Word[] {
  const [name, script] = argv;
  if (typeof script !== 'string' || !LOCKING.test(script) || !/^eval(_ro)?$/i.test(String(name))) return argv;
  return [name, script.replace(LOCKING, '$1'), ...argv.slice(2)];
}

async function one(
  context: Context,
  request: FastifyRequest,
  reply: FastifyReply,
  argv: readonly Word[],
): Promise<unknown> {
  const value = await session(context, request, reply).call(portable(argv));
  if (value instanceof ReplyError) reply.code(Failure.of(value).status);
  return send(request, reply, value);
}

function send(request: FastifyRequest, reply: FastifyReply, value: ReplyValue): unknown {
  if (request.headers['upstash-response-format'] === 'resp2')
    return reply.type('application/octet-stream').send(toResp2(value));
  return reply.send(upstashAnswer(value, isBase64(request)));
}

function isBase64(request: FastifyRequest): boolean {
  return request.headers['upstash-encoding'] === 'base64';
}

async function pipeline(context: Context, request: FastifyRequest, reply: FastifyReply): Promise<unknown> {
  const replies = await session(context, request, reply).pipeline(batch(context, request));
  return replies.map((value) => upstashAnswer(value, isBase64(request)));
}

async function transaction(context: Context, request: FastifyRequest, reply: FastifyReply): Promise<unknown> {
  const all = batch(context, request);
  if (all.length === 0) return [];
  const replies = await session(context, request, reply).transaction(all);
  return replies.map((value) => upstashAnswer(value, isBase64(request)));
}

/** @throws Failure ERR on what is no array of commands, TOOLARGE on too many */
function batch({ settings }: Context, request: FastifyRequest): (readonly Word[])[] {
  const all = json(request);
  if (!Array.isArray(all)) throw new Failure('ERR', 'the body must be an array of commands');
  if (all.length > settings.batchLimit)
    throw new Failure('TOOLARGE', `more than ${settings.batchLimit} commands at one time`);
  return all.map((command) => portable(wordsOf(command)));
}

function json({ body }: FastifyRequest): unknown {
  return parseJson(body instanceof Uint8Array ? body : new Uint8Array());
}

/** The words of one command. @throws Failure ERR on what is no array of values, or an empty one */
function wordsOf(command: unknown): Word[] {
  if (!Array.isArray(command) || command.length === 0)
    throw new Failure('ERR', 'a command must be an array that begins with its name');
  return command.map((word, i) => toWord(word, String(i)));
}

async function path(context: Context, request: FastifyRequest, reply: FastifyReply): Promise<unknown> {
  const [before, query = ''] = request.url.split(/\?(.*)/s);
  const argv: Word[] = before.split('/').slice(1).map(decoded);
  const name = String(argv[0]).toLowerCase();
  const noRoute = new Failure('NOTFOUND', `no route ${request.method} ${before}`);
  if (!NAME.test(name)) throw noRoute;
  if (isEvents(name)) return upstashEvents(context, request, reply, argv);
  if (request.body instanceof Uint8Array && request.body.length > 0) argv.push(request.body);
  for (const [word, value] of new URLSearchParams(query)) {
    if (OF_THE_GATEWAY.has(word)) continue;
    argv.push(word);
    if (value !== '') argv.push(value);
  }
  if (commandOf(context.commands, argv) === undefined && !(await isForeign(context, request, reply, name)))
    throw noRoute;
  guardGet(context, request, argv);
  return one(context, request, reply, argv);
}

function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    throw new Failure('ERR', 'the path is not percent-encoded UTF-8');
  }
}

/** Whether the server has a command that the table does not: else a path is a route that does not exist. */
async function isForeign(
  context: Context,
  request: FastifyRequest,
  reply: FastifyReply,
  name: string,
): Promise<boolean> {
  if (context.access.isLimited) return false;
  const told = await session(context, request, reply).run(['COMMAND', 'INFO', name]);
  return Array.isArray(told) && Array.isArray(told[0]);
}

/** @throws Failure FORBIDDEN on a GET that may write, or run for ever, and that a page of another site could have sent */
function guardGet({ commands }: Context, request: FastifyRequest, argv: readonly Word[]): void {
  if (request.method !== 'GET' && request.method !== 'HEAD') return;
  const flags = commandOf(commands, argv)?.entry.flags ?? 0;
  if ((flags & READONLY) !== 0 && (flags & RUNS_SCRIPT) === 0) return;
  const { _token } = request.query as Record<string, unknown>;
  if (request.headers.authorization !== undefined || typeof _token === 'string') return;
  throw new Failure('FORBIDDEN', 'a GET that may write needs a login; use POST');
}
