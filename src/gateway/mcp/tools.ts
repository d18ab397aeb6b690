/** The list of tools: what the table names and what is more than one command, without what is not here or not allowed. */
import type { Access } from '../access.js';
import type { Command } from '../commands.js';
import { commandsOf, rowTool } from './row-tool.js';
import { ROWS } from './rows.js';
import type { Tool } from './tool.js';
import { commandTool, INFO, SCAN, transactionTool } from './whole-tools.js';

/**
 * The tools by name.
 * @param access what it refuses is not listed
 */
export function toolList(commands: ReadonlyMap<string, Command>, access: Access): ReadonlyMap<string, Tool> {
  const found = (name: string): Command | undefined => {
    const command = commands.get(name);
    return command !== undefined && access.admits(command) ? command : undefined;
  };
  const tools = ROWS.flatMap((row) => {
    const its = commandsOf(row).flatMap(([choice, name]) => {
      const command = found(name);
      return command === undefined ? [] : [[choice, command] as const];
    });
    return its.length < commandsOf(row).length ? [] : [rowTool(row, new Map(its))];
  });
  if (found('scan') !== undefined) tools.push(SCAN);
  // INFO has no key, so that limits on keys leave nothing of it.
  if (found('info') !== undefined && access.limits.prefixes === undefined) tools.push(INFO);
  const { readOnly } = access.limits;
  tools.push(commandTool(readOnly === true), transactionTool(readOnly === true));
  return new Map(tools.map((tool) => [tool.name, tool]));
}
