/** The naive model that hashes are tested against, beside a keyspace whose arena checks every block. */
import { reapFields } from '../../storage/expiry.js';
import { Hash } from '../../storage/hash.js';
import { NO_FIELD } from '../../storage/hash-reader.js';
import { Keyspace } from '../../storage/keyspace.js';
import { Limits } from '../../storage/limits.js';
import { CheckedArena } from '../../storage/memory/arena.js';
import { Bytes } from '../../storage/memory/bytes.js';
import { KEEP_TTL } from '../../storage/string.js';

export interface Field {
  value: string;
  at: number;
}

type Model = Map<string, Map<string, Field>>;

const NOTABLE = [
  '',
  '0',
  '-0',
  '007',
  ' 1',
  '1 ',
  '127',
  '128',
  '-4096',
  '-4097',
  '4095',
  '32767',
  '-32768',
  '8388607',
];
NOTABLE.push(
  '-8388609',
  '2147483647',
  '-2147483649',
  '9007199254740993',
  '9223372036854775807',
  '-9223372036854775808',
);
NOTABLE.push('9223372036854775808', '\0\xff\r\n', 'x'.repeat(63), 'x'.repeat(64), 'x'.repeat(65));

function text(random: () => number): string {
  const kind = random();
  if (kind < 0.3) return NOTABLE[Math.floor(random() * NOTABLE.length)];
  if (kind < 0.32) return 'long'.repeat(1250);
  if (kind < 0.323) return 'huge'.repeat(25_000);
  return String(Math.floor(random() * 1e6));
}

export function limits(entries: number, value: number): Limits {
  const made = new Limits();
  made.hashMaxListpackEntries = entries;
  made.hashMaxListpackValue = value;
  return made;
}

/** What of the hash at `key` has not expired, by field. */
function living(model: Model, key: string, now: number): Map<string, Field> {
  return new Map([...(model.get(key) ?? [])].filter(([, f]) => f.at < 0 || f.at > now));
}

/** A keyspace with hashes beside the model of it. */
export class Bench {
  readonly arena = new CheckedArena();
  readonly model: Model = new Map();
  readonly told = new Map<string, string[]>();
  readonly emptied: string[] = [];
  readonly space: Keyspace;
  readonly hash: Hash;

  constructor(
    readonly random: () => number,
    bounds: Limits,
  ) {
    this.space = new Keyspace(
      {
        expired: () => {},
        fieldExpired: (_, key, field) => this.gone(key.toString(), field.toString()),
        fieldsExpired: (_, key, count, emptied) => this.allGone(key.toString(), count, emptied),
      },
      this.arena,
    );
    this.space.now = 1_700_000_000_000;
    this.hash = new Hash(this.space, bounds);
  }

  private gone(name: string, field: string): void {
    const gone = this.model.get(name)?.get(field);
    this.expect(gone !== undefined && gone.at >= 0 && gone.at <= this.space.now, `${field} has expired`);
    this.model.get(name)!.delete(field);
    this.told.set(name, [...(this.told.get(name) ?? []), field]);
  }

  private allGone(name: string, count: number, emptied: boolean): void {
    this.expect(this.told.get(name)?.length === count, 'as many fields as were told');
    this.told.delete(name);
    if (!emptied) return;
    this.emptied.push(name);
    this.expect(this.model.get(name)!.size === 0, `${name} is empty`);
    this.model.delete(name);
  }

  /** The hash at `name`, made if it must be. */
  at(name: string): Hash {
    const key = Bytes.from(name);
    let entry = this.space.find(key);
    if (entry !== 0) entry = reapFields(this.space, entry, key, 8);
    if (entry !== 0) return this.hash.bind(entry);
    this.space.find(key);
    this.hash.create(key);
    this.model.set(name, new Map());
    return this.hash;
  }

  drop(name: string): void {
    this.space.delete(Bytes.from(name));
    this.model.delete(name);
  }

  expect(ok: boolean, what: string): void {
    if (!ok) throw new Error(what);
  }

