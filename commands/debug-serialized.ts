/**
 * How many bytes a value takes in a snapshot: the `serializedlength` of DEBUG OBJECT. Only counted, not written (but for our own types), and without
 * compression, so compressible values of more than 20 bytes count as more than in a Redis with `rdbcompression yes`.
 * Source: the RDB format as publicly described (lengths of 1, 2, 5 or 9 bytes, small integers in 2, 3 or 5).
 */
import type { Database } from '../storage/database.js';
import { HashReader } from '../storage/hash-reader.js';
import { intsetBytes } from '../storage/intset.js';
import type { Bytes } from '../storage/memory/bytes.js';
import { packedBytes } from '../storage/memory/packed.js';
import type { Quicklist } from '../storage/quicklist.js';
import { RdbOutput } from '../storage/rdb/output.js';
import { writeValue } from '../storage/rdb/value-writer.js';
import { INTSET, isOwn, LIST, PACKED, PACKED_EX, SET, STRING, ZSET } from '../storage/types.js';
import { parseInteger } from './args.js';

/** Of a score, and of the time at which a field expires. */
const EIGHT_BYTES = 8;

/** Bytes of the value of `entry` in a snapshot, without key and type. O(elements) of a large collection */
export function serializedLength(db: Database, entry: number): number {
  const { space } = db;
  const type = space.type(entry);
  if (type === STRING) return textBytes(db.strings.get(entry));
  if (isOwn(type)) {
    const out = new RdbOutput(false);
    writeValue(out, space, entry);
    return out.pos;
  }
  const encoding = space.encoding(entry);
  if (encoding === INTSET) return blobBytes(intsetBytes(space.arena, space.word(entry)));
  if (encoding === PACKED || encoding === PACKED_EX) {
    const bytes = blobBytes(packedBytes(space.arena, space.word(entry)));
    // A list is always a chain of nodes there; a hash with TTLs begins with the earliest.
    return type === LIST ? bytes + 2 : encoding === PACKED_EX ? bytes + EIGHT_BYTES : bytes;
  }
  if (type === LIST) return listBytes(space.large(entry) as Quicklist);
  if (type === SET) return setBytes(db, entry);
  return type === ZSET ? sortedSetBytes(db, entry) : hashBytes(db, entry);
}

function listBytes(list: Quicklist): number {
  let n = lengthBytes(list.pieces);
  for (let node = list.head; node !== undefined; node = node.next) n += 1 + blobBytes(node.size);
  return n;
}

function setBytes(db: Database, entry: number): number {
  const set = db.setReader(0).bind(entry);
  let n = lengthBytes(set.length);
  set.begin();
  while (set.next()) n += textBytes(set.member);
  return n;
}

function sortedSetBytes(db: Database, entry: number): number {
  const zset = db.sortedSetView().bind(entry);
  let n = lengthBytes(zset.size);
  zset.begin();
  while (zset.next()) n += textBytes(zset.member) + EIGHT_BYTES;
  return n;
}

function hashBytes(db: Database, entry: number): number {
  const hash = new HashReader(db.space).bind(entry);
  let n = lengthBytes(hash.size);
  hash.begin();
  while (hash.next()) {
    n += textBytes(hash.field) + textBytes(hash.value);
    if (hash.expireAt >= 0) n += EIGHT_BYTES;
  }
  return n;
}

/** A string: a small integer has a form of its own. */
function textBytes(text: Bytes): number {
  const { length } = text;
  const value = length <= 11 ? parseInteger(text) : Number.NaN;
  if (value >= -128 && value <= 127) return 2;
  if (value >= -32768 && value <= 32767) return 3;
  if (value >= -2147483648 && value <= 2147483647) return 5;
  return blobBytes(length);
}

function blobBytes(n: number): number {
  return lengthBytes(n) + n;
}

function lengthBytes(n: number): number {
  return n < 64 ? 1 : n < 16384 ? 2 : n <= 0xffffffff ? 5 : 9;
}
