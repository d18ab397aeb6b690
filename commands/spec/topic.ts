/**
 * The topic family, which Redis does not have: partitioned streams of events, and groups of consumers that share the partitions. `since`
 * counts Synap's versions. Handlers: commands/topic.ts and its neighbours.
 */
import { family } from './family.js';
import { BLOCKING, DENYOOM, FAST, READONLY, WRITE } from './flags.js';

const SINCE = '0.1.0';
const EVENT = '[KEY event-key] [TYPE type] [HEADERS numheaders:int <name value>...]';
const OFFSETS = '<partition:int offset:int>...';
const MEMBER = 'key group member';

export const topic = family('topic', {
  'topic.append': {
    syntax: `key partition:int offset:int unix-time-milliseconds:unix data ${EVENT}`,
    reply: 'tuple<int, int>',
    flags: WRITE | DENYOOM | FAST,
    keys: ['RW insert'],
    since: SINCE,
    complexity: 'O(N) for N headers',
    summary:
      'TOPIC.PUBLISH with the place and the time that an event had, as the log tells it. The offset must be the next one.',
  },
  'topic.create': {
    syntax: 'key [PARTITIONS partitions:int] [RETENTION milliseconds:int] [MAXBYTES bytes:int] [MAXLEN events:int]',
    reply: 'int',
    flags: WRITE | DENYOOM | FAST,
    keys: ['RW insert'],
    since: SINCE,
    complexity: 'O(N) for N partitions',
    summary:
      'Makes a topic; tells 0, and changes nothing, when there is one. Limits hold for each partition, 0 is none.',
  },
  'topic.delete': {
    syntax: 'key [key ...]',
    reply: 'int',
    flags: WRITE,
    keys: ['RM delete'],
    since: SINCE,
    complexity: 'O(N) for N topics; what they held is freed later',
    summary: 'Removes topics with their groups and tells how many there were.',
  },
  'topic.group.commit': {
    syntax: `${MEMBER} generation:int ${OFFSETS}`,
    reply: 'ok',
    flags: WRITE | FAST,
    keys: ['RW update'],
    since: SINCE,
    complexity: 'O(N) for N partitions',
    summary:
      'Notes the next offsets to read of partitions that the member owns in this generation. They never go back.',
  },
  'topic.group.create': {
    syntax:
      'key group [STRATEGY <RANGE|ROUNDROBIN|STICKY>:strategy] [TIMEOUT milliseconds:int] [START <EARLIEST|LATEST>:start]',
    reply: 'int',
    flags: WRITE | DENYOOM,
    keys: ['RW insert'],
    since: SINCE,
    complexity: 'O(N) for N partitions',
    summary: 'Makes a group of consumers; tells 0, and changes nothing, when there is one.',
  },
  'topic.group.delete': {
    syntax: 'key group',
    reply: 'int',
    flags: WRITE | FAST,
    keys: ['RW delete'],
    since: SINCE,
    complexity: 'O(1)',
    summary: 'Removes a group with its members and committed offsets.',
  },
  'topic.group.heartbeat': {
    syntax: `${MEMBER} generation:int`,
    reply: 'int',
    flags: READONLY | FAST,
    since: SINCE,
    complexity: 'O(1)',
    summary:
      'Says that a member is alive and tells the present generation: when that is another one, it must join again.',
    tips: ['nondeterministic_output'],
  },
  'topic.group.info': {
    syntax: 'key group',
    reply: 'map<bulk, bulk | int | array<map<bulk, bulk | int | array<int>>>>',
    flags: READONLY,
    since: SINCE,
    complexity: 'O(N+M) for N partitions and M members',
    summary: 'Tells of a group its settings, its generation, and its members with their partitions.',
    tips: ['nondeterministic_output'],
  },
  'topic.group.join': {
    syntax: MEMBER,
    reply: 'map<bulk, int | array<map<bulk, int>>>',
    flags: WRITE,
    keys: ['RW access insert'],
    since: SINCE,
    complexity: 'O(N+M*log(M)) for N partitions and M members',
    summary: 'Makes a member of a group, or meets it again, and tells its partitions and where to go on reading them.',
  },
  'topic.group.leave': {
    syntax: MEMBER,
    reply: 'int',
    flags: WRITE,
    keys: ['RW delete'],
    since: SINCE,
    complexity: 'O(N+M*log(M)) for N partitions and M members',
    summary: 'Takes a member out of a group; its partitions go to the others.',
  },
  'topic.group.offsets': {
    syntax: 'key group',
    reply: 'array<map<bulk, int>>',
    flags: READONLY,
    since: SINCE,
    complexity: 'O(N) for N partitions',
    summary: 'Tells of each partition how far a group has read, and how many events are left.',
  },
  'topic.info': {
    syntax: 'key',
    reply: 'map<bulk, int | array<bulk> | array<map<bulk, int>>>',
    flags: READONLY,
    since: SINCE,
    complexity: 'O(N) for N partitions and groups',
    summary: 'Tells of a topic its settings, its groups, and what its partitions hold.',
  },
  'topic.list': {
    syntax: '[MATCH pattern]',
    reply: 'array<bulk>',
    flags: READONLY,
    since: SINCE,
    complexity: 'O(N) for N queues and topics of the database',
    summary: 'Lists the names of the topics of this database.',
    tips: ['nondeterministic_output_order'],
  },
  'topic.publish': {
    syntax: `key data [PARTITION partition:int] ${EVENT}`,
    reply: 'tuple<int, int>',
    flags: WRITE | DENYOOM | FAST,
    keys: ['RW insert'],
    since: SINCE,
    complexity: 'O(N) for N headers',
    summary:
      'Appends an event, to the partition of its key or to the next one in turn, and tells its partition and offset.',
    tips: ['nondeterministic_output'],
  },
  'topic.read': {
    syntax: `key [GROUP group member generation:int] [COUNT count:int] [BLOCK milliseconds:int] FROM ${OFFSETS}`,
    reply: 'array<map<bulk, int | bulk | nil | map<bulk, bulk>>> | nil-array',
    flags: READONLY | BLOCKING,
    since: SINCE,
    complexity: 'O(N+M) for N partitions and M events',
    summary:
      'Reads events from offsets on, 1000 without COUNT, or waits for the first. A member reads what is assigned to it.',
  },
  'topic.trim': {
    syntax: 'key partition:int offset:int',
    reply: 'int',
    flags: WRITE,
    keys: ['RW delete'],
    since: SINCE,
    complexity: 'O(N) for N blocks of events that go',
    summary: 'Drops the events of a partition before an offset and tells how many there were.',
  },
});
