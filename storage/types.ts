/**
 * The types of values and the encodings they are kept in. The numbers of the types are those of Redis's object types, 5 (modules) and 7
 * stand for our own; both fit three bits of an entry's meta word (keyspace.ts).
 */
export const STRING = 0;
export const LIST = 1;
export const SET = 2;
export const ZSET = 3;
export const HASH = 4;
/** Types that Redis does not have (own-value.ts): always with the encoding OBJECT. */
export const QUEUE = 5;
export const STREAM = 6;
export const TOPIC = 7;

/** Whether values of `type` are OwnValues. */
export function isOwn(type: number): boolean {
  return type === QUEUE || type === TOPIC;
}

/** TYPE's word for each type. */
export const TYPE_NAMES: readonly string[] = ['string', 'list', 'set', 'zset', 'hash', 'queue', 'stream', 'topic'];

// Encodings of strings: what OBJECT ENCODING says follows from the content unless a command forced another form.
/** int, embstr or raw by content and length. */
export const NATURAL = 0;
/** Written to by APPEND, SETRANGE: raw, whatever it holds. */
export const RAW = 1;
/** The result of a computation: embstr or raw by length, never int. */
export const NOT_INT = 2;
/** Kept as an LZ4 block (compression.ts), and always raw to the outside. No collection may have an encoding with this bit. */
export const COMPRESSED = 4;

// Encodings of collections.
/** One listpack: the entry's word is its block. */
export const PACKED = 0;
/** A sorted array of integers in one block (sets). */
export const INTSET = 1;
/** A JavaScript object behind a handle: quicklist, hashtable, skiplist. */
export const OBJECT = 2;
/** A listpack of triplets with field expiry (hashes): OBJECT ENCODING says listpackex. */
export const PACKED_EX = 3;
