/** bitmap.* and hyperloglog.*. Offsets of bitmap.bitcount and bitmap.bitpos count bits unless `unit` says BYTE. */
import { Failure } from '../failure.js';
import { toJson } from '../json-value.js';
import type { Word } from '../link.js';
import { count, type Operations, several, single } from './operation.js';
import { bytesOf, type Json, objectOf, type Payload } from './payload.js';

function range(p: Payload): Word[] {
  if (!p.has('start') && !p.has('end')) return [];
  return [p.integer('start', 0), p.integer('end', -1), p.choice('unit', ['BIT', 'BYTE'], 'BIT')];
}

/** One of `operations`: `{operation, offset, width, signed, value | increment, overflow}`. */
function field(given: Json): Word[] {
  const { operation, offset, width, signed = false, value, increment, overflow } = given;
  const name = String(operation).toUpperCase();
  if (!['GET', 'SET', 'INCRBY'].includes(name))
    throw Failure.argument('operations.operation', 'one of GET, SET, INCRBY');
  const integer = (one: unknown, what: string): string => {
    if (!Number.isSafeInteger(one)) throw Failure.argument(`operations.${what}`, 'an integer');
    return String(one);
  };
  const type = `${signed === true ? 'i' : 'u'}${integer(width, 'width')}`;
  const words = [name, type, integer(offset, 'offset')];
  if (name === 'SET') words.push(integer(value, 'value'));
  if (name === 'INCRBY') words.push(integer(increment, 'increment'));
  return overflow === undefined ? words : ['OVERFLOW', String(overflow).toUpperCase(), ...words];
}

function elements(p: Payload): Word[] {
  return p.list('elements').map((one) => bytesOf(one, 'elements'));
}

export const bitmapOperations: Operations = {
  'bitmap.setbit': single(
    (p) => ['SETBIT', p.word('key'), p.integer('offset'), p.integer('value')],
    (reply, p) => ({ old_value: toJson(reply), ...p.echo('key', 'offset') }),
  ),
  'bitmap.getbit': single(
    (p) => ['GETBIT', p.word('key'), p.integer('offset')],
    (reply, p) => ({ value: toJson(reply), ...p.echo('key', 'offset') }),
  ),
  'bitmap.bitcount': single((p) => ['BITCOUNT', p.word('key'), ...range(p)], count('count')),
  'bitmap.bitpos': single(
    (p) => ['BITPOS', p.word('key'), p.integer('value'), ...range(p)],
    (reply, p) => ({ position: reply === -1 ? null : toJson(reply), ...p.echo('key') }),
  ),
  'bitmap.bitop': single(
    (p) => [
      'BITOP',
      p.choice('operation', ['AND', 'OR', 'XOR', 'NOT']),
      p.word('destination'),
      ...p.words('source_keys'),
    ],
    (reply, p) => ({ length: toJson(reply), ...p.echo('destination') }),
  ),
  'bitmap.bitfield': single(
    (p) => ['BITFIELD', p.word('key'), ...p.list('operations').flatMap((one) => field(objectOf(one, 'operations')))],
    (reply, p) => ({ results: toJson(reply), ...p.echo('key') }),
  ),
  'hyperloglog.pfadd': several(async (calls, p) => {
    const key = p.word('key');
    const expiry = p.has('ttl_secs') ? [['EXPIRE', key, p.integer('ttl_secs')]] : [];
    const words = elements(p);
    p.end();
    if (words.length === 0) return { added: 0, ...p.echo('key') };
    const [added] = await calls.transaction([['PFADD', key, ...words], ...expiry]);
    return { added: toJson(added), ...p.echo('key') };
  }),
  'hyperloglog.pfcount': single((p) => ['PFCOUNT', p.word('key')], count('count')),
  'hyperloglog.pfmerge': several(async (calls, p) => {
    const destination = p.word('destination');
    const sources = p.words('sources');
    p.end();
    const [, sum] = await calls.transaction([
      ['PFMERGE', destination, ...sources],
      ['PFCOUNT', destination],
    ]);
    return { count: toJson(sum), ...p.echo('destination') };
  }),
};
