/**
 * A report: what was measured where and by which command line, then sections of tables and notes; as text, Markdown or JSON.
 * Must never show a figure without the machine it comes from. Next: machine.ts.
 */
import { type Machine, machineLines } from './machine.js';
import { markdownTable, type Table, terminalTable } from './table.js';

export interface Section {
  readonly heading: string;
  readonly tables: readonly Table[];
  readonly notes: readonly string[];
  /** Everything that was measured, for JSON. */
  readonly data: unknown;
  /** What could not be measured: the executable's exit code is 1 when there is any. */
  readonly failures: readonly string[];
}

/** Folds a line at blanks so that none is longer than `width`; the lines after the first are indented by two. */
function fold(line: string, width: number): string {
  const lines: string[] = [];
  let current = '';
  for (const word of line.split(' ')) {
    if (current.length + word.length + 1 > width && current.trim() !== '') {
      lines.push(current);
      current = ' ';
    }
    current += (current === '' ? '' : ' ') + word;
  }
  return [...lines, current].join('\n');
}

export function terminalReport(machine: Machine, section: Section): string {
  const head = machineLines(machine).join('\n');
  const tables = section.tables.map((table) => `\n${terminalTable(table)}`).join('');
  const notes = section.notes.map((note) => fold(note, 120)).join('\n');
  return `${section.heading}\n\n${head}\n${tables}\n${notes}\n`;
}

export function markdownReport(machine: Machine, section: Section): string {
  const tables = section.tables.map((table) => `${markdownTable(table)}\n`).join('');
  const lines = [...section.notes, ...machineLines(machine)].map((line) => `- ${line}`);
  return `### ${section.heading}\n\n${tables}${lines.join('\n')}\n`;
}

export function jsonReport(machine: Machine, section: Section): string {
  const { heading, data, failures, notes } = section;
  return `${JSON.stringify({ heading, machine, data, failures, notes }, null, 2)}\n`;
}
