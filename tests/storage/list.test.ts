/** Lists against an array: random operations under many limits, so that every encoding, split, merge and conversion happens. */
import t, { type Test } from 'tap';
import { Keyspace } from '../../storage/keyspace.js';
import { Limits } from '../../storage/limits.js';
import { List } from '../../storage/list.js';
import { CheckedArena, SEGMENT_BITS } from '../../storage/memory/arena.js';
import { Bytes } from '../../storage/memory/bytes.js';
import { lpBytes, lpLength } from '../../storage/memory/listpack.js';
import type { Quicklist } from '../../storage/quicklist.js';
import { nodeBase, writeHeader } from '../../storage/quicklist-node.js';
import { OBJECT } from '../../storage/types.js';
import { seeded } from '../random.js';

const LISTENER = { expired(): void {} };
const KEY = Bytes.from('list');

function limits(size: number, threshold = 1 << 30): Limits {
  const l = new Limits();
  l.listMaxListpackSize = size;
  l.listPackedThreshold = threshold;
  return l;
}

class Rig {
  readonly arena = new CheckedArena();
  readonly space = new Keyspace(LISTENER, this.arena);
  readonly list: List;

  constructor(readonly limits: Limits) {
    this.list = new List(this.space, limits);
  }

  open(key = KEY): List {
    const entry = this.space.find(key);
    if (entry === 0) this.list.create(key);
    else this.list.bind(entry);
    return this.list;
  }

  push(tail: boolean, ...values: string[]): void {
    const list = this.open();
    list.grow(
      values.length,
      values.reduce((n, v) => n + v.length, 0),
    );
    for (const v of values) list.push(tail, Bytes.from(v));
  }

  get encoding(): string {
    return this.list.encodingName(this.space.find(KEY));
  }

  get quicklist(): Quicklist | undefined {
    const entry = this.space.find(KEY);
    if (entry === 0 || this.space.encoding(entry) !== OBJECT) return undefined;
    return this.space.larges.at(this.space.word(entry)) as Quicklist;
  }

  clear(): void {
    this.space.delete(KEY);
    while (!this.space.larges.freeDoomed(3));
  }
}

function all(list: List, forward = true): string[] {
  const out: string[] = [];
  list.begin(forward ? 0 : -1, forward);
  while (list.next()) out.push(list.item().toString());
  return out;
}

/** What must always be true of the chain; returns a complaint or ''. */
function flaw(rig: Rig): string {
  const q = rig.quicklist;
  if (q === undefined) return '';
  let count = 0;
  let nodes = 0;
  let bytes = 0;
  for (let node = q.head; node !== undefined; node = node.next) {
    nodes++;
    count += node.count;
    if (node.count === 0) return 'an empty node';
    if ((node.prev ?? q.head) !== node && node.prev?.next !== node) return 'links disagree';
    if (node.next === undefined && q.tail !== node) return 'the tail is not the last node';
    if (node.plain !== undefined) {
      if (node.count !== 1 || node.size !== node.plain.length) return 'a plain node is no single value';
      bytes += node.size;
      continue;
    }
    bytes += node.capacity;
    if (node.at < 0 || node.at + node.size > node.capacity) return 'a listpack leaves its block';
    const u8 = rig.arena.u8[node.ref >>> SEGMENT_BITS];
    writeHeader(rig.arena, node);
    if (u8[nodeBase(node) + node.size - 1] !== 0xff) return 'no end mark';
    if (lpBytes(u8, nodeBase(node)) !== node.size || lpLength(u8, nodeBase(node)) !== node.count)
      return 'a wrong header';
    if (rig.arena.blocks.get(node.ref) !== node.capacity) return 'a wrong capacity';
  }
  if (nodes !== q.pieces || count !== q.count) return `counts: ${nodes} ${q.pieces} ${count} ${q.count}`;
  if (q.bytes < bytes || q.bytes > bytes + 128 * (nodes + 1)) return `bytes: ${q.bytes} for ${bytes}`;
  return '';
}

