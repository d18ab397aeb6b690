/** The table of directives: all rows in the order in which CONFIG GET and CONFIG REWRITE tell them, found by name or older name. */
import { cluster } from './cluster.js';
import { encodings } from './encodings.js';
import { memoryRows } from './memory.js';
import { network } from './network.js';
import { observation } from './observation.js';
import { persistence } from './persistence.js';
import { processRows } from './process.js';
import { replication } from './replication.js';
import type { Row } from './row.js';
import { tls } from './tls.js';

export const DIRECTIVES: readonly Row[] = [
  ...network,
  ...processRows,
  ...memoryRows,
  ...encodings,
  ...observation,
  ...persistence,
  ...replication,
  ...cluster,
  ...tls,
];

/** Every name in lower case, older ones too. */
export const BY_NAME: ReadonlyMap<string, Row> = new Map(
  DIRECTIVES.flatMap((row): [string, Row][] =>
    row.traits.alias === undefined
      ? [[row.name, row]]
      : [
          [row.name, row],
          [row.traits.alias, row],
        ],
  ),
);

/** What old files may still say, with one word behind it; it means nothing to Redis 7 either. */
export const RETIRED: readonly string[] = [
  'list-max-ziplist-entries',
  'list-max-ziplist-value',
  'lua-replicate-commands',
];
