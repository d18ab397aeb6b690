/** HELP of any container: its sub-commands as their specs tell them. */
import type { Client } from './client.js';
import type { Command } from './command.js';

/** Replies with two lines for each sub-command of the command's container, HELP last, as Redis arranges them. */
export function help(c: Client): void {
  const self = c.command!;
  const container = self.parent!;
  const subs = [...container.subcommands!.values()].filter((sub) => sub !== self);
  c.out.array(3 + 2 * subs.length);
  c.out.simple(`${container.name.toUpperCase()} <subcommand> [<arg> [value] [opt] ...]. Subcommands are:`);
  for (const sub of [...subs, self]) {
    c.out.simple(usage(sub));
    c.out.simple(`    ${sub.spec.summary}`);
  }
}

/** `ENCODING key`: the syntax without the types that a spec gives its words. */
function usage(sub: Command): string {
  return `${sub.word.toUpperCase()} ${sub.spec.syntax.replace(/:[a-z0-9-]+/g, '')}`.trimEnd();
}
