/** The command table as the gateway sees it: entries with the properties of their arguments, found by name or by words. */
import { FAMILIES } from '../../commands/spec/all.js';
import { catalogue } from '../../commands/spec/catalogue.js';
import type { Entry } from '../../commands/spec/family.js';
import type { Word } from './link.js';
import { type Property, properties } from './properties.js';

/** A command with the names of its arguments. */
export interface Command {
  readonly entry: Entry;
  /** Its words: `['CONFIG', 'GET']`. */
  readonly words: readonly string[];
  readonly properties: readonly Property[];
}

/** All commands by name (`get`, `config|get`), without containers. */
export function commandMap(): ReadonlyMap<string, Command> {
  const all = new Map<string, Command>();
  for (const [name, entry] of catalogue(FAMILIES)) {
    if (entry.reply === undefined) continue;
    all.set(name, { entry, words: name.toUpperCase().split('|'), properties: properties(entry.tree) });
  }
  return all;
}

/** Text of a word, for comparing it with names. */
export function wordText(word: Word): string {
  return typeof word === 'string' ? word : Buffer.from(word.buffer, word.byteOffset, word.length).toString('latin1');
}

/** The command that `argv` calls; undefined when there is none. */
export function commandOf(all: ReadonlyMap<string, Command>, argv: readonly Word[]): Command | undefined {
  const first = wordText(argv[0] ?? '').toLowerCase();
  if (argv.length > 1) {
    const sub = all.get(`${first}|${wordText(argv[1]).toLowerCase()}`);
    if (sub !== undefined) return sub;
  }
  return all.get(first);
}

/** The name of a command in URLs and tools: `config_get`, `queue_dlq_list`. */
export function plainName(name: string): string {
  return name.replace(/[|.-]/g, '_');
}
