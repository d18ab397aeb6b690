/** Topics: making, publishing, reading, retention; in RESP2 and RESP3. Groups: topic-group.test.ts; waiting: topic-blocking.test.ts. */
import t from 'tap';
import { Session, type Value } from './session.js';
import { brief, fields } from './topic-reply.js';

const WRONGTYPE = '-WRONGTYPE Operation against a key holding the wrong kind of value';
const NO_TOPIC = '-ERR no such topic';
const SYNTAX = '-ERR syntax error';

function partitions(s: Session, topic = 't'): Record<string, Value>[] {
  return (fields(s.ask(`topic.info ${topic}`)).partitions as Value[]).map(fields);
}

t.test('a topic is made, described and deleted', (t) => {
  const s = new Session();
  t.equal(s.ask('topic.create t partitions 2 RETENTION 1000 maxbytes 500 MAXLEN 9'), 1);
  t.equal(s.ask('topic.create t'), 0);
  t.equal(s.ask('topic.create u'), 1);
  t.equal(s.ask('type t'), 'topic');
  t.equal(s.ask('object encoding t'), 'topic');
  t.ok((s.ask('memory usage t') as number) > 700);
  const empty = { 'first-offset': 0, 'next-offset': 0, events: 0, bytes: 0 };
  t.same(partitions(s), [
    { partition: 0, ...empty },
    { partition: 1, ...empty },
  ]);
  const { partitions: _, ...rest } = fields(s.ask('topic.info t'));
  t.same(rest, { retention: 1000, 'max-bytes': 500, 'max-len': 9, groups: [], published: 0 });
  t.equal(partitions(s, 'u').length, 1);
  s.ask('set s v');
  t.same(s.askSorted('topic.list'), ['t', 'u']);
  t.same(s.ask('topic.list match u*'), ['u']);
  t.same(s.ask('topic.list match s'), []);
  t.same((s.ask('scan 0 count 100 type topic') as Value[][])[1].sort(), ['t', 'u']);
  t.equal(s.ask('topic.delete t none u'), 2);
  t.equal(s.ask('exists t u'), 0);
  t.same(s.ask('topic.list'), []);
  t.same(s.events, ['topic.create t', 'topic.create u', 'set s', 'del t', 'del u']);
  t.equal(s.server.databases[0].space.ownValues.size, 0);
  t.end();
});

t.test('partitions in turn, by key, by number', (t) => {
  const s = new Session();
  s.ask('topic.create t partitions 3');
  t.same(s.ask('topic.publish t a'), [0, 0]);
  t.same(s.ask('topic.publish t b'), [1, 0]);
  t.same(s.ask('topic.publish t c'), [2, 0]);
  t.same(s.ask('topic.publish t d'), [0, 1]);
  t.same(s.ask('topic.publish t e PARTITION 2'), [2, 1]);
  t.same(s.ask('topic.publish t f'), [0, 2], 'after the one that was named');
  const [partition] = s.ask('topic.publish t g KEY k1') as number[];
  for (let i = 0; i < 5; i++) t.equal((s.ask('topic.publish t g KEY k1') as number[])[0], partition);
  t.same((s.ask('topic.publish t h') as number[])[0], 1, 'a key takes nobody`s turn');
  t.same(s.ask(`topic.publish t i KEY k1 PARTITION ${(partition + 1) % 3}`), [(partition + 1) % 3, 2]);
  const seen = new Set(Array.from({ length: 60 }, (_, i) => (s.ask(`topic.publish t x KEY k${i}`) as number[])[0]));
  t.equal(seen.size, 3);
  t.end();
});

t.test('what an event holds comes back, in RESP2 and RESP3', (t) => {
  const s = new Session();
  s.ask('topic.create t');
  const odd = '\x00\r\n\xff';
  s.ask(['topic.publish', 't', odd, 'HEADERS', '2', 'name', odd, '', '', 'TYPE', '', 'KEY', odd]);
  s.now += 5;
  s.ask('topic.publish t plain');
  t.same((s.ask('topic.read t from 0 0') as Value[]).map(fields), [
    { partition: 0, offset: 0, time: s.now - 5, key: odd, type: '', data: odd, headers: ['name', odd, '', ''] },
    { partition: 0, offset: 1, time: s.now, key: null, type: null, data: 'plain', headers: [] },
  ]);
  s.client.out.resp = 3;
  t.equal(
    s.raw('topic.read t count 1 from 0 1'),
    '*1\r\n%7\r\n$9\r\npartition\r\n:0\r\n$6\r\noffset\r\n:1\r\n$4\r\ntime\r\n:1700000000005\r\n$3\r\nkey\r\n_\r\n' +
      '$4\r\ntype\r\n_\r\n$4\r\ndata\r\n$5\r\nplain\r\n$7\r\nheaders\r\n%0\r\n',
  );
  t.equal(s.raw('topic.read t from 0 2'), '_\r\n');
  t.match(s.raw('topic.info t'), /^%6\r\n\$10\r\npartitions\r\n\*1\r\n%5\r\n/);
  s.client.out.resp = 2;
  t.equal(s.raw('topic.read t from 0 2'), '*-1\r\n');
  t.match(s.raw('topic.info t'), /^\*12\r\n\$10\r\npartitions\r\n\*1\r\n\*10\r\n/);
  t.end();
});

