/**
 * The pretty routes, as data: `/api/v1/{structure}/{operation}`. What a route takes is what its command takes, but for what `names` and
 * its like say; what it answers is made by the parts of shape.ts. Rows whose command the server does not have are left out (route.ts).
 *
 *   get('hash/get/:key/:field', 'hget', ...)     GET /api/v1/hash/get/{key}/{field} and GET /api/v1/hash/get?key=&field=
 *   post('hash/set', 'hset', ...)                POST /api/v1/hash/set {"key", "field", "value"}
 */
import {
  COUNT,
  given,
  item,
  LIST,
  messages,
  NUMBER,
  OBJECT,
  OLD_VALUE,
  type Part,
  REPLY,
  SCANNED,
  SCANNED_SCORES,
  SCORED,
  SECTIONS,
  type Shape,
  SLOW_ENTRIES,
  STORED,
  STORED_LIST,
  STORED_OBJECT,
  SUCCESS,
  storedItem,
  TRUTH,
  TRUTHS,
  WRITTEN,
} from './shape.js';

type Json = Readonly<Record<string, unknown>>;

/** A command for each value of a property. */
export interface By {
  readonly property: string;
  readonly commands: Readonly<Record<string, string>>;
  readonly otherwise: string;
}

interface Ways {
  /** What arguments of the command are called here; `a.b` is within `a`. */
  readonly names?: Readonly<Record<string, string>>;
  /** Booleans that give an argument a value. */
  readonly flags?: Readonly<Record<string, readonly [argument: string, value: unknown]>>;
  /** Arguments of the route that together are the only item of an argument of the command. */
  readonly single?: { readonly parts: readonly string[]; readonly into: string };
  readonly fixed?: Json;
  readonly defaults?: Json;
  /** The argument that a body of application/octet-stream is. */
  readonly bytes?: string;
}

export interface Row extends Ways {
  readonly method: 'GET' | 'POST' | 'DELETE';
  readonly path: string;
  readonly command: string | By;
  /** The answer: an object of parts, or one part that is the whole. */
  readonly shape: Shape | Part;
}

type Verb = (path: string, command: string | By, shape: Shape | Part, ways?: Ways) => Row;

const verb =
  (method: Row['method']): Verb =>
  (path, command, shape, ways = {}) => ({ method, path, command, shape, ...ways });
const get = verb('GET');
const post = verb('POST');
const del = verb('DELETE');

const KEY = given('key');
const DESTINATION = given('destination');
const KEYS = { names: { keys: 'key' } };
const FROM_START = { defaults: { cursor: 0 } };
const ALL = { start: 0, stop: -1 };
const ANY_SCORE = { min: '-inf', max: '+inf' };
const MEMBERS = { names: { members: 'member' } };
const QUEUE = { queue: 'key' };
const TOPIC = { topic: 'key' };
const GROUP = { names: TOPIC };
const LIMIT = { limit: 'count' };

function side(left: string, right: string, otherwise = 'left'): By {
  return { property: 'position', commands: { left, right }, otherwise };
}

const KV: readonly Row[] = [
  post(
    'kv/set',
    'set',
    { success: SUCCESS, key: KEY, written: WRITTEN, old_value: OLD_VALUE },
    { names: { ttl: 'ex' }, flags: { nx: ['condition', 'NX'], xx: ['condition', 'XX'] }, bytes: 'value' },
  ),
  get('kv/get/:key', 'get', { value: STORED }),
  del('kv/del/:key', 'del', { deleted: TRUTH, key: KEY }),
  post('kv/del', 'del', { deleted: REPLY }, KEYS),
  post('kv/mset', 'mset', { success: SUCCESS }, { names: { pairs: 'key_value' } }),
  post('kv/msetnx', 'msetnx', { success: TRUTH }, { names: { pairs: 'key_value' } }),
  post('kv/mget', 'mget', { values: STORED }, KEYS),
  post('kv/append', 'append', { length: REPLY }, { bytes: 'value' }),
  get('kv/getrange/:key', 'getrange', { value: REPLY }, { defaults: { start: 0, end: -1 } }),
  post('kv/setrange', 'setrange', { length: REPLY }, { bytes: 'value' }),
  get('kv/strlen/:key', 'strlen', { length: REPLY }),
  post('kv/getset', 'getset', { value: STORED }, { bytes: 'value' }),
  post('kv/getdel', 'getdel', { value: STORED }),
  post('kv/getex', 'getex', { value: STORED }, { names: { ttl: 'ex' } }),
  post('kv/incr', 'incrby', { value: REPLY }, { names: { amount: 'increment' }, defaults: { amount: 1 } }),
  post('kv/decr', 'decrby', { value: REPLY }, { names: { amount: 'decrement' }, defaults: { amount: 1 } }),
  post('kv/incrbyfloat', 'incrbyfloat', { value: NUMBER }),
];

