/** Hashes against a naive model, in all their forms, on an arena that checks every block. */
import t from 'tap';
import { reap, reapFields } from '../../storage/expiry.js';
import { TOO_LONG } from '../../storage/fault.js';
import { type Hash, MAX_FIELD } from '../../storage/hash.js';
import { NO_FIELD } from '../../storage/hash-reader.js';
import type { HashTable } from '../../storage/hash-table.js';
import { Limits } from '../../storage/limits.js';
import { blockBytes } from '../../storage/memory/arena.js';
import { Bytes } from '../../storage/memory/bytes.js';
import { KEEP_TTL } from '../../storage/string.js';
import { seeded } from '../random.js';
import { Bench, limits } from './hash-model.js';

const BOUNDS: readonly (readonly [string, Limits, number])[] = [
  ['the default limits', limits(512, 64), 40],
  ['tiny listpacks', limits(4, 8), 12],
  ['wide listpacks', limits(10_000, 1_000_000), 20],
  ['no listpacks', limits(0, 64), 3],
];

for (const [name, bounds, keys] of BOUNDS) {
  t.test(`random operations agree with the model: ${name}`, async (t) => {
    for (let seed = 1; seed <= 2; seed++) {
      const random = seeded(seed);
      const bench = new Bench(random, bounds);
      const { space } = bench;
      let step = 0;
      try {
        for (; step < 3000; step++) {
          const key = `h${Math.floor(random() * keys)}`;
          const dice = random();
          if (dice < 0.93) bench.change(key);
          else if (dice < 0.96) bench.check(key);
          else if (dice < 0.975) space.now += Math.floor(random() * 200);
          else if (dice < 0.98) bench.drop(key);
          else if (dice < 0.985) space.reaping = !space.reaping;
          else reap(space, 0, 1);
        }
        for (const key of bench.model.keys()) bench.check(key);
        space.reaping = true;
        for (let i = 0; i < 100; i++) reap(space, 0, 1 << 20);
        t.equal(space.size, bench.model.size);
        t.equal(space.fieldExpires, bench.lasting);
        for (const key of bench.model.keys()) bench.check(key);
        for (const key of [...bench.model.keys()]) bench.drop(key);
        while (!space.larges.freeDoomed(1));
        t.equal(bench.arena.blocks.size, 0, 'every block was given back');
        t.equal(bench.arena.outside, space.table.bytes, 'and everything outside');
        t.equal(space.fieldExpires, 0);
      } catch (e) {
        t.fail(`seed ${seed}, step ${step}: ${(e as Error).stack}`);
      }
    }
  });
}

t.test('a large hash grows, is copied, expires and is freed in slices', async (t) => {
  const random = seeded(5);
  const bench = new Bench(random, new Limits());
  const { space, arena } = bench;
  const hash = bench.at('h');
  const fields = bench.model.get('h')!;
  for (let i = 0; i < 45_000; i++) {
    const at = i % 3 === 0 ? space.now + 1000 + (i % 500) : -1;
    hash.set(Bytes.from(`f${i}`), Bytes.from(`v${i}`), at);
    fields.set(`f${i}`, { value: `v${i}`, at });
  }
  bench.check('h');
  const entry = space.find(Bytes.from('h'));
  const outside = arena.outside - space.table.bytes;
  t.equal(space.large(entry).bytes, arena.used + outside - blockBytes(space.entryBytes(entry)));

  const other = new Bench(random, new Limits());
  t.equal(other.space.find(Bytes.from('copy')), 0);
  hash.bind(entry).copyTo(other.space, Bytes.from('copy'));
  other.model.set('copy', new Map([...fields].map(([k, f]) => [k, { ...f }])));
  other.check('copy');
  t.equal(other.space.fieldExpires, 1);
  other.drop('copy');
  t.not(other.arena.blocks.size, 0, 'so much is not freed at once');
  while (!other.space.larges.freeDoomed(10));
  t.equal(other.arena.blocks.size, 0);

  space.now += 1200;
  bench.check('h');
  let rounds = 0;
  while (rounds < 10_000 && (reap(space, 0, 1) !== 0 || space.fieldDue(entry) <= space.now)) rounds++;
  t.ok(rounds > 3 && rounds < 10_000, 'what is due is deleted in steps');
  bench.check('h');
  t.equal(space.fieldExpires, 1);
  space.now += 1000;
  for (let i = 0; i < 1000; i++) reap(space, 0, 4);
  t.equal(hash.bind(entry).size, 30_000);
  t.equal(hash.due, Number.POSITIVE_INFINITY);
  t.equal(space.fieldExpires, 0);
  bench.check('h');
});