t.test('several partitions are read evenly, and from anywhere', (t) => {
  const s = new Session();
  s.ask('topic.create t partitions 3');
  for (let i = 0; i < 6; i++) s.ask(`topic.publish t a${i} PARTITION 0`);
  for (let i = 0; i < 2; i++) s.ask(`topic.publish t b${i} PARTITION 1`);
  t.equal(brief(s.ask('topic.read t count 5 from 0 0 1 0 2 0')), '0:0=a0 0:1=a1 0:2=a2 1:0=b0 1:1=b1');
  t.equal(brief(s.ask('topic.read t count 2 from 0 0 1 0')), '0:0=a0 1:0=b0');
  t.equal(
    brief(s.ask('topic.read t count 1 from 1 0 0 0')),
    '0:0=a0',
    'the longer one, when there is not enough for all',
  );
  t.equal(brief(s.ask('topic.read t from 1 1 0 4')), '1:1=b1 0:4=a4 0:5=a5');
  t.equal(brief(s.ask('topic.read t from 0 6')), 'null');
  t.equal(brief(s.ask('topic.read t from 0 $ 1 1')), '1:1=b1');
  t.equal(brief(s.ask('topic.read t from 0 999')), 'null');
  t.equal(brief(s.ask('topic.read t count 99 from 2 0')), 'null');
  for (let i = 0; i < 1500; i++) s.ask('topic.publish t c PARTITION 2');
  t.equal((s.ask('topic.read t from 2 0') as Value[]).length, 1000, 'at most so many without COUNT');
  t.equal((s.ask('topic.read t count 1200 from 2 0') as Value[]).length, 1200);
  t.end();
});

t.test('MAXLEN and MAXBYTES are kept to the event', (t) => {
  const s = new Session();
  s.ask('topic.create len maxlen 3');
  s.ask('topic.create bytes maxbytes 60');
  for (let i = 0; i < 10; i++) {
    s.ask(`topic.publish len ${i}`);
    s.ask(`topic.publish bytes ${i}`);
  }
  t.equal(brief(s.ask('topic.read len from 0 0')), '0:7=7 0:8=8 0:9=9');
  // A record is its length, flags, time and data: nine bytes.
  t.same(partitions(s, 'bytes'), [{ partition: 0, 'first-offset': 4, 'next-offset': 10, events: 6, bytes: 54 }]);
  t.same(s.ask(`topic.publish bytes ${'x'.repeat(52)}`), [0, 10]);
  t.equal(partitions(s, 'bytes')[0].events, 1);
  t.equal(s.ask(`topic.publish bytes ${'x'.repeat(53)}`), '-ERR event is larger than MAXBYTES of the topic');
  t.same(partitions(s, 'bytes'), [{ partition: 0, 'first-offset': 10, 'next-offset': 11, events: 1, bytes: 60 }]);
  t.end();
});

t.test('RETENTION hides at once, and drops', (t) => {
  const s = new Session();
  s.ask('topic.create t retention 100000 partitions 2');
  s.ask('topic.publish t a');
  s.now += 60_000;
  s.ask('topic.publish t b PARTITION 0');
  s.now += 39_999;
  t.equal(brief(s.ask('topic.read t from 0 0')), '0:0=a 0:1=b');
  s.now += 1;
  t.equal(brief(s.ask('topic.read t from 0 0')), '0:1=b');
  t.match(partitions(s)[0], { 'first-offset': 1, events: 1, bytes: 9 });
  const { space } = s.server.databases[0];
  const topic = (): { partitions: { firstOffset: number; events: number }[] } =>
    space.large(space.table.find(s.client.argv[1])) as never;
  t.equal(topic().partitions[0].firstOffset, 0, 'hidden, and not dropped yet');
  void s.events;
  s.now += 1000;
  t.match(partitions(s)[0], { 'first-offset': 1, events: 1, bytes: 9 });
  t.equal(topic().partitions[0].firstOffset, 1);
  t.same(s.events, ['topic.trim t']);
  s.now += 1_000_000;
  t.equal(brief(s.ask('topic.read t from 0 0 1 0')), 'null');
  t.equal(topic().partitions[0].events, 0);
  t.same(s.ask('topic.publish t c PARTITION 0'), [0, 2], 'offsets go on');
  t.end();
});

