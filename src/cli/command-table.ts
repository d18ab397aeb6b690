/** The command table as synap-cli needs it: which command words call, what its reply is like, and how its syntax is written. */
import { FAMILIES } from '../../commands/spec/all.js';
import { catalogue } from '../../commands/spec/catalogue.js';
import type { Entry } from '../../commands/spec/family.js';
import type { ReplyType } from '../../commands/spec/reply.js';

export type CommandTable = ReadonlyMap<string, Entry>;

export function commandTable(): CommandTable {
  return catalogue(FAMILIES);
}

/** The entry that `words` call, a sub-command's where there is one; undefined when they call none. */
export function entryOf(table: CommandTable, words: readonly string[]): Entry | undefined {
  const name = (words[0] ?? '').toLowerCase();
  return table.get(`${name}|${(words[1] ?? '').toLowerCase()}`) ?? table.get(name);
}

/** Whether the reply is text for people (INFO), which is shown as it is. */
export function isVerbatim(entry: Entry | undefined): boolean {
  return entry?.reply !== undefined && has(entry.reply);
}

function has(reply: ReplyType): boolean {
  return reply.type === 'verbatim' || ('of' in reply && reply.of.some(has));
}

/** The words of a command: `CONFIG GET`. */
export function wordsOf({ name }: Entry): string {
  return name.toUpperCase().replace('|', ' ');
}