t.test('the key goes with its last field, and nobody can see an expired field', async (t) => {
  for (const bounds of [limits(512, 64), limits(0, 64)]) {
    const bench = new Bench(seeded(1), bounds);
    const { space } = bench;
    const key = Bytes.from('h');
    const field = Bytes.from('f');
    const hash = bench.at('h');
    hash.set(field, Bytes.from('v'), space.now + 10);
    bench.model.get('h')!.set('f', { value: 'v', at: space.now + 10 });
    space.now += 9;
    t.equal(hash.get(field)?.toString(), 'v');
    space.now += 1;
    t.equal(hash.get(field), undefined);
    t.equal(hash.has(field), false);
    t.equal(hash.living, 0);
    t.equal(hash.size, 1);
    t.equal(hash.pick(Math.random), false);
    t.equal(hash.delete(field), false);
    t.equal(hash.setExpiry(field, -1), false);
    t.equal(hash.expiry(field), NO_FIELD);
    space.reaping = false;
    t.not(reapFields(space, space.find(key), key, 10), 0);
    t.equal(reap(space, 0, 1), 0);
    t.equal(space.size, 1);
    space.reaping = true;
    t.equal(reapFields(space, space.find(key), key, 10), 0);
    t.equal(space.size, 0);
    t.same(bench.emptied, ['h']);
    t.equal(space.fieldExpires, 0);
    t.equal(bench.arena.blocks.size, 0);
  }
});

t.test('a copy takes the expiry of its fields along', async (t) => {
  for (const bounds of [limits(512, 64), limits(0, 64)]) {
    const bench = new Bench(seeded(1), bounds);
    const { space } = bench;
    bench.at('a').set(Bytes.from('f'), Bytes.from('v'), space.now + 10);
    space.find(Bytes.from('b'));
    bench.hash.copyTo(space, Bytes.from('b'));
    t.equal(space.fieldExpires, 2);
    const other = new Bench(seeded(1), bounds);
    t.equal(other.space.find(Bytes.from('c')), 0);
    bench.hash.copyTo(other.space, Bytes.from('c'));
    for (const name of ['a', 'b']) bench.model.set(name, new Map([['f', { value: 'v', at: space.now + 10 }]]));
    other.model.set('c', new Map([['f', { value: 'v', at: space.now + 10 }]]));
    bench.drop('a');
    t.equal(space.fieldExpires, 1);
    for (const { space, emptied } of [bench, other]) {
      space.now += 10;
      reap(space, 0, 1);
      t.equal(space.size, 0);
      t.equal(emptied.length, 1);
      t.equal(space.fieldExpires, 0);
    }
    t.equal(bench.arena.blocks.size + other.arena.blocks.size, 0);
  }
});

