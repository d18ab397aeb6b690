/** Consumer groups: generations, assignments, fencing, silence. How partitions are divided: tests/storage/topic-group.test.ts. */
import t from 'tap';
import { Session, type Value } from './session.js';
import { fields } from './topic-reply.js';

/** What JOIN tells, as `generation: partition@offset ...`. */
function joined(reply: Value): string {
  const { generation, partitions } = fields(reply);
  const list = (partitions as Value[]).map(fields).map(({ partition, offset }) => `${partition}@${offset}`);
  return [`${generation}:`, ...list].join(' ');
}

/** The members of a group, as `a=0,1 b=2`. */
function members(s: Session, group = 'g'): string {
  return (fields(s.ask(`topic.group.info t ${group}`)).members as Value[])
    .map(fields)
    .map(({ member, partitions }) => `${member}=${partitions}`)
    .join(' ');
}

function open(options = ''): Session {
  const s = new Session();
  s.ask('topic.create t partitions 4');
  for (let i = 0; i < 8; i++) s.ask(`topic.publish t e${i}`);
  s.ask(`topic.group.create t g${options}`);
  void s.events;
  return s;
}

t.test('members come and go, and each time the generation is another', (t) => {
  const s = open();
  t.equal(joined(s.ask('topic.group.join t g b')), '1: 0@0 1@0 2@0 3@0');
  t.equal(joined(s.ask('topic.group.join t g a')), '2: 0@0 1@0');
  t.equal(joined(s.ask('topic.group.join t g b')), '2: 2@0 3@0', 'who is known changes nothing');
  t.equal(members(s), 'b=2,3 a=0,1');
  t.equal(s.ask('topic.group.leave t g c'), 0);
  t.equal(s.ask('topic.group.heartbeat t g a 1'), 2);
  t.equal(s.ask('topic.group.leave t g b'), 1);
  t.equal(s.ask('topic.group.heartbeat t g a 2'), 3);
  t.equal(joined(s.ask('topic.group.join t g a')), '3: 0@0 1@0 2@0 3@0');
  t.equal(s.ask('topic.group.leave t g a'), 1);
  const { members: none, ...rest } = fields(s.ask('topic.group.info t g'));
  t.same(none, []);
  t.same(rest, { strategy: 'range', timeout: 30_000, start: 'earliest', generation: 4, state: 'empty' });
  t.same(s.events, ['topic.group.join t', 'topic.group.join t', 'topic.group.leave t', 'topic.group.leave t']);
  t.end();
});

t.test('strategies', (t) => {
  for (const [strategy, two, three] of [
    ['RANGE', 'b=2,3 a=0,1', 'b=2 a=0,1 c=3'],
    ['roundrobin', 'b=1,3 a=0,2', 'b=1 a=0,3 c=2'],
    ['Sticky', 'b=0,1 a=2,3', 'b=0 a=2,3 c=1'],
  ]) {
    const s = open(` strategy ${strategy}`);
    s.ask('topic.group.join t g b');
    s.ask('topic.group.join t g a');
    t.equal(members(s), two, strategy);
    s.ask('topic.group.join t g c');
    t.equal(members(s), three, strategy);
  }
  t.end();
});

t.test('commits: by whom, of what, and never back', (t) => {
  const s = open();
  s.ask('topic.group.join t g a');
  s.ask('topic.group.join t g b');
  const { dirty } = s.server;
  t.equal(s.ask('topic.group.commit t g c 2 0 1'), "-FENCED 'c' is no member of group 'g'");
  t.equal(s.ask('topic.group.commit t g a 1 0 1'), "-FENCED group 'g' is at generation 2, not 1");
  t.equal(s.ask('topic.group.commit t g a 3 0 1'), "-FENCED group 'g' is at generation 2, not 3");
  t.equal(s.ask('topic.group.commit t g a x 0 1'), "-FENCED group 'g' is at generation 2, not x");
  t.equal(s.ask('topic.group.commit t g a 2 0 1 2 1'), "-FENCED partition 2 is not assigned to 'a' in generation 2");
  t.equal(s.ask('topic.group.commit t g a 2 0 1 4 1'), '-ERR no such partition');
  t.equal(s.ask('topic.group.commit t g a 2 0 1 1 3'), '-ERR offset is out of range, must be between 0 and 2');
  t.equal(s.ask('topic.group.commit t g a 2 0 1 1 -1'), '-ERR invalid offset');
  t.equal(s.ask('topic.group.commit t g a 2 0 1 1'), '-ERR syntax error');
  t.equal(s.server.dirty, dirty);
  const offsets = (): string =>
    (s.ask('topic.group.offsets t g') as Value[])
      .map(fields)
      .map((p) => `${p.partition}: ${p.committed}/${p['next-offset']} ${p.lag}`)
      .join(', ');
  t.equal(offsets(), '0: 0/2 2, 1: 0/2 2, 2: 0/2 2, 3: 0/2 2', 'nothing was committed');
  t.equal(s.ask('topic.group.commit t g a 2 0 1 1 2'), 'OK');
  t.equal(s.ask('topic.group.commit t g a 2 0 0 1 2'), 'OK');
  t.equal(s.ask('topic.group.commit t g b 2 3 1'), 'OK');
  t.equal(offsets(), '0: 1/2 1, 1: 2/2 0, 2: 0/2 2, 3: 1/2 1');
  s.ask('topic.trim t 2 1');
  t.equal(offsets(), '0: 1/2 1, 1: 2/2 0, 2: 0/2 1, 3: 1/2 1', 'what is gone is not left to read');
  s.ask('topic.group.leave t g b');
  t.equal(joined(s.ask('topic.group.join t g a')), '3: 0@1 1@2 2@1 3@1');
  t.end();
});

