/** list.* */
import { toJson } from '../json-value.js';
import type { Word } from '../link.js';
import { count, type Operations, type Single, single, success, value, values } from './operation.js';
import type { Payload } from './payload.js';
import { statsOf } from './stats.js';

const START = 0;
const STOP = -1;

const push = (word: string): Single => single((p) => [word, p.word('key'), ...p.words('values')], count('length'));

const pop = (word: string): Single =>
  single((p) => [word, p.word('key'), p.integer('count', 1)], values('values', 'key'));

/** `before: true` or `position: "before"`. */
function where(p: Payload): string {
  if (p.has('position')) return p.choice('position', ['BEFORE', 'AFTER']);
  return p.flag('before', true) ? 'BEFORE' : 'AFTER';
}

function positionWords(p: Payload): Word[] {
  return ['LPOS', p.word('key'), p.word('value', 'element'), ...p.option('RANK', 'rank')];
}

const lrange = single(
  (p) => ['LRANGE', p.word('key'), p.integer('start', START), p.integer('stop', STOP)],
  values('values', 'key'),
);
const llen = single((p) => ['LLEN', p.word('key')], count('length'));
const lindex = single((p) => ['LINDEX', p.word('key'), p.integer('index')], value('value', 'key', 'index'));
const lset = single((p) => ['LSET', p.word('key'), p.integer('index'), p.word('value')], success('key', 'index'));
const ltrim = single(
  (p) => ['LTRIM', p.word('key'), p.integer('start', START), p.integer('stop', STOP)],
  success('key'),
);
const lrem = single((p) => ['LREM', p.word('key'), p.integer('count'), p.word('value')], count('removed'));
const linsert = single((p) => ['LINSERT', p.word('key'), where(p), p.word('pivot'), p.word('value')], count('length'));
const lpos = single(positionWords, (reply, p) => ({ position: toJson(reply), ...p.echo('key') }));

const COUNTED = 'lpush rpush lpop rpop lrange llen lindex lset ltrim lrem linsert rpoplpush blpop brpop'.split(' ');

export const listOperations: Operations = {
  'list.lpush': push('LPUSH'),
  'list.rpush': push('RPUSH'),
  'list.lpushx': push('LPUSHX'),
  'list.rpushx': push('RPUSHX'),
  'list.lpop': pop('LPOP'),
  'list.rpop': pop('RPOP'),
  'list.lrange': lrange,
  'list.range': lrange,
  'list.llen': llen,
  'list.len': llen,
  'list.lindex': lindex,
  'list.index': lindex,
  'list.lset': lset,
  'list.set': lset,
  'list.ltrim': ltrim,
  'list.trim': ltrim,
  'list.lrem': lrem,
  'list.rem': lrem,
  'list.linsert': linsert,
  'list.insert': linsert,
  'list.lpos': lpos,
  'list.pos': lpos,
  'list.rpoplpush': single(
    (p) => ['LMOVE', p.word('source'), p.word('destination'), 'RIGHT', 'LEFT'],
    value('value', 'source', 'destination'),
  ),
  'list.stats': statsOf('list', ['LLEN'], { keys: 'total_lists', size: 'total_elements' }, COUNTED),
};
