/**
 * A call of every tool with its answer, in an order in which each finds what it needs. What an answer cannot state (times, addresses)
 * is a function that looks at it.
 */
import type { Content } from './connected.js';

export type Example = readonly [tool: string, given: Content, answer: Content | ((answer: Content) => boolean)];

function result(value: unknown): Content {
  return { result: value };
}

function where(holds: (value: unknown) => boolean): (answer: Content) => boolean {
  return ({ result: value }) => holds(value);
}

const STRINGS: readonly Example[] = [
  ['synap_kv_set', { key: 'greeting', value: 'hello', ttl: 60 }, result('OK')],
  ['synap_kv_set', { key: 'greeting', value: 'x', condition: 'NX' }, result(null)],
  ['synap_kv_get', { key: 'greeting' }, result('hello')],
  ['synap_kv_append', { key: 'greeting', value: ' you' }, result(9)],
  ['synap_kv_strlen', { key: 'greeting' }, result(9)],
  ['synap_kv_getrange', { key: 'greeting', start: 0, end: 4 }, result('hello')],
  ['synap_kv_setrange', { key: 'greeting', offset: 0, value: 'J' }, result(9)],
  ['synap_kv_set', { key: 'bytes', value: { base64: '/wA=' } }, result('OK')],
  ['synap_kv_get', { key: 'bytes' }, result({ base64: '/wA=' })],
  ['synap_kv_set', { key: 'object', value: { a: [1, true] } }, result('OK')],
  ['synap_kv_getdel', { key: 'object' }, result('{"a":[1,true]}')],
  ['synap_kv_mset', { values: { a: '1', b: 2 } }, result('OK')],
  ['synap_kv_mget', { keys: ['a', 'b', 'none'] }, result(['1', '2', null])],
  ['synap_kv_incrby', { key: 'a' }, result(2)],
  ['synap_kv_incrby', { key: 'a', increment: '9007199254740993' }, result('9007199254740995')],
  ['synap_kv_incrbyfloat', { key: 'b', increment: 0.5 }, result('2.5')],
  ['synap_kv_delete', { keys: ['a', 'none'] }, result(1)],
];

const KEYS: readonly Example[] = [
  ['synap_key_exists', { keys: ['greeting', 'none'] }, result(1)],
  ['synap_key_type', { key: 'greeting' }, result('string')],
  ['synap_key_ttl', { key: 'greeting' }, where((ttl) => (ttl as number) > 50)],
  ['synap_key_persist', { key: 'greeting' }, result(1)],
  ['synap_key_expire', { key: 'greeting', ttl: 100, condition: 'NX' }, result(1)],
  ['synap_key_copy', { source: 'greeting', destination: 'copied', replace: true }, result(1)],
  ['synap_key_rename', { source: 'copied', destination: 'renamed' }, result('OK')],
  ['synap_key_encoding', { key: 'b' }, result('embstr')],
  ['synap_key_memory', { key: 'b' }, where((bytes) => (bytes as number) > 0)],
  ['synap_key_delete', { keys: ['renamed'] }, result(1)],
  ['synap_key_count', {}, result(3)],
];

const HASHES: readonly Example[] = [
  ['synap_hash_set', { key: 'user:1', field: 'name', value: 'Alice' }, result(1)],
  ['synap_hash_mset', { key: 'user:1', fields: { age: 30, email: 'alice@example.com' } }, result(2)],
  ['synap_hash_get', { key: 'user:1', field: 'name' }, result('Alice')],
  ['synap_hash_mget', { key: 'user:1', fields: ['age', 'none'] }, result(['30', null])],
  ['synap_hash_incrby', { key: 'user:1', field: 'age' }, result(31)],
  ['synap_hash_incrbyfloat', { key: 'user:1', field: 'age', increment: 0.5 }, result('31.5')],
  ['synap_hash_exists', { key: 'user:1', field: 'age' }, result(1)],
  ['synap_hash_expire', { key: 'user:1', ttl: 100, fields: ['age', 'none'] }, result([1, -2])],
  ['synap_hash_del', { key: 'user:1', fields: ['age'] }, result(1)],
  ['synap_hash_keys', { key: 'user:1' }, result(['name', 'email'])],
  ['synap_hash_vals', { key: 'user:1' }, result(['Alice', 'alice@example.com'])],
  ['synap_hash_len', { key: 'user:1' }, result(2)],
  ['synap_hash_getall', { key: 'user:1' }, result({ name: 'Alice', email: 'alice@example.com' })],
];

