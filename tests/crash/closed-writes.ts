/**
 * Writes whose outcome follows from what was there before, of every command family. Time occurs only as moments of the far future,
 * or of the past. Scores and floats are such that every server writes them alike.
 */
import { type Draw, JOURNALS } from './draw.js';
import { payload } from './payloads.js';
import type { Step, Words } from './step.js';

type Make = (d: Draw) => Words;

const STRINGS: readonly Make[] = [
  (d) => ['APPEND', d.key('s'), d.value()],
  (d) => ['DECR', d.key('n')],
  (d) => ['DECRBY', d.key('n'), d.small()],
  (d) => ['GETDEL', d.key('s')],
  (d) => ['GETEX', d.key('s'), 'PERSIST'],
  (d) => ['GETEX', d.key('s'), 'PXAT', d.farMs()],
  (d) => ['GETSET', d.key('s'), d.value()],
  (d) => ['INCR', d.key('n')],
  (d) => ['INCRBY', d.key('n'), d.small()],
  (d) => ['INCRBYFLOAT', d.key('n'), d.score()],
  (d) => ['MSET', ...d.list(3, () => [d.key('s'), d.value()]).flat()],
  (d) => ['MSETNX', ...d.list(2, () => [d.key('s'), d.value()]).flat()],
  (d) => ['SET', d.key('s'), d.value(), ...d.maybe('NX', 'XX', 'GET', 'KEEPTTL')],
  (d) => ['SET', d.key('n'), d.small()],
  (d) => ['SET', d.key('s'), d.value(), 'PXAT', d.farMs(), ...d.maybe('NX', 'XX')],
  (d) => ['SET', d.key('s'), d.value(), 'EXAT', d.farSeconds()],
  (d) => ['SETNX', d.key('s'), d.value()],
  (d) => ['SETRANGE', d.key('s'), String(d.random.below(50)), d.value()],
  (d) => ['SET', d.key('s'), d.noise(d.random.below(40000))],
];

const GENERIC: readonly Make[] = [
  (d) => ['COPY', d.any(), d.any(), ...d.maybe('REPLACE')],
  (d) => ['COPY', d.any(), d.any(), 'DB', String(d.otherDatabase), ...d.maybe('REPLACE')],
  (d) => ['DEL', ...d.list(3, () => d.any())],
  (d) => ['EXPIREAT', d.any(), d.farSeconds(), ...d.maybe('NX', 'XX', 'GT', 'LT')],
  (d) => ['EXPIREAT', d.any(), '1'],
  (d) => ['MOVE', d.any(), String(d.otherDatabase)],
  (d) => ['PERSIST', d.any()],
  (d) => ['PEXPIREAT', d.any(), d.farMs(), ...d.maybe('NX', 'XX', 'GT', 'LT')],
  (d) => ['PEXPIREAT', d.any(), '1'],
  (d) => ['RENAME', d.any(), d.any()],
  (d) => ['RENAMENX', d.any(), d.any()],
  (d) => ['RESTORE', d.any(), '0', payload(d), ...d.maybe('REPLACE')],
  (d) => ['RESTORE', d.any(), d.farMs(), payload(d), 'ABSTTL', ...d.maybe('REPLACE'), 'IDLETIME', '100'],
  (d) => ['RESTORE', d.any(), '1', payload(d), 'ABSTTL', 'REPLACE'],
  (d) => ['SORT', d.key('l'), 'ALPHA', ...d.maybe('DESC'), 'STORE', d.any()],
  (d) => ['UNLINK', ...d.list(2, () => d.any())],
];

