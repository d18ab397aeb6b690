/**
 * A table of words, written for a terminal or as Markdown. The first column is a name and stands left, the others are figures
 * and stand right. Knows nothing about what the cells mean. Next: report.ts, which puts tables into a page.
 */

export interface Table {
  readonly columns: readonly string[];
  /** Each row has as many cells as there are columns; a row with fewer ends early (a failure's text may take the second cell). */
  readonly rows: readonly (readonly string[])[];
}

function widths(table: Table): number[] {
  const result = table.columns.map((title) => title.length);
  for (const row of table.rows) {
    if (row.length < table.columns.length) continue; // an early end may be long: it runs over the columns after it
    for (let i = 0; i < row.length; i++) result[i] = Math.max(result[i], row[i].length);
  }
  for (const row of table.rows) result[0] = Math.max(result[0], row[0].length);
  return result;
}

/** The table for a terminal: columns padded with spaces, a rule of dashes below the titles, no space at the end of a line. */
export function terminalTable(table: Table): string {
  const width = widths(table);
  const line = (cells: readonly string[]): string => {
    const short = cells.length < table.columns.length;
    const pad = (cell: string, i: number) => (i === 0 || short ? cell.padEnd(width[i]) : cell.padStart(width[i]));
    return cells.map(pad).join('  ').trimEnd();
  };
  const rule = width.map((w) => '-'.repeat(w)).join('  ');
  return `${[line(table.columns), rule, ...table.rows.map(line)].join('\n')}\n`;
}

/** The table as Markdown; a pipe inside a cell is escaped, a row that ends early is filled with empty cells. */
export function markdownTable(table: Table): string {
  const line = (cells: readonly string[]): string => {
    const full = table.columns.map((_, i) => (cells[i] ?? '').replaceAll('|', '\\|'));
    return `| ${full.join(' | ')} |`;
  };
  const rule = `| ${table.columns.map((_, i) => (i === 0 ? '---' : '---:')).join(' | ')} |`;
  return `${[line(table.columns), rule, ...table.rows.map(line)].join('\n')}\n`;
}
