/**
 * The names of the tools, over commands. The first Synap's names where it had one. A row whose command does not exist here is left
 * out; everything but names follows from the command: row-tool.ts.
 */
import type { Row } from './row-tool.js';

const SIDE = 'direction';
const RANGE = { start: 0, stop: -1 };

const STRINGS: readonly Row[] = [
  { name: 'kv_get', command: 'get' },
  { name: 'kv_set', command: 'set', names: { ex: 'ttl' } },
  { name: 'kv_delete', command: 'del' },
  { name: 'kv_mget', command: 'mget' },
  { name: 'kv_mset', command: 'mset', names: { key_value: 'values' } },
  { name: 'kv_incrby', command: 'incrby', defaults: { increment: 1 } },
  { name: 'kv_incrbyfloat', command: 'incrbyfloat' },
  { name: 'kv_append', command: 'append' },
  { name: 'kv_getrange', command: 'getrange' },
  { name: 'kv_setrange', command: 'setrange' },
  { name: 'kv_strlen', command: 'strlen' },
  { name: 'kv_getdel', command: 'getdel' },
];

const KEYS: readonly Row[] = [
  { name: 'key_exists', command: 'exists' },
  { name: 'key_type', command: 'type' },
  { name: 'key_rename', command: 'rename', names: { key: 'source', newkey: 'destination' } },
  { name: 'key_copy', command: 'copy' },
  { name: 'key_expire', command: 'expire', names: { seconds: 'ttl' } },
  { name: 'key_ttl', command: 'ttl' },
  { name: 'key_persist', command: 'persist' },
  { name: 'key_delete', command: 'unlink' },
  { name: 'key_memory', command: 'memory|usage' },
  { name: 'key_encoding', command: 'object|encoding' },
  { name: 'key_count', command: 'dbsize' },
];

const HASHES: readonly Row[] = [
  { name: 'hash_set', command: 'hset', single: 'field_value' },
  { name: 'hash_mset', command: 'hset', names: { field_value: 'fields' } },
  { name: 'hash_get', command: 'hget' },
  { name: 'hash_mget', command: 'hmget' },
  { name: 'hash_getall', command: 'hgetall' },
  { name: 'hash_del', command: 'hdel' },
  { name: 'hash_exists', command: 'hexists' },
  { name: 'hash_keys', command: 'hkeys' },
  { name: 'hash_vals', command: 'hvals' },
  { name: 'hash_len', command: 'hlen' },
  { name: 'hash_incrby', command: 'hincrby', defaults: { increment: 1 } },
  { name: 'hash_incrbyfloat', command: 'hincrbyfloat' },
  { name: 'hash_expire', command: 'hexpire', names: { seconds: 'ttl' } },
];

const LISTS: readonly Row[] = [
  {
    name: 'list_push',
    command: { by: SIDE, of: { right: 'rpush', left: 'lpush' } },
    names: { element: 'values' },
  },
  { name: 'list_pop', command: { by: SIDE, of: { left: 'lpop', right: 'rpop' } } },
  { name: 'list_range', command: 'lrange', defaults: RANGE },
  { name: 'list_len', command: 'llen' },
  { name: 'list_index', command: 'lindex' },
  { name: 'list_set', command: 'lset', names: { element: 'value' } },
  { name: 'list_insert', command: 'linsert', names: { element: 'value' } },
  { name: 'list_rem', command: 'lrem', names: { element: 'value' }, defaults: { count: 0 } },
  { name: 'list_trim', command: 'ltrim' },
  { name: 'list_pos', command: 'lpos', names: { element: 'value' } },
  { name: 'list_move', command: 'lmove' },
];

const SETS: readonly Row[] = [
  { name: 'set_add', command: 'sadd' },
  { name: 'set_rem', command: 'srem' },
  { name: 'set_members', command: 'smembers' },
  { name: 'set_ismember', command: 'sismember' },
  { name: 'set_card', command: 'scard' },
  { name: 'set_pop', command: 'spop' },
  { name: 'set_random', command: 'srandmember' },
  { name: 'set_move', command: 'smove' },
  { name: 'set_inter', command: 'sinter' },
  { name: 'set_union', command: 'sunion' },
  { name: 'set_diff', command: 'sdiff' },
];

