/** Sampler and the table's places: whoever is there can be met, whoever is not is never given, and nobody is preferred by much. */
import t from 'tap';
import { Keyspace } from '../../storage/keyspace.js';
import { CheckedArena } from '../../storage/memory/arena.js';
import { Bytes } from '../../storage/memory/bytes.js';
import { Sampler } from '../../storage/sampler.js';
import { STRING } from '../../storage/types.js';
import { seeded } from '../random.js';

const VIEW = new Bytes();

/** Keys `0` to `n - 1`, of which every `step`th has a TTL. */
function keyspace(n: number, step: number): Keyspace {
  const space = new Keyspace({ expired: () => {} }, new CheckedArena(), seeded(7));
  for (let i = 0; i < n; i++) {
    const key = Bytes.from(String(i));
    space.find(key);
    space.create(key, STRING, 0, 0, 0, i % step === 0 ? 1e12 + i : -1);
  }
  return space;
}

/** How often each key was met in `rounds` samples of five. */
function meet(space: Keyspace, mortal: boolean, rounds: number): Map<string, number> {
  const sampler = new Sampler();
  const met = new Map<string, number>();
  for (let r = 0; r < rounds; r++) {
    sampler.sample(space, 5, mortal);
    for (let k = 0; k < sampler.count; k++) {
      const name = space.key(sampler.refs[k], VIEW).toString();
      if (!space.table.locate(sampler.hashes[k], sampler.refs[k]))
        throw new Error(`${name} is not where it is said to be`);
      met.set(name, (met.get(name) ?? 0) + 1);
    }
  }
  return met;
}

t.test('any key, evenly', async (t) => {
  const n = 4000;
  const met = meet(keyspace(n, 3), false, 40_000);
  t.ok(met.size === n, 'everybody is met');
  t.ok(Math.max(...met.values()) < 120, `50 times on the average, at most ${Math.max(...met.values())}`);
});

t.test('only those with a TTL, many or few', async (t) => {
  for (const [n, step] of [
    [3000, 4],
    [20_000, 200],
    [20_000, 20_000],
  ]) {
    const space = keyspace(n, step);
    const met = meet(space, true, 3000);
    const wanted = Math.ceil(n / step);
    t.equal(met.size, wanted, `${wanted} of ${n}`);
    t.ok([...met.keys()].every((name) => Number(name) % step === 0));
  }
});

t.test('nobody', async (t) => {
  const sampler = new Sampler();
  sampler.sample(keyspace(0, 1), 5, false);
  t.equal(sampler.count, 0);
  const space = keyspace(5000, 5000);
  space.delete(Bytes.from('0'));
  sampler.sample(space, 5, true);
  t.equal(sampler.count, 0, 'no key has a TTL any more');
  sampler.sample(space, 200, false);
  t.equal(sampler.count, 200, 'more than the sampler had room for');
});

t.test('a place is lost with the key, and when its block moves', async (t) => {
  const space = keyspace(2000, 1);
  const key = Bytes.from('77');
  const ref = space.find(key);
  t.ok(space.table.locate(key.hash(), ref));
  t.notOk(space.table.locate(key.hash() ^ 1, ref));
  space.delete(key);
  t.notOk(space.table.locate(key.hash(), ref));
});

t.test('splitting pages keeps every key and the bound of each page', async (t) => {
  const n = 30_000;
  const space = keyspace(n, 7);
  for (let i = 0; i < n; i++) if (space.find(Bytes.from(String(i))) === 0) throw new Error(`${i} is lost`);
  let count = 0;
  for (let at = 0; at < space.table.directorySize; ) {
    const page = space.table.pageAt(at)!;
    let inPage = 0;
    for (let i = 1; i < page.slots.length; i += 2) {
      if (page.slots[i] === 0) continue;
      inPage++;
      if (space.hasExpire(page.slots[i]) && page.due > space.expireAt(page.slots[i])) t.fail('due is no bound');
    }
    if (inPage !== page.count) t.fail(`a page of ${inPage} counts ${page.count}`);
    count += inPage;
    at += space.table.pageSpan(page);
  }
  t.equal(count, n);
  t.equal(space.size, n);
});
