/** What each kind of change does to a value that a capture has met and not written yet. Everything at once: snapshot-capture.test.ts. */
import t from 'tap';
import { ATTEND_CAPTURE } from '../../commands/attention.js';
import { Capture } from '../../storage/capture.js';
import { CaptureMarks } from '../../storage/capture-marks.js';
import { CheckedArena } from '../../storage/memory/arena.js';
import { FINISHED, RdbFileReader } from '../../storage/rdb/file-reader.js';
import { RdbFileWriter } from '../../storage/rdb/file-writer.js';
import { RdbOutput } from '../../storage/rdb/output.js';
import { NO_ACCESS } from '../../storage/rdb/value-writer.js';
import { Session, type Value } from '../commands/session.js';
import { seeded } from '../random.js';

const OPEN = { enableDebugCommand: 'yes' } as const;

/** Runs `change` between the beginning of a capture and its end. @returns digests: before, of what the file holds, and after */
function captured(build: readonly string[], change: string, giant: boolean): Value[] {
  const s = new Session(OPEN);
  const { server } = s;
  const { limits } = server.settings;
  const { arena } = server.databases[0].space;
  Object.assign(Object.setPrototypeOf(arena, CheckedArena.prototype), { blocks: new Map<number, number>() });
  limits.listMaxListpackSize = 3;
  limits.hashMaxListpackEntries = limits.setMaxListpackEntries = limits.zsetMaxListpackEntries = 1;
  for (const line of build) s.ask(line);
  const before = s.ask('debug digest');
  const writer = new RdbFileWriter(new RdbOutput());
  writer.header(10, []);
  const sizes = { atOnce: 0, giantBytes: giant ? 0 : 1 << 20, giantNodes: giant ? 0 : 100 };
  const capture = new Capture(server.databases, writer, NO_ACCESS, true, sizes);
  server.attention |= ATTEND_CAPTURE;
  const reply = s.ask(change);
  if (typeof reply === 'string' && reply.startsWith('-')) throw new Error(`${change}: ${reply}`);
  const after = s.ask('debug digest');
  // Blocks that the change has only handed on are poisoned now.
  s.ask('del k');
  while (!capture.step(1, writer.out.pos + 1));
  server.attention &= ~ATTEND_CAPTURE;
  writer.footer();
  const other = new Session(OPEN);
  const reader = new RdbFileReader(other.server.databases);
  reader.push(writer.out.buf, writer.out.pos);
  reader.end();
  while (reader.step(1 << 20) !== FINISHED);
  return [before, other.ask('debug digest'), after];
}

