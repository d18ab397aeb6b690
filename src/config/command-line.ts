/**
 * redis-server's command line: `[file | -] [--directive word... ]...`. What it says is made into lines of a configuration file, so that
 * quoting and errors are one for both; they come behind the file's, and later wins.
 */
import { quoteWord } from './words.js';

export interface CommandLine {
  /** What is asked for: to run, or only to be told something. */
  readonly wish: 'run' | 'version' | 'help' | 'check-system' | 'test-memory' | 'sentinel';
  readonly file: string | undefined;
  /** Whether lines come from standard input, behind the file's. */
  readonly stdin: boolean;
  /** Lines for the directives, '' when there are none. */
  readonly lines: string;
}

const WISHES: Readonly<Record<string, CommandLine['wish']>> = {
  '-v': 'version',
  '--version': 'version',
  '-h': 'help',
  '--help': 'help',
  '--check-system': 'check-system',
  '--test-memory': 'test-memory',
  '--sentinel': 'sentinel',
};

/** @param argv what stands behind the program's name */
export function commandLine(argv: readonly string[]): CommandLine {
  const wish =
    argv.length === 1 || argv[0] === '--test-memory' || argv[0] === '--sentinel' ? WISHES[argv[0]] : undefined;
  if (wish !== undefined) return { wish, file: undefined, stdin: false, lines: '' };
  const rest = [...argv];
  const file = rest.length > 0 && !rest[0].startsWith('-') ? rest.shift() : undefined;
  const stdin = rest[0] === '-' || rest.at(-1) === '-';
  if (rest[0] === '-') rest.shift();
  else if (stdin) rest.pop();
  return { wish: 'run', file, stdin, lines: directiveLines(rest) };
}

/** A word behind a directive's name is its value even when it begins with `--`; but `--save --port 1` means an empty save. */
function directiveLines(words: readonly string[]): string {
  let lines = '';
  let named = false;
  for (const [i, word] of words.entries()) {
    if (named || !word.startsWith('--')) {
      lines += `${latin1Quoted(word)} `;
      named = false;
      continue;
    }
    if (lines !== '') lines += '\n';
    lines += `${word.slice(2)} `;
    named = !/\s/.test(word.trim());
    const next = words[i + 1];
    if (!named || word.toLowerCase() !== '--save' || (next !== undefined && !next.startsWith('--'))) continue;
    lines += '""';
    named = false;
  }
  return lines;
}

/** Arguments come as UTF-8, lines are one character a byte. */
function latin1Quoted(word: string): string {
  return quoteWord(Buffer.from(word).toString('latin1'));
}