t.test('a clock that goes back makes no event older than the one before', (t) => {
  const s = new Session();
  s.ask('topic.create t');
  s.ask('topic.publish t a');
  s.now -= 5000;
  s.ask('topic.publish t b');
  const times = (s.ask('topic.read t from 0 0') as Value[]).map((event) => fields(event).time);
  t.same(times, [s.now + 5000, s.now + 5000]);
  t.end();
});

t.test('TRIM and APPEND', (t) => {
  const s = new Session();
  s.ask('topic.create t partitions 2');
  t.same(s.ask('topic.append t 1 0 5 a KEY k TYPE x HEADERS 1 h v'), [1, 0]);
  t.equal(s.ask('topic.append t 1 0 5 a'), '-ERR offset is not the next one of the partition');
  t.equal(s.ask('topic.append t 1 2 5 a'), '-ERR offset is not the next one of the partition');
  t.equal(s.ask('topic.append t 1 1 4 a'), '-ERR time is before that of the last event of the partition');
  t.equal(
    s.ask('topic.append t 1 1 281474976710656 a'),
    '-ERR time is out of range, must be between 0 and 281474976710655',
  );
  t.same(s.ask('topic.append t 1 1 281474976710655 b'), [1, 1]);
  t.same(fields((s.ask('topic.read t count 1 from 1 0') as Value[])[0]), {
    partition: 1,
    offset: 0,
    time: 5,
    key: 'k',
    type: 'x',
    data: 'a',
    headers: ['h', 'v'],
  });
  t.same((s.ask('topic.publish t c') as Value[])[0], 0, 'the turn after partition 1');
  t.equal(s.ask('topic.trim t 1 1'), 1);
  t.equal(s.ask('topic.trim t 1 1'), 0);
  t.equal(brief(s.ask('topic.read t from 1 0')), '1:1=b');
  t.equal(s.ask('topic.trim t 1 100'), 1);
  t.match(partitions(s)[1], { 'first-offset': 2, 'next-offset': 2, bytes: 0 });
  t.end();
});

t.test('errors, and nothing changes', (t) => {
  const s = new Session();
  s.ask('set s v');
  s.ask('topic.create t partitions 2');
  const { dirty } = s.server;
  const rows: readonly (readonly [string, string])[] = [
    ['topic.create', "-ERR wrong number of arguments for 'topic.create' command"],
    ['topic.create x partitions', SYNTAX],
    ['topic.create x partitions 0', '-ERR PARTITIONS is out of range, must be between 1 and 1024'],
    ['topic.create x partitions 1025', '-ERR PARTITIONS is out of range, must be between 1 and 1024'],
    ['topic.create x partitions abc', '-ERR value is not an integer or out of range'],
    ['topic.create x retention -1', '-ERR RETENTION is out of range, must be between 0 and 281474976710656'],
    ['topic.create x maxbytes -1', '-ERR MAXBYTES is out of range, must be between 0 and 9007199254740991'],
    [
      'topic.create x maxlen 9223372036854775807',
      '-ERR MAXLEN is out of range, must be between 0 and 9007199254740991',
    ],
    ['topic.create x foo 1', SYNTAX],
    ['topic.create s', WRONGTYPE],
    ['topic.delete t s', WRONGTYPE],
    ['topic.info s', WRONGTYPE],
    ['topic.info x', NO_TOPIC],
    ['topic.list foo', SYNTAX],
    ['topic.list match', SYNTAX],
    ['topic.list foo bar', SYNTAX],
    ['topic.publish x d', NO_TOPIC],
    ['topic.publish s d', WRONGTYPE],
    ['topic.publish t d KEY', SYNTAX],
    ['topic.publish t d FOO k', SYNTAX],
    ['topic.publish t d PARTITION 2', '-ERR no such partition'],
    ['topic.publish t d PARTITION -1', '-ERR no such partition'],
    ['topic.publish t d PARTITION x', '-ERR no such partition'],
    ['topic.publish t d HEADERS 0', SYNTAX],
    ['topic.publish t d HEADERS 2 a b c', SYNTAX],
    ['topic.publish t d HEADERS 1 a b c', SYNTAX],
    ['topic.publish t d HEADERS x a b', '-ERR value is not an integer or out of range'],
    ['topic.append t 0 x 5 d', '-ERR invalid offset'],
    ['topic.append t 5 0 5 d', '-ERR no such partition'],
    ['topic.append t 0 0 5 d PARTITION 1', SYNTAX],
    ['topic.read x from 0 0', NO_TOPIC],
    ['topic.read s from 0 0', WRONGTYPE],
    ['topic.read t from 0', "-ERR wrong number of arguments for 'topic.read' command"],
    ['topic.read t from 0 0 1', SYNTAX],
    ['topic.read t count 0 from 0 0', '-ERR count should be greater than 0'],
    ['topic.read t block -1 from 0 0', '-ERR timeout is negative'],
    ['topic.read t block x from 0 0', '-ERR timeout is not an integer or out of range'],
    ['topic.read t block 5 count 7', SYNTAX],
    ['topic.read t foo 5 from 0 0', SYNTAX],
    ['topic.read t from 2 0', '-ERR no such partition'],
    ['topic.read t from 0 -1', '-ERR invalid offset'],
    ['topic.read t from 0 x', '-ERR invalid offset'],
    ['topic.trim t 2 0', '-ERR no such partition'],
    ['topic.trim t 0 -1', '-ERR invalid offset'],
    ['topic.trim x 0 1', NO_TOPIC],
    ['topic.trim s 0 1', WRONGTYPE],
    ['lpush t a', WRONGTYPE],
    ['get t', WRONGTYPE],
  ];
  for (const [line, error] of rows) t.equal(s.ask(line), error, line);
  t.equal(s.server.dirty, dirty);
  t.same(fields(s.ask('topic.info t')).published, 0);
  t.same(s.events, ['set s', 'topic.create t']);
  t.end();
});