t.test('reading as a member', (t) => {
  const s = open();
  s.ask('topic.group.join t g a');
  s.ask('topic.group.join t g b');
  t.equal((s.ask('topic.read t group g a 2 from 0 0 1 1') as Value[]).length, 3);
  t.equal(s.ask('topic.read t group g a 2 from 0 2'), null);
  t.equal(s.ask('topic.read t group g c 2 from 0 0'), "-FENCED 'c' is no member of group 'g'");
  t.equal(s.ask('topic.read t group g a 1 from 0 0'), "-FENCED group 'g' is at generation 2, not 1");
  t.equal(s.ask('topic.read t group g a 2 from 0 0 3 0'), "-FENCED partition 3 is not assigned to 'a' in generation 2");
  t.equal(s.ask('topic.read t group none a 2 from 0 0'), "-NOGROUP No such group 'none' for topic 't'");
  t.equal(s.ask('topic.read t group g a from 0 0'), '-ERR syntax error');
  t.end();
});

t.test('START, groups of their own, and a group that is made again', (t) => {
  const s = open(' START latest');
  s.ask('topic.trim t 0 1');
  s.ask('topic.group.create t early');
  t.equal(s.ask('topic.group.create t early START LATEST'), 0);
  t.equal(joined(s.ask('topic.group.join t g a')), '1: 0@2 1@2 2@2 3@2');
  t.equal(joined(s.ask('topic.group.join t early a')), '1: 0@1 1@0 2@0 3@0');
  t.same(fields(s.ask('topic.info t')).groups, ['g', 'early']);
  s.ask('topic.group.join t g b');
  t.equal(s.ask('topic.group.delete t g'), 1);
  t.equal(s.ask('topic.group.delete t g'), 0);
  s.ask('topic.group.create t g');
  t.equal(joined(s.ask('topic.group.join t g a')), '3: 0@1 1@0 2@0 3@0', 'no generation comes again');
  t.equal(s.ask('topic.group.commit t g a 1 0 1'), "-FENCED group 'g' is at generation 3, not 1");
  t.end();
});

t.test('who is silent for too long is no member any more', (t) => {
  const s = open(' timeout 1000');
  s.ask('topic.group.join t g a');
  s.ask('topic.group.join t g b');
  s.ask('topic.group.join t g c');
  s.ask('topic.group.join t g d');
  void s.events;
  s.now += 900;
  t.equal(s.ask('topic.group.heartbeat t g a 1'), 4);
  t.equal(s.ask('topic.group.commit t g b 4 1 1'), 'OK');
  t.equal((s.ask('topic.read t group g c 4 from 2 0') as Value[]).length, 2);
  const idle = (fields(s.ask('topic.group.info t g')).members as Value[]).map((member) => fields(member).idle);
  t.same(idle, [0, 0, 0, 900]);
  s.now += 100;
  t.equal(members(s), 'a=0,1 b=2 c=3', 'd was not heard of');
  t.equal(s.ask('topic.group.heartbeat t g d 4'), "-FENCED 'd' is no member of group 'g'");
  t.equal(s.ask('topic.group.heartbeat t g a 4'), 5);
  t.same(s.events, ['topic.group.commit t', 'topic.group.expire t']);
  s.now += 900;
  t.equal(s.ask('topic.group.commit t g b 5 2 1'), "-FENCED 'b' is no member of group 'g'", 'in time for the commit');
  t.equal(members(s), 'a=0,1,2,3');
  t.equal(joined(s.ask('topic.group.join t g b')), '8: 2@0 3@0');
  s.now += 100_000;
  t.equal(fields(s.ask('topic.group.info t g')).state, 'empty');
  t.end();
});

