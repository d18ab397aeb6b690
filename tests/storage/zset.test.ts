/** Sorted sets against a naive model, in every encoding, with the arena checking each block; and the tree's own invariants. */
import t from 'tap';
import { parseDouble, putDouble } from '../../protocol/double.js';
import { entryTotalBytes } from '../../storage/entry-size.js';
import { Keyspace } from '../../storage/keyspace.js';
import { Limits } from '../../storage/limits.js';
import { CheckedArena, GRANULE_MASK, SEGMENT_BITS } from '../../storage/memory/arena.js';
import { Bytes } from '../../storage/memory/bytes.js';
import { CHILDREN, COUNTS, NEXT, PREV, REFS, SCORES } from '../../storage/ordered-tree-shape.js';
import * as zset from '../../storage/zset.js';
import { ZsetTable } from '../../storage/zset-table.js';
import { seeded } from '../random.js';

const TEXT = { put: putDouble, parse: parseDouble };
const KEY = Bytes.from('key');

function limits(entries: number, value: number): Limits {
  const limits = new Limits();
  limits.zsetMaxListpackEntries = entries;
  limits.zsetMaxListpackValue = value;
  return limits;
}

function space(): Keyspace {
  return new Keyspace({ expired: () => {} }, new CheckedArena());
}

function blocks(keys: Keyspace): number {
  return (keys.arena as CheckedArena).blocks.size;
}

/** The model's pairs. Members are strings of one character a byte, so that their order is that of the bytes. */
type Pair = [member: string, score: number];

function sorted(model: Map<string, number>): Pair[] {
  return [...model].sort((a, b) => (a[1] === b[1] ? (a[0] < b[0] ? -1 : 1) : a[1] < b[1] ? -1 : 1));
}

const ODD = [
  '',
  '-0',
  '007',
  ' 1',
  '1',
  '-1',
  '127',
  '128',
  '-4096',
  '4095',
  '32767',
  '-32769',
  '8388608',
  '2147483648',
];
ODD.push('9223372036854775807', '-9223372036854775808', '9223372036854775808', '\0', '\0\0', '\xff\xfe', '1.5', '+1');
const SCORES_ODD = [0, 1, -1, 1.5, -2.25, 1e-7, 1e20, 2 ** 53, 2 ** 62, -(2 ** 62), 1 / 3, 5e-324, -Number.MAX_VALUE];
SCORES_ODD.push(Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 12345.678901234567);

/** Throws unless every count, first entry, link, order and score of the tree is right. */
function check(table: ZsetTable): void {
  const { tree } = table;
  const leaves = [0];
  const visit = (node: number, level: number): number => {
    const m = tree.arena.i32[node >>> SEGMENT_BITS];
    const w = (node & GRANULE_MASK) << 2;
    if (m[w] === 0 && tree.size > 0) throw new Error('an empty node');
    if (level === tree.height) {
      leaves.push(node);
      return m[w];
    }
    let sum = 0;
    for (let i = 0; i < m[w]; i++) {
      const child = m[w + CHILDREN + i];
      const below = visit(child, level + 1);
      if (below !== m[w + COUNTS + i]) throw new Error(`count ${m[w + COUNTS + i]} for ${below} elements`);
      const first = tree.arena.i32[child >>> SEGMENT_BITS][((child & GRANULE_MASK) << 2) + REFS];
      const score = tree.arena.f64[node >>> SEGMENT_BITS][(w >> 1) + SCORES + i];
      if (m[w + REFS + i] !== first || score !== table.score(first))
        throw new Error('an entry is not its child`s first');
      sum += below;
    }
    return sum;
  };
  if (visit(tree.root, 0) !== tree.size || tree.size !== table.size) throw new Error('the sizes differ');
  if (leaves[1] !== tree.head || leaves[leaves.length - 1] !== tree.tail) throw new Error('the ends are wrong');
  leaves.push(0);
  for (let i = 1; i < leaves.length - 1; i++) {
    const m = tree.arena.i32[leaves[i] >>> SEGMENT_BITS];
    const w = (leaves[i] & GRANULE_MASK) << 2;
    if (m[w + PREV] !== leaves[i - 1] || m[w + NEXT] !== leaves[i + 1]) throw new Error('a link is wrong');
    for (let k = 0; k < m[w]; k++)
      if (table.score(tree.refAt(leaves[i], k)) !== tree.scoreAt(leaves[i], k)) throw new Error('two scores differ');
  }
}

