/** HELP of any container: its sub-commands as their specs tell them. */
import type { Client } from './client.js';
import type { Command } from './command.js';

/**
 * Replies with two lines for each sub-command of the command's container, HELP last, as Redis arranges them. A container that is a
 * command itself (COMMAND) comes first, as `(no subcommand)`.
 */
export function help(c: Client): void {
  const self = c.command!;
  const container = self.parent!;
  const subs = [...container.subcommands!.values()].filter((sub) => sub !== self);
  const lines = [`${container.name.toUpperCase()} <subcommand> [<arg> [value] [opt] ...]. Subcommands are:`];
  if (container.entry.reply !== undefined) lines.push('(no subcommand)', `    ${container.spec.summary}`);
  for (const sub of [...subs, self]) lines.push(usage(sub), `    ${sub.spec.summary}`);
  c.out.array(lines.length);
  for (const line of lines) c.out.simple(line);
}

/** `ENCODING <key>`: the syntax without the types that a spec gives its words, with its groups in round brackets. */
function usage(sub: Command): string {
  const syntax = sub.spec.syntax
    .replace(/:[a-z0-9-]+/g, '')
    .replace(/</g, '(')
    .replace(/>/g, ')')
    .replace(/[a-z][a-z0-9_-]*/g, '<$&>');
  return `${sub.word.toUpperCase()} ${syntax}`.trimEnd();
}
