/**
 * Who a request comes from: a bearer token or basic auth names a user of the server, and the server decides. The token is the
 * password of the default user, or `user:password`. The database is `?db=` or the header `X-Synap-Db`.
 */
import type { FastifyRequest } from 'fastify';
import { Failure } from './failure.js';
import type { Login } from './link-pool.js';
import type { Settings } from './options.js';

/**
 * The login of a request.
 * @throws Failure UNAUTHORIZED when it has none and must have one, or one that cannot be read; ERR on a database that is none
 */
export function loginOf(request: FastifyRequest, { target, anonymous }: Settings): Login {
  const db = databaseOf(request, target.db);
  const header = request.headers.authorization ?? tokenInQuery(request);
  if (header === undefined) {
    if (!anonymous) throw new Failure('UNAUTHORIZED', 'A login is needed: Authorization: Bearer or Basic');
    return { username: target.username, password: target.password, db };
  }
  const [, scheme = '', value = ''] = /^(\w+) +(\S+)$/.exec(header) ?? [];
  if (scheme.toLowerCase() === 'bearer') return parts(value, db, true);
  if (scheme.toLowerCase() === 'basic') return parts(Buffer.from(value, 'base64').toString('utf8'), db, false);
  throw new Failure('UNAUTHORIZED', 'Authorization must be Bearer or Basic');
}

function parts(text: string, db: number, token: boolean): Login {
  const colon = text.indexOf(':');
  if (colon < 0 && token) return { password: text, db };
  if (colon < 0) throw new Failure('UNAUTHORIZED', 'Basic needs user:password');
  const username = text.slice(0, colon);
  return { username: username === '' ? undefined : username, password: text.slice(colon + 1), db };
}

/** For doors to which a browser cannot send headers (WebSocket, EventSource). */
function tokenInQuery(request: FastifyRequest): string | undefined {
  const { _token } = request.query as Record<string, unknown>;
  return typeof _token === 'string' ? `Bearer ${_token}` : undefined;
}

function databaseOf(request: FastifyRequest, fallback: number): number {
  const { db } = request.query as Record<string, unknown>;
  const text = db ?? request.headers['x-synap-db'];
  if (text === undefined) return fallback;
  if (typeof text !== 'string' || !/^\d{1,5}$/.test(text)) throw new Failure('ERR', 'invalid DB index');
  return Number(text);
}
