/**
 * The set engine: random operations against a JavaScript Set over several limits, so that all three forms and all conversions
 * happen; the exact bounds of the conversions; the intset's bytes; and that nothing is left in the arena afterwards.
 */
import t from 'tap';
import { Keyspace } from '../../storage/keyspace.js';
import { Limits } from '../../storage/limits.js';
import { CheckedArena, GRANULE_MASK, SEGMENT_BITS } from '../../storage/memory/arena.js';
import { Bytes } from '../../storage/memory/bytes.js';
import { MEMBER_MAX, SetValue } from '../../storage/set.js';
import { INTSET } from '../../storage/types.js';
import { seeded } from '../random.js';

const LISTENER = { expired(): void {} };
const KEY = Bytes.from('key');

const EDGES = [8, 16, 24, 32, 53, 63].flatMap((bits) => {
  const edge = 1n << BigInt(bits - 1);
  return [edge - 1n, edge, edge + 1n, -edge, -edge - 1n, 1n - edge].map(String);
});
const ADVERSARIAL = [
  '',
  '-0',
  '007',
  ' 1',
  '+1',
  '1 ',
  '-',
  '--1',
  '1.0',
  '\0',
  '\xff\xfe',
  'x'.repeat(64),
  'y'.repeat(65),
]
  .concat('9223372036854775807', '9223372036854775808', '-9223372036854775808', '-9223372036854775809')
  .concat('18446744073709551616', '12345678901234567890', 'z'.repeat(5000), 'w'.repeat(100_000));

function limits(intset: number, listpack: number, value = 64): Limits {
  const made = new Limits();
  made.setMaxIntsetEntries = intset;
  made.setMaxListpackEntries = listpack;
  made.setMaxListpackValue = value;
  return made;
}

function members(set: SetValue): string[] {
  const found: string[] = [];
  for (set.begin(); set.next(); ) found.push(set.member.toString());
  return found;
}

class Rig {
  readonly arena = new CheckedArena();
  readonly space: Keyspace;
  readonly set: SetValue;

  constructor(lim: Limits, random: () => number = Math.random) {
    this.space = new Keyspace(LISTENER, this.arena, random);
    this.set = new SetValue(this.space, lim);
  }

  /** The set at `key`, made of `first` when there is none. */
  open(first: string, key = KEY, expected = 1): SetValue {
    const entry = this.space.find(key);
    if (entry === 0) this.set.create(key, Bytes.from(first), expected);
    else this.set.bind(entry);
    return this.set;
  }

  fill(values: readonly string[]): SetValue {
    const set = this.open(values[0]);
    for (const value of values) set.add(Bytes.from(value));
    return set;
  }

  /** Deletes everything; what is left in the arena then is a leak. */
  end(tt: Test): void {
    this.space.delete(KEY);
    while (!this.space.larges.freeDoomed(16));
    tt.equal(this.arena.blocks.size, 0, 'no block is left');
    tt.equal(this.arena.used, 0);
    tt.equal(this.arena.outside, this.space.table.bytes, 'nothing outside but the keyspace');
  }
}

type Test = Pick<typeof t, 'equal' | 'same' | 'fail'>;

const BOUNDS: readonly [string, Limits][] = [
  ['defaults', new Limits()],
  ['tiny', limits(4, 3, 8)],
  ['no listpack', limits(20, 0)],
  ['no intset', limits(0, 20)],
  ['tables only', limits(0, 0)],
  ['large blocks', limits(3000, 3000, 200_000)],
];

