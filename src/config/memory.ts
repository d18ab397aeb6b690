/** Directives of memory: eviction, expiry, freeing. Rows: see row.ts. */
import type { SynapServer } from '../server.js';
import { INT_MAX, LONG_MAX, ULONG_MAX } from './figures.js';
import { only, type Row, row } from './row.js';
import { choice, integer, memory, yesNo } from './scalars.js';

const LAZY = 'large values are always freed in slices, never at once';
const DEFRAG = 'memory is not defragmented';
const DEFRAG_REFUSED =
  'Active defragmentation cannot be enabled: blocks of a few sizes are used again instead, and only no is possible';

function evictionChanged(server: SynapServer): void {
  server.eviction.configure();
}

export const memoryRows: readonly Row[] = [
  row('maxmemory', memory(0, ULONG_MAX), { changed: evictionChanged }),
  row(
    'maxmemory-policy',
    choice(
      'volatile-lru',
      'volatile-lfu',
      'volatile-random',
      'volatile-ttl',
      'allkeys-lru',
      'allkeys-lfu',
      'allkeys-random',
      'noeviction',
    ),
    { changed: evictionChanged },
  ),
  row('maxmemory-samples', integer(1, INT_MAX)),
  row('maxmemory-eviction-tenacity', integer(0, 100)),
  row('lfu-log-factor', integer(0, INT_MAX), { changed: evictionChanged }),
  row('lfu-decay-time', integer(0, INT_MAX), { changed: evictionChanged }),
  row('active-expire-effort', integer(1, 10), { without: 'what is due is deleted in slices until nothing is left' }),
  row('lazyfree-lazy-eviction', yesNo, { without: LAZY }),
  row('lazyfree-lazy-expire', yesNo, { without: LAZY }),
  row('lazyfree-lazy-server-del', yesNo, { without: LAZY }),
  row('lazyfree-lazy-user-del', yesNo, { without: LAZY }),
  row('lazyfree-lazy-user-flush', yesNo, { without: LAZY }),
  row('activerehashing', yesNo, { without: 'tables grow by single pages: there is nothing to rehash at leisure' }),
  row('activedefrag', yesNo, { refuse: only(false, DEFRAG_REFUSED) }),
  row('active-defrag-ignore-bytes', memory(1, LONG_MAX), { without: DEFRAG }),
  row('active-defrag-threshold-lower', integer(0, 1000), { without: DEFRAG }),
  row('active-defrag-threshold-upper', integer(0, 1000), { without: DEFRAG }),
  row('active-defrag-cycle-min', integer(1, 99), { without: DEFRAG }),
  row('active-defrag-cycle-max', integer(1, 99), { without: DEFRAG }),
  row('active-defrag-max-scan-fields', integer(1, LONG_MAX), { without: DEFRAG }),
  row('sanitize-dump-payload', choice('no', 'yes', 'clients'), {
    without: 'every payload and file is checked to the last element',
  }),
];
