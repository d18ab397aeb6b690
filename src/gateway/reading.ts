/**
 * How requests are read: bodies and queries are UTF-8, or refused, as a character put in for what is none would make another key of it.
 * JSON is taken as it is: a field may be called `__proto__`, so names that a request gives are looked up in a Map, or by Object.hasOwn.
 */
import { isUtf8 } from 'node:buffer';
import type { FastifyRequest } from 'fastify';
import { Failure } from './failure.js';

/** A body that cannot be read: fastify's errors have a status, too. */
class BodyError extends Error {
  readonly statusCode = 400;
}

/** A content type parser of fastify for JSON. */
export function readJson(
  _request: FastifyRequest,
  body: string | Buffer,
  done: (error: Error | null, body?: unknown) => void,
): void {
  try {
    done(null, parseJson(body as Buffer));
  } catch (e) {
    done(e as Error);
  }
}

/** @throws BodyError on what is no JSON, or no UTF-8 */
export function parseJson(body: Uint8Array): unknown {
  if (!isUtf8(body)) throw new BodyError('the body must be UTF-8');
  try {
    return JSON.parse(Buffer.from(body.buffer, body.byteOffset, body.length).toString('utf8'));
  } catch {
    throw new BodyError('the body must be JSON');
  }
}

/** A hook. @throws Failure ERR on a query that is not percent-encoded UTF-8 */
export async function refuseBadQuery({ raw }: FastifyRequest): Promise<void> {
  const start = raw.url!.indexOf('?');
  if (start < 0 || !raw.url!.includes('%', start)) return;
  try {
    decodeURIComponent(raw.url!.slice(start));
  } catch {
    throw new Failure('ERR', 'the query is not percent-encoded UTF-8');
  }
}