for (const [name, lim] of BOUNDS) {
  t.test(`random operations: ${name}`, (tt) => {
    const random = seeded(20_261);
    const rig = new Rig(lim, random);
    const pick = (n: number): number => Math.floor(random() * n);
    const value = (): string => {
      const kind = pick(20);
      if (kind === 0) return ADVERSARIAL[pick(ADVERSARIAL.length)];
      if (kind < 3) return EDGES[pick(EDGES.length)];
      if (kind < 6) return `member:${pick(300)}`;
      return String(pick(400) - 200);
    };
    for (let round = 0; round < 12; round++) {
      const model = new Set<string>();
      // Rounds differ in what they hold: integers first, so that intsets live for a while.
      const integersOnly = round % 3 === 0;
      for (let step = 0; step < 400; step++) {
        const v = integersOnly && pick(60) !== 0 ? String(pick(200)) : value();
        stepOnce(tt, rig, model, v, pick(100), random);
        if (model.size === 0 && rig.space.find(KEY) !== 0) rig.space.delete(KEY);
      }
      if (model.size > 0) tt.same(members(rig.open('')).sort(), [...model].sort(), `round ${round}`);
      rig.space.delete(KEY);
    }
    rig.end(tt);
    tt.end();
  });
}

function stepOnce(tt: Test, rig: Rig, model: Set<string>, v: string, what: number, random: () => number): void {
  const exists = rig.space.find(KEY) !== 0;
  if (what < 60 || !exists) {
    const set = rig.open(v);
    const added = set.add(Bytes.from(v));
    if (added === model.has(v)) tt.fail(`add of ${v.slice(0, 40)}`);
    model.add(v);
  } else if (what < 75) {
    const set = rig.open(v);
    if (set.remove(Bytes.from(v)) !== model.delete(v)) tt.fail(`remove of ${v.slice(0, 40)}`);
  } else if (what < 90) {
    if (rig.open(v).has(Bytes.from(v)) !== model.has(v)) tt.fail(`has of ${v.slice(0, 40)}`);
  } else if (what < 94 && model.size > 1) {
    const set = rig.open(v);
    const count = 1 + Math.floor(random() * (model.size - 1));
    set.sample(count);
    let n = 0;
    for (; set.next(); n++) if (!model.delete(set.member.toString())) tt.fail('sampled what was not there, or twice');
    if (n !== count) tt.fail(`sampled ${n} of ${count}`);
    set.removeSelected();
  } else if (what < 96) {
    const set = rig.open(v);
    set.beginDraw();
    for (let i = 0; i < 5; i++) {
      set.draw();
      if (!model.has(set.member.toString())) tt.fail('drew what was not there');
    }
  } else if (what < 98) {
    const seen = new Set<string>();
    const set = rig.open(v);
    let cursor = 0;
    do {
      cursor = set.scan(cursor, 3);
      while (set.next()) seen.add(set.member.toString());
    } while (cursor !== 0);
    if (seen.size !== model.size) tt.fail('scan did not find all');
  } else copyStep(tt, rig, model);
  if (exists && rig.space.find(KEY) !== 0 && rig.open(v).length !== model.size) tt.fail('length');
}

function copyStep(tt: Test, rig: Rig, model: Set<string>): void {
  const other = new Rig(new Limits());
  const set = rig.open('');
  const name = set.encodingName;
  other.space.find(KEY);
  other.set.bind(set.copyTo(other.space, KEY));
  if (other.set.encodingName !== name) tt.fail('a copy has another encoding');
  const copied = members(other.set);
  if (copied.length !== model.size || !copied.every((m) => model.has(m))) tt.fail('a copy differs');
  other.space.delete(KEY);
  if (other.arena.used !== 0) tt.fail('a copy leaks');
}

