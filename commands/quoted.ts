/** Arguments as MONITOR, the logs and DEBUG show them. */
import { quoteBytes } from '../protocol/quoted.js';
import type { Bytes } from '../storage/memory/bytes.js';

/** `a"b<0>` -> `"a\"b\x00"`. O(bytes) */
export function quoted(bytes: Bytes): string {
  return quoteBytes(bytes.toString());
}