t.test('many members fall silent at once: some go with every look', (t) => {
  const s = open(' timeout 1000 strategy sticky');
  for (let i = 0; i < 100; i++) s.ask(`topic.group.join t g m${i}`);
  s.now += 5000;
  let left = 100;
  for (let looks = 0; left > 0; looks++) {
    const now = (fields(s.ask('topic.group.info t g')).members as Value[]).length;
    if (now >= left || looks > 20) throw new Error(`${left} and then ${now}`);
    left = now;
  }
  t.equal(fields(s.ask('topic.group.info t g')).generation, 200);
  t.end();
});

t.test('a group has so many members and no more', (t) => {
  const s = open();
  for (let i = 0; i < 1024; i++) s.ask(`topic.group.join t g m${i}`);
  t.equal(s.ask('topic.group.join t g more'), '-ERR too many members in the group');
  t.equal(joined(s.ask('topic.group.join t g m0')), '1024: 0@0', 'who is there may come again');
  t.equal(joined(s.ask('topic.group.join t g m999')), '1024:', 'more members than partitions');
  s.ask('topic.group.leave t g m0');
  t.equal(joined(s.ask('topic.group.join t g more')), '1026:');
  t.end();
});

t.test('errors, and nothing changes', (t) => {
  const s = open();
  s.ask('set s v');
  s.ask('topic.group.join t g a');
  const { dirty } = s.server;
  const NOGROUP = "-NOGROUP No such group 'x' for topic 't'";
  const rows: readonly (readonly [string, string])[] = [
    ['topic.group.create x g', '-ERR no such topic'],
    ['topic.group.create s g', '-WRONGTYPE Operation against a key holding the wrong kind of value'],
    ['topic.group.create t h strategy foo', '-ERR syntax error'],
    ['topic.group.create t h start 0', '-ERR syntax error'],
    ['topic.group.create t h timeout 0', '-ERR TIMEOUT is out of range, must be between 1 and 281474976710656'],
    ['topic.group.create t h timeout', '-ERR syntax error'],
    ['topic.group.create t h foo 1', '-ERR syntax error'],
    ['topic.group.delete x g', '-ERR no such topic'],
    ['topic.group.join t x a', NOGROUP],
    ['topic.group.join x g a', '-ERR no such topic'],
    ['topic.group.leave t x a', NOGROUP],
    ['topic.group.heartbeat t x a 1', NOGROUP],
    ['topic.group.heartbeat t g b 1', "-FENCED 'b' is no member of group 'g'"],
    ['topic.group.heartbeat t g a x', '-ERR value is not an integer or out of range'],
    ['topic.group.commit t x a 1 0 0', NOGROUP],
    ['topic.group.offsets t x', NOGROUP],
    ['topic.group.info t x', NOGROUP],
  ];
  for (const [line, error] of rows) t.equal(s.ask(line), error, line);
  t.equal(s.server.dirty, dirty);
  t.end();
});

t.test('replies are maps in RESP3 and flat in RESP2', (t) => {
  const s = open();
  const join = '$10\r\ngeneration\r\n:1\r\n$10\r\npartitions\r\n*4\r\n';
  t.ok(
    s.raw('topic.group.join t g a').startsWith(`*4\r\n${join}*4\r\n$9\r\npartition\r\n:0\r\n$6\r\noffset\r\n:0\r\n`),
  );
  t.ok(s.raw('topic.group.info t g').startsWith('*12\r\n'));
  t.ok(s.raw('topic.group.offsets t g').startsWith('*4\r\n*8\r\n'));
  s.client.out.resp = 3;
  t.ok(s.raw('topic.group.join t g a').startsWith(`%2\r\n${join}%2\r\n`));
  t.ok(s.raw('topic.group.info t g').startsWith('%6\r\n'));
  t.match(s.raw('topic.group.info t g'), /members\r\n\*1\r\n%3\r\n\$6\r\nmember\r\n\$1\r\na\r\n/);
  t.ok(s.raw('topic.group.offsets t g').startsWith('*4\r\n%4\r\n'));
  t.end();
});