  /** One change of one field, in the hash and in the model. */
  change(name: string): void {
    const { random, space } = this;
    const hash = this.at(name);
    const fields = this.model.get(name)!;
    const field = text(random).slice(0, 300);
    const old = living(this.model, name, space.now).get(field);
    const dice = random();
    if (dice < 0.55) {
      const kind = random();
      const when = kind < 0.5 ? -1 : kind < 0.7 ? KEEP_TTL : space.now + 1 + Math.floor(random() * 3000);
      const value = text(random);
      this.expect(
        hash.set(Bytes.from(field), Bytes.from(value), when) === (old === undefined),
        'set tells what is new',
      );
      fields.set(field, { value, at: when === KEEP_TTL ? (old?.at ?? -1) : when });
    } else if (dice < 0.75) {
      this.expect(hash.delete(Bytes.from(field)) === (old !== undefined), 'delete tells what there was');
      if (old !== undefined) fields.delete(field);
    } else {
      const when = random() < 0.3 ? -1 : space.now + 1 + Math.floor(random() * 3000);
      this.expect(hash.setExpiry(Bytes.from(field), when) === (old !== undefined), 'setExpiry tells what there was');
      if (old !== undefined) old.at = when;
    }
    if (hash.size === 0) this.drop(name);
  }

  /** Every way of reading agrees with the model. */
  check(name: string): void {
    const { random, space } = this;
    const fields = living(this.model, name, space.now);
    const entry = space.find(Bytes.from(name));
    if (entry === 0) return this.expect(!this.model.has(name), `${name} is there`);
    const hash = this.hash.bind(entry);
    this.expect(hash.living === fields.size, 'as many live');
    this.expect(hash.size === this.model.get(name)!.size, 'as many are kept');
    const some = [...fields.keys(), text(random)];
    const field = some[Math.floor(random() * some.length)];
    const found = fields.get(field);
    this.expect(hash.get(Bytes.from(field))?.toString() === found?.value, `value of ${field}`);
    this.expect(hash.has(Bytes.from(field)) === (found !== undefined), `existence of ${field}`);
    this.expect(hash.expiry(Bytes.from(field)) === (found?.at ?? NO_FIELD), `expiry of ${field}`);
    hash.begin();
    this.same(this.rest(hash), fields, 'iteration');
    this.checkChance(hash, fields);
    const seen = new Map<string, Field>();
    let cursor = 0;
    do {
      cursor = hash.scan(cursor, 1 + Math.floor(random() * 20));
      for (const [k, f] of this.rest(hash)) seen.set(k, f);
    } while (cursor !== 0);
    this.same(seen, fields, 'scan');
  }

  private checkChance(hash: Hash, fields: Map<string, Field>): void {
    const { random } = this;
    this.expect(hash.pick(random) === fields.size > 0, 'a pick finds something if there is something');
    if (fields.size > 0) this.expect(fields.get(hash.field.toString())?.value === hash.value.toString(), 'pick');
    const count = Math.floor(random() * (fields.size + 2));
    hash.sample(count, random);
    const sample = this.rest(hash);
    this.expect(sample.size === Math.min(count, fields.size), 'a sample has the right size');
    for (const [k, f] of sample) this.expect(fields.get(k)?.value === f.value, 'a sample is part of the whole');
  }

  private rest(hash: Hash): Map<string, Field> {
    const seen = new Map<string, Field>();
    while (hash.next()) {
      this.expect(!seen.has(hash.field.toString()), 'no field comes twice');
      seen.set(hash.field.toString(), { value: hash.value.toString(), at: hash.expireAt });
    }
    return seen;
  }

  private same(got: Map<string, Field>, want: Map<string, Field>, what: string): void {
    this.expect(got.size === want.size, `${what}: as many fields`);
    for (const [k, f] of want) this.expect(got.get(k)?.value === f.value && got.get(k)?.at === f.at, `${what}: ${k}`);
  }

  get lasting(): number {
    return [...this.model.values()].filter((fields) => [...fields.values()].some((f) => f.at >= 0)).length;
  }
}