const KEY_ROUTES: readonly Row[] = [
  get('key/type/:key', 'type', { key: KEY, type: REPLY }),
  get('key/exists/:key', 'exists', { key: KEY, exists: TRUTH }),
  post(
    'key/rename',
    'rename',
    { success: SUCCESS, source: given('source'), destination: DESTINATION },
    { names: { source: 'key', destination: 'newkey' } },
  ),
  post(
    'key/renamenx',
    'renamenx',
    { success: TRUTH, source: given('source'), destination: DESTINATION },
    { names: { source: 'key', destination: 'newkey' } },
  ),
  post('key/copy', 'copy', { success: TRUTH, source: given('source'), destination: DESTINATION }),
  get('key/randomkey', 'randomkey', { key: REPLY }),
  get('key/list', 'keys', { keys: LIST, count: COUNT }, { defaults: { pattern: '*' } }),
  get('key/scan', 'scan', { cursor: item(0), keys: item(1) }, FROM_START),
  get('key/count', 'dbsize', { count: REPLY }),
  post('key/expire', 'expire', { success: TRUTH, key: KEY }, { names: { ttl: 'seconds' } }),
  get('key/ttl/:key', 'ttl', { key: KEY, ttl: REPLY }),
  post('key/persist', 'persist', { success: TRUTH, key: KEY }),
  post('key/del', 'del', { deleted: REPLY }, KEYS),
  post('key/unlink', 'unlink', { deleted: REPLY }, KEYS),
  post('key/touch', 'touch', { touched: REPLY }, KEYS),
  del('key/del/:key', 'del', { deleted: TRUTH, key: KEY }),
  get('key/encoding/:key', 'object|encoding', { key: KEY, encoding: REPLY }),
  get('key/memory/:key', 'memory|usage', { key: KEY, bytes: REPLY }),
];

const FIELDS = { names: { fields: 'field' } };
const FIELD_VALUE = { parts: ['field', 'value'], into: 'field_value' };

const HASH: readonly Row[] = [
  post('hash/set', 'hset', { created: TRUTH, key: KEY, field: given('field') }, { single: FIELD_VALUE }),
  post('hash/setnx', 'hsetnx', { created: TRUTH, key: KEY, field: given('field') }),
  post('hash/mset', 'hset', { success: SUCCESS, key: KEY, created: REPLY }, { names: { fields: 'field_value' } }),
  post('hash/mget', 'hmget', { values: STORED }, FIELDS),
  get('hash/get/:key/:field', 'hget', { value: STORED }),
  get('hash/getall/:key', 'hgetall', { fields: STORED_OBJECT }),
  get('hash/keys/:key', 'hkeys', { keys: LIST, count: COUNT }),
  get('hash/vals/:key', 'hvals', { values: STORED_LIST, count: COUNT }),
  get('hash/len/:key', 'hlen', { length: REPLY }),
  get('hash/exists/:key/:field', 'hexists', { exists: TRUTH }),
  get('hash/scan/:key', 'hscan', { cursor: item(0), fields: SCANNED }, FROM_START),
  del('hash/del/:key/:field', 'hdel', { deleted: REPLY, key: KEY }),
  post('hash/del', 'hdel', { deleted: REPLY, key: KEY }, FIELDS),
  post('hash/incrby', 'hincrby', { value: REPLY }),
  post('hash/incrbyfloat', 'hincrbyfloat', { value: NUMBER }),
  post('hash/expire', 'hexpire', { results: REPLY }, { names: { ttl: 'seconds', fields: 'fields.field' } }),
  post('hash/ttl', 'httl', { ttls: REPLY }, { names: { fields: 'fields.field' } }),
  post('hash/persist', 'hpersist', { results: REPLY }, { names: { fields: 'fields.field' } }),
];

const VALUES = { names: { values: 'element' } };
const VALUE = { value: 'element' };

