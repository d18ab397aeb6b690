/**
 * INFO: picks sections and writes their lines.
 *
 *   # Clients            the section's title
 *   connected_clients:1  name:value, in the order of the section's table (info-*.ts)
 *                        an empty line between sections
 *
 * `default` is what no argument gives, `all` adds what is long, `everything` adds what modules would tell. Words that name no section
 * say nothing (Redis 7.0).
 */
import type { Client } from './client.js';
import { commandstats, errorstats, keyspace, latencystats } from './info-lists.js';
import { cpu, memory } from './info-memory.js';
import { persistence } from './info-persistence.js';
import { clients, replication, server as serverSection } from './info-server.js';
import { stats } from './info-stats.js';
import type { Server } from './server.js';

/** A line: its name, and its value; undefined leaves it out. */
export type Field = readonly [name: string, value: (server: Server) => string | number | undefined];

interface Section {
  readonly title: string;
  /** Whether it is part of what INFO tells when nothing is asked for. */
  readonly usual: boolean;
  /** The lines, each with its line break. */
  readonly lines: (server: Server) => string;
}

/** In Redis's order. */
const SECTIONS: readonly Section[] = [
  { title: 'Server', usual: true, lines: table(serverSection) },
  { title: 'Clients', usual: true, lines: table(clients) },
  { title: 'Memory', usual: true, lines: table(memory) },
  { title: 'Persistence', usual: true, lines: table(persistence) },
  { title: 'Stats', usual: true, lines: table(stats) },
  { title: 'Replication', usual: true, lines: table(replication) },
  { title: 'CPU', usual: true, lines: table(cpu) },
  { title: 'Modules', usual: true, lines: table([]) },
  { title: 'Commandstats', usual: false, lines: commandstats },
  { title: 'Errorstats', usual: true, lines: errorstats },
  { title: 'Latencystats', usual: false, lines: latencystats },
  { title: 'Cluster', usual: true, lines: table([['cluster_enabled', () => 0]]) },
  { title: 'Keyspace', usual: true, lines: keyspace },
];

function table(fields: readonly Field[]): (server: Server) => string {
  return (server) => {
    let text = '';
    for (const [name, read] of fields) {
      const value = read(server);
      if (value !== undefined) text += `${name}:${value}\r\n`;
    }
    return text;
  };
}

export function info(c: Client): void {
  const words = new Set<string>();
  for (let i = 1; i < c.argc; i++) words.add(c.argv[i].toString().toLowerCase());
  c.out.verbatim('txt', infoText(c.server, words));
}

/** @param words sections in lower case, `default`, `all`, `everything`; none: `default` */
export function infoText(server: Server, words: ReadonlySet<string>): string {
  const all = words.has('all') || words.has('everything');
  const usual = words.size === 0 || words.has('default');
  const chosen = SECTIONS.filter(
    (section) => all || (usual && section.usual) || words.has(section.title.toLowerCase()),
  );
  return chosen.map((section) => `# ${section.title}\r\n${section.lines(server)}`).join('\r\n');
}
