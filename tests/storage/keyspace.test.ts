/** The keyspace and its strings against a naive model, on an arena that checks every block. */
import t from 'tap';
import { reap } from '../../storage/expiry.js';
import { Keyspace } from '../../storage/keyspace.js';
import { CheckedArena } from '../../storage/memory/arena.js';
import { Bytes } from '../../storage/memory/bytes.js';
import { KEEP_TTL, Strings } from '../../storage/string.js';
import { NATURAL } from '../../storage/types.js';
import { seeded } from '../random.js';

interface Model {
  value: string;
  at: number;
}

function values(random: () => number): string {
  const kind = random();
  if (kind < 0.1) return '';
  if (kind < 0.15) return 'x'.repeat(30000 + Math.floor(random() * 10000));
  return String(Math.floor(random() * 1e9)).repeat(1 + Math.floor(random() * 5));
}

t.test('random operations agree with a map, and nothing leaks', async (t) => {
  for (let seed = 1; seed <= 3; seed++) {
    const random = seeded(seed);
    const arena = new CheckedArena();
    let expired = 0;
    const space = new Keyspace({ expired: () => expired++ }, arena, random);
    const strings = new Strings(space);
    const model = new Map<string, Model>();
    space.now = 1_000_000;
    for (let i = 0; i < 20000; i++) {
      const name = `key:${Math.floor(random() * 3000)}`;
      const key = Bytes.from(name);
      const present = model.get(name);
      const alive = present !== undefined && (present.at < 0 || present.at > space.now) ? present : undefined;
      if (alive === undefined) model.delete(name);
      const dice = random();
      if (dice < 0.4) {
        const value = values(random);
        const at = random() < 0.3 ? space.now + 1 + Math.floor(random() * 5000) : random() < 0.2 ? KEEP_TTL : -1;
        strings.set(key, Bytes.from(value), NATURAL, at);
        model.set(name, { value, at: at === KEEP_TTL ? (alive?.at ?? -1) : at });
      } else if (dice < 0.55) {
        if (space.delete(key) !== (alive !== undefined)) t.fail(`delete ${name}, seed ${seed}, step ${i}`);
        model.delete(name);
      } else if (dice < 0.65 && alive !== undefined) {
        alive.at = random() < 0.5 ? -1 : space.now + 1 + Math.floor(random() * 5000);
        space.setExpire(space.find(key), alive.at);
      } else if (dice < 0.75) {
        const value = values(random);
        const old = alive?.value ?? '';
        const offset = Math.floor(random() * 100);
        const ref = space.find(key);
        strings.setRange(ref, key, offset, Bytes.from(value));
        const padded = old.padEnd(offset, '\0');
        model.set(name, {
          value: padded.slice(0, offset) + value + padded.slice(offset + value.length),
          at: alive?.at ?? -1,
        });
      } else if (dice < 0.76) space.now += 500;
      else {
        const ref = space.find(key);
        const got = ref === 0 ? undefined : strings.get(ref).toString();
        if (got !== alive?.value) t.fail(`get ${name}, seed ${seed}, step ${i}`);
        if (ref !== 0 && space.expireAt(ref) !== alive?.at) t.fail(`expiry of ${name}, seed ${seed}, step ${i}`);
      }
    }
    reap(space, 0, 1 << 30);
    for (const [name, { at }] of model) if (at >= 0 && at <= space.now) model.delete(name);
    t.equal(space.size, model.size, `as many keys as the model, seed ${seed}`);
    t.equal(space.expires, [...model.values()].filter((m) => m.at >= 0).length);
    t.ok(expired > 0);
    for (const name of model.keys()) space.delete(Bytes.from(name));
    t.equal(arena.blocks.size, 0, 'every block was given back');
    t.equal(arena.used, 0);
    t.equal(arena.outside, space.table.bytes);
  }
});

t.test('SCAN returns what stays exactly once, whatever comes and goes', async (t) => {
  const random = seeded(7);
  const space = new Keyspace({ expired: () => {} });
  const strings = new Strings(space);
  for (let i = 0; i < 5000; i++) strings.set(Bytes.from(`stay:${i}`), Bytes.from('v'));
  const seen = new Map<string, number>();
  const view = new Bytes();
  let cursor = 0;
  let extra = 0;
  do {
    cursor = space.table.scan(cursor, 10, (ref) => {
      const name = space.key(ref, view).toString();
      seen.set(name, (seen.get(name) ?? 0) + 1);
    });
    for (let i = 0; i < 20; i++) strings.set(Bytes.from(`new:${extra++}`), Bytes.from('v'));
    for (let i = 0; i < 10; i++) space.delete(Bytes.from(`new:${Math.floor(random() * extra)}`));
  } while (cursor !== 0);
  const stayed = [...seen].filter(([name]) => name.startsWith('stay:'));
  t.equal(stayed.length, 5000);
  t.ok(stayed.every(([, times]) => times === 1));
});

t.test('random picks reach every element', async (t) => {
  const random = seeded(9);
  const space = new Keyspace({ expired: () => {} });
  const strings = new Strings(space);
  t.equal(space.table.random(random), 0);
  for (let i = 0; i < 50; i++) strings.set(Bytes.from(`k${i}`), Bytes.from('v'));
  const picked = new Set<number>();
  for (let i = 0; i < 5000; i++) picked.add(space.table.random(random));
  t.equal(picked.size, 50);
});

t.test('encodings have the names that Redis gives them', async (t) => {
  const space = new Keyspace({ expired: () => {} });
  const strings = new Strings(space);
  const name = (value: string): string => strings.encodingName(strings.set(Bytes.from('k'), Bytes.from(value)));
  t.equal(name('12345'), 'int');
  t.equal(name('9223372036854775807'), 'int');
  t.equal(name('9223372036854775808'), 'embstr');
  t.equal(name('007'), 'embstr');
  t.equal(name('x'.repeat(44)), 'embstr');
  t.equal(name('x'.repeat(45)), 'raw');
  strings.setRange(space.find(Bytes.from('k')), Bytes.from('k'), 0, Bytes.from('1'));
  t.equal(strings.encodingName(space.find(Bytes.from('k'))), 'raw');
});

t.test('LFU counts rise with accesses and fall with time', async (t) => {
  const space = new Keyspace({ expired: () => {} }, undefined, seeded(3));
  space.lfu = true;
  const strings = new Strings(space);
  const ref = strings.set(Bytes.from('k'), Bytes.from('v'));
  t.equal(space.frequency(ref), 5);
  for (let i = 0; i < 1000; i++) space.touch(ref);
  const count = space.frequency(ref);
  t.ok(count > 5);
  space.clock += 3;
  t.equal(space.frequency(ref), count - 3);
  space.touching = false;
  const clock = space.accessClock(ref);
  space.touch(ref);
  t.equal(space.accessClock(ref), clock);
});

t.test('many keys that expire at once are deleted in bounded steps', async (t) => {
  let expired = 0;
  const space = new Keyspace({ expired: () => expired++ }, new CheckedArena());
  const strings = new Strings(space);
  for (let i = 0; i < 3000; i++) strings.set(Bytes.from(`key:${i}`), Bytes.from('v'), NATURAL, i < 2900 ? 1000 : -1);
  space.now = 2000;
  let steps = 0;
  let most = 0;
  for (let at = 0, before = 0; ; before = expired, steps++) {
    at = reap(space, at, 1);
    most = Math.max(most, expired - before);
    if (at === 0) break;
  }
  t.equal(space.size, 100);
  t.equal(expired, 2900);
  t.ok(most <= 64, `${most} in one step`);
  t.ok(steps >= 2900 / 64);
});
