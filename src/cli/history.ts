/**
 * The history of lines, in a file that only its owner can read: `~/.synapcli_history`, or SYNAPCLI_HISTFILE. Lines that hold a
 * secret are kept nowhere.
 */
import { appendFileSync, chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { splitWords } from './words.js';

/** Lines that are kept. */
export const LINES_MAX = 1000;

/** Directives whose values are secrets. */
const SECRET_DIRECTIVES = /^(requirepass|masterauth|masteruser|tls-.*-pass)$/;

/** Whether a line holds a secret: AUTH, HELLO ... AUTH, CONFIG SET requirepass, ACL SETUSER, MIGRATE ... AUTH. */
export function isSecret(line: string): boolean {
  // A line with a quote that does not end is sent nowhere, but its words were typed.
  const all = (splitWords(line) ?? line.trim().split(/\s+/)).map((word) => word.toLowerCase());
  const words = /^-?\d+$/.test(all[0] ?? '') ? all.slice(1) : all;
  const [name, sub] = words;
  if (name === 'auth') return true;
  if (name === 'acl') return sub === 'setuser' || sub === 'deluser';
  if (name === 'config') return sub === 'set' && words.some((word, i) => i >= 2 && SECRET_DIRECTIVES.test(word));
  if (name === 'hello') return words.includes('auth');
  return name === 'migrate' && words.some((word) => word === 'auth' || word === 'auth2');
}

/** Where the history is kept; undefined: nowhere. */
export function historyFile(env: Readonly<Record<string, string | undefined>>): string | undefined {
  const { SYNAPCLI_HISTFILE: named } = env;
  if (named === '/dev/null' || named === '') return undefined;
  return named ?? join(env.HOME ?? homedir(), '.synapcli_history');
}

/** The lines of a file, the oldest first; none when it cannot be read. A file that has grown is cut. */
export function readHistory(file: string): string[] {
  let all: string[];
  try {
    all = readFileSync(file, 'utf8')
      .split('\n')
      .filter((line) => line !== '');
  } catch {
    return [];
  }
  const last = all.slice(-LINES_MAX);
  if (all.length > 2 * LINES_MAX) tryTo(() => writeFileSync(file, `${last.join('\n')}\n`, { mode: 0o600 }));
  return last;
}

/** Adds a line, unless it holds a secret. A file that cannot be written is no reason to stop. */
export function keepLine(file: string, line: string): void {
  if (isSecret(line)) return;
  tryTo(() => {
    appendFileSync(file, `${line}\n`, { mode: 0o600 });
    chmodSync(file, 0o600);
  });
}

function tryTo(work: () => void): void {
  try {
    work();
  } catch {
    // Nobody's history is worth an error in the middle of work.
  }
}