t.test('bounds of the forms', (tt) => {
  const range = (n: number): string[] => Array.from({ length: n }, (_, i) => String(i));
  const words = (n: number): string[] => Array.from({ length: n }, (_, i) => `w${i}`);
  const form = (values: readonly string[], lim = new Limits(), expected = 1): string => {
    const rig = new Rig(lim);
    rig.open(values[0], KEY, expected);
    const name = rig.fill(values).encodingName;
    rig.end(tt);
    return name;
  };
  tt.equal(form(range(512)), 'intset');
  tt.equal(form(range(513)), 'hashtable', 'beyond set-max-intset-entries');
  tt.equal(form(words(128)), 'listpack');
  tt.equal(form(words(129)), 'hashtable', 'beyond set-max-listpack-entries');
  tt.equal(form(['a'.repeat(64)]), 'listpack');
  tt.equal(form(['a'.repeat(65)]), 'hashtable', 'beyond set-max-listpack-value');
  tt.equal(form([...range(127), 'a']), 'listpack', 'an intset turns into a listpack');
  tt.equal(form([...range(128), 'a']), 'hashtable', 'an intset too long for a listpack');
  tt.equal(form(['1', 'a'.repeat(65)]), 'hashtable', 'an intset and a long member');
  tt.equal(form(['1234567890', 'a'], limits(512, 128, 9)), 'hashtable', 'an intset with a long integer');
  tt.equal(form(['-123456789', 'a'], limits(512, 128, 10)), 'listpack');
  tt.equal(form(['1', 'a', '123456789012'], limits(512, 128, 9)), 'hashtable', 'a long integer in a listpack');
  tt.equal(form(['1'], new Limits(), 513), 'hashtable', 'many are expected');
  tt.equal(form(['1'], new Limits(), 512), 'intset');
  tt.equal(form(['1'], limits(10, 20), 15), 'listpack', 'too many for an intset, few enough for a listpack');
  tt.equal(form(['a'], new Limits(), 128), 'listpack');
  tt.equal(form(['a'], new Limits(), 129), 'hashtable');
  tt.equal(
    form(['x'.repeat(300_000), 'y'.repeat(400_000), 'z'.repeat(400_000)], limits(9, 9, 1e9)),
    'hashtable',
    'PACKED_MAX',
  );
  tt.end();
});

t.test('expect, toIntset and integers between views', (tt) => {
  const rig = new Rig(new Limits());
  const set = rig.fill(['3', '-1', '70000', '2']);
  tt.same(members(set), ['-1', '2', '3', '70000'], 'an intset is sorted');
  set.expect(512);
  tt.equal(set.encodingName, 'intset');
  set.expect(513);
  tt.equal(set.encodingName, 'hashtable');
  set.toIntset();
  tt.equal(set.encodingName, 'intset');
  tt.same(members(set), ['-1', '2', '3', '70000']);
  const other = new SetValue(rig.space, new Limits());
  rig.space.find(Bytes.from('other'));
  other.create(Bytes.from('other'), Bytes.from('2'), 1);
  for (set.begin(); set.next(); ) {
    tt.equal(set.memberIsInteger, true);
    tt.equal(other.addCurrent(set), true);
    tt.equal(other.hasCurrent(set), true);
    tt.equal(other.addCurrent(set), false);
  }
  other.add(Bytes.from('four'));
  other.expect(128);
  tt.equal(other.encodingName, 'listpack');
  const integers: boolean[] = [];
  for (other.begin(); other.next(); ) {
    integers.push(other.memberIsInteger);
    tt.equal(set.hasCurrent(other), other.member.toString() !== 'four');
    tt.equal(set.removeCurrent(other), other.member.toString() !== 'four');
  }
  tt.same(integers, [true, true, true, true, false]);
  tt.equal(set.length, 0);
  for (const v of ['5', '6']) set.add(Bytes.from(v));
  for (set.begin(); set.next(); ) tt.equal(other.removeCurrent(set), false);
  other.expect(129);
  tt.equal(other.encodingName, 'hashtable');
  tt.equal(other.length, 5);
  rig.space.delete(Bytes.from('other'));
  rig.end(tt);
  tt.end();
});

