/**
 * DEBUG DIGEST and DIGEST-VALUE: twenty bytes that two servers have in common when, and practically only when, they hold the same
 * data, in whatever order and encoding. The arithmetic is Redis's, so the digests are too (checked against 7.0.15):
 *
 *   add(x)      digest ^= SHA1(x)                  order does not count: members of sets, pairs of hashes, keys
 *   mix(x)      digest  = SHA1(digest ^ SHA1(x))   order counts: elements of lists, a field before its value
 *
 *   database    mix its number, then add the digests of its keys
 *   own types   add what they give as their parts (own-value.ts)
 *   key         mix the name, the type, the value; add '!!expire!!' when it has a TTL, whatever that is
 *
 * Looks at everything that is kept, also keys that have expired and that nobody has met yet. Never changes anything.
 */
import { createHash } from 'node:crypto';
import type { Database } from '../storage/database.js';
import { HashReader } from '../storage/hash-reader.js';
import { Bytes } from '../storage/memory/bytes.js';
import type { OwnValue } from '../storage/own-value.js';
import { HASH, isOwn, LIST, SET, ZSET } from '../storage/types.js';
import type { Client } from './client.js';
import { doubleDigits } from './double-digits.js';

const SIZE = 20;
const EXPIRES = Buffer.from('!!expire!!');
const FIELD_EXPIRES = Buffer.from('!!hexpire!!');

class Digest {
  readonly bytes = new Uint8Array(SIZE);

  clear(): this {
    this.bytes.fill(0);
    return this;
  }

  add(data: Uint8Array): void {
    const sha = createHash('sha1').update(data).digest();
    for (let i = 0; i < SIZE; i++) this.bytes[i] ^= sha[i];
  }

  mix(data: Uint8Array): void {
    this.add(data);
    this.bytes.set(createHash('sha1').update(this.bytes).digest());
  }

  mixNumber(n: number): void {
    this.mix(Uint8Array.of(n >>> 24, n >>> 16, n >>> 8, n));
  }

  /** Adds what another digest has come to, in turn hashed. */
  addDigest(other: Digest): void {
    this.add(other.bytes);
  }

  toString(): string {
    return Buffer.from(this.bytes).toString('hex');
  }
}

/** O(bytes of all data): meant for tests. */
export function debugDigest(c: Client): void {
  const whole = new Digest();
  for (const db of c.server.databases) {
    if (db.size === 0) continue;
    whole.mixNumber(db.index);
    const one = new Digest();
    const key = new Bytes();
    db.space.table.forEach((entry) => {
      one.clear();
      one.mix(bytesOf(db.space.key(entry, key)));
      mixValue(one, db, entry);
      whole.addDigest(one);
    });
  }
  c.out.simple(whole.toString());
}

/** The digest of each value, without its key's name; zeros where there is no key. */
export function debugDigestValue(c: Client): void {
  c.out.array(c.argc - 2);
  for (let i = 2; i < c.argc; i++) {
    const digest = new Digest();
    const entry = c.db.space.find(c.argv[i]);
    if (entry !== 0) mixValue(digest, c.db, entry);
    c.out.simple(digest.toString());
  }
}

function mixValue(digest: Digest, db: Database, entry: number): void {
  const { space } = db;
  const type = space.type(entry);
  digest.mixNumber(type);
  if (type === LIST) mixList(digest, db, entry);
  else if (type === SET) addSet(digest, db, entry);
  else if (type === ZSET) addSortedSet(digest, db, entry);
  else if (type === HASH) addHash(digest, db, entry);
  else if (isOwn(type)) (space.large(entry) as OwnValue).parts((part) => digest.add(part));
  else digest.mix(bytesOf(db.strings.get(entry)));
  if (space.hasExpire(entry)) digest.add(EXPIRES);
}

function mixList(digest: Digest, db: Database, entry: number): void {
  const list = db.lists.bind(entry);
  list.begin(0);
  while (list.next()) digest.mix(bytesOf(list.item()));
}

function addSet(digest: Digest, db: Database, entry: number): void {
  const set = db.setReader(0).bind(entry);
  set.begin();
  while (set.next()) digest.add(bytesOf(set.member));
}

function addSortedSet(digest: Digest, db: Database, entry: number): void {
  const zset = db.sortedSetView().bind(entry);
  const one = new Digest();
  zset.begin();
  while (zset.next()) {
    one.clear();
    one.mix(bytesOf(zset.member));
    one.mix(Buffer.from(doubleDigits(zset.score)));
    digest.addDigest(one);
  }
}

function addHash(digest: Digest, db: Database, entry: number): void {
  const hash = new HashReader(db.space).bind(entry);
  const one = new Digest();
  hash.begin();
  while (hash.next()) {
    one.clear();
    one.mix(bytesOf(hash.field));
    one.mix(bytesOf(hash.value));
    if (hash.expireAt >= 0) one.add(FIELD_EXPIRES);
    digest.addDigest(one);
  }
}

function bytesOf(view: Bytes): Uint8Array {
  return view.buf.subarray(view.start, view.end);
}
