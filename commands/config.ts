/** The CONFIG family: looks at directives and changes them. What they are stands in src/config/. */
import type { Client } from './client.js';
import type { Handlers } from './command.js';
import { SYNTAX } from './error.js';
import { help } from './help.js';
import type { config } from './spec/config.js';

export const handlers: Handlers<typeof config> = {
  'config|get': get,
  'config|help': help,
  'config|resetstat': resetStatistics,
  'config|rewrite': rewrite,
  'config|set': set,
};

function words(c: Client): string[] {
  const list: string[] = [];
  for (let i = 2; i < c.argc; i++) list.push(c.argv[i].toString());
  return list;
}

function get(c: Client): void {
  const pairs = c.server.configuration.get(words(c));
  c.out.map(pairs.length);
  for (const [name, value] of pairs) {
    c.out.bulkText(name);
    c.out.bulkText(value);
  }
}

function set(c: Client): void {
  if (c.argc % 2 !== 0) throw SYNTAX;
  c.server.configuration.set(words(c), c);
  c.out.ok();
}

function rewrite(c: Client): void {
  c.server.configuration.rewrite();
  c.out.ok();
}

function resetStatistics(c: Client): void {
  const { stats, commands } = c.server;
  stats.reset();
  for (const command of commands.byName.values()) command.resetStats();
  c.out.ok();
}
