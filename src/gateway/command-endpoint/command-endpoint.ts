/**
 * `POST /api/v1/command`: one command, or a batch of them, in envelopes. For clients of the first Synap.
 *
 *   {"command": "hash.set", "request_id": "1", "payload": {"key": "h", "field": "f", "value": "v"}}
 *   -> {"success": true, "request_id": "1", "payload": {"success": true, "created": true, "key": "h", "field": "f"}, "error": null}
 *   -> {"success": false, "request_id": "1", "payload": null, "error": "WRONGTYPE ...", "code": "WRONGTYPE"}
 *
 * An array of envelopes gives an array of answers; they run one after another. What a command is refused with is an answer with status
 * 200; only an envelope that cannot be read (400, 422), a batch that is too long (413) and a login that is refused (401) are errors of
 * the request. A `client_id` in a payload puts the command into that client's transaction, when it has one: `{success, queued}`.
 * Read next: operations.ts.
 */
import type { FastifyInstance } from 'fastify';
import type { ReplyValue } from '../../../protocol/reply-reader.js';
import { checked, querySchema } from '../checked-route.js';
import { Failure } from '../failure.js';
import type { Context } from '../gateway.js';
import type { JsonValue } from '../json-value.js';
import { responses } from '../plain-route.js';
import type { Schema } from '../schema.js';
import type { Session } from '../session.js';
import type { Operation } from './operation.js';
import { operationMap } from './operations.js';
import { type Json, Payload } from './payload.js';
import { Subscriptions } from './subscriptions.js';
import { Transactions } from './transactions.js';

const UNREADABLE = 422;
const UNAUTHORIZED = 401;

/** What the schema lets through. */
interface Envelope {
  readonly command: string;
  readonly request_id?: string | null;
  readonly payload?: Json | null;
}

type Answer = Readonly<Record<string, JsonValue>>;

const ENVELOPE: Schema = {
  type: 'object',
  properties: {
    command: { type: 'string', examples: ['kv.get'] },
    request_id: { type: ['string', 'null'] },
    payload: { type: ['object', 'null'] },
  },
  required: ['command'],
};

const ANSWER: Schema = {
  type: 'object',
  properties: {
    success: { type: 'boolean' },
    request_id: { type: ['string', 'null'] },
    payload: {},
    error: { type: ['string', 'null'] },
    code: { type: 'string' },
  },
  required: ['success', 'request_id', 'payload', 'error'],
};

const SCHEMA = {
  tags: ['command'],
  operationId: 'command',
  summary: 'Runs one command, or an array of them, in envelopes',
  description: 'Names, payloads and results of the first Synap; `{family}.{command}` for every other command.',
  querystring: querySchema(),
  body: { anyOf: [ENVELOPE, { type: 'array', items: ENVELOPE }] },
  response: responses({
    description: 'the answer, or one for each envelope',
    anyOf: [ANSWER, { type: 'array', items: ANSWER }],
  }),
};

export function commandEndpoint(app: FastifyInstance, context: Context): void {
  const endpoint = new Endpoint(context);
  app.addHook('onClose', async () => endpoint.close());
  app.post(
    '/api/v1/command',
    {
      ...checked(app, { status: UNREADABLE }),
      schema: SCHEMA,
    },
    async (request, reply) => {
      const body = request.body as Envelope | readonly Envelope[];
      const batch = isBatch(body) ? body : [body];
      const { batchLimit } = context.settings;
      if (batch.length > batchLimit) throw new Failure('TOOLARGE', `more than ${batchLimit} commands at one time`);
      const session = context.session(request, reply);
      const answers: Answer[] = [];
      for (const envelope of batch) answers.push(await endpoint.answer(session, envelope));
      return isBatch(body) ? answers : answers[0];
    },
  );
}

function isBatch(body: Envelope | readonly Envelope[]): body is readonly Envelope[] {
  return Array.isArray(body);
}

class Endpoint {
  private readonly operations: ReadonlyMap<string, Operation>;
  private readonly transactions: Transactions;
  private readonly subscriptions = new Subscriptions();

  constructor({ commands, settings }: Context) {
    this.operations = operationMap(commands);
    this.transactions = new Transactions(settings.batchLimit);
  }

  close(): void {
    this.transactions.close();
    this.subscriptions.close();
  }

  /** @throws Failure only what refuses the login */
  async answer(session: Session, envelope: Envelope): Promise<Answer> {
    const requestId = envelope.request_id ?? null;
    try {
      const payload = await this.run(session, envelope);
      return { success: true, request_id: requestId, payload, error: null };
    } catch (e) {
      if (!(e instanceof Failure) || e.status === UNAUTHORIZED) throw e;
      return { success: false, request_id: requestId, payload: null, error: e.message, code: e.code };
    }
  }

  private async run(session: Session, { command, request_id, payload: given }: Envelope): Promise<JsonValue> {
    const payload = new Payload(given ?? {});
    const client = payload.raw('client_id') ?? request_id;
    const { transactions } = this;
    const ofTransactions = transactions.operations.get(command);
    if (ofTransactions !== undefined) {
      if (typeof client !== 'string') throw new Failure('ERR', "missing argument 'client_id'");
      return ofTransactions(session, client, payload);
    }
    const transaction = payload.has('client_id') ? await transactions.find(session, String(client)) : undefined;
    const handler = this.several(command);
    if (handler !== undefined) {
      if (transaction !== undefined) throw new Failure('ERR', `${command} cannot be part of a transaction`);
      return handler(session, payload);
    }
    const operation = this.operations.get(command);
    if (operation === undefined || !('words' in operation))
      throw new Failure('ERR', `Unknown command: ${command.slice(0, 128)}`);
    const words = operation.words(payload);
    payload.end();
    const result = (reply: ReplyValue): JsonValue => operation.result(reply, payload);
    if (words.length === 0) return result([]);
    if (transaction === undefined) return result(await session.run(words));
    await transactions.add(session, transaction, { argv: words, result });
    return { success: true, queued: true };
  }

  /** What runs an operation that is more than one command. */
  private several(command: string): ((session: Session, payload: Payload) => Promise<JsonValue>) | undefined {
    const operation = this.operations.get(command);
    if (operation !== undefined && 'run' in operation) return operation.run;
    // Rather than SUBSCRIBE, which a single request cannot be.
    return this.subscriptions.operations.get(command);
  }
}
