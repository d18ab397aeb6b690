/** Random values of every type under random limits come back as they were, with their form, by payload and by file, and leave nothing. */
import t from 'tap';
import { Limits } from '../../../storage/limits.js';
import { Bytes } from '../../../storage/memory/bytes.js';
import { FINISHED, RdbFileReader, WANTS_DATA } from '../../../storage/rdb/file-reader.js';
import { fileVersion, RdbFileWriter } from '../../../storage/rdb/file-writer.js';
import { RdbOutput } from '../../../storage/rdb/output.js';
import { NATURAL } from '../../../storage/types.js';
import { seeded } from '../../random.js';
import { Bench } from './bench.js';
import { noise } from './dataset.js';

const ROUNDS = Number(process.env['FUZZ_ROUNDS'] ?? 60);
const SEED = Number(process.env['FUZZ_SEED'] ?? 1);
const FAR = 9_000_000_000_000;

t.setTimeout(600_000);

class Maker {
  constructor(
    private readonly random: () => number,
    private readonly bench: Bench,
  ) {}

  pick(n: number): number {
    return Math.floor(this.random() * n);
  }

  /** A count around which some limit lies, mostly small. */
  private count(): number {
    return 1 + this.pick([4, 40, 300, 1500][this.pick(4)]);
  }

  private text(): string {
    const { random } = this;
    const dice = random();
    if (dice < 0.3) return `${this.pick(2000) - 1000}`;
    if (dice < 0.35) return `${BigInt(Math.floor((random() - 0.5) * 2 ** 53)) * 1000n}`;
    if (dice < 0.9) return noise(random, this.pick(30));
    if (dice < 0.98) return 'abc'.repeat(this.pick(100));
    return noise(random, this.pick(dice < 0.999 ? 5000 : 60_000));
  }

  private distinct(n: number, make: () => string): string[] {
    const all = new Set<string>();
    for (let i = 0; i < n; i++) all.add(make());
    return [...all];
  }

  make(name: string): void {
    const { db } = this.bench;
    const key = Bytes.from(name);
    const kind = this.pick(6);
    if (kind === 0) db.strings.set(key, Bytes.from(this.text()), NATURAL);
    else if (kind === 1) {
      const list = db.listOrNew(key);
      for (let n = this.count(); n > 0; n--) {
        const value = Bytes.from(this.text());
        list.grow(1, value.length);
        list.push(this.random() < 0.7, value);
      }
    } else if (kind === 2) {
      const integers = this.random() < 0.5;
      const members = this.distinct(this.count(), () => (integers ? `${this.pick(100_000) - 50_000}` : this.text()));
      const set = db.setOrNew(key, Bytes.from(members[0]), 1);
      for (const member of members) set.add(Bytes.from(member));
    } else if (kind === 3) {
      db.space.find(key);
      const zset = db.sortedSetView();
      zset.create(key);
      for (const member of this.distinct(this.count(), () => this.text())) zset.add(Bytes.from(member), this.score());
    } else this.hash(key, kind === 4);
    const { space } = db;
    if (this.random() < 0.3) space.setExpire(space.find(key), FAR + this.pick(1e9));
    space.setAccessClock(space.find(key), this.pick(1 << 24));
  }

  private hash(key: Bytes, expires: boolean): void {
    const hash = this.bench.db.hashOrNew(key);
    for (const field of this.distinct(this.count(), () => this.text())) {
      const at = expires && this.random() < 0.4 ? FAR + this.pick(1e9) : -1;
      hash.set(Bytes.from(field), Bytes.from(this.text()), at);
    }
  }

  private score(): number {
    const dice = this.random();
    if (dice < 0.4) return this.pick(20) - 10;
    if (dice < 0.8) return (this.random() - 0.5) * 10 ** this.pick(20);
    if (dice < 0.9) return this.pick(1000) / 8;
    return dice < 0.95 ? Number.POSITIVE_INFINITY : Number.NEGATIVE_INFINITY;
  }
}

function limitsFrom(maker: { pick(n: number): number }): Limits {
  const limits = new Limits();
  if (maker.pick(3) === 0) return limits;
  const some = (): number => [0, 1, 8, 64, 512, 4000][maker.pick(6)];
  limits.hashMaxListpackEntries = some();
  limits.hashMaxListpackValue = some();
  limits.setMaxIntsetEntries = some();
  // Whether a set of integers that is no intset is a listpack depends on its past, where both limits would allow that.
  limits.setMaxListpackEntries = Math.min(some(), limits.setMaxIntsetEntries);
  limits.setMaxListpackValue = some();
  limits.zsetMaxListpackEntries = some();
  limits.zsetMaxListpackValue = some();
  limits.listMaxListpackSize = [-5, -2, -1, 1, 8, 128][maker.pick(6)];
  limits.valueCompressionThreshold = maker.pick(2) * 64;
  return limits;
}

t.test(`${ROUNDS} databases of seed ${SEED}`, (t) => {
  for (let round = 0; round < ROUNDS; round++) {
    const random = seeded(SEED * 100_000 + round);
    const limits = limitsFrom({ pick: (n) => Math.floor(random() * n) });
    const bench = new Bench(limits);
    const maker = new Maker(random, bench);
    const keys = Array.from({ length: 8 }, (_, i) => `key ${i}`);
    for (const key of keys) maker.make(key);
    const whole = throughFile(bench, limits, random);
    const single = new Bench(limits);
    for (const key of keys) {
      const shown = describe(bench, key);
      if (describe(whole, key) !== shown)
        t.fail(`round ${round}, ${key} by file: ${describe(whole, key)} is not ${shown}`);
      const error = single.restore(key, bench.dump(key, random() < 0.5));
      const value = bench.show(key);
      if (error !== undefined || single.show(key) !== value)
        t.fail(`round ${round}, ${key}: ${error ?? single.show(key)} is not ${value}`);
    }
    for (const one of [bench, whole, single]) {
      const leak = one.leak();
      if (leak !== '') t.fail(`round ${round}: ${leak}`);
    }
  }
  t.pass('all came back');
  t.end();
});

/** Value, form, TTL and access clock. */
function describe(bench: Bench, key: string): string {
  const { space } = bench.db;
  const ref = space.find(Bytes.from(key));
  return `${bench.show(key)} ${space.expireAt(ref)} ${space.accessClock(ref)}`;
}

/** Another database with what a file of this one holds. */
function throughFile(from: Bench, limits: Limits, random: () => number): Bench {
  const writer = new RdbFileWriter(new RdbOutput(random() < 0.5));
  const { space } = from.db;
  writer.header(fileVersion([from.db]), []);
  writer.selectDb(0);
  space.table.forEach((ref) => {
    writer.entry(space, ref, 1);
  });
  writer.footer();
  const data = writer.written();
  const to = new Bench(limits);
  const reader = new RdbFileReader([to.db], { size: data.length });
  const chunk = 1 + Math.floor(random() * 100_000);
  for (let at = 0, state = reader.step(1000); state !== FINISHED; state = reader.step(1000)) {
    if (state !== WANTS_DATA) continue;
    const part = data.subarray(at, at + chunk);
    at += part.length;
    reader.push(part, part.length);
  }
  return to;
}
