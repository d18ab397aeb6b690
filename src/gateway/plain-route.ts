/** What the routes of all doors have in common: they write JSON themselves, and refusals look the same everywhere. */
import { Failure } from './failure.js';
import type { Schema } from './schema.js';

/** Options of a route that writes JSON as it is: schemas of answers document. Its requests are checked where checked-route.ts is asked. */
export const PLAIN = {
  serializerCompiler: (): ((value: unknown) => string) => JSON.stringify,
};

/** The same for a door with a protocol of its own, which reads its requests itself: schemas document these, too. */
export const UNCHECKED = {
  ...PLAIN,
  validatorCompiler: (): (() => boolean) => () => true,
};

/** What every route answers when it refuses. */
export const ERROR: Schema = {
  type: 'object',
  description: 'refused',
  properties: { error: { type: 'string' }, code: { type: 'string' } },
  required: ['error', 'code'],
};

/** The answers of a route that gives `output`, or refuses. */
export function responses(output: Schema, status = '200'): Record<string, Schema> {
  return { [status]: output, '4xx': ERROR, '5xx': ERROR };
}

/** @throws Failure ERR on a body that is no JSON object */
export function objectOf(body: unknown): Record<string, unknown> {
  const isObject = typeof body === 'object' && body !== null && !Array.isArray(body) && !(body instanceof Uint8Array);
  if (isObject) return body as Record<string, unknown>;
  throw new Failure('ERR', 'the body must be a JSON object');
}
