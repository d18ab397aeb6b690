/** The JSON Schema of what a command answers, from its reply line (commands/spec/reply.ts), as json-value.ts writes it. */
import type { ReplyType } from '../../commands/spec/reply.js';
import { BASE64, type Schema } from './schema.js';

const TEXT: Schema = { anyOf: [{ type: 'string' }, BASE64] };

/** @returns the schema of the JSON of a reply of type `reply`; integers beyond 2^53 and infinite doubles are text */
export function replySchema(reply: ReplyType): Schema {
  switch (reply.type) {
    case 'ok':
      return { const: 'OK' };
    case 'status':
      return { type: 'string' };
    case 'int':
      return { type: ['integer', 'string'] };
    case 'double':
      return { type: ['number', 'string'] };
    case 'bool':
      return { type: 'boolean' };
    case 'bulk':
    case 'verbatim':
      return TEXT;
    case 'nil':
    case 'nil-array':
      return { type: 'null' };
    case 'none':
    case 'any':
      return {};
    case 'array':
    case 'set':
      return { type: 'array', items: replySchema(reply.of[0]) };
    case 'map':
      return { type: 'object', additionalProperties: replySchema(reply.of[1]) };
    case 'pairs':
      return { type: 'array', items: tuple(reply.of) };
    case 'tuple':
    case 'push':
      return tuple(reply.of);
    case 'either':
      return { anyOf: reply.of.map(replySchema) };
  }
}

function tuple(of: readonly ReplyType[]): Schema {
  return { type: 'array', prefixItems: of.map(replySchema), minItems: of.length, maxItems: of.length };
}
