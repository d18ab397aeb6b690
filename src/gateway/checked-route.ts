/**
 * Routes whose requests are checked by the schemas that /openapi.json shows: the body as it is, nothing coerced; a query, which knows
 * only text, after its booleans and objects were made of that text. What a schema cannot say (alternatives that exclude each other, what
 * one argument asks of another) is left to the arguments' own rules (arguments.ts).
 *
 * A schema is compiled when its route is first called: there are hundreds of them, and most are never asked.
 */
import type { FastifyInstance } from 'fastify';
import { Failure } from './failure.js';
import { objectOf, PLAIN } from './plain-route.js';
import { INTEGER, type Schema } from './schema.js';

type Json = Readonly<Record<string, unknown>>;

/** What fastify's ajv is told. `verbose`: errors carry the schema and the value that they are about. */
export const AJV_OPTIONS = {
  coerceTypes: false,
  removeAdditional: false,
  useDefaults: false,
  allowUnionTypes: true,
  verbose: true,
  keywords: ['x-consume'],
};

/** What the query of every route may say beside its arguments. */
export const OWN: Readonly<Record<string, Schema>> = {
  db: { ...INTEGER, description: 'the database' },
  _token: { type: 'string', description: 'the login, where no header can be sent' },
};

/** The schema of a query. Objects in it are JSON, which is how `x-consume` lets the document tell them. */
export function querySchema(
  properties: Readonly<Record<string, Schema>> = {},
  required: readonly string[] = [],
): Schema {
  const told = Object.entries(properties).map(([name, schema]): [string, Schema] => [
    name,
    isStructure(schema) ? { ...schema, 'x-consume': 'application/json' } : schema,
  ]);
  return {
    type: 'object',
    properties: { ...Object.fromEntries(told), ...OWN },
    ...(required.length > 0 ? { required } : {}),
    additionalProperties: false,
  };
}

/** The arguments in a query: all but what every route's may say, and the form of values (`as`). */
export function withoutOwn(query: unknown): Record<string, unknown> {
  const { db: _db, _token, as: _as, ...rest } = query as Record<string, unknown>;
  return rest;
}

// ---- checking ---------------------------------------------------------------------------------------------------------------------

/** One error of ajv with `verbose`. */
export interface Fault {
  readonly keyword: string;
  readonly instancePath: string;
  readonly params: Readonly<Record<string, unknown>>;
  readonly parentSchema: Schema;
  readonly data: unknown;
}

interface Validate {
  (data: unknown): unknown;
  errors?: readonly Fault[] | null;
}

/** What fastify makes of it: true lets through, a value takes the place of what was given. */
type Outcome = true | { readonly value: unknown } | { readonly error: Failure };

interface Part {
  readonly schema: unknown;
  readonly httpPart?: string;
}

interface Checked {
  validatorCompiler(part: Part): (data: unknown) => Outcome;
  serializerCompiler(): (value: unknown) => string;
}

interface Ways {
  /** A body may be bytes (application/octet-stream), which no schema is about. */
  readonly takesBytes?: boolean;
  /** What is refused has this status. Default 400. */
  readonly status?: number;
}

/**
 * Options of routes that are checked.
 * @param app whose validator is asked once it has started
 */
export function checked(app: FastifyInstance, { takesBytes = false, status = 400 }: Ways = {}): Checked {
  return {
    ...PLAIN,
    validatorCompiler: ({ schema, httpPart }) => {
      let compiled: Validate | undefined;
      const check = (data: unknown): Failure | undefined => {
        compiled ??= compile(app, schema as Schema);
        if (compiled(data) === true) return undefined;
        const failure = refusal(compiled.errors!, status);
        // Errors hold what they are about, which may be large.
        compiled.errors = null;
        return failure;
      };
      if (httpPart === 'querystring') return queryCheck(schema as Schema, check);
      return httpPart === 'body' ? bodyCheck(takesBytes, check) : (data) => outcome(check(data));
    },
  };
}

type Check = (data: unknown) => Failure | undefined;

/** By fastify's own, which documentation.ts lets it make. */
function compile(app: FastifyInstance, schema: Schema): Validate {
  return app.validatorCompiler!({ schema, method: '', url: '' }) as unknown as Validate;
}

function outcome(error: Failure | undefined): Outcome {
  return error === undefined ? true : { error };
}

/** No body at all is an object without members. */
function bodyCheck(takesBytes: boolean, check: Check): (data: unknown) => Outcome {
  return (data) => {
    if (data === null || data === undefined) {
      const value = {};
      const error = check(value);
      return error === undefined ? { value } : { error };
    }
    if (data instanceof Uint8Array) return takesBytes ? true : outcome(notAnObject(data));
    return outcome(check(data));
  };
}