t.test('what works on every key works on a topic', (t) => {
  const s = new Session({ enableDebugCommand: 'yes' });
  s.ask('topic.create t partitions 2 maxlen 100');
  for (let i = 0; i < 300; i++) s.ask(`topic.publish t event-${i}`);
  s.ask('topic.group.create t g');
  s.ask('topic.group.join t g m');
  s.ask('topic.group.commit t g m 1 0 120');
  const digest = (key: string, db = 0): Value => {
    s.ask(`select ${db}`);
    const found = (s.ask(`debug digest-value ${key}`) as Value[])[0];
    s.ask('select 0');
    return found;
  };
  const original = digest('t');
  t.equal(s.ask('copy t u'), 1);
  t.equal(digest('u'), original);
  s.ask('topic.publish u one-more');
  t.not(digest('u'), original);
  t.equal(digest('t'), original, 'a copy is apart');
  t.equal(s.ask('rename u v'), 'OK');
  t.equal(brief(s.ask('topic.read v count 1 from 0 101')), '0:101=event-202');
  t.equal(s.ask('move t 1'), 1);
  t.equal(digest('t', 1), original);
  s.ask('select 1');
  t.equal(s.ask('expire t 100'), 1);
  t.equal(s.ask('ttl t'), 100);
  const dump = s.ask('dump t') as string;
  t.equal(s.ask(['restore', 'r', '0', dump]), 'OK');
  s.ask('select 0');
  t.equal(digest('r', 1), original);
  s.ask('select 1');
  const middle = dump.length >> 1;
  const flipped = String.fromCharCode(dump.charCodeAt(middle) ^ 1);
  const damaged = dump.slice(0, middle) + flipped + dump.slice(middle + 1);
  t.match(s.ask(['restore', 'q', '0', damaged]), /^-ERR DUMP payload version or checksum are wrong/);
  t.same(s.ask('topic.publish r more'), [0, 150]);
  s.now += 100_000;
  t.equal(s.ask('exists t'), 0);
  t.equal(s.ask('unlink r'), 1);
  s.ask('select 0');
  t.equal(s.ask('del v'), 1);
  for (const { space } of s.server.databases) while (!space.larges.freeDoomed(8));
  t.equal(s.server.databases[0].space.arena.used, 0);
  t.equal(s.server.databases[1].space.arena.used, 0);
  t.end();
});

t.test('MULTI and WATCH', (t) => {
  const s = new Session();
  s.ask('topic.create t');
  s.ask('multi');
  for (const line of ['topic.publish t a', 'topic.read t block 0 from 0 0', 'topic.read t block 0 from 0 1'])
    s.ask(line);
  const [published, read, none] = s.ask('exec') as Value[];
  t.same(published, [0, 0]);
  t.equal(brief(read), '0:0=a');
  t.equal(none, null, 'nobody waits in a transaction');
  const watched = (line: string): Value => {
    s.ask('watch t');
    s.ask(line);
    s.ask('multi');
    s.ask('ping');
    return s.ask('exec');
  };
  t.same(watched('topic.read t from 0 0'), ['PONG']);
  t.equal(watched('topic.publish t b'), null);
  t.equal(watched('topic.group.create t g'), null);
  t.equal(watched('topic.group.join t g m'), null);
  t.same(watched('topic.group.join t g m'), ['PONG'], 'nothing was changed');
  t.same(watched('topic.group.heartbeat t g m 1'), ['PONG']);
  t.equal(watched('topic.group.commit t g m 1 0 2'), null);
  t.same(watched('topic.group.commit t g m 1 0 1'), ['PONG'], 'nothing went on');
  t.equal(watched('topic.trim t 0 1'), null);
  t.equal(watched('topic.delete t'), null);
  t.end();
});
