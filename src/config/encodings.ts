/** Directives that say up to which size a value is stored compactly: fields of storage/limits.ts. Rows: see row.ts. */
import { COMPRESSION_MIN } from '../../storage/compression.js';
import { INT_MAX, INT_MIN, LONG_MAX } from './figures.js';
import { type Row, row } from './row.js';
import { integer, memory } from './scalars.js';

const count = integer(0, LONG_MAX);
const bytes = memory(0, LONG_MAX);

/** Of the thresholds that are none, only 0 means something: no string that short is ever compressed. */
function compressesNothing(threshold: number): string | undefined {
  if (threshold === 0 || threshold >= COMPRESSION_MIN) return undefined;
  return `Strings of less than ${COMPRESSION_MIN} bytes cannot be compressed: give 0 to compress none, or ${COMPRESSION_MIN} or more`;
}

export const encodings: readonly Row[] = [
  row('hash-max-listpack-entries', count, { alias: 'hash-max-ziplist-entries' }),
  row('hash-max-listpack-value', bytes, { alias: 'hash-max-ziplist-value' }),
  row('list-max-listpack-size', integer(INT_MIN, INT_MAX), { alias: 'list-max-ziplist-size' }),
  row('list-compress-depth', integer(0, INT_MAX), { without: 'nodes of lists are not compressed' }),
  row('set-max-intset-entries', count),
  row('set-max-listpack-entries', count),
  row('set-max-listpack-value', bytes),
  row('zset-max-listpack-entries', count, { alias: 'zset-max-ziplist-entries' }),
  row('zset-max-listpack-value', bytes, { alias: 'zset-max-ziplist-value' }),
  row('stream-node-max-bytes', bytes, { without: 'there are no streams yet' }),
  row('stream-node-max-entries', count, { without: 'there are no streams yet' }),
  row('hll-sparse-max-bytes', bytes, { without: 'there are no HyperLogLogs yet' }),
  row('value-compression-threshold', bytes, { refuse: compressesNothing }),
];
