/** FieldExpiry: how the keyspace reaches hashes whose fields expire one by one, without knowing them. Done by hash-expiry.ts. */
import type { Bytes } from './memory/bytes.js';

/** What the keyspace asks. */
export interface FieldExpiry {
  /** No field of the hash at entry `ref` expires before this time (ms since the epoch); Infinity when none expires. */
  due(ref: number): number;
  /** Deletes about `limit` expired fields, telling the keyspace's listener of each. @returns how many they were */
  reap(ref: number, key: Bytes, limit: number): number;
  /** Number of fields that are kept. */
  count(ref: number): number;
}
