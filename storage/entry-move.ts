/**
 * What happens to whole entries, whatever is in them: another name (RENAME), and one at random (RANDOMKEY). Must never look into a
 * collection: its block or handle only changes hands. Copies are Database.copy's.
 */
import type { Keyspace } from './keyspace.js';
import { Bytes, copyBytes } from './memory/bytes.js';
import { STRING } from './types.js';
import { leaveValue } from './value-due.js';

const VIEW = new Bytes();
/** So many expired keys are reaped on the way to one that lives. */
const TRIES = 100;

/**
 * Gives the entry of `from` the key `to`, in place of whatever is there; its TTL and access clock go with it. O(1), but for the
 * length of a short string.
 * @param from a key that exists and is not `to`
 * @returns the entry, which has moved
 */
export function renameEntry(space: Keyspace, from: Bytes, to: Bytes): number {
  const replaced = space.find(to);
  if (replaced !== 0) space.removeFound(replaced);
  const old = space.find(from);
  space.table.remove();
  space.find(to); // leaves the place for `create`
  const isShort = space.type(old) === STRING && !space.isBig(old);
  const word = space.word(old);
  const at = space.expireAt(old);
  leaveValue(space, old);
  const made = space.create(to, space.type(old), space.encoding(old), word, isShort ? word : 0, at, space.isBig(old));
  if (isShort) {
    const source = space.key(old, VIEW);
    const { buf, end } = source;
    const target = space.key(made, VIEW);
    copyBytes(target.buf, target.end, buf, end, word);
  }
  space.setAccessClock(made, space.accessClock(old));
  if (at >= 0) space.expires--; // as with the fields
  space.arena.release(old, space.entryBytes(old));
  return made;
}

/** Whether the entry has outlived its TTL, but nobody has met it yet. */
export function isExpired(space: Keyspace, ref: number): boolean {
  return space.hasExpire(ref) && space.expireAt(ref) <= space.now;
}

/**
 * An entry at random that has not expired, 0 when there is none; expired ones that come first are deleted. Nearly uniform, as
 * Table.random is. Expected O(1).
 */
export function randomEntry(space: Keyspace): number {
  for (let tries = 0; ; tries++) {
    const ref = space.table.random(space.random);
    if (ref === 0 || !isExpired(space, ref) || (!space.reaping && tries === TRIES)) return ref;
    space.find(space.key(ref, VIEW).copy());
  }
}
