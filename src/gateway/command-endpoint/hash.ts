/** hash.* */
import { byName, type JsonValue, toJson } from '../json-value.js';
import { fromStored } from '../stored-value.js';
import { count, type Operations, type Result, single, storedItems, success, values, yes } from './operation.js';
import { pairs } from './payload.js';
import { statsOf } from './stats.js';

const allFields: Result = (reply, p) => {
  const all: [string, JsonValue][] = [];
  for (const [name, of] of byName(reply)) all.push([name, fromStored(of, p.form())]);
  return { fields: Object.fromEntries(all), count: all.length };
};

/** Both names: the older server and its SDK disagree. */
const names: Result = (reply) => {
  const keys = toJson(reply) as readonly JsonValue[];
  return { keys, fields: keys, count: keys.length };
};

const allValues: Result = (reply, p) => {
  const all = storedItems(reply, p);
  return { values: all, count: all.length };
};

const hvals = single((p) => ['HVALS', p.word('key')], allValues);

export const hashOperations: Operations = {
  'hash.set': single(
    (p) => ['HSET', p.word('key'), p.word('field'), p.word('value')],
    (reply, p) => ({ success: true, created: reply === 1, ...p.echo('key', 'field') }),
  ),
  'hash.get': single(
    (p) => ['HGET', p.word('key'), p.word('field')],
    (reply, p) => (reply === null ? { found: false } : { found: true, value: fromStored(reply, p.form()) }),
  ),
  'hash.getall': single((p) => ['HGETALL', p.word('key')], allFields),
  'hash.del': single((p) => ['HDEL', p.word('key'), ...p.words('fields', 'field')], count('deleted')),
  'hash.exists': single((p) => ['HEXISTS', p.word('key'), p.word('field')], yes('exists')),
  'hash.len': single((p) => ['HLEN', p.word('key')], count('length')),
  'hash.keys': single((p) => ['HKEYS', p.word('key')], names),
  'hash.vals': hvals,
  'hash.values': hvals,
  'hash.mset': single(
    (p) => ['HSET', p.word('key'), ...pairs(p.needed('fields'), 'fields', 'field', 'value')],
    success('key'),
  ),
  'hash.mget': single((p) => ['HMGET', p.word('key'), ...p.words('fields')], values('values')),
  'hash.incrby': single((p) => ['HINCRBY', p.word('key'), p.word('field'), p.integer('increment')], count('value')),
  'hash.incrbyfloat': single(
    (p) => ['HINCRBYFLOAT', p.word('key'), p.word('field'), p.number('increment')],
    (reply, p) => ({ value: Number(toJson(reply)), ...p.echo('key') }),
  ),
  'hash.setnx': single((p) => ['HSETNX', p.word('key'), p.word('field'), p.word('value')], yes('created')),
  'hash.stats': statsOf('hash', ['HLEN'], { keys: 'total_hashes', size: 'total_fields' }, ['hset', 'hget', 'hdel']),
};