function whole(x: zset.SortedSet): Pair[] {
  const out: Pair[] = [];
  x.begin();
  while (x.next()) out.push([x.member.toString(), x.score]);
  return out;
}

/** What differs between all that can be asked of `x` and the model. */
function differences(x: zset.SortedSet, model: Map<string, number>, random: () => number): string {
  const want = sorted(model);
  let problems = '';
  const expect = (what: string, got: unknown, wanted: unknown) => {
    if (got !== wanted) problems += `${what}: ${got}, not ${wanted}\n`;
  };
  expect('all', JSON.stringify(whole(x)), JSON.stringify(want));
  expect('size', x.size, want.length);
  let rank = Math.floor(random() * (want.length + 2)) - 1;
  x.from(rank, true);
  if (rank >= want.length) rank = -1;
  for (; x.next(); rank--) expect('backward', x.member.toString(), want[rank]?.[0]);
  expect('rank at the end', Math.max(rank, -1), -1);
  for (let i = 0; i < 12 && want.length > 0; i++) {
    rank = Math.floor(random() * want.length);
    const [member, score] = want[rank];
    expect('rank', x.rank(Bytes.from(member)), rank);
    expect('score of rank', x.score, score);
    expect('find', x.find(Bytes.from(member)), true);
    expect('score of find', x.score, score);
    expect('below', x.rankOfScore(score, false), want.filter((p) => p[1] < score).length);
    expect('up to', x.rankOfScore(score, true), want.filter((p) => p[1] <= score).length);
    expect('between', x.rankOfScore(score + 0.1, false), want.filter((p) => p[1] < score + 0.1).length);
  }
  expect('rank of none', x.rank(Bytes.from('none such')), -1);
  expect('find of none', x.find(Bytes.from('none such')), false);
  return problems;
}

/** What `add` must say. */
function outcome(old: number | undefined, next: number, conditions: number): number {
  if (Number.isNaN(next)) return zset.NOT_A_NUMBER;
  if (old === undefined) return (conditions & zset.XX) !== 0 ? zset.REFUSED : zset.ADDED;
  if ((conditions & zset.NX) !== 0) return zset.REFUSED;
  if ((conditions & zset.GT) !== 0 && next <= old) return zset.REFUSED;
  if ((conditions & zset.LT) !== 0 && next >= old) return zset.REFUSED;
  return old === next ? zset.SAME : zset.UPDATED;
}

const CONDITIONS = [0, 0, 0, zset.NX, zset.XX, zset.GT, zset.LT, zset.XX | zset.GT, zset.INCR];

/** Random operations on one set, which grows and shrinks in turns of `period` steps. @returns what went wrong first */
function drive(config: Limits, seed: number, steps: number, members: number, period: number): string {
  const random = seeded(seed);
  const below = (n: number) => Math.floor(random() * n);
  const keys = space();
  const x = new zset.SortedSet(keys, config, TEXT);
  const model = new Map<string, number>();
  keys.find(KEY);
  let entry = x.create(KEY);
  for (let i = 0; i < steps; i++) {
    x.bind(entry);
    const dice = random();
    const member = random() < 0.2 ? ODD[below(ODD.length)] : `member:${below(members)}`;
    const score = random() < 0.1 ? SCORES_ODD[below(SCORES_ODD.length)] : below(50) / 4 - 3;
    const shrink = i % period > period * 0.65;
    if (dice < (shrink ? 0.1 : 0.7)) {
      const conditions = CONDITIONS[i % 9];
      const old = model.get(member);
      const next = (conditions & zset.INCR) !== 0 && old !== undefined ? old + score : score;
      const wanted = outcome(old, next, conditions);
      const got = x.add(Bytes.from(member), score, conditions);
      if (got !== wanted) return `step ${i}: add ${JSON.stringify(member)} gave ${got}, not ${wanted}`;
      if (wanted === zset.ADDED || wanted === zset.UPDATED) {
        model.set(member, next);
        if (x.score !== next) return `step ${i}: score ${x.score}`;
      }
    } else if (dice < 0.95) {
      if (x.remove(Bytes.from(member)) !== model.delete(member)) return `step ${i}: remove ${JSON.stringify(member)}`;
    } else if (shrink || dice > 0.999) {
      const all = sorted(model);
      const from = below(all.length + 1);
      const to = Math.min(all.length, from + below(all.length / 10 + 2));
      x.removeRange(from, to);
      for (const [gone] of all.slice(from, to)) model.delete(gone);
    }
    if (i % (period / 40) === 0) {
      const problems = differences(x, model, random);
      if (problems !== '') return `step ${i}: ${problems}`;
      if (x.encodingName === 'skiplist') check(keys.large(entry) as ZsetTable);
    }
    if (model.size === 0 && random() < 0.05) {
      keys.delete(KEY);
      if (blocks(keys) !== 0) return `step ${i}: ${blocks(keys)} blocks are left`;
      keys.find(KEY);
      entry = x.create(KEY, random() < 0.5 ? 1 : 1000);
    }
  }
  keys.delete(KEY);
  while (!keys.larges.freeDoomed(3));
  return blocks(keys) === 0 && keys.arena.used === 0 ? '' : `${blocks(keys)} blocks are left`;
}

