/**
 * The address of a key as a resource: `synap://{db}/{key}`, the key's bytes percent-encoded, with `?cursor=&count=` for a page of it.
 *
 *   synap://0/user%3A1      synap://0/list?cursor=100&count=50      synap://3/%FF%00 (a key that is no text)
 */
import { Failure } from '../failure.js';

/** What a URI asks for. */
export interface KeyAddress {
  readonly db: number;
  readonly key: Uint8Array;
  /** Where to go on; empty: from the beginning. */
  readonly cursor: string;
  readonly count: number;
}

export const COUNT_DEFAULT = 100;
export const COUNT_MAX = 1000;
const CURSOR_MAX = 128;

/** The URI of a key. */
export function keyUri(db: number, key: Uint8Array): string {
  let text = '';
  for (const byte of key) {
    const char = String.fromCharCode(byte);
    text += /[A-Za-z0-9._~-]/.test(char) ? char : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
  }
  return `synap://${db}/${text}`;
}

/**
 * Reads a URI.
 * @throws Failure ERR when it is none of a key
 */
export function parseKeyUri(uri: string): KeyAddress {
  const [, db, key, query = ''] = /^synap:\/\/(\d{1,5})\/([^?#]*)(?:\?([^#]*))?$/.exec(uri) ?? [];
  if (db === undefined) throw new Failure('ERR', 'not the URI of a key: synap://{db}/{key}');
  const given = new URLSearchParams(query);
  for (const name of given.keys())
    if (name !== 'cursor' && name !== 'count') throw new Failure('ERR', `unknown parameter '${name}'`);
  const cursor = given.get('cursor') ?? '';
  if (cursor.length > CURSOR_MAX) throw new Failure('ERR', 'invalid cursor');
  const count = given.get('count') ?? String(COUNT_DEFAULT);
  if (!/^\d{1,4}$/.test(count) || Number(count) < 1 || Number(count) > COUNT_MAX)
    throw new Failure('ERR', `count must be from 1 to ${COUNT_MAX}`);
  return { db: Number(db), key: decode(key), cursor, count: Number(count) };
}

function decode(text: string): Uint8Array {
  if (/%(?![0-9A-Fa-f]{2})/.test(text))
    throw new Failure('ERR', "a '%' in a URI must be followed by two hexadecimal digits");
  const latin1 = Buffer.from(text, 'utf8')
    .toString('latin1')
    .replace(/%([0-9A-Fa-f]{2})/g, (_, hex) => String.fromCharCode(Number.parseInt(hex, 16)));
  return Buffer.from(latin1, 'latin1');
}