const LISTS: readonly Make[] = [
  (d) => ['LINSERT', d.key('l'), d.random.pick(['BEFORE', 'AFTER']), `e${d.random.below(5)}`, d.value()],
  (d) => ['LMOVE', d.key('l'), d.key('l'), d.end(), d.end()],
  (d) => ['LMPOP', '2', d.key('l'), d.key('l'), d.end(), 'COUNT', d.count()],
  (d) => ['LPOP', d.key('l')],
  (d) => ['LPOP', d.key('l'), d.count()],
  (d) => ['LPUSH', d.key('l'), ...d.values()],
  (d) => ['LPUSHX', d.key('l'), ...d.values()],
  (d) => ['LREM', d.key('l'), d.small(), `e${d.random.below(5)}`],
  (d) => ['LSET', d.key('l'), d.small(), d.value()],
  (d) => ['LTRIM', d.key('l'), d.small(), '-1'],
  (d) => ['RPOP', d.key('l')],
  (d) => ['RPOP', d.key('l'), d.count()],
  (d) => ['RPOPLPUSH', d.key('l'), d.key('l')],
  (d) => ['RPUSH', d.key('l'), ...d.values()],
  (d) => ['RPUSH', d.key('l'), ...d.list(4, () => `e${d.random.below(5)}`)],
  (d) => ['RPUSH', d.key('l'), ...d.list(300, () => d.token())],
  (d) => ['RPUSHX', d.key('l'), ...d.values()],
];

const SETS: readonly Make[] = [
  (d) => ['SADD', d.key('t'), ...d.members()],
  (d) => ['SADD', d.key('t'), ...d.list(6, () => String(d.random.below(70000)))],
  (d) => ['SADD', d.key('t'), ...d.list(300, () => d.token())],
  (d) => ['SDIFFSTORE', d.key('t'), d.key('t'), d.key('t')],
  (d) => ['SINTERSTORE', d.key('t'), d.key('t'), d.key('t')],
  (d) => ['SMOVE', d.key('t'), d.key('t'), d.member()],
  (d) => ['SREM', d.key('t'), ...d.members()],
  (d) => ['SUNIONSTORE', d.key('t'), d.key('t'), d.key('t')],
];

const SORTED_SETS: readonly Make[] = [
  (d) => ['ZADD', d.key('z'), ...d.maybe('NX', 'XX', 'GT', 'LT'), ...d.maybe('CH'), ...d.scored()],
  (d) => ['ZADD', d.key('z'), 'INCR', d.score(), d.member()],
  (d) => ['ZADD', d.key('z'), ...d.list(200, () => [d.score(), d.token()]).flat()],
  (d) => ['ZDIFFSTORE', d.key('z'), '2', d.key('z'), d.key('t')],
  (d) => ['ZINCRBY', d.key('z'), d.score(), d.member()],
  (d) => ['ZINTERSTORE', d.key('z'), '2', d.key('z'), d.key('t'), 'WEIGHTS', '2', '0.5'],
  (d) => ['ZMPOP', '2', d.key('z'), d.key('z'), d.random.pick(['MIN', 'MAX']), 'COUNT', d.count()],
  (d) => ['ZPOPMAX', d.key('z'), d.count()],
  (d) => ['ZPOPMIN', d.key('z')],
  (d) => ['ZRANGESTORE', d.key('z'), d.key('z'), '0', d.small()],
  (d) => ['ZRANGESTORE', d.key('z'), d.key('z'), '-20', '30', 'BYSCORE'],
  (d) => ['ZREM', d.key('z'), ...d.members()],
  // Everything: where scores differ, what lies between two members depends on how the set is laid out, which a restart may change.
  (d) => ['ZREMRANGEBYLEX', d.key('z'), '-', '+'],
  (d) => ['ZREMRANGEBYRANK', d.key('z'), d.small(), d.small()],
  (d) => ['ZREMRANGEBYSCORE', d.key('z'), '(0', d.score()],
  (d) => ['ZUNIONSTORE', d.key('z'), '2', d.key('z'), d.key('t'), 'AGGREGATE', d.random.pick(['MIN', 'MAX', 'SUM'])],
];

const HASHES: readonly Make[] = [
  (d) => ['HDEL', d.key('h'), ...d.fields()],
  (d) => ['HINCRBY', d.key('h'), `i${d.random.below(3)}`, d.small()],
  (d) => ['HINCRBYFLOAT', d.key('h'), `i${d.random.below(3)}`, d.score()],
  (d) => ['HMSET', d.key('h'), ...d.pairs()],
  (d) => ['HSET', d.key('h'), ...d.pairs()],
  (d) => ['HSET', d.key('h'), ...d.list(200, () => [d.token(), d.value()]).flat()],
  (d) => ['HSETNX', d.key('h'), d.field(), d.value()],
];