const LONG = 'x'.repeat(40_000);
// Nodes: a b c | d f | g h i | j
const LIST = ['rpush k a b c d e f g h i j', 'lrem k 1 e'];
const CASES: readonly (readonly [build: readonly string[], changes: readonly string[]])[] = [
  [
    LIST,
    [
      'rpush k x',
      'lpush k x',
      'rpush k x y z u v',
      `rpush k ${LONG}`,
      'lpop k',
      'rpop k 2',
      'lpop k 4',
      'lpop k 9',
      'lset k 0 x',
      'lset k 4 xxxxxxxxxxxxxxxxx',
      `lset k 1 ${LONG}`,
      `lset k 8 ${LONG}`,
      'linsert k before f x',
      'linsert k after c x',
      'linsert k before g x',
      'linsert k before b x',
      'linsert k after h x',
      `linsert k before b ${LONG}`,
      'lrem k 0 b',
      'lrem k 0 j',
      'ltrim k 1 -3',
      'ltrim k 0 1',
      'ltrim k 8 8',
      'ltrim k 5 6',
      'lmove k k left right',
      'lmove k o left right',
      'sort k alpha desc store k',
      'del k',
      'rename k o',
      'copy k o',
      'pexpire k 1000000',
      'flushall',
      'swapdb 0 1',
    ],
  ],
  // Nodes: a b | d | g h i, of which the first two are merged when the last is split.
  [
    ['rpush k a b c d e f g h i', 'lrem k 1 c', 'lrem k 1 e', 'lrem k 1 f'],
    ['linsert k after g x', 'linsert k after d x'],
  ],
  [
    ['hset k a 1 b 2 c 3 d 4 e 5', `hset k f ${LONG}`],
    [
      'hset k a 2',
      'hset k a xxxxxxxxxxxxxxxxxxxxxxxxx',
      'hset k g 1',
      'hset k f 1',
      'hdel k a f',
      'hdel k a b c d e f',
      'hincrby k a 1',
      'hpexpire k 1000 fields 1 a',
    ],
  ],
  [
    ['sadd k a b c d e f', 'sadd o a x'],
    [
      'sadd k g',
      'srem k a',
      'smove k o b',
      'spop k 3',
      'spop k',
      'sinterstore k k o',
      'sunionstore k k o',
      'srem k a b c d e f',
    ],
  ],
  [
    ['zadd k 1 a 2 b 3 c 4 d 5 e 6 f'],
    [
      'zadd k 9 a',
      'zadd k 7 g',
      'zincrby k 1 a',
      'zrem k a',
      'zremrangebyrank k 1 3',
      'zremrangebyscore k 2 5',
      'zpopmin k 2',
      'zpopmax k',
      'zrangestore k k 1 2',
    ],
  ],
  [
    [`set k ${LONG}`, `setrange k 200000 ${LONG}`, `set m ${LONG}`],
    [
      'append k x',
      'setrange k 0 yyyy',
      `setrange k 65530 ${LONG}`,
      `setrange k 400000 ${LONG}`,
      'setrange m 30000 y',
      `append m ${LONG}`,
      'set k x',
      'getdel k',
      `set k ${LONG}`,
    ],
  ],
  [
    [
      'topic.create k partitions 2 maxlen 4',
      ...['a', 'b', 'c', 'd', 'e', 'f'].map((data) => `topic.publish k ${data} headers 1 n ${data}`),
      'topic.group.create k g',
      'topic.group.join k g ann',
      'topic.group.create k h',
      'topic.trim k 1 1',
    ],
    [
      'topic.publish k g',
      `topic.publish k ${LONG}`,
      'topic.trim k 0 2',
      'topic.trim k 0 9',
      'topic.group.join k g bob',
      'topic.group.join k h bob',
      'topic.group.leave k g ann',
      'topic.group.commit k g ann 1 0 2 1 1',
      'topic.group.create k i start latest',
      'topic.group.delete k g',
      'topic.delete k',
      'rename k o',
      'copy k o',
      'pexpire k 1000000',
    ],
  ],
  // So many that they are left at once.
  [
    [
      'queue.create k retries 0',
      ...Array.from({ length: 1300 }, (_, i) => `queue.publish k ${i}${i % 3 === 0 ? ' delay 9' : ''} headers 1 n v`),
      'queue.consume k ann count 650',
      ...Array.from({ length: 600 }, (_, i) => `queue.nack k dead ${i}`).slice(1),
    ],
    ['queue.purge k', 'queue.dlq.purge k'],
  ],
  [
    [
      'queue.create k prefetch 4',
      ...['a', 'b', 'c', 'd', 'e', 'f'].map((body, i) => `queue.publish k ${body} priority ${i} headers 1 n ${body}`),
      'queue.consume k ann count 3',
      'queue.nack k dead 6',
    ],
    [
      'queue.publish k g',
      `queue.publish k ${LONG}`,
      'queue.publish k g delay 50 ttl 100',
      'queue.consume k bob count 2',
      'queue.consume k bob noack',
      'queue.ack k 5',
      'queue.ack k 4 5',
      'queue.nack k 5',
      'queue.nack k delay 100 4 5',
      'queue.nack k dead 4',
      'queue.dlq.requeue k',
      'queue.dlq.purge k',
      'queue.purge k',
      'queue.delete k',
      'rename k o',
      'copy k o',
      'pexpire k 1000000',
    ],
  ],
];

for (const [build, changes] of CASES)
  t.test(`changes of ${build[0].slice(0, 20)}`, (t) => {
    for (const change of changes)
      for (const giant of [false, true]) {
        const [before, inFile, after] = captured(build, change, giant);
        const name = change.slice(0, 30);
        t.equal(inFile, before, name);
        t.not(after, before, `${name} is a change`);
      }
    t.end();
  });

t.test('the set of hashes', (t) => {
  const random = seeded(1);
  const marks = new CaptureMarks();
  const model = new Set<number>();
  for (let i = 0; i < 20_000; i++) {
    // Many with the same beginning, so that they collide.
    const hash = (random() < 0.5 ? random() * 4294967296 : 0x12340000 + random() * 4000) | 1;
    if (marks.add(hash) === model.has(hash)) t.fail(`${hash} was ${model.has(hash) ? '' : 'not '}there`);
    model.add(hash);
  }
  t.ok(
    [...model].every((hash) => marks.has(hash)),
    'none is lost',
  );
  const { bytes } = marks;
  t.ok(bytes < model.size * 4 * 5);
  marks.dropBelow(0x80000000);
  t.ok(
    [...model].every((hash) => marks.has(hash) === hash >>> 0 >= 0x80000000),
    'those below are dropped, and only those',
  );
  t.ok(marks.bytes < bytes);
  t.end();
});
