/**
 * Prefetching for pipelines: before the commands of a long input run, the memory of all their keys is asked for at once. Only where the
 * table has outgrown the processor's caches; elsewhere it would cost more than it saves.
 */
import type { RequestDecoder } from '../../protocol/request.js';
import { hashBytes } from '../../storage/memory/bytes.js';
import type { Table } from '../../storage/memory/table.js';

/** Commands that are looked at together. */
const AHEAD = 32;
/** Keys from which on it pays. */
const LARGE = 1 << 20;

const bounds = new Int32Array(2 * AHEAD);
const hashes = new Int32Array(AHEAD);
const refs = new Int32Array(AHEAD);
/** What prefetching came to: kept so that it is not optimised away. */
const sink = new Int32Array(1);

/** Prefetches for the next commands in `decoder`. @returns how many commands that covers: run these before the next call */
export function warm(decoder: RequestDecoder, table: Table): number {
  if (table.size < LARGE) return AHEAD;
  const n = decoder.ahead(bounds);
  const { input } = decoder;
  for (let i = 0; i < n; i++) hashes[i] = hashBytes(input, bounds[2 * i], bounds[2 * i + 1]);
  sink[0] ^= table.prefetch(hashes, refs, n);
  return n;
}
