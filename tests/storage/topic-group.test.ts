/** Consumer groups of topics: how partitions are divided, generations, members that fall silent, what is committed. */
import t from 'tap';
import { LargeValues } from '../../storage/large.js';
import { CheckedArena } from '../../storage/memory/arena.js';
import { Bytes } from '../../storage/memory/bytes.js';
import { Topic } from '../../storage/topic.js';
import { assign, RANGE, ROUNDROBIN, STICKY } from '../../storage/topic-assignment.js';
import { EARLIEST, LATEST, SOON } from '../../storage/topic-group.js';
import { EventDraft } from '../../storage/topic-record.js';
import { seeded } from '../random.js';

interface Member {
  readonly name: string;
}

function names(owners: readonly (Member | undefined)[]): string {
  return owners.map((owner) => owner?.name ?? '-').join('');
}

function divided(strategy: number, partitions: number, members: string): string {
  const owners = new Array<Member | undefined>(partitions).fill(undefined);
  assign(
    strategy,
    owners,
    [...members].map((name) => ({ name })),
  );
  return names(owners);
}

t.test('range and round robin', (t) => {
  t.equal(divided(RANGE, 7, 'cab'), 'aaabbcc');
  t.equal(divided(RANGE, 6, 'ab'), 'aaabbb');
  t.equal(divided(RANGE, 2, 'abcd'), 'ab');
  t.equal(divided(RANGE, 3, ''), '---');
  t.equal(divided(ROUNDROBIN, 7, 'cab'), 'abcabca');
  t.equal(divided(ROUNDROBIN, 1, 'ab'), 'a');
  t.end();
});

t.test('sticky: even, and no more moves than must be', (t) => {
  const random = seeded(11);
  for (let round = 0; round < 300; round++) {
    const partitions = 1 + Math.floor(random() * 40);
    const owners = new Array<Member | undefined>(partitions).fill(undefined);
    let members: Member[] = [];
    let made = 0;
    for (let step = 0; step < 12; step++) {
      if (members.length < 2 || random() < 0.6) members = [...members, { name: `m${made++}` }];
      else members = members.toSpliced(Math.floor(random() * members.length), 1);
      const before = owners.map((owner) => (owner !== undefined && members.includes(owner) ? owner : undefined));
      assign(STICKY, owners, members);
      const counts = members.map((member) => owners.filter((owner) => owner === member).length);
      if (Math.max(...counts) - Math.min(...counts) > 1 || owners.includes(undefined)) t.fail(`uneven: ${counts}`);
      const kept = owners.filter((owner, p) => owner === before[p]).length;
      if (kept !== mostKept(before, members)) t.fail(`${kept} kept of ${mostKept(before, members)}`);
    }
  }
  t.equal(divided(STICKY, 5, 'ba'), 'aaabb');
  t.end();
});

/** The most partitions that can stay: each member keeps what the even share allows, one more as far as that goes round. */
function mostKept(before: readonly (Member | undefined)[], members: readonly Member[]): number {
  const least = Math.floor(before.length / members.length);
  const owned = members.map((member) => before.filter((owner) => owner === member).length);
  const more = Math.min(before.length % members.length, owned.filter((n) => n > least).length);
  return owned.reduce((sum, n) => sum + Math.min(n, least), 0) + more;
}

const NONE = { retention: 0, maxBytes: 0, maxLen: 0 };
const SETTINGS = { strategy: RANGE, timeout: 100, start: EARLIEST };

function publish(topic: Topic, partition: number, time: number): void {
  const draft = new EventDraft();
  draft.data = Bytes.from('x');
  topic.append(partition, draft, time);
}

t.test('generations, silence and commits', (t) => {
  const arena = new CheckedArena();
  const topic = new Topic(arena, NONE, 4);
  publish(topic, 0, 1);
  publish(topic, 0, 2);
  topic.trim(0, 1, new LargeValues());
  const group = topic.createGroup('g', SETTINGS);
  t.same([...group.committed], [1, 0, 0, 0]);
  t.same([...topic.createGroup('late', { ...SETTINGS, start: LATEST }).committed], [2, 0, 0, 0]);
  topic.join(group, 'b', 1000);
  topic.join(group, 'a', 1050);
  t.equal(names(group.owners), 'aabb');
  t.equal(group.generation, 2);
  t.equal(topic.due, 1100, 'somebody may be silent then');
  t.equal(group.silent(1099), undefined);
  t.equal(group.silent(1100), 'b');
  group.members.get('b')!.heard = 1090;
  t.equal(group.silent(1149), undefined);
  t.equal(group.silent(1150), 'a');
  topic.findDue();
  t.equal(topic.due, 1150);
  t.ok(topic.leave(group, 'a'));
  t.notOk(topic.leave(group, 'a'));
  t.equal(group.generation, 3);
  t.equal(names(group.owners), 'bbbb');
  t.ok(topic.commit(group, 0, 2));
  t.notOk(topic.commit(group, 0, 2));
  t.notOk(topic.commit(group, 0, 1), 'never back');
  t.equal(group.committed[0], 2);
  t.ok(topic.leave(group, 'b'));
  t.equal(names(group.owners), '----');
  topic.findDue();
  t.equal(topic.due, Number.POSITIVE_INFINITY);
  t.end();
});

t.test('who was never heard of counts from the first look', (t) => {
  const topic = new Topic(new CheckedArena(), NONE, 1);
  const group = topic.createGroup('g', SETTINGS);
  topic.join(group, 'a', 0);
  t.equal(group.due, SOON);
  t.equal(group.silent(5000), undefined);
  t.equal(group.due, 5100);
  t.equal(group.silent(5099), undefined);
  t.equal(group.silent(5100), 'a');
  t.end();
});

t.test('a group of the same name begins above the one that is gone, and all memory comes back', (t) => {
  const arena = new CheckedArena();
  const topic = new Topic(arena, NONE, 3);
  const empty = topic.bytes;
  const group = topic.createGroup('g', SETTINGS);
  for (const name of ['a', 'b', 'a long name of a member']) topic.join(group, name, 1);
  t.equal(topic.bytes, arena.outside);
  const copy = group.copyTo(arena);
  t.equal(copy.bytes, group.bytes);
  t.equal(names(copy.owners), names(group.owners));
  t.not(copy.owners[0], group.owners[0]);
  copy.free();
  t.ok(topic.deleteGroup('g'));
  t.notOk(topic.deleteGroup('g'));
  t.equal(topic.bytes, empty);
  t.equal(topic.createGroup('g', SETTINGS).generation, 3);
  t.ok(topic.free(100));
  t.equal(arena.outside, 0);
  t.end();
});