t.test('random operations against a model', (t) => {
  const rows: [string, Limits, number, number, number][] = [
    ['packed all the way', limits(100000, 1000), 2500, 60, 1000],
    ['from packed to skiplist at 5', limits(5, 64), 6000, 40, 2000],
    ['from packed to skiplist by length', limits(128, 8), 6000, 300, 2000],
    ['skiplist from the start', limits(0, 64), 20000, 1500, 4000],
    ['a tree of three levels', limits(0, 64), 45000, 1000000, 30000],
  ];
  for (const [what, config, steps, members, period] of rows)
    for (const seed of [1, 2]) t.equal(drive(config, seed, steps, members, period), '', `${what}, seed ${seed}`);
  t.end();
});

t.test('ascending, descending, equal and scattered scores: few bytes a member, and slices free them', (t) => {
  const n = 30000;
  const rows: [string, (i: number) => number][] = [
    ['ascending', (i) => i],
    ['descending', (i) => -i],
    ['equal', () => 0],
    ['scattered', (i) => Math.imul(i, 0x9e3779b1)],
  ];
  for (const [what, score] of rows) {
    const keys = space();
    const x = new zset.SortedSet(keys, limits(128, 64), TEXT);
    const empty = keys.arena.outside;
    keys.find(KEY);
    const entry = x.create(KEY);
    for (let i = 0; i < n; i++) x.add(Bytes.from(String(i * 7919).padStart(16, '0')), score(i));
    const table = keys.large(entry) as ZsetTable;
    check(table);
    t.equal(x.size, n);
    const each = table.bytes / n;
    t.ok(each < 70, `${what}: ${each.toFixed(1)} bytes a member`);
    t.equal(table.bytes, keys.arena.used - 16 + keys.arena.outside - empty, 'its bytes are what the arena says');
    for (let i = 0; i < 500; i++) x.removeRange(0, 1);
    check(table);
    t.equal(x.size, n - 500);
    keys.delete(KEY);
    let slices = 0;
    while (!keys.larges.freeDoomed(10)) slices++;
    t.ok(slices > 20, `${slices} slices`);
    t.equal(blocks(keys), 0);
    t.equal(keys.arena.outside, empty);
  }
  t.end();
});

t.test('lexical ranges', (t) => {
  for (const config of [limits(1000, 64), limits(0, 64)]) {
    const keys = space();
    const x = new zset.SortedSet(keys, config, TEXT);
    keys.find(KEY);
    x.create(KEY);
    const members = Array.from({ length: 300 }, (_, i) => `m${i * 3}`).sort();
    for (const m of members) x.add(Bytes.from(m), 7);
    for (const min of ['', 'm', 'm0', 'm300', 'm301', 'm9', 'zz'])
      for (const max of ['m0', 'm5', 'm300', 'm999', '~'])
        for (const inclusive of [false, true])
          for (const backward of [false, true]) {
            x.lexRange(Bytes.from(min), inclusive, Bytes.from(max), inclusive, backward);
            const within = members.filter((m) => (inclusive ? m >= min && m <= max : m > min && m < max));
            t.equal(x.end - x.first, within.length, `${min} to ${max}`);
            x.from(x.first, false);
            if (within.length > 0) t.ok(x.next() && x.member.toString() === within[0]);
          }
    x.lexRange(undefined, true, undefined, true, false);
    t.same([x.first, x.end], [0, 300]);
  }
  t.end();
});

/** The encoding of a new set for which so much is expected. */
function made(x: zset.SortedSet, size: number, longest = 0): string {
  x.create(KEY, size, longest);
  return x.encodingName;
}