const LISTS: readonly Example[] = [
  ['synap_list_push', { key: 'list', values: ['b', 'c'] }, result(2)],
  ['synap_list_push', { key: 'list', values: ['a'], direction: 'left' }, result(3)],
  ['synap_list_range', { key: 'list' }, result(['a', 'b', 'c'])],
  ['synap_list_range', { key: 'list', start: -1 }, result(['c'])],
  ['synap_list_len', { key: 'list' }, result(3)],
  ['synap_list_index', { key: 'list', index: 1 }, result('b')],
  ['synap_list_set', { key: 'list', index: 1, value: 'B' }, result('OK')],
  ['synap_list_insert', { key: 'list', where: 'BEFORE', pivot: 'B', value: 'x' }, result(4)],
  ['synap_list_pos', { key: 'list', value: 'B' }, result(2)],
  ['synap_list_rem', { key: 'list', value: 'x' }, result(1)],
  ['synap_list_move', { source: 'list', destination: 'other', wherefrom: 'LEFT', whereto: 'RIGHT' }, result('a')],
  ['synap_list_pop', { key: 'list', direction: 'right' }, result('c')],
  ['synap_list_pop', { key: 'list', count: 2 }, result(['B'])],
  ['synap_list_pop', { key: 'list' }, result(null)],
  ['synap_list_trim', { key: 'other', start: 1, stop: -1 }, result('OK')],
];

const SETS: readonly Example[] = [
  ['synap_set_add', { key: 's1', members: ['1', '2', '3'] }, result(3)],
  ['synap_set_add', { key: 's2', members: [2, 3, 4] }, result(3)],
  ['synap_set_members', { key: 's1' }, result(['1', '2', '3'])],
  ['synap_set_inter', { keys: ['s1', 's2'] }, result(['2', '3'])],
  ['synap_set_union', { keys: ['s1', 's2'] }, where((all) => (all as string[]).length === 4)],
  ['synap_set_diff', { keys: ['s1', 's2'] }, result(['1'])],
  ['synap_set_ismember', { key: 's1', member: '1' }, result(1)],
  ['synap_set_card', { key: 's1' }, result(3)],
  ['synap_set_random', { key: 's1', count: 2 }, where((some) => (some as string[]).length === 2)],
  ['synap_set_move', { source: 's1', destination: 's2', member: '1' }, result(1)],
  ['synap_set_rem', { key: 's2', members: ['1', '2'] }, result(2)],
  ['synap_set_pop', { key: 's1', count: 5 }, where((all) => (all as string[]).length === 2)],
  ['synap_set_pop', { key: 's1' }, result(null)],
];

const SORTED_SETS: readonly Example[] = [
  ['synap_sortedset_zadd', { key: 'board', member: 'ann', score: 10 }, result(1)],
  [
    'synap_sortedset_add',
    {
      key: 'board',
      members: [
        { score: 7, member: 'bob' },
        { score: 'inf', member: 'max' },
      ],
    },
    result(2),
  ],
  ['synap_sortedset_zadd', { key: 'board', member: 'ann', score: 1, incr: true }, result(11)],
  [
    'synap_sortedset_zrange',
    { key: 'board' },
    result([
      ['bob', 7],
      ['ann', 11],
      ['max', 'inf'],
    ]),
  ],
  ['synap_sortedset_zrange', { key: 'board', start: 1, stop: 1, withscores: false }, result(['ann'])],
  ['synap_sortedset_zrank', { key: 'board', member: 'ann' }, result(1)],
  ['synap_sortedset_zrank', { key: 'board', member: 'ann', withscore: true }, result([1, 11])],
  ['synap_sortedset_zrevrank', { key: 'board', member: 'none' }, result(null)],
  ['synap_sortedset_zscore', { key: 'board', member: 'bob' }, result(7)],
  ['synap_sortedset_zcard', { key: 'board' }, result(3)],
  ['synap_sortedset_zcount', { key: 'board', min: '(7', max: '+inf' }, result(2)],
  ['synap_sortedset_zincrby', { key: 'board', member: 'bob' }, result(8)],
  [
    'synap_sortedset_zinter',
    { keys: ['board', 'board'], withscores: true },
    where((all) => (all as unknown[]).length === 3),
  ],
  ['synap_sortedset_zunion', { keys: ['board'], weights: [2] }, result(['bob', 'ann', 'max'])],
  ['synap_sortedset_zrem', { key: 'board', members: ['max'] }, result(1)],
  ['synap_sortedset_zpop', { key: 'board' }, result(['bob', 8])],
  ['synap_sortedset_zpop', { key: 'board', end: 'max', count: 3 }, result([['ann', 11]])],
];

const QUEUES: readonly Example[] = [
  ['synap_queue_create', { queue: 'jobs', maxdepth: 10, retries: 0 }, result(1)],
  ['synap_queue_list', {}, result(['jobs'])],
  ['synap_queue_publish', { queue: 'jobs', message: 'first', priority: 9, headers: { kind: 'x' } }, result('1')],
  ['synap_queue_publish', { queue: 'jobs', message: { id: 2 } }, result('2')],
  ['synap_queue_peek', { queue: 'jobs', count: 1 }, where((all) => (all as [Content])[0].payload === 'first')],
  [
    'synap_queue_consume',
    { queue: 'jobs', consumer: 'c1', count: 2 },
    where((all) => JSON.stringify((all as [Content])[0].headers) === '{"kind":"x"}'),
  ],
  ['synap_queue_consume', { queue: 'jobs', consumer: 'c1' }, result(null)],
  ['synap_queue_ack', { queue: 'jobs', ids: ['1'] }, result(1)],
  ['synap_queue_nack', { queue: 'jobs', ids: [2], dead: true }, result(1)],
  ['synap_queue_dead_letters', { queue: 'jobs' }, where((all) => (all as [Content])[0].payload === '{"id":2}')],
  ['synap_queue_requeue', { queue: 'jobs' }, result(1)],
  ['synap_queue_info', { queue: 'jobs' }, where((info) => (info as Content).ready === 1)],
  ['synap_queue_purge', { queue: 'jobs' }, result(1)],
  ['synap_queue_delete', { queues: ['jobs'] }, result(1)],
];