const LIST_ROUTES: readonly Row[] = [
  post('list/push', side('lpush', 'rpush', 'right'), { length: REPLY, key: KEY }, VALUES),
  post('list/pushx', side('lpushx', 'rpushx', 'right'), { length: REPLY, key: KEY }, VALUES),
  post('list/pop', side('lpop', 'rpop'), { values: STORED_LIST, key: KEY }),
  post('list/bpop', side('blpop', 'brpop'), { key: item(0), value: storedItem(1) }, KEYS),
  get('list/range/:key', 'lrange', { values: STORED_LIST, key: KEY }, { defaults: ALL }),
  get('list/len/:key', 'llen', { length: REPLY, key: KEY }),
  get('list/index/:key/:index', 'lindex', { value: STORED, key: KEY, index: given('index') }),
  post('list/set', 'lset', { success: SUCCESS, key: KEY, index: given('index') }, { names: VALUE }),
  post('list/trim', 'ltrim', { success: SUCCESS, key: KEY }),
  post('list/rem', 'lrem', { removed: REPLY, key: KEY }, { names: VALUE, defaults: { count: 0 } }),
  post('list/insert', 'linsert', { length: REPLY, key: KEY }, { names: { ...VALUE, position: 'where' } }),
  post('list/pos', 'lpos', { position: REPLY, key: KEY }, { names: VALUE }),
  post('list/move', 'lmove', { value: STORED }, { names: { from: 'wherefrom', to: 'whereto' } }),
  post('list/rpoplpush', 'rpoplpush', { value: STORED, source: given('source'), destination: DESTINATION }),
];

const SET: readonly Row[] = [
  post('set/add', 'sadd', { added: REPLY, key: KEY }, MEMBERS),
  post('set/rem', 'srem', { removed: REPLY, key: KEY }, MEMBERS),
  post('set/ismember', 'sismember', { is_member: TRUTH, key: KEY }),
  get('set/ismember/:key/:member', 'sismember', { is_member: TRUTH, key: KEY }),
  post('set/mismember', 'smismember', { are_members: TRUTHS, key: KEY }, MEMBERS),
  get('set/members/:key', 'smembers', { members: STORED_LIST, key: KEY }),
  get('set/card/:key', 'scard', { count: REPLY, key: KEY }),
  post('set/pop', 'spop', { members: STORED_LIST, key: KEY }, { defaults: { count: 1 } }),
  get('set/randmember/:key', 'srandmember', { members: STORED_LIST, key: KEY }, { defaults: { count: 1 } }),
  post('set/move', 'smove', { moved: TRUTH, source: given('source'), destination: DESTINATION }),
  get('set/scan/:key', 'sscan', { cursor: item(0), members: storedItem(1) }, FROM_START),
  post('set/inter', 'sinter', { members: STORED_LIST }, KEYS),
  post('set/union', 'sunion', { members: STORED_LIST }, KEYS),
  post('set/diff', 'sdiff', { members: STORED_LIST }, KEYS),
  post('set/intercard', 'sintercard', { count: REPLY }, KEYS),
  post('set/interstore', 'sinterstore', { count: REPLY, destination: DESTINATION }, KEYS),
  post('set/unionstore', 'sunionstore', { count: REPLY, destination: DESTINATION }, KEYS),
  post('set/diffstore', 'sdiffstore', { count: REPLY, destination: DESTINATION }, KEYS),
];

const SCORES = { fixed: { withscores: true } };
const KEYS_SCORES = { ...KEYS, ...SCORES };
const CONDITIONS = {
  nx: ['condition', 'NX'],
  xx: ['condition', 'XX'],
  gt: ['comparison', 'GT'],
  lt: ['comparison', 'LT'],
} as const;

