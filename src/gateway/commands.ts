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
  /** Whether other commands begin with its name, as COMMAND DOCS does with COMMAND. */
  readonly isContainer: boolean;
}

/** All commands by name (`get`, `config|get`), without containers. */
export function commandMap(): ReadonlyMap<string, Command> {
  const all = new Map<string, Command>();
  const entries = [...catalogue(FAMILIES)];
  const containers = new Set(
    entries.flatMap(([name]) => (name.includes('|') ? [name.slice(0, name.indexOf('|'))] : [])),
  );
  for (const [name, entry] of entries) {
    if (entry.reply === undefined) continue;
    const words = name.toUpperCase().split('|');
    all.set(name, { entry, words, properties: properties(entry.tree), isContainer: containers.has(name) });
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
  const own = all.get(first);
  if (argv.length < 2 || own?.isContainer === false) return own;
  return all.get(`${first}|${wordText(argv[1]).toLowerCase()}`) ?? own;
}

/** The name of a command in URLs and tools: `config_get`, `queue_dlq_list`. */
export function plainName(name: string): string {
  return name.replace(/[|.-]/g, '_');
}