const TOPICS: readonly Example[] = [
  ['synap_topic_create', { topic: 'events', partitions: 2 }, result(1)],
  ['synap_topic_list', {}, result(['events'])],
  ['synap_topic_publish', { topic: 'events', data: 'hi', partition: 1, headers: { a: 'b' } }, result([1, 0])],
  ['synap_topic_info', { topic: 'events' }, where((info) => (info as Content).published === 1)],
  ['synap_topic_group_create', { topic: 'events', group: 'g', strategy: 'RANGE' }, result(1)],
  [
    'synap_topic_group_join',
    { topic: 'events', group: 'g', member: 'm' },
    where((joined) => (joined as Content).generation === 1),
  ],
  ['synap_topic_group_heartbeat', { topic: 'events', group: 'g', member: 'm', generation: 1 }, result(1)],
  [
    'synap_topic_read',
    { topic: 'events', partition_offsets: [{ partition: 1, offset: '0' }] },
    where((all) => (all as [Content])[0].data === 'hi'),
  ],
  [
    'synap_topic_group_commit',
    { topic: 'events', group: 'g', member: 'm', generation: 1, partition_offsets: [{ partition: 1, offset: '1' }] },
    result('OK'),
  ],
  ['synap_topic_group_offsets', { topic: 'events', group: 'g' }, where((all) => (all as unknown[]).length === 2)],
  ['synap_topic_group_info', { topic: 'events', group: 'g' }, where((info) => (info as Content).state === 'stable')],
  ['synap_topic_group_leave', { topic: 'events', group: 'g', member: 'm' }, result(1)],
  ['synap_topic_group_delete', { topic: 'events', group: 'g' }, result(1)],
  ['synap_topic_delete', { topics: ['events'] }, result(1)],
];

/** Of these groups a tool without an example is allowed, as their commands are younger than this table. */
export const YOUNG = /^synap_(bitmap|hyperloglog|geospatial|stream)_/;

const BITS_AND_SKETCHES: readonly Example[] = [
  ['synap_bitmap_setbit', { key: 'bits', offset: 7, value: 1 }, result(0)],
  ['synap_bitmap_getbit', { key: 'bits', offset: 7 }, result(1)],
  ['synap_bitmap_bitcount', { key: 'bits' }, result(1)],
  ['synap_hyperloglog_pfadd', { key: 'hll', elements: ['a', 'b'] }, result(1)],
  ['synap_hyperloglog_pfcount', { keys: ['hll'] }, result(2)],
  ['synap_stream_len', { key: 'no stream' }, result(0)],
];

const OTHERS: readonly Example[] = [
  ['synap_script_eval', { script: 'return {KEYS[1], ARGV[1]}', keys: ['k'], args: ['a'] }, result(['k', 'a'])],
  ['synap_script_eval', { script: "return redis.call('SET', 'scripted', 1)" }, result('OK')],
  ['synap_pubsub_publish', { channel: 'news', message: 'hello' }, result(0)],
  ['synap_pubsub_channels', {}, result([])],
  ['synap_slowlog_get', { count: 1 }, where(Array.isArray)],
  ['synap_kv_set', { key: 'last', value: '1' }, result('OK')],
  [
    'synap_scan',
    { pattern: 'las*', type: 'string', count: 1000 },
    { cursor: '0', keys: [{ key: 'last', uri: 'synap://0/last' }] },
  ],
  ['synap_info', { sections: ['keyspace'] }, ({ sections }) => /"db0":"keys=\d+,/.test(JSON.stringify(sections))],
  ['synap_info', {}, ({ sections }) => /"server":{.*"redis_mode":"standalone"/.test(JSON.stringify(sections))],
  ['synap_command', { command: ['STRLEN', 'last'] }, result(1)],
  ['synap_command', { command: ['config', 'get', 'databases'] }, result({ databases: '16' })],
  [
    'synap_transaction',
    {
      commands: [
        ['INCR', 'last'],
        ['LPUSH', 'last', 'x'],
        ['SET', 'last', { base64: 'YQ==' }],
      ],
    },
    {
      results: [
        2,
        { error: 'WRONGTYPE Operation against a key holding the wrong kind of value', code: 'WRONGTYPE' },
        'OK',
      ],
    },
  ],
];

export const EXAMPLES: readonly Example[] = [
  ...STRINGS,
  ...KEYS,
  ...HASHES,
  ...LISTS,
  ...SETS,
  ...SORTED_SETS,
  ...QUEUES,
  ...TOPICS,
  ...BITS_AND_SKETCHES,
  ...OTHERS,
];
