/**
 * UMICP, the JSON envelopes of the first Synap, over the tools that MCP has (mcp/tools.ts).
 *
 *   POST /umicp { v, msg_id, ts, from, to, op, capabilities: { operation: "synap_kv_get", key: "a" } }
 *     -> { v, msg_id: "resp-...", ts, from, to, op: "data", capabilities: { status, result, structured, original_message_id } }
 *   GET /umicp/discover -> what can be called
 *
 * What a tool refuses is an envelope as well (op `control`, status `error`); an envelope that is none is refused with 400.
 */
import type { FastifyInstance } from 'fastify';
import { Failure } from './failure.js';
import type { Context } from './gateway.js';
import { callTool } from './mcp/call.js';
import type { Tool } from './mcp/tool.js';
import { objectOf, responses, UNCHECKED } from './plain-route.js';
import type { Schema } from './schema.js';

const WIRE = '1.0';
const VERSION = '0.2.3';
const OPS = ['control', 'data', 'ack', 'error', 'request', 'response'];
/** The longest name in an envelope (characters). */
const NAME_MAX = 1024;

const TEXT: Schema = { type: 'string' };
const ENVELOPE: Schema = {
  type: 'object',
  properties: {
    v: TEXT,
    msg_id: TEXT,
    ts: { type: 'string', format: 'date-time' },
    from: TEXT,
    to: TEXT,
    op: { type: 'string', enum: OPS },
    capabilities: { type: 'object', properties: { operation: TEXT }, additionalProperties: true },
  },
  required: ['v', 'msg_id', 'ts', 'from', 'to', 'op'],
};

interface Envelope {
  readonly id: string;
  readonly from: string;
  readonly to: string;
  /** The tool. */
  readonly operation: string;
  readonly given: Readonly<Record<string, unknown>>;
}

export function umicpRoutes(app: FastifyInstance, context: Context): void {
  app.route({
    method: 'POST',
    url: '/umicp',
    ...UNCHECKED,
    schema: {
      tags: ['umicp'],
      summary: 'Calls a tool by an envelope',
      operationId: 'umicp',
      body: ENVELOPE,
      response: responses({ ...ENVELOPE, description: 'the answer' }),
    },
    handler: async (request, reply) => {
      const envelope = parseEnvelope(objectOf(request.body ?? {}));
      const session = context.session(request, reply);
      await session.authenticate();
      const tool = context.tools().get(envelope.operation);
      if (tool === undefined) return refused(envelope, `unknown operation '${envelope.operation.slice(0, 128)}'`);
      const { content, structuredContent, isError } = await callTool(tool, () => session, envelope.given);
      if (isError === true) return refused(envelope, content[0].text);
      return answer(envelope, 'resp', 'data', {
        status: 'success',
        result: content,
        structured: structuredContent,
        original_message_id: envelope.id,
      });
    },
  });
  app.route({
    method: 'GET',
    url: '/umicp/discover',
    ...UNCHECKED,
    schema: {
      tags: ['umicp'],
      summary: 'Tells the tools that can be called',
      operationId: 'umicp_discover',
      response: { 200: { type: 'object', description: 'the operations', additionalProperties: true } },
    },
    handler: async () => discovered(context.version, [...context.tools().values()]),
  });
}

function discovered(version: string, tools: readonly Tool[]): unknown {
  return {
    protocol: 'UMICP',
    version: VERSION,
    server_info: {
      server: 'synap',
      version,
      protocol: 'UMICP/2.0',
      features: ['envelopes', 'discovery', 'input-schemas', 'output-schemas', 'annotations'],
      operations_count: tools.length,
      mcp_compatible: true,
    },
    operations: tools.map(({ name, title, description, inputSchema, outputSchema, annotations }) => ({
      name,
      title,
      description,
      input_schema: inputSchema,
      output_schema: outputSchema,
      annotations,
    })),
    total_operations: tools.length,
  };
}

/**
 * Reads an envelope. `message_id` and `operation` stand for `msg_id` and `op`, as the first Synap's pages say.
 * @throws Failure ERR
 */
function parseEnvelope(body: Readonly<Record<string, unknown>>): Envelope {
  const text = (name: string, value: unknown): string => {
    if (typeof value !== 'string' || value === '' || value.length > NAME_MAX)
      throw new Failure('ERR', `'${name}' of an envelope must be text of 1 to ${NAME_MAX} characters`);
    return value;
  };
  const op = text('op', body.op ?? body.operation).toLowerCase();
  if (!OPS.includes(op)) throw new Failure('ERR', `'op' of an envelope must be one of ${OPS.join(', ')}`);
  if (text('v', body.v ?? WIRE) !== WIRE) throw new Failure('ERR', `'v' of an envelope must be ${WIRE}`);
  if (Number.isNaN(Date.parse(text('ts', body.ts ?? body.timestamp))))
    throw new Failure('ERR', "'ts' of an envelope must be a time of ISO 8601");
  const { operation, ...given } = objectOf(body.capabilities ?? {});
  return {
    id: text('msg_id', body.msg_id ?? body.message_id),
    from: text('from', body.from),
    to: text('to', body.to),
    operation: text('capabilities.operation', operation),
    given,
  };
}

function refused(envelope: Envelope, error: string): unknown {
  return answer(envelope, 'err', 'control', { status: 'error', error, original_message_id: envelope.id });
}

function answer({ id, from, to }: Envelope, prefix: string, op: string, capabilities: object): unknown {
  return { v: WIRE, msg_id: `${prefix}-${id}`, ts: new Date().toISOString(), from: to, to: from, op, capabilities };
}
