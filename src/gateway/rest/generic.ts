/**
 * `POST /api/v1/{family}/{command}` for every command of the table, and GET for those that only read: the properties of the body (of
 * the query) are the command's arguments. Nothing about a command is written here: names, schemas and texts follow from its entry.
 *
 *   POST /api/v1/string/set {"key":"a","value":"b","ex":10}  ->  {"result":"OK"}
 *   GET /api/v1/hash/hgetall?key=h                           ->  {"result":{"field":"value"}}
 *
 * With `Accept: application/octet-stream` a reply that is one string comes as its bytes.
 */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { READONLY } from '../../../commands/spec/flags.js';
import { type ReplyValue, Verbatim } from '../../../protocol/reply-reader.js';
import { toWords } from '../arguments.js';
import { checked, querySchema, withoutOwn } from '../checked-route.js';
import { type Command, plainName } from '../commands.js';
import type { Context } from '../gateway.js';
import { toJson, unlessError } from '../json-value.js';
import { responses } from '../plain-route.js';
import { replySchema } from '../reply-schema.js';
import { argumentsSchema, type Schema } from '../schema.js';
import { isSingle } from '../session.js';

type Json = Readonly<Record<string, unknown>>;

export function genericRoutes(app: FastifyInstance, context: Context): void {
  for (const command of context.commands.values()) {
    if (!context.access.allows(command) || !isSingle(command)) continue;
    add(app, context, command, 'POST');
    if ((command.entry.flags & READONLY) !== 0) add(app, context, command, 'GET');
  }
}

function add(app: FastifyInstance, context: Context, command: Command, method: 'GET' | 'POST'): void {
  const { entry, properties } = command;
  const get = method === 'GET';
  const url = `/api/v1/${entry.group}/${plainName(entry.name)}`;
  if (app.hasRoute({ method, url })) return; // a pretty one is called so
  const schema = argumentsSchema(properties) as { properties: Record<string, Schema>; required?: readonly string[] };
  app.route({
    method,
    url,
    ...checked(app),
    schema: {
      tags: [entry.group],
      summary: entry.spec.summary,
      description: `${command.words.join(' ')} ${entry.spec.syntax}`,
      operationId: `${get ? 'get' : 'post'}_${plainName(entry.group)}_${plainName(entry.name)}`,
      querystring: get ? querySchema(schema.properties, schema.required) : querySchema(),
      ...(get ? {} : { body: schema }),
      response: responses({
        type: 'object',
        description: 'the reply',
        properties: { result: replySchema(entry.reply!) },
        required: ['result'],
      }),
    },
    handler: (request, reply) => answer(context, command, request, reply),
  });
}

async function answer(
  context: Context,
  command: Command,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<unknown> {
  const given = request.method === 'POST' ? (request.body as Json) : withoutOwn(request.query);
  const session = context.session(request, reply);
  const value = unlessError(await session.call([...command.words, ...toWords(command.properties, given)]));
  return send(request, reply, value);
}

/** A reply as `{result}`, or as bytes where they are wanted. */
export function send(request: FastifyRequest, reply: FastifyReply, value: ReplyValue): unknown {
  return (wantsBytes(request) ? sendBytes(reply, value) : undefined) ?? { result: toJson(value) };
}

/** The bytes of a reply that is one string; undefined for any other. */
export function sendBytes(reply: FastifyReply, value: ReplyValue): Buffer | undefined {
  const bytes = value instanceof Verbatim ? value.text : value;
  if (!(bytes instanceof Uint8Array)) return undefined;
  reply.type('application/octet-stream');
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
}

export function wantsBytes(request: FastifyRequest): boolean {
  return request.headers.accept?.includes('application/octet-stream') === true;
}
