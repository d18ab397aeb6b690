/**
 * KeyspaceListener: what a keyspace tells its owner by itself, whatever command was the occasion. A listener must not ask the keyspace
 * anything: it is told in the middle of a look-up. Told by keyspace.ts, database.ts and expiry.ts.
 */
import type { Keyspace } from './keyspace.js';
import type { Bytes } from './memory/bytes.js';
import type { OwnValue } from './own-value.js';

/** What the keyspace tells its owner. `key` and `field` hold only during the call. */
export interface KeyspaceListener {
  expired(space: Keyspace, key: Bytes): void;
  /** `key` came into being; only while `tellsNew`. */
  created?(space: Keyspace, key: Bytes): void;
  /** A command looked for `key` in vain; only while `tellsMisses`. */
  missed?(space: Keyspace, key: Bytes): void;
  /** A field of the hash at `key` has expired and is about to go. */
  fieldExpired?(space: Keyspace, key: Bytes, field: Bytes): void;
  /** `count` fields of the hash at `key`, each told before, are gone; and, when `emptied`, the key with them. */
  fieldsExpired?(space: Keyspace, key: Bytes, count: number, emptied: boolean): void;
  /**
   * Time has come to the value of our own type at `key`: `value.due` has passed. What happens now is the owner's to decide, to do and to
   * tell, a bounded part of it; `value.due` is later afterwards, or this is told again. The key stays. This listener may look things up.
   */
  valueDue?(space: Keyspace, key: Bytes, value: OwnValue): void;
}