const EDGES = [
  '',
  '0',
  '-0',
  '007',
  ' 1',
  '1 ',
  '+1',
  '-',
  '127',
  '128',
  '-1',
  '4095',
  '4096',
  '-4096',
  '-4097',
  '32767',
  '-32769',
  '8388607',
  '8388608',
  '2147483647',
  '-2147483649',
  '9007199254740993',
  '9223372036854775807',
  '-9223372036854775808',
  '9223372036854775808',
  '18446744073709551615',
  '\x00',
  '\xff\xfe\x80',
  '1\x00',
  'a'.repeat(63),
  'b'.repeat(64),
  'c'.repeat(127),
  'd'.repeat(4095),
  'e'.repeat(4096),
  'f'.repeat(5000),
];

function randomValue(random: () => number, bigs: boolean): string {
  const dice = random();
  if (dice < 0.15) return EDGES[Math.floor(random() * EDGES.length)];
  if (dice < 0.16 && bigs) return 'x'.repeat(20000 + Math.floor(random() * 80000));
  if (dice < 0.5) return String(Math.floor((random() - 0.5) * 10 ** Math.floor(random() * 18)));
  return 'v'.repeat(Math.floor(random() * 20)) + Math.floor(random() * 12);
}

interface Step {
  rig: Rig;
  model: string[];
  random: () => number;
  bigs: boolean;
}

function pick(s: Step): number {
  return Math.floor(s.random() * s.model.length);
}

const STEPS: ((s: Step) => string)[] = [
  function push(s) {
    const tail = s.random() < 0.5;
    const values = Array.from({ length: 1 + Math.floor(s.random() ** 4 * 60) }, () => randomValue(s.random, s.bigs));
    s.rig.push(tail, ...values);
    for (const v of values)
      if (tail) s.model.push(v);
      else s.model.unshift(v);
    return '';
  },
  function drop(s) {
    const tail = s.random() < 0.5;
    const n = Math.floor(s.random() ** 6 * (s.model.length + 2));
    s.rig.open().drop(tail, n);
    s.model.splice(tail ? Math.max(0, s.model.length - n) : 0, n);
    return '';
  },
  function trim(s) {
    const first = Math.floor(s.random() ** 8 * (s.model.length + 1));
    const n = Math.floor((1 - s.random() ** 8) * (s.model.length - first));
    s.rig.open().trim(first, n);
    s.model = s.model.slice(first, first + n);
    return '';
  },
  function rotate(s) {
    if (s.model.length === 0) return '';
    const fromTail = s.random() < 0.5;
    s.rig.open().rotate(fromTail);
    if (fromTail) s.model.unshift(s.model.pop()!);
    else s.model.push(s.model.shift()!);
    return '';
  },
  function get(s) {
    const i = pick(s) - (s.random() < 0.5 ? s.model.length : 0);
    const got = s.rig.open().get(i)?.toString();
    const want = s.model.at(i);
    return got === want ? '' : `get(${i}): ${got?.slice(0, 40)} for ${want?.slice(0, 40)}`;
  },
  function set(s) {
    const i = pick(s) - (s.random() < 0.5 ? s.model.length : 0) + (s.random() < 0.05 ? 1000000 : 0);
    const value = randomValue(s.random, s.bigs);
    const done = s.rig.open().set(i, Bytes.from(value));
    const j = i < 0 ? i + s.model.length : i;
    if (j < s.model.length && j >= 0) s.model[j] = value;
    return done === (j >= 0 && j < s.model.length) ? '' : `set(${i})`;
  },
  function insert(s) {
    const pivot = s.random() < 0.1 ? randomValue(s.random, false) : (s.model[pick(s)] ?? '');
    const value = randomValue(s.random, s.bigs);
    const after = s.random() < 0.5;
    const done = s.rig.open().insert(Bytes.from(pivot), after, Bytes.from(value));
    const at = s.model.indexOf(pivot);
    if (at >= 0) s.model.splice(at + (after ? 1 : 0), 0, value);
    return done === at >= 0 ? '' : `insert: ${done} for ${at}`;
  },
  function remove(s) {
    const value = s.model[pick(s)] ?? '';
    const limit = s.random() < 0.5 ? Number.POSITIVE_INFINITY : 1 + Math.floor(s.random() * 3);
    const forward = s.random() < 0.5;
    const done = s.rig.open().remove(Bytes.from(value), limit, forward);
    let removed = 0;
    while (removed < limit) {
      const at = forward ? s.model.indexOf(value) : s.model.lastIndexOf(value);
      if (at < 0) break;
      s.model.splice(at, 1);
      removed++;
    }
    return done === removed ? '' : `remove: ${done} for ${removed}`;
  },
  function range(s) {
    const first = pick(s);
    const n = Math.floor(s.random() * 20);
    const forward = s.random() < 0.5;
    const list = s.rig.open();
    const got: string[] = [];
    list.begin(first, forward);
    for (let i = 0; i < n && list.next(); i++) got.push(list.item().toString());
    const want = forward
      ? s.model.slice(first, first + n)
      : s.model.slice(Math.max(0, first - n + 1), first + 1).reverse();
    return got.join() === (s.model.length === 0 ? '' : want.slice(0, n).join())
      ? ''
      : `range(${first}, ${n}, ${forward})`;
  },
  function matches(s) {
    const value = s.model[pick(s)] ?? '';
    const list = s.rig.open();
    list.seek(Bytes.from(value));
    list.begin(0);
    for (let i = 0; list.next(); i++) if (list.matches() !== (s.model[i] === value)) return `matches at ${i}`;
    return '';
  },
  function copy(s) {
    if (s.random() < 0.9) return '';
    const other = new Rig(s.rig.limits);
    other.space.find(KEY);
    s.rig.open().copyTo(other.space, KEY);
    const got = all(other.open());
    const bad = flaw(other) || (got.join() === s.model.join() ? '' : 'copy differs');
    other.clear();
    return bad || (other.arena.blocks.size === 0 ? '' : 'the copy leaks');
  },
];

