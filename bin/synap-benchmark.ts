#!/usr/bin/env node
/**
 * synap-benchmark: Synap against a real Redis on this machine. `npm run bench -- --help` tells what it can measure.
 *
 * Only what a library must not do stands here: reading argv, signals, the exit code, and killing every process that was started,
 * on every way out. The measurements are in src/benchmark/, beginning with program.ts.
 */
import { Children } from '../src/benchmark/children.js';
import { buildProgram } from '../src/benchmark/program.js';
import { VERSION } from '../src/version.js';

const children = new Children();
process.on('exit', () => children.killAll());
for (const [signal, code] of Object.entries({ SIGHUP: 129, SIGINT: 130, SIGTERM: 143 })) {
  process.on(signal, () => process.exit(code)); // runs the exit handler
}

const terminal = {
  version: VERSION,
  argv: process.argv.slice(2),
  print: (text: string) => void process.stdout.write(text),
  note: (line: string) => void process.stderr.write(`… ${line}\n`),
  children,
};

try {
  await buildProgram(terminal, (whole) => {
    process.exitCode = whole ? 0 : 1;
  }).parseAsync();
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : error}\n`);
  process.exit(1);
}
