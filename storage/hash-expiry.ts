/**
 * HashExpiry: what the keyspace asks of hashes whose fields expire one by one (Keyspace.fields). Works on entries and needs no
 * view, so that nothing happens to the one that a command may be holding.
 *
 * Deletes fields, never the key: storage/expiry.ts does, with the last of them. Read next: expiry.ts, hash.ts.
 */
import type { FieldExpiry } from './field-expiry.js';
import { PAIR, TRIPLET, tripletExpiry, tripletsDue } from './hash-packed.js';
import type { FieldGone, HashTable } from './hash-table.js';
import type { Keyspace } from './keyspace.js';
import { GRANULE_MASK, SEGMENT_BITS } from './memory/arena.js';
import { Bytes } from './memory/bytes.js';
import { LP_HEADER, lpAtEnd, lpGet, lpNext } from './memory/listpack.js';
import { packedGap, packedLength } from './memory/packed.js';
import { OBJECT, PACKED_EX } from './types.js';

const KEY = new Bytes();

/**
 * Tells the keyspace that the hash at `entry` has changed when its fields expire: the first of them did at `before`, and now does
 * at `due` (ms since the epoch, Infinity: none does). O(1)
 */
export function fieldsMoved(space: Keyspace, entry: number, before: number, due: number): void {
  if (before === due) return;
  if (before === Number.POSITIVE_INFINITY) space.fieldExpires++;
  else if (due === Number.POSITIVE_INFINITY) space.fieldExpires--;
  if (due > before) return;
  const page = space.table.pageOf(space.key(entry, KEY).hash());
  if (due < page.due) page.due = due;
}

export class HashExpiry implements FieldExpiry {
  private readonly space: Keyspace;
  private readonly field = new Bytes();
  private readonly digits = new Uint8Array(24);
  /** The key whose fields are being deleted. */
  private readonly key = new Bytes();
  private readonly gone: FieldGone;

  constructor(space: Keyspace) {
    this.space = space;
    this.gone = (field) => space.listener.fieldExpired?.(space, this.key, field);
  }

  due(entry: number): number {
    const { space } = this;
    const encoding = space.encoding(entry);
    if (encoding === OBJECT) return (space.large(entry) as HashTable).due;
    return encoding === PACKED_EX ? tripletsDue(space.arena, space.word(entry)) : Number.POSITIVE_INFINITY;
  }

  count(entry: number): number {
    const { space } = this;
    const encoding = space.encoding(entry);
    if (encoding === OBJECT) return (space.large(entry) as HashTable).table.size;
    return packedLength(space.arena, space.word(entry)) / (encoding === PACKED_EX ? TRIPLET : PAIR);
  }

  reap(entry: number, key: Bytes, limit: number): number {
    const { space } = this;
    const encoding = space.encoding(entry);
    this.key.assign(key);
    let count = 0;
    if (encoding === OBJECT) count = (space.large(entry) as HashTable).reap(space.now, limit, this.gone);
    else if (encoding === PACKED_EX) count = this.reapTriplets(entry, limit);
    if (count > 0 && this.due(entry) === Number.POSITIVE_INFINITY) space.fieldExpires--;
    return count;
  }

  /** The expired ones stand in front: cuts them off at once. */
  private reapTriplets(entry: number, limit: number): number {
    const { space } = this;
    const ref = space.word(entry);
    const u8 = space.arena.u8[ref >>> SEGMENT_BITS];
    const at = (ref & GRANULE_MASK) << 4;
    let count = 0;
    let p = LP_HEADER;
    while (count < limit && !lpAtEnd(u8, at, p)) {
      const when = tripletExpiry(u8, at, p);
      if (when < 0 || when > space.now) break;
      this.gone(lpGet(u8, at, p, this.field, this.digits));
      p = lpNext(u8, at, lpNext(u8, at, lpNext(u8, at, p)));
      count++;
    }
    if (count > 0) space.setWord(entry, packedGap(space.arena, ref, LP_HEADER, p - LP_HEADER, 0, -count * TRIPLET));
    return count;
  }
}