const SORTED_SETS: readonly Row[] = [
  { name: 'sortedset_zadd', command: 'zadd', single: 'score_member' },
  { name: 'sortedset_add', command: 'zadd', names: { score_member: 'members' } },
  { name: 'sortedset_zrem', command: 'zrem' },
  { name: 'sortedset_zrange', command: 'zrange', defaults: { ...RANGE, withscores: true } },
  { name: 'sortedset_zrank', command: 'zrank' },
  { name: 'sortedset_zrevrank', command: 'zrevrank' },
  { name: 'sortedset_zscore', command: 'zscore' },
  { name: 'sortedset_zcard', command: 'zcard' },
  { name: 'sortedset_zcount', command: 'zcount' },
  { name: 'sortedset_zincrby', command: 'zincrby', defaults: { increment: 1 } },
  { name: 'sortedset_zpop', command: { by: 'end', of: { min: 'zpopmin', max: 'zpopmax' } } },
  { name: 'sortedset_zinter', command: 'zinter' },
  { name: 'sortedset_zunion', command: 'zunion' },
];

const BITS_AND_SKETCHES: readonly Row[] = [
  { name: 'bitmap_setbit', command: 'setbit' },
  { name: 'bitmap_getbit', command: 'getbit' },
  { name: 'bitmap_bitcount', command: 'bitcount' },
  { name: 'bitmap_bitpos', command: 'bitpos' },
  { name: 'hyperloglog_pfadd', command: 'pfadd' },
  { name: 'hyperloglog_pfcount', command: 'pfcount' },
  { name: 'hyperloglog_pfmerge', command: 'pfmerge' },
  { name: 'geospatial_geoadd', command: 'geoadd' },
  { name: 'geospatial_geopos', command: 'geopos' },
  { name: 'geospatial_geodist', command: 'geodist' },
  { name: 'geospatial_geosearch', command: 'geosearch' },
];

const QUEUE = { key: 'queue' };

const QUEUES: readonly Row[] = [
  { name: 'queue_create', command: 'queue.create', names: QUEUE },
  { name: 'queue_delete', command: 'queue.delete', names: { key: 'queues' } },
  { name: 'queue_list', command: 'queue.list' },
  { name: 'queue_info', command: 'queue.info', names: QUEUE },
  { name: 'queue_publish', command: 'queue.publish', names: { ...QUEUE, payload: 'message' } },
  { name: 'queue_consume', command: 'queue.consume', names: QUEUE },
  { name: 'queue_ack', command: 'queue.ack', names: QUEUE },
  { name: 'queue_nack', command: 'queue.nack', names: QUEUE },
  { name: 'queue_peek', command: 'queue.peek', names: QUEUE },
  { name: 'queue_purge', command: 'queue.purge', names: QUEUE },
  { name: 'queue_dead_letters', command: 'queue.dlq.list', names: QUEUE },
  { name: 'queue_requeue', command: 'queue.dlq.requeue', names: QUEUE },
];

const TOPIC = { key: 'topic' };

const TOPICS: readonly Row[] = [
  { name: 'topic_create', command: 'topic.create', names: TOPIC },
  { name: 'topic_delete', command: 'topic.delete', names: { key: 'topics' } },
  { name: 'topic_list', command: 'topic.list' },
  { name: 'topic_info', command: 'topic.info', names: TOPIC },
  { name: 'topic_publish', command: 'topic.publish', names: TOPIC },
  { name: 'topic_read', command: 'topic.read', names: TOPIC },
  { name: 'topic_group_create', command: 'topic.group.create', names: TOPIC },
  { name: 'topic_group_delete', command: 'topic.group.delete', names: TOPIC },
  { name: 'topic_group_join', command: 'topic.group.join', names: TOPIC },
  { name: 'topic_group_heartbeat', command: 'topic.group.heartbeat', names: TOPIC },
  { name: 'topic_group_leave', command: 'topic.group.leave', names: TOPIC },
  { name: 'topic_group_commit', command: 'topic.group.commit', names: TOPIC },
  { name: 'topic_group_offsets', command: 'topic.group.offsets', names: TOPIC },
  { name: 'topic_group_info', command: 'topic.group.info', names: TOPIC },
];

const STREAMS: readonly Row[] = [
  { name: 'stream_add', command: 'xadd' },
  { name: 'stream_range', command: 'xrange' },
  { name: 'stream_revrange', command: 'xrevrange' },
  { name: 'stream_len', command: 'xlen' },
  { name: 'stream_read', command: 'xread' },
  { name: 'stream_del', command: 'xdel' },
  { name: 'stream_trim', command: 'xtrim' },
];

const OTHERS: readonly Row[] = [
  { name: 'pubsub_publish', command: 'publish' },
  { name: 'pubsub_channels', command: 'pubsub|channels', reads: true },
  { name: 'script_eval', command: 'eval' },
  { name: 'slowlog_get', command: 'slowlog|get', reads: true },
];

export const ROWS: readonly Row[] = [
  ...STRINGS,
  ...KEYS,
  ...HASHES,
  ...LISTS,
  ...SETS,
  ...SORTED_SETS,
  ...BITS_AND_SKETCHES,
  ...QUEUES,
  ...TOPICS,
  ...STREAMS,
  ...OTHERS,
];
