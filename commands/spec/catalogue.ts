/**
 * All entries of some families by name: what the registry, COMMAND, ACL and the gateway look things up in. Not a list of the
 * families itself (that is all.ts), so that tests and embedders can make their own.
 */
import type { Entry, Family } from './family.js';

/**
 * Every command, sub-command and container of `families` by name (`get`, `config|get`, `config`), in the order of the families.
 * Throws when two carry one name. O(entries).
 */
export function catalogue(families: readonly Family<string>[]): ReadonlyMap<string, Entry> {
  const all = new Map<string, Entry>();
  for (const family of families)
    for (const entry of [...family.containers, ...family.names.map((name) => family.entries[name])]) {
      if (all.has(entry.name)) throw new Error(`${entry.name}: declared twice`);
      all.set(entry.name, entry);
    }
  return all;
}
