/** The JSON Schema (draft 2020-12) of a command's arguments, for OpenAPI, MCP and the checks of requests. Read before: properties.ts. */
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

/** The schema of the JSON object that gives a command its arguments. Alternatives that exclude each other are checked later. */
export function argumentsSchema(all: readonly Property[]): Schema {
  return objectSchema(all);
}

function objectSchema(all: readonly Property[]): Schema {
  const required = all.flatMap(demanded);
  return {
    type: 'object',
    properties: Object.fromEntries(flat(all).map((property) => [property.name, propertySchema(property)])),
    ...(required.length > 0 ? { required } : {}),
    additionalProperties: false,
  };
}

function demanded(property: Property): string[] {
  if (property.optional || property.kind === 'choice' || property.kind === 'count' || property.kind === 'flag')
    return [];
  return property.kind === 'row' ? property.parts.flatMap(demanded) : [property.name];
}

function propertySchema(property: Property): Schema {
  const one = oneSchema(property);
  if (!property.many) return one;
  const array = { type: 'array', items: one, minItems: 1 };
  if (!isPairs(property)) return array;
  const [key, value] = property.parts.map((part) => part.name);
  const map = { type: 'object', additionalProperties: VALUE, minProperties: 1, description: `${key}: ${value}` };
  return { anyOf: [map, array] };
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
      return { type: ['integer', 'string'] };
    case 'number':
      return { type: ['number', 'string'] };
    case 'flag':
      return { type: 'boolean' };
    case 'word':
      return { type: 'string', enum: property.words };
    case 'object':
      return objectSchema(property.parts);
    default:
      return VALUE;
  }
}
