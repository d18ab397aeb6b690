/** Whole entries: renamed, copied between keyspaces, composed without a key, picked at random; against a model, without a leak. */
import t from 'tap';
import { attach, createDetached, dropDetached } from '../../storage/detached.js';
import { isExpired, randomEntry, renameEntry } from '../../storage/entry-move.js';
import { Keyspace } from '../../storage/keyspace.js';
import { Limits } from '../../storage/limits.js';
import { CheckedArena } from '../../storage/memory/arena.js';
import { Bytes } from '../../storage/memory/bytes.js';
import { TableWalk } from '../../storage/memory/table-walk.js';
import { SetValue } from '../../storage/set.js';
import { Strings } from '../../storage/string.js';
import { INTSET, NATURAL, RAW, SET } from '../../storage/types.js';
import { seeded } from '../random.js';

class Rig {
  readonly arena = new CheckedArena();
  readonly expired: string[] = [];
  readonly space: Keyspace;
  readonly strings: Strings;
  readonly sets: SetValue;

  constructor(seed = 1) {
    const listener = { expired: (_: Keyspace, key: Bytes) => this.expired.push(key.toString()) };
    this.space = new Keyspace(listener, this.arena, seeded(seed));
    this.strings = new Strings(this.space);
    this.sets = new SetValue(this.space, new Limits());
  }

  /** What stands at `key`, as text with its TTL. */
  show(key: string): string | undefined {
    const { space, strings, sets } = this;
    const ref = space.find(Bytes.from(key));
    if (ref === 0) return undefined;
    const ttl = space.hasExpire(ref) ? ` @${space.expireAt(ref)}` : '';
    if (space.type(ref) !== SET) return `${strings.get(ref)}${ttl}`;
    const members: string[] = [];
    for (sets.bind(ref).begin(); sets.next(); ) members.push(sets.member.toString());
    return `{${members.sort().join(' ')}}${ttl}`;
  }

  put(key: string, value: string, at: number): string {
    this.space.delete(Bytes.from(key));
    if (value.startsWith('{')) {
      this.space.find(Bytes.from(key));
      const members = value.slice(1, -1).split(' ');
      this.sets.create(Bytes.from(key), Bytes.from(members[0]), members.length);
      for (const member of members) this.sets.add(Bytes.from(member));
    } else this.strings.set(Bytes.from(key), Bytes.from(value), NATURAL);
    if (at >= 0) this.space.setExpire(this.space.find(Bytes.from(key)), at);
    return at >= 0 ? `${value} @${at}` : value;
  }

  end(t: { equal(a: unknown, b: unknown, m: string): unknown }): void {
    while (!this.space.larges.freeDoomed(16));
    t.equal(this.arena.used, 0, 'no block is left');
    t.equal(this.arena.outside, this.space.table.bytes, 'nothing is left outside');
    t.equal(this.space.expires, 0, 'no TTL is counted');
  }
}

const VALUES = ['', '7', 'short', 'x'.repeat(100), 'y'.repeat(40_000), '{1 2 3}', '{a b}'];
VALUES.push(`{${Array.from({ length: 600 }, (_, i) => `m${String(i).padStart(3, '0')}`).join(' ')}}`);

t.test('renaming and copying agree with a model', (t) => {
  const random = seeded(5);
  const rig = new Rig();
  const pick = (n: number): number => Math.floor(random() * n);
  const name = (): string => (pick(3) === 0 ? `a rather long name ${pick(4)}` : `k${pick(8)}`);
  const model = new Map<string, string>();
  rig.space.now = 1000;
  for (let step = 0; step < 4000; step++) {
    const a = name();
    const b = name();
    const what = pick(10);
    if (what < 3) model.set(a, rig.put(a, VALUES[pick(VALUES.length)], pick(2) === 0 ? -1 : 2000 + pick(1000)));
    else if (what < 6 && a !== b && model.has(a)) {
      const clock = pick(1000);
      rig.space.setAccessClock(rig.space.find(Bytes.from(a)), clock);
      const moved = renameEntry(rig.space, Bytes.from(a), Bytes.from(b));
      if (moved !== rig.space.find(Bytes.from(b)) || rig.space.accessClock(moved) !== clock) t.fail('renamed wrongly');
      model.set(b, model.get(a)!);
      model.delete(a);
    } else if (what < 8 && a !== b && model.has(a)) {
      rig.space.delete(Bytes.from(b));
      const ref = rig.space.find(Bytes.from(a));
      const type = rig.space.type(ref);
      rig.space.find(Bytes.from(b));
      if (type === SET) rig.sets.bind(ref).copyTo(rig.space, Bytes.from(b));
      else rig.strings.copyTo(ref, rig.space, Bytes.from(b));
      model.set(b, model.get(a)!.replace(/ @\d+$/, ''));
    } else if (what === 8) {
      rig.space.delete(Bytes.from(a));
      model.delete(a);
    }
    if (rig.show(a) !== model.get(a) || rig.show(b) !== model.get(b)) {
      t.fail(`step ${step}: ${a} ${b}`);
      break;
    }
  }
  t.equal(rig.space.size, model.size);
  t.equal(rig.space.expires, [...model.values()].filter((v) => / @\d+$/.test(v)).length);
  for (const key of model.keys()) rig.space.delete(Bytes.from(key));
  rig.end(t);
  t.end();
});