const SORTED_SET: readonly Row[] = [
  post(
    'sortedset/add',
    'zadd',
    { added: REPLY, key: KEY },
    {
      names: { members: 'score_member' },
      flags: CONDITIONS,
      single: { parts: ['member', 'score'], into: 'score_member' },
    },
  ),
  post('sortedset/rem', 'zrem', { removed: REPLY, key: KEY }, MEMBERS),
  get('sortedset/score/:key/:member', 'zscore', { score: REPLY, key: KEY, member: given('member') }),
  get('sortedset/card/:key', 'zcard', { count: REPLY, key: KEY }),
  post('sortedset/incrby', 'zincrby', { score: REPLY, key: KEY }),
  get('sortedset/range/:key', 'zrange', { members: SCORED, key: KEY }, { defaults: ALL, ...SCORES }),
  get('sortedset/revrange/:key', 'zrevrange', { members: SCORED, key: KEY }, { defaults: ALL, ...SCORES }),
  get(
    'sortedset/rangebyscore/:key',
    'zrangebyscore',
    { members: SCORED, key: KEY },
    { defaults: ANY_SCORE, ...SCORES },
  ),
  get(
    'sortedset/rangebylex/:key',
    'zrangebylex',
    { members: STORED_LIST, key: KEY },
    { defaults: { min: '-', max: '+' } },
  ),
  get('sortedset/rank/:key/:member', 'zrank', { rank: REPLY, key: KEY, member: given('member') }),
  get('sortedset/revrank/:key/:member', 'zrevrank', { rank: REPLY, key: KEY, member: given('member') }),
  get('sortedset/count/:key', 'zcount', { count: REPLY, key: KEY }, { defaults: ANY_SCORE }),
  get('sortedset/scan/:key', 'zscan', { cursor: item(0), members: SCANNED_SCORES }, FROM_START),
  post('sortedset/mscore', 'zmscore', { scores: REPLY, key: KEY }, MEMBERS),
  post('sortedset/popmin', 'zpopmin', { members: SCORED, key: KEY }, { defaults: { count: 1 } }),
  post('sortedset/popmax', 'zpopmax', { members: SCORED, key: KEY }, { defaults: { count: 1 } }),
  post('sortedset/remrangebyrank', 'zremrangebyrank', { removed: REPLY, key: KEY }),
  post('sortedset/remrangebyscore', 'zremrangebyscore', { removed: REPLY, key: KEY }),
  post('sortedset/inter', 'zinter', { members: SCORED }, KEYS_SCORES),
  post('sortedset/union', 'zunion', { members: SCORED }, KEYS_SCORES),
  post('sortedset/diff', 'zdiff', { members: SCORED }, KEYS_SCORES),
  post('sortedset/interstore', 'zinterstore', { count: REPLY, destination: DESTINATION }, KEYS),
  post('sortedset/unionstore', 'zunionstore', { count: REPLY, destination: DESTINATION }, KEYS),
  post('sortedset/diffstore', 'zdiffstore', { count: REPLY, destination: DESTINATION }, KEYS),
];

/** Structures that are strings or sorted sets underneath. */
const SPECIAL: readonly Row[] = [
  post('bitmap/set', 'setbit', { key: KEY, old_value: REPLY }),
  get('bitmap/get/:key/:offset', 'getbit', { key: KEY, offset: given('offset'), value: REPLY }),
  get('bitmap/count/:key', 'bitcount', { key: KEY, count: REPLY }),
  get('bitmap/pos/:key/:bit', 'bitpos', { key: KEY, position: REPLY }),
  post('hyperloglog/add', 'pfadd', { key: KEY, added: REPLY }, { names: { elements: 'element' } }),
  get('hyperloglog/count/:key', 'pfcount', { key: KEY, count: REPLY }),
  post(
    'hyperloglog/merge',
    'pfmerge',
    { success: SUCCESS, destination: DESTINATION },
    {
      names: { destination: 'destkey', sources: 'sourcekey' },
    },
  ),
  post('geospatial/pos', 'geopos', { key: KEY, coordinates: REPLY }, MEMBERS),
  post('geospatial/hash', 'geohash', { key: KEY, geohashes: REPLY }, MEMBERS),
  get('geospatial/dist/:key/:member1/:member2', 'geodist', { key: KEY, distance: REPLY }),
];

const MESSAGES = { messages: messages('payload') };
const IDS = { names: { ...QUEUE, ids: 'id' } };

const QUEUE_ROUTES: readonly Row[] = [
  post(
    'queue/create',
    'queue.create',
    { queue: given('queue'), created: TRUTH },
    {
      names: { ...QUEUE, max_depth: 'maxdepth' },
    },
  ),
  del('queue/delete/:queue', 'queue.delete', { queue: given('queue'), deleted: TRUTH }, { names: QUEUE }),
  get('queue/list', 'queue.list', { queues: LIST, count: COUNT }, { names: { pattern: 'match' } }),
  get('queue/info/:queue', 'queue.info', OBJECT, { names: QUEUE }),
  post(
    'queue/publish',
    'queue.publish',
    { message_id: REPLY },
    {
      names: { ...QUEUE, headers: 'headers.name_value' },
      bytes: 'payload',
    },
  ),
  post('queue/consume', 'queue.consume', MESSAGES, { names: QUEUE }),
  post('queue/ack', 'queue.ack', { acknowledged: REPLY }, IDS),
  post('queue/nack', 'queue.nack', { given_back: REPLY }, IDS),
  post('queue/purge', 'queue.purge', { purged: REPLY }, { names: QUEUE }),
  get('queue/peek/:queue', 'queue.peek', MESSAGES, { names: QUEUE }),
  get('queue/dead/:queue', 'queue.dlq.list', MESSAGES, { names: QUEUE }),
  post('queue/dead/requeue', 'queue.dlq.requeue', { requeued: REPLY }, IDS),
  post('queue/dead/purge', 'queue.dlq.purge', { purged: REPLY }, IDS),
];

