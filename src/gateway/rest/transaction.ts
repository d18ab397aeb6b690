/**
 * `POST /api/v1/transaction`: several commands as one, or none of them. A command is an array of its words, or an object of its
 * arguments with `command`: its own name, or the path of a pretty route, which then gives the shape of its result.
 *
 *   {"commands":[["INCR","a"],{"command":"set","key":"b","value":"1"},{"command":"hash/get","key":"h","field":"f"}]}
 *   ->  {"results":[1,"OK",{"value":null}]}
 */
import type { FastifyInstance } from 'fastify';
import { ReplyError, type ReplyValue } from '../../../protocol/reply-reader.js';
import { toWord, toWords } from '../arguments.js';
import { checked, querySchema } from '../checked-route.js';
import { Failure } from '../failure.js';
import type { Context } from '../gateway.js';
import { toJson } from '../json-value.js';
import type { Word } from '../link.js';
import { responses } from '../plain-route.js';
import { type Schema, VALUE } from '../schema.js';
import { type Route, routeOf } from './route.js';
import { ROWS } from './table.js';

interface Step {
  readonly words: readonly Word[];
  result(value: ReplyValue): unknown;
}

export function transactionRoute(app: FastifyInstance, context: Context): void {
  const { batchLimit } = context.settings;
  const pretty = new Map<string, Route>();
  for (const row of ROWS) {
    const route = routeOf(row, context.commands);
    if (route !== undefined && !pretty.has(route.short)) pretty.set(route.short, route);
  }
  app.post('/api/v1/transaction', {
    ...checked(app),
    schema: {
      tags: ['transaction'],
      summary: 'Runs several commands as one: all of them, and nothing of others between them, or none.',
      operationId: 'post_transaction',
      querystring: querySchema(),
      body: bodySchema(batchLimit),
      response: responses({
        type: 'object',
        description: 'the result of each',
        properties: { results: { type: 'array' } },
        required: ['results'],
      }),
    },
    handler: async (request, reply) => {
      const { commands } = request.body as { readonly commands: readonly unknown[] };
      if (commands.length > batchLimit) throw new Failure('TOOLARGE', `more than ${batchLimit} commands`);
      const steps = commands.map((command, i) => step(context, pretty, command, `commands[${i}]`));
      const replies = await context.session(request, reply).transaction(steps.map(({ words }) => words));
      return { results: replies.map((value, i) => steps[i].result(value)) };
    },
  });
}

function bodySchema(most: number): Schema {
  const object = { type: 'object', properties: { command: { type: 'string' } }, required: ['command'] };
  const commands = {
    type: 'array',
    items: { anyOf: [{ type: 'array', items: VALUE, minItems: 1 }, object] },
    minItems: 1,
    // Not as `maxItems`: too many are refused with another status.
    description: `at most ${most}`,
  };
  return { type: 'object', properties: { commands }, required: ['commands'], additionalProperties: false };
}

/**
 * @param given what the schema lets through: words, or an object with `command`
 * @throws Failure ERR on a command that there is not, or that its arguments do not fit
 */
function step(context: Context, pretty: ReadonlyMap<string, Route>, given: unknown, where: string): Step {
  if (Array.isArray(given)) {
    const words = given.map((word, i) => toWord(word, `${where}[${i}]`));
    return { words, result: toJson };
  }
  const { command: name, ...rest } = given as { readonly command: string };
  const route = pretty.get(name);
  if (route !== undefined)
    return {
      words: route.words(rest),
      result: (value) => (value instanceof ReplyError ? toJson(value) : route.answer(value, rest)),
    };
  const command = context.commands.get(name.toLowerCase().replaceAll(' ', '|'));
  if (command === undefined) throw new Failure('ERR', `unknown command '${name.slice(0, 128)}'`);
  return { words: [...command.words, ...toWords(command.properties, rest)], result: toJson };
}
