/** What is called of queues, rooms, bits, places and scripts, and what comes of it. */
import type { Row } from './structure-rows.js';

export const QUEUES: readonly Row[] = [
  [
    'queue.create',
    { name: 'q', config: { max_depth: 2, ack_deadline_secs: 60, default_max_retries: 1 } },
    { success: true, created: true },
  ],
  ['queue.create', { name: 'q' }, { success: true, created: false }],
  ['queue.create', { name: 'short', max_depth: 1 }, { created: true }],
  ['queue.publish', { queue: 'short', payload: 'x' }, { message_id: '1' }],
  ['queue.publish', { queue: 'short', payload: 'y' }, /queue is full/],
  ['queue.delete', { queue: 'short' }, { deleted: true }],
  ['queue.list', {}, { queues: ['q'] }],
  ['queue.publish', { queue: 'q', payload: [104, 105], priority: 9, headers: { a: 'b' } }, { message_id: '1' }],
  ['queue.publish', { queue: 'q', payload: '{"a":1}', max_retries: 3 }, { message_id: '2' }],
  [
    'queue.consume',
    { queue: 'q', consumer_id: 'c' },
    { message: { id: '1', payload: [104, 105], priority: 9, retry_count: 0, headers: { a: 'b' } } },
  ],
  ['queue.consume', { queue: 'q', consumer_id: 'c', type: 'json' }, { message: { id: '2', payload: { a: 1 } } }],
  ['queue.consume', { queue: 'q', consumer_id: 'c' }, { message: null }],
  ['queue.ack', { queue: 'q', message_id: '1' }, { success: true }],
  ['queue.ack', { queue: 'q', message_id: '1' }, { success: false }],
  ['queue.nack', { queue: 'q', message_id: '2' }, { success: true }],
  ['queue.consume', { queue: 'q', consumer_id: 'c' }, { message: { id: '2', retry_count: 1 } }],
  ['queue.nack', { queue: 'q', message_id: '2', requeue: false }, { success: true }],
  ['queue.dlq.list', { queue: 'q' }, [{ id: '2', reason: 'nack' }]],
  ['queue.queue_dlq_list', { key: 'q' }, [{ id: '2' }]],
  ['queue.publish', { queue: 'q', payload: 'x' }, { message_id: '3' }],
  [
    'queue.stats',
    { queue: 'q' },
    { depth: 1, consumers: Number, published: 3, consumed: 3, acked: 1, nacked: 2, dead_lettered: 1 },
  ],
  ['queue.purge', { queue: 'q' }, { purged: 1 }],
  ['queue.delete', { queue: 'q' }, { deleted: true }],
  ['queue.delete', { queue: 'q' }, { deleted: false }],
];

const bytes = (text: string): number[] => [...Buffer.from(text)];

export const ROOMS: readonly Row[] = [
  ['stream.create', { room: 'r' }, { success: true, room: 'r' }],
  ['stream.get_or_create', { room: 'r' }, { success: true, created: false }],
  ['stream.get_or_create_room', { room: 'r2', max_events: 100 }, { created: true }],
  ['stream.create_room', { room: 'r3' }, { success: true }],
  ['stream.publish', { room: 'r', event: 'tick', data: { n: 1 }, metadata: { a: 'b' } }, { offset: 0, room: 'r' }],
  ['stream.publish', { room: 'r', event: 'tick', data: 'text' }, { offset: 1 }],
  [
    'stream.consume',
    { room: 'r', subscriber_id: 's' },
    {
      events: [
        { offset: 0, room: 'r', event: 'tick', data: bytes('{"n":1}'), timestamp: Number, metadata: { a: 'b' } },
        { offset: 1, data: bytes('"text"') },
      ],
      next_offset: 2,
    },
  ],
  [
    'stream.read',
    { room: 'r', from_offset: 1, limit: 1, type: 'string' },
    { events: [{ data: 'text' }], next_offset: 2 },
  ],
  ['stream.consume', { room: 'r', from_offset: 2 }, { events: [], next_offset: 2 }],
  ['stream.stats', { room: 'r' }, { name: 'r', message_count: 2, min_offset: 0, max_offset: 1, total_published: 2 }],
  ['stream.list', {}, { rooms: { length: 3 }, count: 3 }],
  ['stream.list_rooms', {}, { count: 3 }],
  ['stream.delete', { room: 'r' }, { success: true, deleted: 'r' }],
  ['stream.delete_room', { room: 'r2' }, { success: true }],
  ['topic.create', { topic: 't', partitions: 2 }, 1],
  ['topic.publish', { topic: 't', data: 'x', partition: 1 }, [1, 0]],
  ['topic.group.create', { topic: 't', group: 'g' }, 1],
  [
    'topic.group.join',
    { topic: 't', group: 'g', member: 'm' },
    { generation: 1, partitions: [{ partition: 0 }, { partition: 1 }] },
  ],
];

