/**
 * Detached entries: values without a key, in which a command composes its result (SUNIONSTORE, ZRANGESTORE, ...) before it takes the
 * place of the destination, which may be one of its own sources. The views bind to them as to any entry.
 *
 *   createDetached -> view.bind(ref), view.add ... -> attach(space, ref, key)   or   dropDetached(space, ref)
 *
 * Must never outlive the command. Only collections: a string is set, not composed.
 */
import type { Keyspace } from './keyspace.js';
import { Bytes } from './memory/bytes.js';

const NO_KEY = new Bytes();

/**
 * Makes an entry that no key leads to.
 * @param word what the encoding wants: a block or a handle
 */
export function createDetached(space: Keyspace, type: number, encoding: number, word: number): number {
  const ref = space.build(NO_KEY, type, word, 0, -1);
  space.setEncoding(ref, encoding);
  return ref;
}

/** Frees a detached entry and its value. */
export function dropDetached(space: Keyspace, ref: number): void {
  space.dropEntry(ref);
}

/**
 * Puts the value of the detached entry `ref` at `key`, replacing whatever was there, its TTL included.
 * @returns the key's entry; `ref` is gone
 */
export function attach(space: Keyspace, ref: number, key: Bytes): number {
  const type = space.type(ref);
  const encoding = space.encoding(ref);
  const word = space.word(ref);
  const old = space.find(key);
  const made = old === 0 ? space.create(key, type, encoding, word) : space.recreate(old, key, type, encoding, word);
  space.arena.release(ref, space.entryBytes(ref));
  return made;
}
