/**
 * Reads the text of configuration (a file, standard input, the command line) into Settings, line by line; later lines win. Four
 * directives are no settings and stand here: include, rename-command, and those that name what is not there (user, loadmodule).
 *
 * The first line that will not do ends it, as in Redis: `FatalConfigError` says which and why.
 */
import type { Settings } from '../../commands/settings.js';
import { ConfigError } from './kind.js';
import type { Row } from './row.js';
import { readValue } from './store.js';
import type { Surroundings } from './surroundings.js';
import { BY_NAME, RETIRED } from './table.js';
import { splitWords } from './words.js';

const BAD_DIRECTIVE = 'Bad directive or wrong number of arguments';

/** Commands of Redis which may be missing here. */
const NOT_YET: ReadonlySet<string> = new Set(
  'acl asking bgrewriteaof bgsave cluster debug dump eval evalsha failover fcall function lastsave migrate module monitor psync readonly readwrite replconf replicaof restore save script slaveof sync'.split(
    ' ',
  ),
);

/** A line that will not do. The message has the lines which follow Redis's headline `*** FATAL CONFIG FILE ERROR ***`. */
export class FatalConfigError extends Error {
  constructor(line: number, text: string, reason: string) {
    super(`Reading the configuration file, at line ${line}\n>>> '${text}'\n${reason}`);
  }
}

/** A configuration file that cannot be read. */
export class UnreadableConfigError extends Error {
  constructor(path: string, reason: string) {
    super(`Fatal error, can't open config file '${path}': ${reason}`);
  }
}

/**
 * Reads a whole configuration: the file, then the text of standard input, then the lines of the command line. They count as one text,
 * so that a reason names the line that redis-server would name.
 * @throws UnreadableConfigError, FatalConfigError
 */
export function load(
  settings: Settings,
  around: Surroundings,
  file: string | undefined,
  input: string,
  lines: string,
): void {
  const loading = new Loading(settings, around);
  const text = file === undefined ? '' : loading.fileText(file);
  loading.text(`${text}${input}\n${lines}`, file);
}

class Loading {
  private readonly settings: Settings;
  private readonly around: Surroundings;
  private readonly seen = new Set<Row>();
  /** Files that are being read: one that includes itself would never end. */
  private readonly open: string[] = [];

  constructor(settings: Settings, around: Surroundings) {
    this.settings = settings;
    this.around = around;
  }

  /** @throws UnreadableConfigError, FatalConfigError */
  file(path: string): void {
    this.text(this.fileText(path), path);
  }

  fileText(path: string): string {
    try {
      return this.around.readFile(path);
    } catch (e) {
      throw new UnreadableConfigError(path, (e as Error).message);
    }
  }

  /** @throws FatalConfigError; the lines before have been applied */
  text(text: string, path = ''): void {
    const lines = text.split('\n');
    this.open.push(path);
    for (let i = 0; i < lines.length; i++) {
      const line = lines[i].replace(/^[ \t\r]+|[ \t\r]+$/g, '');
      if (line === '' || line[0] === '#') continue;
      try {
        this.line(line);
      } catch (e) {
        if (!(e instanceof ConfigError)) throw e;
        throw new FatalConfigError(i + 1, line, e.message);
      }
    }
    this.open.pop();
  }

  private line(line: string): void {
    const words = splitWords(line);
    if (words === undefined) throw new ConfigError('Unbalanced quotes in configuration line');
    const name = words.shift()!.toLowerCase();
    const row = BY_NAME.get(name);
    if (row !== undefined) {
      const reading = { loading: true, again: this.seen.has(row), around: this.around };
      this.seen.add(row);
      row.put(this.settings, readValue(row, words, this.settings, reading));
    } else if (name === 'include' && words.length === 1) this.include(words[0]);
    else if (name === 'rename-command' && words.length === 2) this.rename(words[0], words[1]);
    else if (!RETIRED.includes(name) || words.length !== 1) throw new ConfigError(missing(name) ?? BAD_DIRECTIVE);
  }

  private include(pattern: string): void {
    const paths = /[*?[]/.test(pattern) ? this.around.glob(pattern) : [pattern];
    for (const path of paths) {
      if (this.open.includes(path)) throw new ConfigError(`'${path}' includes itself`);
      this.file(path);
    }
  }

  private rename(from: string, to: string): void {
    const { around, settings } = this;
    const renames = settings.renameCommand;
    // Configurations that take commands away should work before those commands are there.
    if (to === '' && NOT_YET.has(from.toLowerCase()) && !around.isCommand(from)) return;
    const is = (name: string) => (rename: { from: string; to: string }) =>
      rename.from.toLowerCase() === name.toLowerCase();
    const isNow = (rename: { to: string }): boolean => rename.to.toLowerCase() === to.toLowerCase();
    if (!around.isCommand(from) || renames.some(is(from))) throw new ConfigError('No such command in rename-command');
    if (to !== '' && ((around.isCommand(to) && !renames.some(is(to))) || renames.some(isNow)))
      throw new ConfigError('Target command name already exists');
    settings.renameCommand = [...renames, { from, to }];
  }
}

/** Why a directive of Redis that is no setting is refused. */
function missing(name: string): string | undefined {
  if (name === 'user') return 'there are no ACL users yet: use requirepass';
  if (name === 'loadmodule') return 'there are no modules to load';
  if (name === 'sentinel') return 'sentinel directive while not in sentinel mode';
  return undefined;
}
