/** kv.*: strings, and keys of any type by their old names. */
import type { ReplyValue } from '../../../protocol/reply-reader.js';
import { Failure } from '../failure.js';
import { escapeGlob } from '../glob.js';
import { callsOf } from '../info.js';
import { replyText, toJson } from '../json-value.js';
import type { Word } from '../link.js';
import { fromStored } from '../stored-value.js';
import { infoFields } from './info.js';
import { keyOperations } from './key.js';
import { type Calls, count, items, type Operations, type Result, several, single, success, yes } from './operation.js';
import { objectOf, type Payload, pairs } from './payload.js';

/** Words of SET for the types of `expiry`. */
const EXPIRY: Readonly<Record<string, string>> = {
  seconds: 'EX',
  milliseconds: 'PX',
  unix_seconds: 'EXAT',
  unix_milliseconds: 'PXAT',
};

/** Keys that kv.scan gives at most. */
const SCAN_MAX = 10_000;

function lifetime(p: Payload): Word[] {
  const ttl = p.option('EX', 'ttl');
  const expiry = p.raw('expiry');
  const keep = p.flag('keepttl') ? ['KEEPTTL'] : [];
  if (expiry === undefined) return [...ttl, ...keep];
  const { type, value } = objectOf(expiry, 'expiry');
  const word = EXPIRY[String(type)];
  if (word === undefined) throw Failure.argument('expiry.type', `one of ${Object.keys(EXPIRY).join(', ')}`);
  if (!Number.isSafeInteger(value)) throw Failure.argument('expiry.value', 'an integer');
  return [word, String(value), ...keep];
}

function setWords(p: Payload): Word[] {
  const words = ['SET', p.word('key'), p.word('value')];
  for (const flag of ['nx', 'xx', 'get']) if (p.flag(flag)) words.push(flag.toUpperCase());
  return [...words, ...lifetime(p)];
}

const setResult: Result = (reply, p) => {
  const echo = p.echo('key');
  if (!p.flag('get')) return { success: true, written: reply !== null, ...echo };
  const written = p.flag('nx') ? reply === null : !p.flag('xx') || reply !== null;
  return { success: true, written, ...(reply === null ? {} : { old_value: fromStored(reply, 'string') }), ...echo };
};

/** kv.msetnx of one pair may have it in the payload itself. */
function pairWords(p: Payload): Word[] {
  if (!p.has('pairs') && p.has('key')) return [p.word('key'), p.word('value')];
  return pairs(p.needed('pairs'), 'pairs', 'key', 'value');
}

const keysResult: Result = (reply) => {
  const keys = items(reply).map(toJson);
  return { keys, count: keys.length };
};

function keysWords(p: Payload): Word[] {
  const prefix = p.raw('prefix');
  if (prefix === undefined) return ['KEYS', p.has('pattern') ? p.word('pattern') : '*'];
  return ['KEYS', `${escapeGlob(p.text('prefix'))}*`];
}

/** Without a cursor: the first `limit` keys. With one: a step of SCAN, so that all can be had. */
async function scan(calls: Calls, p: Payload) {
  const limit = Number(p.integer('limit', 100));
  if (limit < 1 || limit > SCAN_MAX) throw Failure.argument('limit', `between 1 and ${SCAN_MAX}`);
  const match = p.has('prefix') ? ['MATCH', `${escapeGlob(p.text('prefix'))}*`] : [];
  const step = async (cursor: string): Promise<readonly ReplyValue[]> =>
    (await calls.run(['SCAN', cursor, ...match, 'COUNT', String(limit)])) as readonly ReplyValue[];
  const from = p.has('cursor') ? p.integer('cursor') : undefined;
  p.end();
  if (from !== undefined) {
    const [cursor, some] = await step(from);
    const keys = items(some).map(toJson);
    return { keys, count: keys.length, cursor: toJson(cursor), has_more: replyText(cursor) !== '0' };
  }
  const found = new Map<string, ReplyValue>();
  for (let cursor = '0'; ; ) {
    const [next, some] = await step(cursor);
    for (const key of items(some)) found.set(replyText(key), key);
    cursor = replyText(next);
    if (cursor !== '0' && found.size < limit) continue;
    const keys = [...found.values()].slice(0, limit).map(toJson);
    return { keys, count: keys.length, has_more: cursor !== '0' || found.size > limit };
  }
}

