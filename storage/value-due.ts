/**
 * When time comes to what an entry holds, beside its key: fields of hashes that expire, and values of our own types, in which things
 * happen by themselves. How the keyspace counts them, and how the expiry cycle learns of them. Read next: own-value.ts, expiry.ts.
 */
import type { Keyspace } from './keyspace.js';
import type { Bytes } from './memory/bytes.js';
import type { OwnValue } from './own-value.js';
import { HASH, isOwn, OBJECT } from './types.js';

/** Before this time (ms since the epoch) nothing happens by itself to the value at `ref`; Infinity when nothing does, or it is not ours. */
export function ownDue(space: Keyspace, ref: number): number {
  return isOwn(space.type(ref)) ? (space.large(ref) as OwnValue).due : Number.POSITIVE_INFINITY;
}

/** Something happens by itself at `due` (ms since the epoch) in what `key` holds: the expiry cycle shall come by. O(1) */
export function valueMoved(space: Keyspace, key: Bytes, due: number): void {
  const page = space.table.pageOf(key.hash());
  if (due < page.due) page.due = due;
}

/** A value that may have come with times of its own stands at `ref`, the entry of `key`, now. */
export function adoptValue(space: Keyspace, ref: number, key: Bytes): void {
  if (space.type(ref) !== HASH) return valueMoved(space, key, ownDue(space, ref));
  const due = space.encoding(ref) >= OBJECT ? space.fieldDue(ref) : Number.POSITIVE_INFINITY;
  if (due === Number.POSITIVE_INFINITY) return;
  space.fieldExpires++;
  valueMoved(space, key, due);
}

/** The value at `ref` is about to go, or has come to another entry, which has counted it again. */
export function leaveValue(space: Keyspace, ref: number): void {
  if (space.fieldDue(ref) !== Number.POSITIVE_INFINITY) space.fieldExpires--;
  else if (isOwn(space.type(ref))) space.ownValues.delete(ref);
}