t.test('the bytes of an intset are those of Redis', (tt) => {
  const bytes = (values: readonly string[]): string => {
    const rig = new Rig(new Limits());
    rig.fill(values);
    const entry = rig.space.find(KEY);
    tt.equal(rig.space.encoding(entry), INTSET);
    const ref = rig.space.word(entry);
    const at = (ref & GRANULE_MASK) << 4;
    const u8 = rig.arena.u8[ref >>> SEGMENT_BITS];
    const hex = Buffer.from(u8.slice(at, at + 8 + u8[at] * u8[at + 4])).toString('hex');
    rig.end(tt);
    return hex;
  };
  tt.equal(bytes(['1', '-2', '3']), `02000000${'03000000'}feff01000300`);
  tt.equal(bytes(['1', '32768']), '04000000020000000100000000800000');
  tt.equal(bytes(['-2147483649', '1']), '0800000002000000ffffff7fffffffff0100000000000000');
  tt.equal(bytes(['1', '-40000', '9223372036854775807']).slice(0, 16), '0800000003000000');
  tt.end();
});

t.test('a large set: scan while it changes, random members, freed in slices', (tt) => {
  const rig = new Rig(new Limits(), seeded(7));
  const set = rig.open('m0', KEY, 1000);
  const view = new Bytes();
  for (let i = 0; i < 100_000; i++) set.add(Bytes.from(`m${i}`));
  const seen = new Map<string, number>();
  let cursor = 0;
  let extra = 0;
  do {
    cursor = set.scan(cursor, 100);
    while (set.next()) seen.set(set.member.toString(), (seen.get(set.member.toString()) ?? 0) + 1);
    for (let i = 0; i < 20; i++) set.add(Bytes.from(`extra${extra++}`));
  } while (cursor !== 0);
  let missing = 0;
  for (let i = 0; i < 100_000; i++) if (seen.get(`m${i}`) !== 1) missing++;
  tt.equal(missing, 0, 'what was there all the time is found exactly once');

  const drawn = new Set<string>();
  for (let i = 0; i < 1000; i++) {
    set.draw();
    drawn.add(set.member.toString());
  }
  tt.ok(drawn.size > 950, 'members are drawn from everywhere');
  const before = set.length;
  set.sample(1);
  tt.ok(set.next());
  view.assign(set.member.copy());
  set.removeSelected();
  tt.equal(set.length, before - 1);
  tt.equal(set.has(view), false, 'the one that was picked is gone');

  const entry = rig.space.find(KEY);
  const large = rig.space.large(entry);
  tt.ok(large.pieces > 64);
  tt.ok(large.bytes > 100_000 * 16);
  rig.space.delete(KEY);
  tt.equal(rig.space.larges.freeDoomed(0), false, 'waits to be freed');
  let slices = 0;
  while (!rig.space.larges.freeDoomed(16)) slices++;
  tt.ok(slices > 3);
  tt.equal(large.bytes, 0);
  rig.end(tt);
  tt.end();
});

t.test('samples are fair', (tt) => {
  for (const lim of [new Limits(), limits(0, 20), limits(0, 0)]) {
    const rig = new Rig(lim, seeded(11));
    const set = rig.fill(['1', '2', '3', '4', '5', '6', '7', '8']);
    const seen = new Map<string, number>();
    for (let i = 0; i < 4000; i++) {
      set.sample(1 + (i % 7));
      while (set.next()) seen.set(set.member.toString(), (seen.get(set.member.toString()) ?? 0) + 1);
    }
    // 4000 samples of 4 on average out of 8: 2000 expected, standard deviation below 32.
    for (const n of seen.values()) tt.ok(n > 1800 && n < 2200, `${set.encodingName}: ${n}`);
    set.sample(8);
    tt.same([set.next(), members(set).length], [true, 8], 'a sample of everything is everything');
    rig.end(tt);
  }
  tt.end();
});

t.test('a member that no block can hold is refused', (tt) => {
  const rig = new Rig(new Limits());
  const set = rig.open('1');
  set.add(Bytes.from('1'));
  const huge = new Bytes().set(new Uint8Array(MEMBER_MAX + 1), 0, MEMBER_MAX + 1);
  tt.throws(() => set.add(huge), { code: 'TOO_LONG' });
  tt.same(members(set), ['1']);
  rig.end(tt);
  tt.end();
});
