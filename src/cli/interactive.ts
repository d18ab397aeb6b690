/**
 * A terminal: a prompt that tells the connection, the database and a transaction, history, completion by Tab, dim hints of the
 * arguments behind the cursor, and messages that appear above the prompt while one listens.
 *
 *   127.0.0.1:6379[2](TX)> set key value [NX|XX] [GET] ...
 */
import { clearLine, createInterface, cursorTo, type Interface, type Key } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import type { CommandTable } from './command-table.js';
import { completions, hint } from './completion.js';
import { historyFile, isSecret, keepLine, LINES_MAX, readHistory } from './history.js';
import type { Shell } from './shell.js';

export interface Terminal {
  readonly input: Readable;
  readonly output: Writable & { columns?: number };
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly table: CommandTable;
}

/** Where a terminal does not tell. */
const COLUMNS = 80;
const DIM = '\x1b[2m';
const PLAIN = '\x1b[0m';
const SAVE = '\x1b7';
const RESTORE = '\x1b8';
const CLEAR_TO_END = '\x1b[0K';

/** Reads and does lines until `quit`, Ctrl-D, or Ctrl-C on an empty line. */
export async function interact(shell: Shell, terminal: Terminal): Promise<void> {
  await shell.connect();
  const prompt = new Prompt(shell, terminal);
  await prompt.ended;
}

class Prompt {
  readonly ended: Promise<void>;
  private readonly shell: Shell;
  private readonly terminal: Terminal;
  private readonly lines: Interface & { history?: string[] };
  private readonly file: string | undefined;
  /** Lines that were typed while a command ran. */
  private readonly waiting: string[] = [];
  private busy = false;
  /** Whether there is a hint behind the cursor. */
  private hinted = false;
  private end: () => void = () => {};

  constructor(shell: Shell, terminal: Terminal) {
    this.shell = shell;
    this.terminal = terminal;
    this.file = historyFile(terminal.env);
    this.ended = new Promise((resolve) => {
      this.end = resolve;
    });
    // Before readline listens: a hint must be gone when the line ends.
    terminal.input.on('keypress', (_text, key) => this.beforeKey(key));
    this.lines = createInterface({
      input: terminal.input,
      output: terminal.output,
      terminal: true,
      history: this.file === undefined ? [] : readHistory(this.file).reverse(),
      historySize: LINES_MAX,
      removeHistoryDuplicates: true,
      completer: (line: string) => [completions(terminal.table, line), line],
    });
    terminal.input.on('keypress', () => this.showHint());
    this.lines.on('history', (history) => {
      if (history.length > 0 && isSecret(history[0])) history.shift();
    });
    this.lines.on('line', (line) => void this.take(line));
    this.lines.on('SIGINT', () => this.interrupt());
    this.lines.on('close', () => this.end());
    shell.session.onPush = (value) => this.above(() => shell.sees(value, true) && shell.show(value, false));
    shell.session.onClose = () => this.show();
    this.show();
  }

  private async take(line: string): Promise<void> {
    if (this.busy) return void this.waiting.push(line);
    this.busy = true;
    for (let next: string | undefined = line; next !== undefined; next = this.waiting.shift()) {
      if (this.file !== undefined && next.trim() !== '') keepLine(this.file, next);
      if (!(await this.shell.line(Buffer.from(next, 'utf8').toString('latin1'), true))) return this.lines.close();
    }
    this.busy = false;
    this.show();
  }

  /** Ctrl-C: gives up a command that waits, an unfinished line, or ends. */
  private interrupt(): void {
    if (this.busy) {
      this.waiting.length = 0;
      return this.shell.interrupt();
    }
    if (this.lines.line === '') return this.lines.close();
    this.terminal.output.write(`${CLEAR_TO_END}^C\n`);
    this.lines.write(null, { ctrl: true, name: 'e' });
    this.lines.write(null, { ctrl: true, name: 'u' });
  }

  /** Shows the prompt, with the state of the connection. */
  private show(): void {
    if (this.busy) return;
    this.lines.setPrompt(promptText(this.shell));
    this.lines.prompt(true);
  }

  /** Shows something above the line that is being typed. */
  private above(show: () => void): void {
    if (this.busy) return show();
    const { output } = this.terminal;
    cursorTo(output, 0);
    clearLine(output, 0);
    show();
    this.show();
  }

  private beforeKey(key: Key | undefined): void {
    if (!this.hinted || (key?.name !== 'return' && key?.name !== 'enter')) return;
    this.terminal.output.write(CLEAR_TO_END);
    this.hinted = false;
  }

  private showHint(): void {
    const { line, cursor } = this.lines;
    if (this.busy || cursor !== line.length) return;
    const room = (this.terminal.output.columns || COLUMNS) - this.lines.getCursorPos().cols - 1;
    const text = hint(this.terminal.table, line).slice(0, Math.max(0, room));
    if (text !== '') this.terminal.output.write(`${SAVE}${CLEAR_TO_END}${DIM}${text}${PLAIN}${RESTORE}`);
    else if (this.hinted) this.terminal.output.write(CLEAR_TO_END);
    this.hinted = text !== '';
  }
}

/** `127.0.0.1:6379[2](TX)> `, `not connected> `. */
export function promptText({ session }: Shell): string {
  if (!session.connected) return 'not connected> ';
  const { host, port, path } = session.place;
  const where = path === undefined ? `${host.includes(':') ? `[${host}]` : host}:${port}` : `redis ${path}`;
  const db = session.db === 0 ? '' : `[${session.db}]`;
  const mode = session.subscribed ? '(subscribed mode)' : '';
  return `${where}${db}${session.inTransaction ? '(TX)' : ''}${mode}> `;
}