function run(t: Test, limit: Limits, seed: number, steps: number, bigs: boolean): void {
  const rig = new Rig(limit);
  const s: Step = { rig, model: [], random: seeded(seed), bigs };
  const before = rig.arena.outside;
  for (let i = 0; i < steps; i++) {
    // Growing and shrinking phases, so that lists of all sizes occur.
    const growing = Math.floor(i / 150) % 2 === 0;
    const step = STEPS[s.random() < 0.3 ? (growing ? 0 : 1) : Math.floor(s.random() * STEPS.length)];
    const where = `${step.name} at step ${i}, seed ${seed}, limit ${limit.listMaxListpackSize}`;
    const bad = step(s) || flaw(rig);
    if (bad !== '') return void t.fail(`${bad} (${where})`);
    const list = rig.open();
    if (list.length !== s.model.length) return void t.fail(`length ${list.length} for ${s.model.length} (${where})`);
    if (i % 16 === 0 || s.model.length < 50) {
      if (all(list).join('|') !== s.model.join('|')) return void t.fail(`content differs (${where})`);
      if (all(list, false).reverse().join('|') !== s.model.join('|')) return void t.fail(`backward differs (${where})`);
    }
  }
  rig.clear();
  t.equal(rig.arena.blocks.size, 0, `no block is left (limit ${limit.listMaxListpackSize}, seed ${seed})`);
  t.equal(rig.arena.outside, before, 'nothing is left outside the arena');
}

t.test('random operations agree with an array', (t) => {
  for (const size of [-1, -2, -5, 0, 1, 2, 3, 8, 128])
    for (let seed = 1; seed <= 4; seed++) run(t, limits(size), seed * 7919 + size, 600, seed % 2 === 0);
  for (const threshold of [1, 5, 20, 5000]) run(t, limits(-2, threshold), threshold, 600, true);
  for (const threshold of [3, 15]) run(t, limits(4, threshold), threshold, 600, true);
  t.end();
});