t.test('conversion happens at the limits of Redis, and long members are no matter', (t) => {
  const keys = space();
  const x = new zset.SortedSet(keys, new Limits(), TEXT);
  keys.find(KEY);
  x.create(KEY);
  for (let i = 0; i < 128; i++) x.add(Bytes.from(`m${i}`), i);
  x.add(Bytes.from('m5'), 500);
  t.equal(x.encodingName, 'listpack');
  x.add(Bytes.from('none'), 1, zset.XX);
  t.equal(x.encodingName, 'listpack', 'nothing was added');
  x.add(Bytes.from('m128'), 1);
  t.equal(x.encodingName, 'skiplist');
  keys.delete(KEY);
  keys.find(KEY);
  x.create(KEY);
  x.add(Bytes.from('a'.repeat(64)), 1);
  t.equal(x.encodingName, 'listpack');
  for (const n of [65, 5000, 100000]) x.add(Bytes.from('b'.repeat(n)), n);
  t.equal(x.encodingName, 'skiplist');
  t.ok(x.find(Bytes.from('b'.repeat(100000))) && x.score === 100000);
  x.remove(Bytes.from('b'.repeat(100000)));
  t.equal(JSON.stringify(whole(x).map((p) => p[1])), '[1,65,5000]');
  keys.delete(KEY);
  keys.find(KEY);
  t.equal(made(x, 129), 'skiplist', 'the size that is to be expected decides');
  keys.delete(KEY);
  keys.find(KEY);
  t.equal(made(x, 1, 65), 'skiplist', 'and so does the longest');
  keys.delete(KEY);
  t.equal(blocks(keys), 0);
  t.end();
});

t.test('minus zero', (t) => {
  const keys = space();
  const x = new zset.SortedSet(keys, new Limits(), TEXT);
  keys.find(KEY);
  x.create(KEY);
  x.add(Bytes.from('a'), -0);
  x.expect(128);
  t.equal(x.encodingName, 'listpack');
  t.ok(x.find(Bytes.from('a')) && Object.is(x.score, 0), 'a listpack knows no -0');
  x.expect(129);
  t.equal(x.encodingName, 'skiplist');
  x.add(Bytes.from('b'), -0);
  t.ok(x.find(Bytes.from('b')) && Object.is(x.score, -0));
  x.add(Bytes.from('b'), 0);
  t.ok(x.find(Bytes.from('b')) && Object.is(x.score, -0), 'an equal score is not written');
  t.end();
});

t.test('collecting, adopting, copying, scanning and picking', (t) => {
  const keys = space();
  const other = space();
  const config = limits(100, 64);
  const x = new zset.SortedSet(keys, config, TEXT);
  const y = new zset.SortedSet(other, config, TEXT);
  for (const n of [50, 101, 3000]) {
    const table = new ZsetTable(keys.arena);
    for (let i = 0; i < n; i++) {
      const member = Bytes.from(`m${i}`);
      t.equal(table.find(member), 0);
      table.collect(member, 0);
    }
    for (let i = 0; i < n; i++) table.setScore(table.find(Bytes.from(`m${i}`)), i % 10);
    table.uncollect(table.find(Bytes.from('m0')));
    table.order();
    check(table);
    keys.find(KEY);
    const entry = x.adopt(KEY, table);
    t.equal(x.encodingName, n <= 101 ? 'listpack' : 'skiplist');
    const want = sorted(new Map(Array.from({ length: n - 1 }, (_, i): Pair => [`m${i + 1}`, (i + 1) % 10])));
    t.same(whole(x), want);
    other.find(KEY);
    y.bind(x.copyTo(other, KEY));
    t.same(whole(y), want);
    t.ok(
      entryTotalBytes(other, other.find(KEY), 0) <= entryTotalBytes(keys, entry, 0),
      'the copy of a big set is denser',
    );

    const seen = new Map<string, number>();
    let calls = 0;
    for (let cursor = 0; calls === 0 || cursor !== 0; calls++) {
      cursor = y.scan(cursor, 10);
      while (y.next()) seen.set(y.member.toString(), y.score);
    }
    t.same(sorted(seen), want);
    t.equal(calls > 1, n > 101);
    const random = seeded(n);
    const met = new Set<string>();
    for (let i = 0; i < n * 20; i++) {
      y.pick(random);
      met.add(y.member.toString());
    }
    t.equal(met.size, n - 1, 'every member is picked');
    keys.delete(KEY);
    other.delete(KEY);
    while (!keys.larges.freeDoomed(1));
    while (!other.larges.freeDoomed(1));
    t.equal(blocks(keys) + blocks(other), 0);
  }
  t.end();
});
