/**
 * The numbers of the RDB format: versions, opcodes and the types of values. One place for who writes and who reads.
 *
 *   file    "REDIS" version  AUX...  [ SELECTDB n  RESIZEDB keys expires  entry ... ] ...  EOF  checksum
 *   entry   [ EXPIRETIME_MS at ] [ IDLE | FREQ ]  type  key  value
 *
 * Source: the format as publicly described (rdb_file_format, Redis 2.6 to 7.4), checked against files of redis-server 7.0.15.
 */

/** What Redis 7.0 writes, and every later one reads. */
export const BASE_VERSION = 10;
/** Redis 7.4: the first in which a field of a hash may have a time to live. */
export const FIELD_EXPIRY_VERSION = 12;
/** The last version that is read. */
export const LAST_VERSION = 12;

// ---- types of values --------------------------------------------------------------------------------------------------------------
export const STRING_VALUE = 0;
export const LIST_ELEMENTS = 1;
export const SET_MEMBERS = 2;
/** Scores as text. */
export const ZSET_TEXT = 3;
export const HASH_FIELDS = 4;
/** Scores as eight bytes. */
export const ZSET_DOUBLES = 5;
export const MODULE_1 = 6;
export const MODULE_2 = 7;
export const HASH_ZIPMAP = 9;
export const LIST_ZIPLIST = 10;
export const SET_INTSET = 11;
export const ZSET_ZIPLIST = 12;
export const HASH_ZIPLIST = 13;
/** A list as a chain of ziplists. */
export const LIST_ZIPLISTS = 14;
export const STREAM_1 = 15;
export const HASH_LISTPACK = 16;
export const ZSET_LISTPACK = 17;
/** A list as a chain of listpacks and plain elements. */
export const LIST_NODES = 18;
export const STREAM_2 = 19;
export const SET_LISTPACK = 20;
export const STREAM_3 = 21;
/** Fields with their expiry, as release candidates of Redis 7.4 wrote them: absolute times, no earliest in front. */
export const HASH_EXPIRING_EARLY = 22;
export const HASH_TRIPLETS_EARLY = 23;
/** The earliest expiry, the count; each field preceded by its expiry, counted from the earliest. */
export const HASH_EXPIRING = 24;
/** The earliest expiry, then a listpack of triplets. */
export const HASH_TRIPLETS = 25;

// ---- opcodes: what stands in the place of a type -----------------------------------------------------------------------------------
export const SLOT_INFO = 0xf4;
export const FUNCTION_LIBRARY = 0xf5;
/** As release candidates of Redis 7.0 wrote it. */
export const FUNCTION_EARLY = 0xf6;
export const MODULE_AUX = 0xf7;
export const IDLE = 0xf8;
export const FREQ = 0xf9;
export const AUX = 0xfa;
export const RESIZE_DB = 0xfb;
export const EXPIRE_MS = 0xfc;
export const EXPIRE_SECONDS = 0xfd;
export const SELECT_DB = 0xfe;
export const END = 0xff;

// ---- lengths and strings ------------------------------------------------------------------------------------------------------------
/** First byte of a length of 32 bits, and of one of 64. */
export const LENGTH_32 = 0x80;
export const LENGTH_64 = 0x81;
/** First byte of a string that is an integer of 8, 16 or 32 bits, and of a compressed one. */
export const INT_8 = 0xc0;
export const INT_16 = 0xc1;
export const INT_32 = 0xc2;
export const COMPRESSED_STRING = 0xc3;
/** Shorter strings (bytes) are never compressed. */
export const COMPRESS_FROM = 21;
/** An integer of 32 bits has at most so many digits with its sign. */
export const INT_DIGITS = 11;
/** Kinds of nodes of LIST_NODES. */
export const PLAIN_NODE = 1;
export const PACKED_NODE = 2;