export const BITS: readonly Row[] = [
  ['bitmap.setbit', { key: 'b', offset: 1, value: 1 }, { old_value: 0, key: 'b', offset: 1 }],
  ['bitmap.getbit', { key: 'b', offset: 1 }, { value: 1, key: 'b', offset: 1 }],
  ['bitmap.bitcount', { key: 'b' }, { count: 1 }],
  ['bitmap.bitcount', { key: 'b', start: 2, end: 7 }, { count: 0 }],
  ['bitmap.bitcount', { key: 'b', start: 0, unit: 'byte' }, { count: 1 }],
  ['bitmap.bitpos', { key: 'b', value: 1 }, { position: 1 }],
  ['bitmap.bitpos', { key: 'b', value: 1, start: 2 }, { position: null }],
  ['bitmap.bitop', { operation: 'not', destination: 'd', source_keys: ['b'] }, { length: 1, destination: 'd' }],
  [
    'bitmap.bitfield',
    {
      key: 'f',
      operations: [
        { operation: 'SET', offset: 0, width: 8, value: 200 },
        { operation: 'INCRBY', offset: 0, width: 8, increment: 100, overflow: 'SAT' },
        { operation: 'GET', offset: 0, width: 8, signed: true },
      ],
    },
    { results: [0, 255, -1], key: 'f' },
  ],
  ['hyperloglog.pfadd', { key: 'hll', elements: ['a', [98], 'c'], ttl_secs: 50 }, { added: 1, key: 'hll' }],
  ['hyperloglog.pfadd', { key: 'hll', elements: [] }, { added: 0 }],
  ['hyperloglog.pfcount', { key: 'hll' }, { count: 3 }],
  ['hyperloglog.pfmerge', { destination: 'all', sources: ['hll'] }, { count: 3, destination: 'all' }],
];

const PALERMO = { lat: 38.115556, lon: 13.361389, member: 'Palermo' };
const CATANIA = { lat: 37.502669, lon: 15.087269, member: 'Catania' };

export const PLACES: readonly Row[] = [
  ['geospatial.geoadd', { key: 'g', locations: [PALERMO, CATANIA], nx: true }, { added: 2, key: 'g' }],
  [
    'geospatial.geodist',
    { key: 'g', member1: 'Palermo', member2: 'Catania', unit: 'km' },
    { distance: 166.2742, unit: 'km', member1: 'Palermo' },
  ],
  ['geospatial.geodist', { key: 'g', member1: 'Palermo', member2: 'none' }, { distance: null, unit: 'm' }],
  [
    'geospatial.georadius',
    { key: 'g', center_lat: 37, center_lon: 15, radius: 200, unit: 'km', sort: 'asc' },
    { results: [{ member: 'Catania' }, { member: 'Palermo' }] },
  ],
  [
    'geospatial.georadius',
    { key: 'g', center_lat: 37, center_lon: 15, radius: 100, unit: 'km', with_dist: true, with_coord: true },
    { results: [{ member: 'Catania', distance: 56.4413, coord: { lat: Number, lon: Number } }], key: 'g' },
  ],
  [
    'geospatial.georadiusbymember',
    { key: 'g', member: 'Palermo', radius: 1, count: 1 },
    { results: [{ member: 'Palermo' }] },
  ],
  [
    'geospatial.geosearch',
    { key: 'g', from_member: 'Palermo', by_radius: [1, 'm'], with_hash: true },
    { results: [{ member: 'Palermo', hash: Number }] },
  ],
  [
    'geospatial.geosearch',
    { key: 'g', from_lonlat: [15, 37], by_box: [400, 400, 'km'], sort: 'ASC' },
    { results: [{ member: 'Catania' }, { member: 'Palermo' }] },
  ],
  [
    'geospatial.geopos',
    { key: 'g', members: ['Palermo', 'none'] },
    { coordinates: [{ lat: Number, lon: Number }, null] },
  ],
  ['geospatial.geohash', { key: 'g', members: ['Palermo', 'none'] }, { geohashes: ['sqc8b49rny0', null] }],
];

const SHA = '4e6d8fc8bb01276962cce5371fa795a7763657ae';

export const SCRIPTS: readonly Row[] = [
  ['script.load', { script: 'return ARGV[1]' }, { sha1: /^[0-9a-f]{40}$/ }],
  [
    'script.eval',
    { script: 'return {KEYS[1], ARGV[1]}', keys: ['k'], args: [{ a: 1 }] },
    { result: ['k', '{"a":1}'], sha1: /^[0-9a-f]{40}$/ },
  ],
  ['script.eval', { script: 'return 1' }, { result: 1 }],
  ['script.exists', { hashes: [SHA, 'e0e1f9fabfc9d4800c877a703b823ac0578ff8db'] }, { exists: [false, true] }],
  ['script.evalsha', { sha1: 'e0e1f9fabfc9d4800c877a703b823ac0578ff8db' }, { result: 1, sha1: /^e0e1/ }],
  ['script.flush', {}, { cleared: 3 }],
  ['script.kill', {}, { terminated: false }],
];
