#!/usr/bin/env node
/** synap-check: looks at a data directory, or at one of its files, and repairs it when told. The work is done in src/persistence/check.ts. */
import { Check, UNREADABLE } from '../src/persistence/check.js';
import { DISK } from '../src/persistence/files.js';
import { VERSION } from '../src/version.js';

const HELP = `Usage: synap-check [--fix] PATH

PATH is a data directory, or one file: an RDB, a segment of the log, an append only file of
Redis, a manifest. It is loaded as a server would load it, which needs as much memory.

--fix cuts what is torn or damaged, after saying where, and what is lost. Stop the server, and
copy the directory, before.

Exit code: 0 whole (or repaired), 1 torn at its end (a start cuts that by itself, unless
aof-load-truncated is no), 2 damaged (a start refuses it), 3 it cannot be read, or no PATH.
`;

const words = process.argv.slice(2);
const paths = words.filter((word) => !word.startsWith('--'));
const options = words.filter((word) => word.startsWith('--'));
if (options.includes('--help')) process.stdout.write(HELP);
else if (options.includes('--version')) process.stdout.write(`synap-check ${VERSION}\n`);
else if (paths.length !== 1 || options.some((option) => option !== '--fix')) {
  process.stderr.write(HELP);
  process.exitCode = UNREADABLE;
} else {
  const check = new Check(DISK, (line) => process.stdout.write(`${line}\n`), options.includes('--fix'));
  process.exitCode = await check.run(paths[0]);
}
