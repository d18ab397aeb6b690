/** sortedset.* */
import type { ReplyValue } from '../../../protocol/reply-reader.js';
import { toWord } from '../arguments.js';
import { Failure } from '../failure.js';
import { type JsonValue, toJson } from '../json-value.js';
import type { Word } from '../link.js';
import { fromStored } from '../stored-value.js';
import { count, items, type Operations, type Result, type Single, several, single } from './operation.js';
import { numberWord, objectOf, type Payload } from './payload.js';
import { sizesOf } from './stats.js';

const CONDITIONS = ['nx', 'xx', 'gt', 'lt', 'ch', 'incr'];

/** `member` and `score`, `members: [{member, score}]`, or `members` and `scores`. */
function added(p: Payload): Word[] {
  if (p.has('member')) return [p.number('score'), p.word('member')];
  const members = p.list('members');
  if (members.length === 0) throw Failure.argument('members', 'at least one');
  if (!p.has('scores'))
    return members.flatMap((one) => {
      const { member, score } = objectOf(one, 'members');
      return [numberWord(score, 'members.score'), toWord(member, 'members.member')];
    });
  const scores = p.list('scores');
  if (scores.length !== members.length) throw Failure.argument('scores', 'as many as there are members');
  return members.flatMap((member, i) => [numberWord(scores[i], 'scores'), toWord(member, 'members')]);
}

function zadd(p: Payload): Word[] {
  const conditions = CONDITIONS.filter((name) => p.flag(name)).map((name) => name.toUpperCase());
  return ['ZADD', p.word('key'), ...conditions, ...added(p)];
}

/** With `ch` the server counts those with a new score, too; with `incr` it tells the score. */
const outcome: Result = (reply, p) => {
  const name = p.flag('incr') ? 'score' : p.flag('ch') ? 'changed' : 'added';
  return { [name]: toJson(reply), ...p.echo('key') };
};

const ofMember =
  (name: string): Result =>
  (reply, p) => ({ [name]: toJson(reply), ...p.echo('key', 'member') });

const member =
  (word: string): Single['words'] =>
  (p) => [word, p.word('key'), p.word('member')];

/** Pairs of a member and its score. */
function scored(reply: ReplyValue, p: Payload): JsonValue[] {
  return items(reply).map((pair) => {
    const [one, score] = pair as readonly ReplyValue[];
    return { member: fromStored(one, p.form()), score: toJson(score) };
  });
}

const members: Result = (reply, p) => {
  // Scores are always told; that somebody asks for them changes nothing.
  p.flag('withscores');
  return { members: scored(reply, p), ...p.echo('key') };
};

const popped: Result = (reply, p) => {
  const all = scored(reply, p);
  return { members: all, count: all.length, ...p.echo('key') };
};

const byRank = (word: string): Single =>
  single((p) => {
    p.flag('withscores');
    return [word, p.word('key'), p.integer('start', 0), p.integer('stop', -1), 'WITHSCORES'];
  }, members);

function byScore(p: Payload): Word[] {
  p.flag('withscores');
  const limit = p.has('limit') || p.has('offset') ? ['LIMIT', p.integer('offset', 0), p.integer('limit', -1)] : [];
  return ['ZRANGEBYSCORE', p.word('key'), p.number('min'), p.number('max'), 'WITHSCORES', ...limit];
}

const pop = (word: string): Single => single((p) => [word, p.word('key'), p.integer('count', 1)], popped);

/** ZUNIONSTORE and its kind. */
function stored(word: string, merges: boolean): Single {
  return single(
    (p) => {
      const keys = p.words('keys');
      const weights = merges && p.has('weights') ? p.list('weights').map((one) => numberWord(one, 'weights')) : [];
      const aggregate = merges && p.has('aggregate') ? ['AGGREGATE', p.choice('aggregate', ['SUM', 'MIN', 'MAX'])] : [];
      const weighed = weights.length > 0 ? ['WEIGHTS', ...weights] : [];
      return [word, p.word('destination'), String(keys.length), ...keys, ...weighed, ...aggregate];
    },
    (reply, p) => ({ count: toJson(reply), ...p.echo('destination') }),
  );
}

export const sortedSetOperations: Operations = {
  'sortedset.zadd': single(zadd, outcome),
  'sortedset.zrem': single((p) => ['ZREM', p.word('key'), ...p.words('members', 'member')], count('removed')),
  'sortedset.zmscore': single(
    (p) => ['ZMSCORE', p.word('key'), ...p.words('members')],
    (reply, p) => ({ scores: items(reply).map(toJson), ...p.echo('key') }),
  ),
  'sortedset.zscore': single(member('ZSCORE'), ofMember('score')),
  'sortedset.zrank': single(member('ZRANK'), ofMember('rank')),
  'sortedset.zrevrank': single(member('ZREVRANK'), ofMember('rank')),
  'sortedset.zcard': single((p) => ['ZCARD', p.word('key')], count('count')),
  'sortedset.zcount': single(
    (p) => ['ZCOUNT', p.word('key'), p.number('min', '-inf'), p.number('max', '+inf')],
    count('count'),
  ),
  'sortedset.zincrby': single(
    (p) => ['ZINCRBY', p.word('key'), p.number(['increment', 'score']), p.word('member')],
    count('score'),
  ),
  'sortedset.zrange': byRank('ZRANGE'),
  'sortedset.zrevrange': byRank('ZREVRANGE'),
  'sortedset.zrangebyscore': single(byScore, members),
  'sortedset.zpopmin': pop('ZPOPMIN'),
  'sortedset.zpopmax': pop('ZPOPMAX'),
  'sortedset.zremrangebyrank': single(
    (p) => ['ZREMRANGEBYRANK', p.word('key'), p.integer('start'), p.integer('stop')],
    count('removed'),
  ),
  'sortedset.zremrangebyscore': single(
    (p) => ['ZREMRANGEBYSCORE', p.word('key'), p.number('min'), p.number('max')],
    count('removed'),
  ),
  'sortedset.zinterstore': stored('ZINTERSTORE', true),
  'sortedset.zunionstore': stored('ZUNIONSTORE', true),
  'sortedset.zdiffstore': stored('ZDIFFSTORE', false),
  'sortedset.stats': several(async (calls, p) => {
    p.end();
    const { keys, sizes } = await sizesOf(calls, 'zset', ['ZCARD']);
    const bytes = await sizesOf(calls, 'zset', ['MEMORY', 'USAGE']);
    return {
      total_keys: keys,
      total_members: sizes,
      avg_members_per_key: keys === 0 ? 0 : sizes / keys,
      memory_bytes: bytes.sizes,
    };
  }),
};
