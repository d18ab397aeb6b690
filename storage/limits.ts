/**
 * Limits: the configuration which storage engines read, as plain mutable numbers, with Redis 7.2's defaults. An engine holds a
 * reference to the server's one Limits and reads a field at the moment of its decision, so CONFIG SET takes effect at the
 * next write; values that were encoded before a change keep their encoding until they are written to.
 *
 * Never add behaviour here, nor anything that an engine does not read. Directive names are the fields' in kebab case
 * (`hash-max-listpack-entries`); bounds and aliases stand in src/config/encodings.ts and src/config/memory.ts.
 */
export class Limits {
  /** A hash stays one listpack while it has at most this many fields (Redis 7.0 and 7.2: 512; the documents often say 128). */
  hashMaxListpackEntries = 512;
  /** … and while no field or value is longer than this many bytes. */
  hashMaxListpackValue = 64;
  /** Size of a list's node: positive = entries, -1 to -5 = 4, 8, 16, 32, 64 KiB. */
  listMaxListpackSize = -2;
  /** A list element of this many bytes or more has a node of its own (DEBUG QUICKLIST-PACKED-THRESHOLD). */
  listPackedThreshold = 1 << 30;
  /** A set of integers stays an intset while it has at most this many members. */
  setMaxIntsetEntries = 512;
  /** A set stays one listpack while it has at most this many members (since 7.2). */
  setMaxListpackEntries = 128;
  /** … and while no member is longer than this many bytes. */
  setMaxListpackValue = 64;
  /** A sorted set stays one listpack while it has at most this many members. */
  zsetMaxListpackEntries = 128;
  /** … and while no member is longer than this many bytes. */
  zsetMaxListpackValue = 64;
  /** Bytes that a stream's node may grow to; 0 = no limit. */
  streamNodeMaxBytes = 4096;
  /** Entries that a stream's node may hold; 0 = no limit. */
  streamNodeMaxEntries = 100;
  /** Bytes up to which a HyperLogLog stays sparse. */
  hllSparseMaxBytes = 3000;
  /** A string of this many bytes or more is kept compressed where that saves an eighth; 0 = none is. Not one of Redis's. */
  valueCompressionThreshold = 0;
  /** The larger, the more accesses an LFU counter needs to saturate (10: about a million). */
  lfuLogFactor = 10;
  /** Minutes after which an idle key's LFU counter drops by one; 0 = never. */
  lfuDecayTime = 1;
}