t.test('a small list becomes a quicklist and back at the sizes of Redis 7.2', (t) => {
  const rig = new Rig(limits(-2));
  const step = (encoding: string, ...values: string[]): void => {
    rig.push(true, ...values);
    t.equal(rig.encoding, encoding);
  };
  step('listpack', 'x'.repeat(4000)); // 7 + 2 + 4000 + 2 = 4011 bytes
  step('listpack', 'y'.repeat(4181)); // asks for 4011 + 4181 = 8192
  t.equal(rig.quicklist, undefined);
  step('quicklist', 'z');
  t.equal(rig.quicklist?.pieces, 2);
  rig.open().drop(true, 1);
  t.equal(rig.encoding, 'quicklist', 'one node of more than half the limit stays');
  rig.open().drop(true, 1);
  t.equal(rig.encoding, 'listpack', 'one of 4011 bytes does not');
  rig.clear();
  step('quicklist', 'x'.repeat(8186)); // an empty listpack has 7 bytes
  rig.clear();
  step('listpack', 'x'.repeat(8185));
  t.ok(rig.open().set(0, Bytes.from('y'.repeat(4200))));
  t.equal(rig.encoding, 'quicklist', 'LSET asks for room as if it added');
  rig.clear();
  rig.push(true, ...Array.from({ length: 455 }, () => 'v'.repeat(16)));
  t.equal(rig.encoding, 'listpack', 'a push counts its values as they come, without headers');
  t.equal(rig.open().insert(Bytes.from('none'), true, Bytes.from('v')), false);
  t.equal(rig.encoding, 'quicklist', 'LINSERT makes room before it looks for the pivot');
  rig.clear();
  t.equal(rig.arena.blocks.size, 0);
  t.end();
});

t.test('limits by count, and the safety limit by size beside them', (t) => {
  const rig = new Rig(limits(5));
  rig.push(false, '1', '2', '3', '4', '5');
  t.equal(rig.encoding, 'listpack');
  rig.push(false, '6');
  t.equal(rig.encoding, 'quicklist');
  t.equal(rig.quicklist?.pieces, 2);
  rig.open().drop(false, 3);
  t.equal(rig.encoding, 'quicklist', 'three elements are more than half of five');
  rig.open().drop(true, 1);
  t.equal(rig.encoding, 'listpack');
  t.same(all(rig.open()), ['3', '2']);
  rig.push(true, 'x'.repeat(9000));
  t.equal(rig.encoding, 'quicklist');
  rig.open().trim(2, 1);
  t.equal(rig.encoding, 'listpack', 'Redis does not look at the size when the limit is a count');
  rig.clear();
  rig.push(true, 'x'.repeat(100000), 'y');
  rig.open().drop(true, 1);
  t.equal(rig.encoding, 'listpack', 'nor do we, though we keep such an element in a buffer of its own');
  t.equal(rig.open().get(0)?.length, 100000);
  rig.limits.listPackedThreshold = 50000;
  rig.clear();
  rig.push(true, 'x'.repeat(100000), 'y');
  rig.open().drop(true, 1);
  t.equal(rig.encoding, 'quicklist', 'but what passes the threshold stays in a plain node');
  rig.clear();
  t.equal(rig.arena.blocks.size, 0);
  t.end();
});

t.test('nodes fill up from either end, and inner ones keep no room', (t) => {
  for (const tail of [true, false]) {
    const rig = new Rig(limits(-2));
    for (let i = 0; i < 100000; i++) rig.push(tail, 'v'.repeat(16));
    const q = rig.quicklist!;
    t.equal(q.pieces, Math.ceil(100000 / 454));
    t.ok(q.bytes / 100000 < 18.5, `${q.bytes / 100000} bytes an element`);
    t.equal(rig.open().get(50000)?.length, 16);
    rig.open().drop(!tail, 99999);
    t.equal(rig.encoding, 'listpack');
    rig.clear();
    t.equal(rig.arena.blocks.size, 0);
  }
  t.end();
});

t.test('what is free to be adopted is not copied, and large lists are freed in slices', (t) => {
  const rig = new Rig(limits(-2));
  const value = Bytes.from('x'.repeat(50000));
  value.owned = true;
  const { buf } = value;
  rig.open().grow(1, value.length);
  rig.list.push(true, value);
  t.equal(rig.quicklist?.head?.plain, buf);
  t.notOk(value.owned, 'it belongs to the list now');
  rig.open().rotate(true);
  t.equal(rig.quicklist?.head?.plain?.length, 50000);
  for (let i = 0; i < 300; i++) rig.push(true, 'y'.repeat(5000));
  t.equal(rig.quicklist?.pieces, 301);
  rig.space.delete(KEY);
  t.ok(rig.arena.blocks.size > 200, 'nothing was freed at once');
  t.notOk(rig.space.larges.freeDoomed(100));
  while (!rig.space.larges.freeDoomed(100));
  t.equal(rig.arena.blocks.size, 0);
  t.end();
});