t.test('forms change at the limits of Redis 7.2', async (t) => {
  const bench = new Bench(seeded(1), new Limits());
  const set = (hash: Hash, field: string, value: string): string => {
    hash.set(Bytes.from(field), Bytes.from(value));
    return hash.encodingName;
  };
  const many = bench.at('many');
  for (let i = 0; i < 512; i++) set(many, `f${i}`, 'v');
  t.equal(many.encodingName, 'listpack');
  t.equal(set(many, 'f7', 'again'), 'listpack');
  t.equal(set(many, 'one more', 'v'), 'hashtable');
  many.delete(Bytes.from('one more'));
  t.equal(many.encodingName, 'hashtable', 'there is no way back');
  t.equal(set(bench.at('value'), 'f', 'x'.repeat(64)), 'listpack');
  t.equal(set(bench.at('value'), 'f', 'x'.repeat(65)), 'hashtable');
  t.equal(set(bench.at('field'), 'x'.repeat(65), 'v'), 'hashtable');
  const ttl = bench.at('ttl');
  set(ttl, 'f', 'v');
  ttl.setExpiry(Bytes.from('g'), bench.space.now + 1);
  ttl.setExpiry(Bytes.from('f'), -1);
  t.equal(ttl.encodingName, 'listpack', 'nothing was set');
  ttl.setExpiry(Bytes.from('f'), bench.space.now + 1);
  t.equal(ttl.encodingName, 'listpackex');
  ttl.setExpiry(Bytes.from('f'), -1);
  t.equal(ttl.encodingName, 'listpackex');
  const reserved = bench.at('reserved');
  reserved.reserve(512);
  t.equal(reserved.encodingName, 'listpack');
  reserved.reserve(513);
  t.equal(reserved.encodingName, 'hashtable');
});

t.test('triplets stand in the order of their expiry', async (t) => {
  const bench = new Bench(seeded(1), new Limits());
  const { hash, space } = bench;
  bench.at('h');
  for (const [name, ms] of Object.entries({ a: -1, b: 300, c: 100, d: -1, e: 200, f: 100 }))
    hash.set(Bytes.from(name), Bytes.from('v'), ms < 0 ? -1 : space.now + ms);
  const order = (): string => {
    let names = '';
    hash.begin();
    while (hash.next()) names += hash.field.toString();
    return names;
  };
  t.equal(order(), 'cfebad');
  hash.setExpiry(Bytes.from('c'), -1);
  t.equal(order(), 'febadc');
  hash.set(Bytes.from('e'), Bytes.from('longer'), KEEP_TTL);
  t.equal(order(), 'febadc');
  hash.set(Bytes.from('f'), Bytes.from('w'));
  t.equal(order(), 'ebadcf');
  t.equal(hash.due, space.now + 200);
});

t.test('a field must lie in a block; a value that is adopted is not copied', async (t) => {
  const bench = new Bench(seeded(1), new Limits());
  const hash = bench.at('h');
  const long = new Bytes().set(new Uint8Array(MAX_FIELD + 1), 0, MAX_FIELD + 1);
  t.throws(() => hash.set(long, Bytes.from('v')), TOO_LONG);
  t.equal(hash.size, 0);
  t.equal(hash.encodingName, 'listpack');
  const value = Bytes.from('x'.repeat(40_000));
  value.owned = true;
  const { buf } = value;
  hash.set(Bytes.from('f'), value);
  t.equal(hash.get(Bytes.from('f'))?.buf, buf);
  t.equal(value.owned, false);
  const large = bench.space.large(bench.space.find(Bytes.from('h'))) as HashTable;
  t.ok(large.bytes > 40_000);
  hash.set(Bytes.from('f'), Bytes.from('short'));
  t.ok(large.bytes < 1000);
});

t.test('picks and samples reach every field', async (t) => {
  const random = seeded(11);
  for (const bounds of [limits(512, 64), limits(0, 64)]) {
    const hash = new Bench(random, bounds).at('h');
    for (let i = 0; i < 40; i++) hash.set(Bytes.from(`f${i}`), Bytes.from('v'));
    const picked = new Set<string>();
    for (let i = 0; i < 2000; i++) if (hash.pick(random)) picked.add(hash.field.toString());
    t.equal(picked.size, 40);
    for (const count of [1, 5, 39]) {
      const sampled = new Set<string>();
      for (let i = 0; i < 1000; i++) {
        hash.sample(count, random);
        while (hash.next()) sampled.add(hash.field.toString());
      }
      t.equal(sampled.size, 40, `samples of ${count}`);
    }
  }
});