t.test('a copy in another keyspace outlives the original', (t) => {
  for (const value of VALUES) {
    const from = new Rig();
    const to = new Rig();
    from.put('k', value, -1);
    const ref = from.space.find(Bytes.from('k'));
    if (value === 'short') from.space.setEncoding(ref, RAW);
    to.space.find(Bytes.from('copy'));
    if (from.space.type(ref) === SET) from.sets.bind(ref).copyTo(to.space, Bytes.from('copy'));
    else from.strings.copyTo(ref, to.space, Bytes.from('copy'));
    if (value === 'short')
      t.equal(to.space.encoding(to.space.find(Bytes.from('copy'))), RAW, 'the encoding goes along');
    from.space.delete(Bytes.from('k'));
    from.end(t);
    t.equal(to.show('copy'), value);
    to.space.delete(Bytes.from('copy'));
    to.end(t);
  }
  t.end();
});

t.test('a name that has just expired may be taken', (t) => {
  const rig = new Rig();
  rig.put('a', 'one', -1);
  rig.put('b', '{1 2}', 50);
  rig.space.now = 50;
  renameEntry(rig.space, Bytes.from('a'), Bytes.from('b'));
  t.equal(rig.show('b'), 'one');
  t.same(rig.expired, ['b']);
  rig.space.delete(Bytes.from('b'));
  rig.end(t);
  t.end();
});

t.test('detached entries', (t) => {
  const rig = new Rig();
  const { space, sets } = rig;
  rig.put('k', 'old', 5000);
  sets.createDetached(INTSET);
  const first = sets.entry;
  for (const member of ['1', 'two']) sets.add(Bytes.from(member));
  t.equal(space.size, 1, 'it is no key');
  attach(space, first, Bytes.from('k'));
  t.equal(rig.show('k'), '{1 two}', 'the value and the TTL before are gone');
  sets.createDetached(INTSET);
  for (let i = 0; i < 1000; i++) sets.add(Bytes.from(`m${i}`));
  attach(space, sets.entry, Bytes.from('new'));
  t.equal(sets.bind(space.find(Bytes.from('new'))).length, 1000);
  sets.createDetached(INTSET);
  for (let i = 0; i < 1000; i++) sets.add(Bytes.from(`m${i}`));
  dropDetached(space, sets.entry);
  dropDetached(space, createDetached(space, SET, INTSET, newIntset(rig)));
  space.delete(Bytes.from('k'));
  space.delete(Bytes.from('new'));
  rig.end(t);
  t.end();
});

function newIntset(rig: Rig): number {
  rig.sets.createDetached(INTSET);
  const word = rig.space.word(rig.sets.entry);
  rig.arena.release(rig.sets.entry, rig.space.entryBytes(rig.sets.entry));
  return word;
}

t.test('an entry at random', (t) => {
  const rig = new Rig();
  const { space } = rig;
  t.equal(randomEntry(space), 0);
  for (let i = 0; i < 50; i++) rig.put(`k${i}`, 'v', i < 40 ? 100 : -1);
  const view = new Bytes();
  const seen = new Set<string>();
  for (let i = 0; i < 1000; i++) seen.add(space.key(randomEntry(space), view).toString());
  t.equal(seen.size, 50);
  space.now = 100;
  t.equal(isExpired(space, space.table.find(Bytes.from('k0'))), true);
  t.equal(isExpired(space, space.table.find(Bytes.from('k49'))), false);
  for (let i = 0; i < 100; i++) t.match(space.key(randomEntry(space), view).toString(), /^k4\d$/);
  t.ok(rig.expired.length > 0, 'expired ones are reaped on the way');
  for (let i = 40; i < 50; i++) space.delete(Bytes.from(`k${i}`));
  t.equal(randomEntry(space), 0);
  t.equal(rig.expired.length, 40);
  rig.end(t);
  rig.put('k', 'v', 200);
  space.now = 300;
  space.reaping = false;
  t.not(randomEntry(space), 0, 'where nothing may be reaped, an expired key is better than an endless search');
  t.end();
});

t.test('a walk visits everything once', (t) => {
  const rig = new Rig();
  const walk = new TableWalk();
  t.equal(walk.next(), 0, 'before it begins');
  for (const n of [0, 1, 16, 3000]) {
    for (let i = 0; i < n; i++) rig.put(`k${i}`, 'v', -1);
    const seen = new Set<number>();
    walk.begin(rig.space.table);
    for (let ref = walk.next(); ref !== 0; ref = walk.next()) seen.add(ref);
    t.equal(seen.size, n);
    t.equal(walk.next(), 0);
  }
  t.end();
});