const EVENTS = { events: messages('data') };

const TOPIC_ROUTES: readonly Row[] = [
  post('topic/create', 'topic.create', { topic: given('topic'), created: TRUTH }, { names: TOPIC }),
  del('topic/delete/:topic', 'topic.delete', { topic: given('topic'), deleted: TRUTH }, { names: TOPIC }),
  get('topic/list', 'topic.list', { topics: LIST, count: COUNT }, { names: { pattern: 'match' } }),
  get('topic/info/:topic', 'topic.info', OBJECT, { names: TOPIC }),
  post(
    'topic/publish',
    'topic.publish',
    { partition: item(0), offset: item(1) },
    {
      names: { ...TOPIC, key: 'event_key', headers: 'headers.name_value' },
      bytes: 'data',
    },
  ),
  get('topic/read/:topic', 'topic.read', EVENTS, {
    names: { ...TOPIC, ...LIMIT },
    single: { parts: ['partition', 'offset'], into: 'partition_offset' },
    defaults: { partition: 0, offset: 0 },
  }),
  post('topic/read', 'topic.read', EVENTS, { names: { ...TOPIC, ...LIMIT, from: 'partition_offset' } }),
  post('topic/group/create', 'topic.group.create', { created: TRUTH }, GROUP),
  del('topic/group/delete/:topic/:group', 'topic.group.delete', { deleted: TRUTH }, GROUP),
  post('topic/group/join', 'topic.group.join', OBJECT, GROUP),
  post('topic/group/heartbeat', 'topic.group.heartbeat', { generation: REPLY }, GROUP),
  post('topic/group/leave', 'topic.group.leave', { left: TRUTH }, GROUP),
  post(
    'topic/group/commit',
    'topic.group.commit',
    { success: SUCCESS },
    {
      names: { ...TOPIC, offsets: 'partition_offset' },
    },
  ),
  get('topic/group/offsets/:topic/:group', 'topic.group.offsets', { offsets: LIST }, GROUP),
  get('topic/group/info/:topic/:group', 'topic.group.info', OBJECT, GROUP),
];

const STREAM: readonly Row[] = [
  get('stream/len/:key', 'xlen', { length: REPLY, key: KEY }),
  get('stream/range/:key', 'xrange', { entries: LIST, key: KEY }, { defaults: { start: '-', end: '+' } }),
  get('stream/revrange/:key', 'xrevrange', { entries: LIST, key: KEY }, { defaults: { start: '-', end: '+' } }),
  post('stream/del', 'xdel', { deleted: REPLY, key: KEY }, { names: { ids: 'id' } }),
];

const SERVER: readonly Row[] = [
  post('pubsub/publish', 'publish', { receivers: REPLY, channel: given('channel') }, { bytes: 'message' }),
  get('pubsub/channels', 'pubsub|channels', { channels: LIST, count: COUNT }),
  get('pubsub/numsub', 'pubsub|numsub', { channels: OBJECT }, { names: { channels: 'channel' } }),
  post('script/eval', 'eval', { result: REPLY }, { names: { keys: 'key', args: 'arg' }, defaults: { keys: [] } }),
  post('script/evalsha', 'evalsha', { result: REPLY }, { names: { keys: 'key', args: 'arg' }, defaults: { keys: [] } }),
  post('script/load', 'script|load', { sha1: REPLY }),
  post('script/exists', 'script|exists', { exists: TRUTHS }, { names: { hashes: 'sha1' } }),
  post('script/flush', 'script|flush', { success: SUCCESS }),
  post('script/kill', 'script|kill', { success: SUCCESS }),
  get('info/:section', 'info', SECTIONS),
  get('slowlog', 'slowlog|get', { entries: SLOW_ENTRIES, count: COUNT }),
  del('slowlog', 'slowlog|reset', { success: SUCCESS }),
];

export const ROWS: readonly Row[] = [
  ...KV,
  ...HASH,
  ...LIST_ROUTES,
  ...SET,
  ...SORTED_SET,
  ...KEY_ROUTES,
  ...SPECIAL,
  ...QUEUE_ROUTES,
  ...TOPIC_ROUTES,
  ...STREAM,
  ...SERVER,
];