async function flushAll(calls: Calls, p: Payload) {
  p.end();
  const keyspace = await infoFields(calls, 'keyspace');
  await calls.run(['FLUSHALL']);
  const sizes = [...keyspace.values()].map((line) => Number(/keys=(\d+)/.exec(line)?.[1] ?? 0));
  return { flushed: sizes.reduce((sum, size) => sum + size, 0) };
}

async function stats(calls: Calls, p: Payload) {
  p.end();
  const fields = await infoFields(calls, 'memory', 'stats', 'commandstats');
  const figure = (name: string): number => Number(fields.get(name) ?? 0);
  const called = (...names: string[]): number => names.reduce((sum, name) => sum + callsOf(fields, name), 0);
  const [hits, misses] = [figure('keyspace_hits'), figure('keyspace_misses')];
  return {
    total_keys: toJson(await calls.run(['DBSIZE'])),
    total_memory_bytes: figure('used_memory'),
    operations: {
      gets: called('get', 'mget'),
      sets: called('set', 'mset'),
      dels: called('del', 'unlink'),
      hits,
      misses,
    },
    hit_rate: hits + misses === 0 ? 0 : hits / (hits + misses),
  };
}

const AMOUNT = ['amount', 'increment', 'decrement'];

export const kvOperations: Operations = {
  'kv.set': single(setWords, setResult),
  'kv.get': single(
    (p) => ['GET', p.word('key')],
    (reply, p) => fromStored(reply, p.form()),
  ),
  'kv.del': single((p) => ['DEL', p.word('key')], yes('deleted')),
  'kv.exists': single((p) => ['EXISTS', p.word('key')], yes('exists')),
  'kv.incr': single((p) => ['INCRBY', p.word('key'), p.integer(AMOUNT, 1)], count('value')),
  'kv.decr': single((p) => ['DECRBY', p.word('key'), p.integer(AMOUNT, 1)], count('value')),
  'kv.incrby': single((p) => ['INCRBY', p.word('key'), p.integer(AMOUNT)], count('value')),
  'kv.decrby': single((p) => ['DECRBY', p.word('key'), p.integer(AMOUNT)], count('value')),
  'kv.setnx': single((p) => ['SETNX', p.word('key'), p.word('value')], yes('success')),
  'kv.mset': single((p) => ['MSET', ...pairWords(p)], success()),
  'kv.msetnx': single(
    (p) => ['MSETNX', ...pairWords(p)],
    (reply) => ({ success: reply === 1 }),
  ),
  'kv.mget': single(
    (p) => (p.list('keys').length === 0 ? [] : ['MGET', ...p.words('keys')]),
    (reply, p) => ({ values: items(reply).map((item) => fromStored(item, p.form('json'))) }),
  ),
  'kv.mdel': single(
    (p) => (p.list('keys').length === 0 ? [] : ['DEL', ...p.words('keys')]),
    (reply) => ({ deleted: typeof reply === 'number' ? reply : 0 }),
  ),
  'kv.scan': several(scan),
  'kv.keys': single(keysWords, keysResult),
  'kv.dbsize': single(
    () => ['DBSIZE'],
    (reply) => ({ size: toJson(reply) }),
  ),
  'kv.flushdb': several(async (calls, p) => {
    p.end();
    const [size] = await calls.transaction([['DBSIZE'], ['FLUSHDB']]);
    return { flushed: toJson(size) };
  }),
  'kv.flushall': several(flushAll),
  'kv.expire': single((p) => ['EXPIRE', p.word('key'), p.integer(['ttl', 'seconds'])], yes('result')),
  'kv.ttl': single(
    (p) => ['TTL', p.word('key')],
    (reply) => ({ ttl: typeof reply === 'number' && reply >= 0 ? reply : null }),
  ),
  'kv.persist': single((p) => ['PERSIST', p.word('key')], yes('result')),
  'kv.stats': several(stats),
  'kv.append': single((p) => ['APPEND', p.word('key'), p.word('value')], count('length')),
  'kv.getrange': single(
    (p) => ['GETRANGE', p.word('key'), p.integer('start'), p.integer('end')],
    (reply, p) => fromStored(reply, p.form()),
  ),
  'kv.setrange': single((p) => ['SETRANGE', p.word('key'), p.integer('offset'), p.word('value')], count('length')),
  'kv.strlen': single((p) => ['STRLEN', p.word('key')], count('length')),
  'kv.getset': single(
    (p) => ['SET', p.word('key'), p.word('value'), 'GET'],
    (reply, p) => fromStored(reply, p.form()),
  ),
  'kv.type': keyOperations['key.type'],
  'kv.rename': keyOperations['key.rename'],
  'kv.copy': keyOperations['key.copy'],
};
