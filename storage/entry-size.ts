/** What a key costs: the blocks of an entry and its value as they were given out. Never counts what is shared by all keys. */
import type { Keyspace } from './keyspace.js';
import { blockBytes } from './memory/arena.js';
import { OBJECT, STRING } from './types.js';

/** A key's share of the table, and of the list of large values. */
const SLOT_BYTES = 8;
const HANDLE_BYTES = 8;

/**
 * All bytes of the entry `ref`: key, value, slot of the table.
 * @param samples pieces of a value of many of which the rest is estimated; 0: count all. O(samples), or O(pieces)
 */
export function entryTotalBytes(space: Keyspace, ref: number, samples: number): number {
  const n = blockBytes(space.entryBytes(ref)) + SLOT_BYTES;
  const collection = space.type(ref) !== STRING;
  if (space.isBig(ref) || (collection && space.encoding(ref) === OBJECT)) {
    const large = space.large(ref);
    return n + HANDLE_BYTES + (large.sampledBytes?.(samples) ?? large.bytes);
  }
  return collection ? n + blockBytes(space.packedBlockBytes(ref)) : n;
}
