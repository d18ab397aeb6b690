/**
 * COMMAND DOCS: what commands do and which arguments they take, as maps. The structure is Redis 7.2's, the sentences are ours; all
 * of it is read from the specs. Where a field has nothing to tell it is left out, so the sizes of maps vary.
 */
import type { Client } from './client.js';
import type { Command } from './command.js';
import { type DocsArgument, docsArguments } from './spec/derive.js';

/** Without names: all commands, each with its sub-commands. A name that is unknown is passed over. */
export function commandDocs(c: Client): void {
  const { out } = c;
  const { commands } = c.server;
  if (c.argc === 2) {
    out.map(commands.count);
    for (const command of commands.byName.values()) if (command.parent === undefined) docs(c, command);
    return;
  }
  const mark = out.defer();
  let n = 0;
  for (let i = 2; i < c.argc; i++) {
    const command = commands.byName.get(c.argv[i].toString().toLowerCase());
    if (command === undefined) continue;
    docs(c, command);
    n++;
  }
  out.endMap(mark, n);
}

/** The name and its map. */
function docs(c: Client, command: Command): void {
  const { out } = c;
  const { spec, entry } = command;
  out.bulkText(command.name);
  const mark = out.defer();
  let n = 4;
  text(c, 'summary', spec.summary);
  text(c, 'since', spec.since);
  text(c, 'group', entry.group);
  text(c, 'complexity', spec.complexity);
  if (spec.deprecated !== undefined) {
    out.bulkText('doc_flags');
    words(c, ['deprecated']);
    text(c, 'deprecated_since', spec.deprecated);
    text(c, 'replaced_by', spec.replacedBy!);
    n += 3;
  }
  if (spec.history !== undefined) {
    history(c, spec.history);
    n++;
  }
  const args = docsArguments(entry.tree, entry.keys, spec.history);
  if (args.length > 0) {
    argumentList(c, args);
    n++;
  }
  if (command.subcommands !== undefined) {
    out.bulkText('subcommands');
    out.map(command.subcommands.size);
    for (const sub of command.subcommands.values()) docs(c, sub);
    n++;
  }
  out.endMap(mark, n);
}

/** Pairs of a version and what it changed. */
function history(c: Client, lines: readonly string[]): void {
  const { out } = c;
  out.bulkText('history');
  out.set(lines.length);
  for (const line of lines) {
    const blank = line.indexOf(' ');
    out.array(2);
    out.bulkText(line.slice(0, blank));
    out.bulkText(line.slice(blank + 1));
  }
}

function argumentList(c: Client, args: readonly DocsArgument[]): void {
  c.out.bulkText('arguments');
  c.out.array(args.length);
  for (const argument of args) argumentDocs(c, argument);
}

function argumentDocs(c: Client, argument: DocsArgument): void {
  const { out } = c;
  const mark = out.defer();
  let n = 2;
  text(c, 'name', argument.name);
  text(c, 'type', argument.type);
  // Since 7.2: how the argument is called in a syntax line. Groups are not shown, so they have none.
  if (argument.type !== 'oneof' && argument.type !== 'block') n += text(c, 'display_text', argument.name);
  if (argument.keySpecIndex !== undefined) {
    out.bulkText('key_spec_index');
    out.int(argument.keySpecIndex);
    n++;
  }
  if (argument.token !== undefined) n += text(c, 'token', argument.token);
  if (argument.since !== undefined) n += text(c, 'since', argument.since);
  if (argument.flags.length > 0) {
    out.bulkText('flags');
    words(c, argument.flags);
    n++;
  }
  if (argument.arguments.length > 0) {
    argumentList(c, argument.arguments);
    n++;
  }
  out.endMap(mark, n);
}

/** A pair of name and text; returns 1, for counting. */
function text(c: Client, name: string, value: string): number {
  c.out.bulkText(name);
  c.out.bulkText(value);
  return 1;
}

function words(c: Client, list: readonly string[]): void {
  c.out.set(list.length);
  for (const word of list) c.out.simple(word);
}
