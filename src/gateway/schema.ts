/**
 * The JSON Schema of a command's arguments: what OpenAPI and MCP show, and what checks the requests of REST (checked-route.ts). Only words
 * that drafts 7 and 2020-12 both have, and understand alike. Read before: properties.ts.
 */
import type { Property } from './properties.js';
import { flat } from './properties.js';

export type Schema = Readonly<Record<string, unknown>>;

/** Bytes that are no text. */
export const BASE64: Schema = {
  type: 'object',
  properties: { base64: { type: 'string', contentEncoding: 'base64' } },
  required: ['base64'],
  additionalProperties: false,
  description: 'bytes that are not UTF-8',
};

/** A value: text is taken as it is, `{base64}` as bytes, anything else as its JSON text. */
export const VALUE: Schema = {
  description: 'text; {"base64": ...} for other bytes; anything else is stored as its JSON text',
  not: { type: 'null' },
};

/** A value that is no array, so that one alone can be told from several. */
export const SINGLE_VALUE: Schema = { description: 'one alone', not: { type: ['null', 'array'] } };

/** An integer, or its text: numbers of JSON are exact only up to 2^53. */
export const INTEGER: Schema = { type: ['integer', 'string'], pattern: '^[+-]?\\d+$' };

/** A number, or its text (`inf`, too); the server judges the rest of the text. */
export const NUMBER: Schema = { type: ['number', 'string'], pattern: '^[+-]?(\\.?\\d|[iI][nN][fF])' };

/** The schema of the JSON object that gives a command its arguments. Alternatives that exclude each other are checked later. */
export function argumentsSchema(all: readonly Property[]): Schema {
  return objectSchema(all);
}

function objectSchema(all: readonly Property[]): Schema {
  const required = all.flatMap(demanded);
  // A word that must be there says nothing (TOPIC.READ's FROM).
  const told = all.filter(({ kind, optional }) => kind !== 'flag' || optional);
  return {
    type: 'object',
    properties: Object.fromEntries(flat(told).map((property) => [property.name, propertySchema(property)])),
    ...(required.length > 0 ? { required } : {}),
    additionalProperties: false,
  };
}

function demanded(property: Property): string[] {
  if (property.optional || property.kind === 'choice' || property.kind === 'count' || property.kind === 'flag')
    return [];
  return property.kind === 'row' ? property.parts.flatMap(demanded) : [property.name];
}

/** Several are an array; one alone stands for an array of one, pairs may be an object. */
function propertySchema(property: Property): Schema {
  const one = oneSchema(property);
  if (!property.many) return one;
  const least = property.optional ? 0 : 1;
  if (!isPairs(property)) {
    const alone = one === VALUE ? SINGLE_VALUE : one;
    return { anyOf: [{ type: 'array', items: one, minItems: least }, alone] };
  }
  const [key, value] = property.parts.map((part) => part.name);
  const map = { type: 'object', additionalProperties: VALUE, minProperties: least, description: `${key}: ${value}` };
  const two = { type: 'array', items: VALUE, minItems: 2, maxItems: 2, description: `[${key}, ${value}]` };
  return { anyOf: [map, { type: 'array', items: { anyOf: [one, two] }, minItems: least }] };
}

/** Whether it may be given as an object, or as arrays of two: pairs of a name and a value. */
export function isPairs({ kind, many, parts }: Property): boolean {
  return kind === 'object' && many && parts.length === 2 && parts[0].kind === 'string' && parts.every(isPlain);
}

function isPlain({ kind, optional, many, token }: Property): boolean {
  return (kind === 'string' || kind === 'number' || kind === 'integer') && !optional && !many && token === undefined;
}

function oneSchema(property: Property): Schema {
  switch (property.kind) {
    case 'integer':
    case 'count':
      return INTEGER;
    case 'number':
      return NUMBER;
    case 'flag':
      return { type: 'boolean' };
    case 'word':
      // As with commands, small letters mean the same.
      return { type: 'string', enum: [...property.words, ...property.words.map((word) => word.toLowerCase())] };
    case 'object':
      return objectSchema(property.parts);
    default:
      return VALUE;
  }
}
