/**
 * The operations of the endpoint by name: those with a payload and a result of their own, and for every command of the table one that is
 * derived from it, `{family}.{command}` with the properties of its arguments (properties.ts) and its reply as JSON:
 *
 *   string.getdel, kv.getdel   {"key"}                   hash.hsetnx      {"key", "field", "value"}
 *   queue.dlq.list             {"queue" or "key"}        server.config_get {"parameter"}
 */
import { toWords } from '../arguments.js';
import { type Command, plainName } from '../commands.js';
import { toJson } from '../json-value.js';
import { bitmapOperations } from './bitmap.js';
import { geospatialOperations } from './geospatial.js';
import { hashOperations } from './hash.js';
import { infoOperations } from './info.js';
import { keyOperations } from './key.js';
import { kvOperations } from './kv.js';
import { listOperations } from './list.js';
import { type Operation, type Single, single } from './operation.js';
import { pubsubOperations } from './pubsub.js';
import { queueOperations } from './queue.js';
import { scriptOperations } from './script.js';
import { setOperations } from './set.js';
import { sortedSetOperations } from './sorted-set.js';
import { streamOperations } from './stream.js';

/** Those with a payload and a result of their own. */
export const OPERATIONS: ReadonlyMap<string, Operation> = new Map(
  [
    kvOperations,
    keyOperations,
    hashOperations,
    listOperations,
    setOperations,
    sortedSetOperations,
    bitmapOperations,
    geospatialOperations,
    queueOperations,
    streamOperations,
    pubsubOperations,
    scriptOperations,
    infoOperations,
  ].flatMap((some) => Object.entries<Operation>(some)),
);

/** Other names of groups of commands. */
const FAMILIES: Readonly<Record<string, readonly string[]>> = {
  string: ['kv'],
  generic: ['key', 'kv'],
  'sorted-set': ['sortedset', 'zset'],
  geo: ['geospatial'],
  scripting: ['script'],
  connection: ['client'],
};

/** Groups whose commands have the group's name for their key, too. */
const NAMED = new Set(['queue', 'topic']);

/** Every operation by its name, with the derived ones of `commands`. */
export function operationMap(commands: ReadonlyMap<string, Command>): ReadonlyMap<string, Operation> {
  const all = new Map<string, Operation>();
  for (const command of commands.values()) {
    const operation = derived(command);
    for (const name of namesOf(command)) all.set(name, operation);
  }
  for (const [name, operation] of OPERATIONS) all.set(name, operation);
  return all;
}

function namesOf({ entry: { name, group } }: Command): string[] {
  const plain = [plainName(name)];
  // `queue.dlq.list` has its family in its name.
  if (name.startsWith(`${group}.`)) plain.push(name.slice(group.length + 1), plainName(name.slice(group.length + 1)));
  return [group, ...(FAMILIES[group] ?? [])].flatMap((family) => plain.map((one) => `${family}.${one}`));
}

function derived({ entry, words, properties }: Command): Single {
  const own = NAMED.has(entry.group) ? entry.group : undefined;
  return single((p) => {
    const key = own !== undefined && p.has(own) ? { key: p.raw(own) } : {};
    return [...words, ...toWords(properties, { ...p.rest(), ...key })];
  }, toJson);
}
