/**
 * synap-cli: a client for the terminal, for who has no redis-cli. The same options, the same output.
 *
 *   synap-cli get key            one command                 once()
 *   synap-cli --scan             the keys                    scanKeys()
 *   synap-cli --bigkeys          the biggest of them         big-keys.ts
 *   synap-cli --stat, --latency  what goes on                watching.ts
 *   ... | synap-cli --pipe       requests                    pipe.ts
 *   ... | synap-cli              commands, line by line      lines()
 *   synap-cli                    a terminal                  interactive.ts
 */
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { quoteBytes } from '../../protocol/quoted.js';
import { ReplyError } from '../../protocol/reply-reader.js';
import { bigKeys } from './big-keys.js';
import { commandTable } from './command-table.js';
import { ConnectionFault } from './connection.js';
import { interact } from './interactive.js';
import { type CliOptions, parseOptions, UsageFault, usage } from './options.js';
import { pipe } from './pipe.js';
import type { Format } from './render.js';
import { type Screen, Shell } from './shell.js';
import { showLatency, showStatistics } from './watching.js';

/** What the program runs in. */
export interface Surroundings {
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly input: Readable & { isTTY?: boolean };
  readonly output: Writable & { isTTY?: boolean };
  readonly error: Writable;
  readonly version: string;
}

/** Runs the program. @returns its exit code: 1 when there is no connection, when arguments will not do, or by -e */
export async function main(given: Surroundings): Promise<number> {
  const { output } = given;
  const screen: Screen = {
    out: (text) => void output.write(Buffer.from(text, 'latin1')),
    err: (text) => void given.error.write(text),
  };
  let options: CliOptions;
  try {
    options = parseOptions(given.argv, given.env);
  } catch (e) {
    if (!(e instanceof UsageFault)) throw e;
    screen.err(`${e.message}\n`);
    return 1;
  }
  if (options.ask !== undefined) {
    screen.out(options.ask === 'help' ? usage() : `synap-cli ${given.version}\n`);
    return 0;
  }
  screen.err(options.warning);
  const format: Format = options.format ?? (output.isTTY === true ? 'formatted' : 'raw');
  const shell = new Shell({ options, format, screen, table: commandTable(), now: () => performance.now() });
  const code = await run(shell, options, given, screen, format);
  shell.session.close();
  return code;
}

async function run(
  shell: Shell,
  options: CliOptions,
  given: Surroundings,
  screen: Screen,
  format: Format,
): Promise<number> {
  const { input, output } = given;
  const { scan, bigKeys: big, watch, script, tag } = options;
  const isCommand = options.words.length > 0 || options.lastFromInput || tag !== undefined || script !== undefined;
  const reads = !isCommand && scan === undefined && big === undefined && watch === undefined;
  if (input.isTTY === true && reads && options.pipe === undefined) {
    await interact(shell, { ...given, table: commandTable() });
    return 0;
  }
  shell.session.onPush = (value) => {
    if (shell.sees(value, output.isTTY === true)) shell.show(value, false);
  };
  if (!(await shell.connect())) return 1;
  if (big !== undefined) return unlessGone(bigKeys(shell.session, big, options.interval, screen), screen);
  const pace = { times: options.repeat, interval: options.interval };
  if (watch === 'stat') return showStatistics(shell.session, pace, screen);
  if (watch === 'latency') {
    const now = (): number => performance.now();
    return showLatency(shell.session, pace, format, screen, now);
  }
  if (scan !== undefined) return scanKeys(shell, options, screen, format);
  if (options.pipe !== undefined) return pipe(shell.session, input, screen, options.pipe.timeout);
  if (reads) return lines(shell, input);
  return once(shell, options, input, screen, format);
}

/** One command. A subscription goes on until the connection ends. */
async function once(
  shell: Shell,
  options: CliOptions,
  input: Readable,
  screen: Screen,
  format: Format,
): Promise<number> {
  const words = await wordsOf(options, input);
  if (words === undefined) {
    screen.err('Using -X, but no argument is its tag.\n');
    return 1;
  }
  if (words.length === 0) return 1;
  if (/^[ps]?subscribe$/i.test(words[0]) && format !== 'raw')
    screen.out('Reading messages... (press Ctrl-C to quit)\n');
  const answered = await shell.repeated(words, options.repeat ?? 1);
  if (!answered) return 1;
  if (shell.session.subscribed || words[0].toLowerCase() === 'monitor') await ended(shell);
  return 0;
}

/** The words of the command; undefined when none is the tag of -X. */
async function wordsOf(options: CliOptions, input: Readable): Promise<string[] | undefined> {
  const { words, script, lastFromInput, tag } = options;
  if (script !== undefined) {
    const comma = words.indexOf(',');
    const keys = comma < 0 ? words : words.slice(0, comma);
    return ['EVAL', script, String(keys.length), ...keys, ...(comma < 0 ? [] : words.slice(comma + 1))];
  }
  if (lastFromInput) return [...words, await readAll(input)];
  if (tag === undefined) return [...words];
  const at = words.indexOf(tag);
  return at < 0 ? undefined : words.with(at, await readAll(input));
}

/** @returns the exit code; 1 when the connection has ended, which is told */
async function unlessGone(work: Promise<number>, screen: Screen): Promise<number> {
  try {
    return await work;
  } catch (e) {
    if (!(e instanceof ConnectionFault)) throw e;
    screen.err(`${e.message}\n`);
    return 1;
  }
}

function ended(shell: Shell): Promise<void> {
  return new Promise((resolve) => {
    if (!shell.session.connected) return resolve();
    shell.session.onClose = resolve;
  });
}

async function readAll(input: Readable): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of input) chunks.push(chunk as Uint8Array);
  return Buffer.concat(chunks).toString('latin1');
}

/** Commands of standard input, one a line. */
async function lines(shell: Shell, input: Readable): Promise<number> {
  input.setEncoding('latin1');
  for await (const line of createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY })) {
    if (!(await shell.line(line, false))) break;
    if (!shell.session.connected) return 1;
    if (shell.failed) return 1;
  }
  return 0;
}

/** All keys, by SCAN. */
async function scanKeys(shell: Shell, { scan, interval }: CliOptions, screen: Screen, format: Format): Promise<number> {
  const { pattern, count } = scan!;
  const rest = [
    ...(pattern === undefined ? [] : ['MATCH', pattern]),
    ...(count === undefined ? [] : ['COUNT', String(count)]),
  ];
  let cursor = '0';
  do {
    const reply = await shell.session.call(['SCAN', cursor, ...rest]);
    if (reply instanceof ReplyError || !Array.isArray(reply)) {
      screen.err(`ERROR: ${reply instanceof ReplyError ? reply.text : 'not the reply of SCAN'}\n`);
      return 1;
    }
    const [next, keys] = reply as [Uint8Array, Uint8Array[]];
    for (const key of keys) {
      const text = Buffer.from(key).toString('latin1');
      screen.out(`${format === 'formatted' ? quoteBytes(text) : text}\n`);
    }
    cursor = Buffer.from(next).toString('latin1');
    if (interval > 0) await sleep(interval * 1000);
  } while (cursor !== '0');
  return 0;
}
