/** What may follow what one has typed: names of commands, sub-commands and words of their syntax; and what is still to be typed. */
import type { Argument } from '../../commands/spec/syntax.js';
import { type CommandTable, entryOf, wordsOf } from './command-table.js';
import { argumentText } from './help.js';
import { splitWords } from './words.js';

/** Words that the shell knows itself. */
const OWN = ['help', 'connect', 'clear', 'quit', 'exit'];

/**
 * @param line what stands before the cursor
 * @returns whole lines that begin with it, in the case in which its last word is written
 */
export function completions(table: CommandTable, line: string): string[] {
  const words = splitWords(line);
  if (words === undefined || line.trim() === '') return [];
  const last = /\s$/.test(line) ? '' : words[words.length - 1];
  const before = line.slice(0, line.length - last.length);
  const given = last === '' ? words : words.slice(0, -1);
  const typed = last.toLowerCase();
  const found = given[0]?.toLowerCase() === 'help' ? topics(table, given.slice(1)) : following(table, given);
  const upper = last !== '' && last === last.toUpperCase() && /[A-Z]/.test(last);
  const all = found
    .filter((word) => word.startsWith(typed))
    .map((word) => before + (upper ? word.toUpperCase() : word));
  return [...new Set(all)].sort();
}

function following(table: CommandTable, given: readonly string[]): string[] {
  if (given.length === 0) return [...names(table), ...OWN];
  const entry = entryOf(table, given);
  if (entry === undefined) return [];
  const subs = given.length === 1 ? subNames(table, entry.name) : [];
  return [...subs, ...tokens(entry.tree).map((token) => token.toLowerCase())];
}

function topics(table: CommandTable, given: readonly string[]): string[] {
  if (given.length > 0) return subNames(table, given[0].toLowerCase());
  return [...names(table), ...new Set([...table.values()].map(({ group }) => `@${group}`))];
}

function names(table: CommandTable): string[] {
  return [...table.keys()].filter((name) => !name.includes('|'));
}

function subNames(table: CommandTable, parent: string): string[] {
  return [...table.keys()].flatMap((name) => (name.startsWith(`${parent}|`) ? [name.slice(parent.length + 1)] : []));
}

/** Every word of a syntax that is to be written as it is. */
function tokens(tree: readonly Argument[]): string[] {
  return tree.flatMap(({ token, children }) => [...(token ? [token] : []), ...tokens(children)]);
}

/**
 * The arguments that are still to be typed.
 * @param line the whole line
 * @returns empty when there are none, or when it calls no command
 */
export function hint(table: CommandTable, line: string): string {
  const words = splitWords(line);
  if (words === undefined || words.length === 0) return '';
  const skip = words.length > 1 && /^\d+$/.test(words[0]) ? 1 : 0;
  const entry = entryOf(table, words.slice(skip));
  if (entry === undefined) return '';
  const own = wordsOf(entry).split(' ').length;
  const given = words.slice(skip + own);
  const open = !/\s$/.test(line);
  if (entry.reply === undefined)
    return given.length > 0 ? '' : `${open ? ' ' : ''}${subNames(table, entry.name).join('|')}`;
  // A word that is being typed is not hinted at any more.
  const rest = remaining(entry.tree, given);
  const text = rest.map(argumentText).join(' ');
  return text === '' ? '' : `${open ? ' ' : ''}${text}`;
}

/** The arguments of `tree` that `given` has not filled: what the last word has begun, then the rest. Options may come in any order. */
function remaining(tree: readonly Argument[], given: readonly string[]): Argument[] {
  const left = new Set(tree);
  const begun: Argument[] = [];
  let at = 0;
  for (let before = -1; at > before; ) {
    before = at;
    for (const argument of tree) {
      if (!left.has(argument)) continue;
      const later = required(tree.slice(tree.indexOf(argument) + 1));
      const [used, last] = uses(argument, given, at, later);
      if (used === 0) continue;
      at += used;
      left.delete(argument);
      if (at === given.length) begun.push(...missing(argument, given.slice(last)));
      if (argument.multiple && at === given.length) begun.push({ ...argument, optional: true });
    }
  }
  return [...begun, ...left];
}

/** What is missing of an argument of which `given` are the words. */
function missing(argument: Argument, given: readonly string[]): Argument[] {
  const { token, type, children } = argument;
  if (type === 'pure-token') return [];
  const words = token === undefined ? given : given.slice(1);
  if (type === 'block') return remaining(children, words);
  if (words.length === 0) return [{ ...argument, token: undefined, optional: false, multiple: false }];
  const chosen = type === 'oneof' ? children.find((child) => usesOnce(child, words, 0) > 0) : undefined;
  return chosen === undefined ? [] : missing(chosen, words);
}

/** How many words the arguments need at least. */
function required(tree: readonly Argument[]): number {
  return tree.reduce((sum, argument) => sum + (argument.optional ? 0 : width(argument)), 0);
}

function width(argument: Argument): number {
  const token = argument.token !== undefined && argument.type !== 'pure-token' ? 1 : 0;
  if (argument.type === 'oneof') return token + Math.min(...argument.children.map(width));
  return token + (argument.type === 'block' ? required(argument.children) : 1);
}

/** How many words from `at` on are this argument's, and where its last repetition begins; `later` are needed by those behind it. */
function uses(argument: Argument, given: readonly string[], at: number, later: number): [used: number, last: number] {
  let [used, last] = [usesOnce(argument, given, at), at];
  while (used > 0 && argument.multiple && at + used < given.length - later) {
    const more = usesOnce(argument, given, at + used);
    if (more === 0) break;
    last = at + used;
    used += more;
  }
  return [used, last];
}

function usesOnce(argument: Argument, given: readonly string[], at: number): number {
  const { token, type, children, optional } = argument;
  if (at >= given.length) return 0;
  const word = given[at].toUpperCase();
  if (type === 'pure-token') return word === token ? 1 : 0;
  if (token !== undefined && word !== token) return 0;
  const start = token === undefined ? 0 : 1;
  if (type === 'oneof') {
    for (const child of children) {
      const used = usesOnce(child, given, at + start);
      if (used > 0) return start + used;
    }
    return start;
  }
  if (type !== 'block') return start + (at + start < given.length || token === undefined ? 1 : 0);
  let used = start;
  for (const child of children) used += usesOnce(child, given, at + used);
  // An optional group without a word of its own is told from what follows by its first word only.
  return optional && used === 0 ? 0 : used;
}