function notAnObject(body: unknown): Failure | undefined {
  try {
    objectOf(body);
  } catch (e) {
    return e as Failure;
  }
  return undefined;
}

function queryCheck(schema: Schema, check: Check): (data: unknown) => Outcome {
  const readers = readersOf(schema);
  return (data) => {
    try {
      const value = readers.size === 0 ? data : fromText(readers, data as Json);
      const error = check(value);
      return error === undefined ? { value } : { error };
    } catch (e) {
      if (e instanceof Failure) return { error: e };
      throw e;
    }
  };
}

// ---- text of a query --------------------------------------------------------------------------------------------------------------

type Reader = (text: string, name: string) => unknown;

/** By name, for what is more than text: the schema takes a number as its text. */
function readersOf({ properties = {} }: Schema): ReadonlyMap<string, Reader> {
  const readers = new Map<string, Reader>();
  for (const [name, schema] of Object.entries(properties as Record<string, Schema>)) {
    if (schema.type === 'boolean') readers.set(name, truth);
    else if (isStructure(schema)) readers.set(name, json);
  }
  return readers;
}

/** Whether it is an object, or several: that is given as JSON. */
function isStructure({ type, anyOf, items }: Schema): boolean {
  if (type === 'object') return true;
  if (type === 'array') return items !== undefined && isStructure(items as Schema);
  return anyOf !== undefined && (anyOf as readonly Schema[]).some(isStructure);
}

function fromText(readers: ReadonlyMap<string, Reader>, query: Json): Json {
  const read: Record<string, unknown> = { ...query };
  for (const [name, reader] of readers) {
    const text = read[name];
    if (typeof text === 'string') read[name] = reader(text, name);
    else if (Array.isArray(text) && reader === json) read[name] = text.map((one) => json(one as string, name));
  }
  return read;
}

/** What is neither stays text, which the schema refuses. */
function truth(text: string): unknown {
  return text === 'true' || (text === 'false' ? false : text);
}

function json(text: string, name: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw Failure.argument(name, 'JSON');
  }
}

// ---- what is said of errors -------------------------------------------------------------------------------------------------------

/** What a request is refused with: the one fault that tells most, of alternatives that which came farthest. */
export function refusal(faults: readonly Fault[], status = 400): Failure {
  const depth = ({ instancePath }: Fault): number => instancePath.split('/').length;
  const deepest = Math.max(...faults.map(depth));
  const all = faults.filter((fault) => depth(fault) === deepest);
  const named = all.find(({ keyword }) => keyword === 'required' || keyword === 'additionalProperties');
  return new Failure('ERR', told(named ?? all[all.length - 1]), status);
}

/** Of a name that is told, so much: a body may have names of megabytes. */
const NAME_TOLD = 128;

function told({ keyword, instancePath, params, parentSchema, data }: Fault): string {
  const where = nameOf(instancePath).slice(0, NAME_TOLD);
  const inner = (name: unknown): string => (where === '' ? `${name}` : `${where}.${name}`).slice(0, NAME_TOLD);
  if (keyword === 'required') return `missing argument '${inner(params.missingProperty)}'`;
  if (keyword === 'additionalProperties') return `unknown argument '${inner(params.additionalProperty)}'`;
  if (where === '') return 'the body must be a JSON object';
  return `argument '${where}' must ${data === null ? 'not be null' : `be ${expected(parentSchema)}`}`;
}

/** `/fields/0/value` is `fields[0].value`. */
function nameOf(path: string): string {
  return path
    .split('/')
    .slice(1)
    .map((name) => (/^\d+$/.test(name) ? `[${name}]` : `.${name.replaceAll('~1', '/').replaceAll('~0', '~')}`))
    .join('')
    .replace(/^\./, '');
}

/** What `schema` wants, in words: `an integer`. */
function expected({ type, anyOf, enum: words, minItems = 0, maxItems, minProperties = 0 }: Schema): string {
  if (anyOf !== undefined) return [...new Set((anyOf as readonly Schema[]).map(expected))].join(' or ');
  if (words !== undefined) return `one of ${[...new Set((words as string[]).map(asWord))].join(', ')}`;
  const [first = 'value'] = Array.isArray(type) ? (type as string[]) : [type as string | undefined];
  if (minItems === maxItems) return `an array of ${maxItems}`;
  if (minItems === 1 || minProperties === 1) return `a non-empty ${first}`;
  return NAMES[first] ?? `a ${first}`;
}

const NAMES: Readonly<Record<string, string>> = {
  integer: 'an integer',
  number: 'a number',
  boolean: 'true or false',
  string: 'text',
  object: 'an object',
  array: 'an array',
};

/** Words that are taken in both cases are told in one. */
function asWord(word: string, _i: number, all: readonly string[]): string {
  return all.includes(word.toUpperCase()) ? word.toUpperCase() : word;
}
