#!/usr/bin/env node
/** A client for the terminal. Everything stands in src/cli. */
import { main } from '../src/cli/program.js';
import { VERSION } from '../src/version.js';

const { stdin: input, stdout: output, stderr: error, argv, env } = process;
// Who reads the output may have gone (`| head`).
output.on('error', () => process.exit(0));
process.exitCode = await main({ argv: argv.slice(2), env, input, output, error, version: VERSION });
input.destroy();
