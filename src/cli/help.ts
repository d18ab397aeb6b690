/** `help`: a command's syntax, summary and version, or the commands of a group, from the command table. */
import type { Entry } from '../../commands/spec/family.js';
import type { Argument } from '../../commands/spec/syntax.js';
import { type CommandTable, wordsOf } from './command-table.js';

/**
 * What `help`, `help GET`, `help CONFIG GET` or `help @hash` shows.
 * @param topic the words behind `help`
 */
export function help(table: CommandTable, topic: readonly string[]): string {
  if (topic.length === 0) return general(table);
  const all = [...table.values()].filter((entry) => entry.reply !== undefined);
  if (topic[0].startsWith('@')) {
    const group = topic[0].slice(1).toLowerCase();
    return all
      .filter((entry) => entry.group === group)
      .map((entry) => page(entry, false))
      .join('');
  }
  const name = topic.join(' ').toUpperCase();
  return all
    .filter((entry) => wordsOf(entry) === name || wordsOf(entry).startsWith(`${name} `))
    .map((entry) => page(entry, true))
    .join('')
    .concat('\n');
}

function general(table: CommandTable): string {
  const groups = [...new Set([...table.values()].map((entry) => `@${entry.group}`))];
  return [
    'help <command>   tells about a command, also about a part of its name: help config',
    `help @<group>    tells the commands of a group: ${groups.join(' ')}`,
    '<number> <command> calls it so often; connect <host> <port>; clear; quit',
    '',
  ].join('\n');
}

function page(entry: Entry, whole: boolean): string {
  const lines = [
    `  ${wordsOf(entry)} ${syntaxText(entry.tree)}`.trimEnd(),
    `  summary: ${entry.spec.summary}`,
    `  since: ${entry.spec.since}`,
  ];
  if (whole) lines.push(`  group: ${entry.group}`);
  return `\n${lines.join('\n')}\n`;
}

/** Arguments as they are written: `key value [NX|XX] [EX seconds]`. */
export function syntaxText(tree: readonly Argument[]): string {
  return tree.map((argument) => argumentText(argument)).join(' ');
}

/** One argument as it is written. */
export function argumentText(argument: Argument): string {
  const { optional, multiple, token, multipleToken } = argument;
  const body = bodyText(argument);
  let text = token === undefined || argument.type === 'pure-token' ? body : `${token === '' ? '""' : token} ${body}`;
  if (multiple) text = `${text} [${multipleToken ? text : body} ...]`;
  return optional ? `[${text}]` : text;
}

function bodyText({ type, name, token, children, optional }: Argument): string {
  if (type === 'pure-token') return token === '' ? '""' : token!;
  if (type === 'oneof') {
    const text = children.map(argumentText).join('|');
    return optional ? text : `<${text}>`;
  }
  return type === 'block' ? syntaxText(children) : name;
}
