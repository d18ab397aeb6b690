/**
 * Failure: what a request is refused with, `{error, code}` and an HTTP status. The code is the server's own word for it, or one of
 * the gateway's; the table below gives every code its status.
 */
import type { ReplyError } from '../../protocol/reply-reader.js';

const BAD_REQUEST = 400;

/** What is not here is 400. */
const STATUS: Readonly<Record<string, number>> = {
  // the server's
  NOAUTH: 401,
  WRONGPASS: 401,
  NOPERM: 403,
  READONLY: 403,
  NOSCRIPT: 404,
  NOGROUP: 404,
  WRONGTYPE: 409,
  EXECABORT: 409,
  BUSYKEY: 409,
  BUSYGROUP: 409,
  FENCED: 409,
  OOM: 507,
  MISCONF: 503,
  LOADING: 503,
  BUSY: 503,
  MASTERDOWN: 503,
  CLUSTERDOWN: 503,
  TRYAGAIN: 503,
  NOREPLICAS: 503,
  // the gateway's
  UNAUTHORIZED: 401,
  FORBIDDEN: 403,
  NOTFOUND: 404,
  TOOLARGE: 413,
  TOOMANY: 429,
  INTERNAL: 500,
  UNAVAILABLE: 502,
};

/** Errors of code ERR that mean that what is named does not exist, or that there is no room. */
const BY_TEXT: readonly (readonly [text: string, status: number])[] = [
  ['ERR no such', 404],
  ['ERR queue is full', 507],
];

export class Failure extends Error {
  readonly code: string;
  readonly status: number;

  /** @param code a key of the table above; any other is a bad request */
  constructor(code: string, message: string, status: number = STATUS[code] ?? BAD_REQUEST) {
    super(message);
    this.code = code;
    this.status = status;
  }

  /** An argument that will not do. @param must what it must be: `an integer` */
  static argument(name: string, must: string): Failure {
    return new Failure('ERR', `argument '${name}' must be ${must}`);
  }

  /** The failure that an error reply means. */
  static of(reply: ReplyError): Failure {
    const { code, text } = reply;
    const known = BY_TEXT.find(([start]) => text.startsWith(start));
    return new Failure(code, text, known?.[1] ?? STATUS[code] ?? BAD_REQUEST);
  }
}
