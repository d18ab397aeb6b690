/** set.* */
import { toJson } from '../json-value.js';
import { count, type Operations, type Result, type Single, single, values, yes } from './operation.js';
import { statsOf } from './stats.js';

const scard = single((p) => ['SCARD', p.word('key')], count('size', 'count', 'cardinality'));
const srem = single((p) => ['SREM', p.word('key'), ...p.words('members')], count('removed'));

const drawn = (word: string): Single =>
  single((p) => [word, p.word('key'), p.integer('count', 1)], values('members', 'key'));

const merged = (word: string): Single => single((p) => [word, ...p.words('keys')], values('members'));

const size: Result = (reply, p) => ({
  cardinality: toJson(reply),
  count: toJson(reply),
  ...p.echo('destination'),
});

const stored = (word: string): Single => single((p) => [word, p.word('destination'), ...p.words('keys')], size);

const COUNTED = 'sadd srem sismember smembers scard spop srandmember smove sinter sunion sdiff'.split(' ');

export const setOperations: Operations = {
  'set.add': single((p) => ['SADD', p.word('key'), ...p.words('members')], count('added')),
  'set.rem': srem,
  'set.remove': srem,
  'set.ismember': single((p) => ['SISMEMBER', p.word('key'), p.word('member')], yes('is_member')),
  'set.members': single((p) => ['SMEMBERS', p.word('key')], values('members', 'key')),
  'set.size': scard,
  'set.card': scard,
  'set.pop': drawn('SPOP'),
  'set.randmember': drawn('SRANDMEMBER'),
  'set.move': single(
    (p) => ['SMOVE', p.word('source'), p.word('destination'), p.word('member')],
    (reply, p) => ({ moved: reply === 1, ...p.echo('source', 'destination') }),
  ),
  'set.inter': merged('SINTER'),
  'set.union': merged('SUNION'),
  'set.diff': merged('SDIFF'),
  'set.interstore': stored('SINTERSTORE'),
  'set.unionstore': stored('SUNIONSTORE'),
  'set.diffstore': stored('SDIFFSTORE'),
  'set.stats': statsOf('set', ['SCARD'], { keys: 'total_sets', size: 'total_members' }, COUNTED),
};
