/** The report: a Markdown page that is the same for the same results, whenever and wherever it is written. Read next: run.ts. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import type { Tally } from './tally.js';

export interface Findings {
  readonly cases: Tally;
  readonly random: Tally;
  /** The version of the real server. */
  readonly server: string;
  readonly commands: number;
  readonly unexercised: readonly string[];
}

export function reportText({ cases, random, server, commands, unexercised }: Findings): string {
  const { matched, total } = cases.sum();
  return `# Compatibility

Written by \`npm run compat\`. Synap and redis-server ${server} get the same commands over raw sockets, and their reply bytes are
compared: ${matched} of ${total} replies are as they should be, ${reasonSum(cases)} of them different on purpose.

## Cases by family

The lines of \`compat-suite/cases/\`, and the keys that each case leaves.

${table(cases)}

## Random commands by family

Valid and slightly wrong commands from \`compat-suite/random/\`, in batches of 200, each with questions about all keys at its end.
\`npm run compat -- --random 200000 --seed 7\` sends more and others.

${table(random)}

## Different on purpose

${cases.sortedReasons.map(([reason, count]) => `- ${reason} (${count})`).join('\n')}

## Commands

${commands - unexercised.length} of the ${commands} commands and sub-commands of Synap occur in a case.${unexercised.length === 0 ? '' : `\nNot yet: ${unexercised.join(', ')}.`}
`;
}

function reasonSum(tally: Tally): number {
  return tally.sortedReasons.reduce((sum, [, count]) => sum + count, 0);
}

function table(tally: Tally): string {
  const rows = tally.names.map((name) => `| ${name} | ${tally.cell(name, '2')} | ${tally.cell(name, '3')} |`);
  return ['| family | RESP2 | RESP3 |', '| --- | --- | --- |', ...rows].join('\n');
}

/** Writes the report where it has changed. */
export function writeReport(file: URL, findings: Findings): void {
  const text = reportText(findings);
  if (!existsSync(file) || readFileSync(file, 'utf8') !== text) writeFileSync(file, text);
}