const FIELD_TTLS: readonly Make[] = [
  (d) => ['HEXPIREAT', d.key('h'), d.farSeconds(), ...d.maybe('NX', 'XX', 'GT', 'LT'), ...counted(d.fields())],
  (d) => ['HPEXPIREAT', d.key('h'), d.farMs(), ...d.maybe('NX', 'XX', 'GT', 'LT'), ...counted(d.fields())],
  (d) => ['HPEXPIREAT', d.key('h'), '1', ...counted(d.fields())],
  (d) => ['HPERSIST', d.key('h'), ...counted(d.fields())],
  (d) => ['HGETDEL', d.key('h'), ...counted(d.fields())],
  (d) => ['HGETEX', d.key('h'), 'PXAT', d.farMs(), ...counted(d.fields())],
  (d) => ['HGETEX', d.key('h'), 'PERSIST', ...counted(d.fields())],
  (d) => ['HSETEX', d.key('h'), ...d.maybe('FNX', 'FXX'), 'PXAT', d.farMs(), 'FIELDS', '1', d.field(), d.value()],
  (d) => ['HSETEX', d.key('h'), 'KEEPTTL', 'FIELDS', '1', d.field(), d.value()],
];

/** Queues that are told what happened when: only Synap has them. What PUBLISH and CONSUME do depends on the time: queue.test.ts. */
const QUEUES: readonly Make[] = [
  (d) => ['QUEUE.CREATE', d.key('q'), 'RETRIES', '1000', ...d.maybe('MAXDEPTH 20', 'PREFETCH 3').flatMap(words)],
  (d) => ['QUEUE.REPLAY', d.key('q'), 'PUBLISH', ...d.ids(1), '1', '0', '0', d.small(), '1000', d.value()],
  (d) => ['QUEUE.REPLAY', d.key('q'), 'PUBLISH', ...d.ids(1), '1', d.farMs(), d.farMs(), '5', '1000', d.value()],
  (d) => ['QUEUE.REPLAY', d.key('q'), 'DELIVER', d.value(), d.farMs(), ...d.ids(1)],
  (d) => ['QUEUE.REPLAY', d.key('q'), 'DELIVER', d.value(), d.farMs(), ...d.ids(1)],
  (d) => ['QUEUE.REPLAY', d.key('q'), 'BURY', '1', '0', '5', ...d.ids(1)],
  (d) => ['QUEUE.REPLAY', d.key('q'), 'TAKE', ...d.ids(1)],
  (d) => ['QUEUE.ACK', d.key('q'), ...d.ids()],
  (d) => ['QUEUE.NACK', d.key('q'), ...d.ids()],
  (d) => ['QUEUE.DLQ.REQUEUE', d.key('q'), ...d.maybe('1', '2')],
  (d) => ['QUEUE.DLQ.PURGE', d.key('q'), ...d.maybe('1', '2')],
  (d) => ['QUEUE.PURGE', d.key('q')],
  (d) => ['QUEUE.DELETE', d.key('q')],
];

/** Topics that are told when events came: what PUBLISH does depends on the time (topic.test.ts). */
const TOPICS: readonly Make[] = [
  (d) => ['TOPIC.CREATE', d.key('e'), 'PARTITIONS', '2', ...d.maybe('MAXLEN 5', 'MAXBYTES 200').flatMap(words)],
  (d) => ['TOPIC.APPEND', d.key('e'), '0', d.count(), d.farMs(), d.value()],
  (d) => ['TOPIC.APPEND', d.key('e'), d.small(), '0', '5', d.value(), ...d.maybe('KEY k TYPE t').flatMap(words)],
  (d) => ['TOPIC.APPEND', d.key('e'), '1', d.count(), '5', d.value(), 'HEADERS', '1', d.value(), d.value()],
  (d) => ['TOPIC.TRIM', d.key('e'), '1', d.count()],
  (d) => ['TOPIC.GROUP.CREATE', d.key('e'), 'g', 'TIMEOUT', '10000000', ...d.maybe('STRATEGY STICKY').flatMap(words)],
  (d) => ['TOPIC.GROUP.JOIN', d.key('e'), 'g', d.small()],
  (d) => ['TOPIC.GROUP.COMMIT', d.key('e'), 'g', d.small(), d.count(), '1', d.count()],
  (d) => ['TOPIC.GROUP.LEAVE', d.key('e'), 'g', d.small()],
  (d) => (d.random.oneIn(5) ? ['TOPIC.GROUP.DELETE', d.key('e'), 'g'] : ['TOPIC.GROUP.JOIN', d.key('e'), 'g', '1']),
  (d) => (d.random.oneIn(5) ? ['TOPIC.DELETE', d.key('e')] : ['TOPIC.APPEND', d.key('e'), '0', '0', '5', d.value()]),
];

