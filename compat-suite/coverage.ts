/**
 * Which commands the cases send, against what a server says it has. Must never be told by hand: the list is the server's COMMAND
 * LIST, the commands sent are read from the lines. Read next: run.ts.
 */
import type { Case } from './case.js';
import { Connection } from './wire/connection.js';
import { bulkText, elements } from './wire/reply-frame.js';

/** The names in COMMAND LIST that Redis may know and, as `config|get`, in COMMAND INFO, lower case and sorted; [] when the server has no COMMAND LIST. */
export async function commandList(port: number): Promise<string[]> {
  const connection = await Connection.open(port);
  const names = elements(await connection.ask(['COMMAND', 'LIST'])).map((name) => bulkText(name).toLowerCase());
  const infos = names.length === 0 ? [] : elements(await connection.ask(['COMMAND', 'INFO', ...names]));
  connection.close();
  const subs = infos.flatMap((info) => elements(elements(info)[9] ?? '').map((sub) => bulkText(elements(sub)[0])));
  // What has a dot in its name is our own: there is nothing to compare it with.
  return [...new Set([...names, ...subs])].filter((name) => !name.includes('.')).sort();
}

/** Those of `names` that no line of the cases sends. A container counts when one of its sub-commands does. */
export function unexercised(names: readonly string[], cases: readonly Case[]): string[] {
  const sent = new Set<string>();
  for (const { steps } of cases)
    for (const { words } of steps) {
      const name = (words[0] ?? '').toLowerCase();
      sent.add(name);
      if (words.length > 1) sent.add(`${name}|${words[1].toLowerCase()}`);
    }
  return names.filter((name) => !sent.has(name));
}