function words(line: string): string[] {
  return line.split(' ');
}

/** Whole databases: seldom, for they leave little behind. */
const DATABASES: readonly Make[] = [
  (d) => ['SWAPDB', String(d.database), String(d.otherDatabase)],
  (d) => ['SWAPDB', String(d.database), String(d.otherDatabase)],
  (d) => ['FLUSHDB', ...d.maybe('ASYNC', 'SYNC')],
];

/** Commands that would block by themselves run inside MULTI: there they take what is there. */
const BLOCKING: readonly Make[] = [
  (d) => ['BLPOP', d.key('l'), d.key('l'), '0'],
  (d) => ['BRPOP', d.key('l'), '0'],
  (d) => ['BLMOVE', d.key('l'), d.key('l'), d.end(), d.end(), '0'],
  (d) => ['BRPOPLPUSH', d.key('l'), d.key('l'), '0'],
  (d) => ['BLMPOP', '0', '2', d.key('l'), d.key('l'), d.end(), 'COUNT', d.count()],
  (d) => ['BZPOPMIN', d.key('z'), d.key('z'), '0'],
  (d) => ['BZPOPMAX', d.key('z'), '0'],
  (d) => ['BZMPOP', '0', '1', d.key('z'), 'MIN', 'COUNT', d.count()],
];

const FAMILIES = [STRINGS, GENERIC, LISTS, SETS, SORTED_SETS, HASHES];

export function counted(fields: readonly string[]): string[] {
  return ['FIELDS', String(fields.length), ...fields];
}

function command(d: Draw): Words {
  if (d.random.oneIn(150)) return d.random.pick(DATABASES)(d);
  const own = d.fieldTtls && d.random.oneIn(6);
  const family = own ? d.random.pick([QUEUES, TOPICS]) : d.random.pick(FAMILIES);
  return d.random.pick(family === HASHES && d.fieldTtls && d.random.oneIn(2) ? FIELD_TTLS : family)(d);
}

/** Runs the commands in ARGV, each behind the number of its words; what the disk refuses ends it before it has changed anything. */
const BATCH = `local i = 1
while i <= #ARGV do
  local n = tonumber(ARGV[i])
  local reply = redis.pcall(unpack(ARGV, i + 1, i + n))
  if type(reply) == 'table' and reply.err and reply.err:find('^MISCONF') then return reply end
  i = i + n + 1
end
return 'done'`;

/** Several commands as one script. */
function script(d: Draw): Step {
  const select = (db: number): Words => ['SELECT', String(db)];
  const inner = d.list(4, () => command(d));
  const other = d.random.oneIn(3) ? [select(d.otherDatabase), command(d), select(d.database)] : [];
  const journal = [select(JOURNALS), ['RPUSH', d.journal, d.token()]];
  const means = [...inner, ...other, ...journal];
  return {
    commands: [['EVAL', BATCH, '0', ...means.flatMap((words) => [String(words.length), ...words])]],
    means: [...means, select(d.database)],
  };
}

/** One command, or now and then a transaction or a script of several. */
export function closedWrite(d: Draw): Step {
  if (d.random.oneIn(12)) return script(d);
  if (!d.random.oneIn(5)) return { commands: [command(d)] };
  const inner = d.list(4, () => (d.random.oneIn(4) ? d.random.pick(BLOCKING)(d) : command(d)));
  if (d.random.oneIn(12)) return { commands: [['MULTI'], ...inner, ['DISCARD']] };
  const journal = [
    ['SELECT', String(JOURNALS)],
    ['RPUSH', d.journal, d.token()],
    ['SELECT', String(d.database)],
  ];
  const other = [['SELECT', String(d.otherDatabase)], command(d), ['SELECT', String(d.database)]];
  const watch = d.random.oneIn(4) ? [['WATCH', d.any(), d.any()]] : [];
  return { commands: [...watch, ['MULTI'], ...inner, ...(d.random.oneIn(3) ? other : []), ...journal, ['EXEC']] };
}
