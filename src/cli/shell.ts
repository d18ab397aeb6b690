/** Shell: what a line or the arguments of the program do, whoever gives them: calls, repetitions, help, `connect`, `quit`. */
import { setTimeout as sleep } from 'node:timers/promises';
import { Push, ReplyError, type ReplyValue } from '../../protocol/reply-reader.js';
import { type CommandTable, entryOf, isVerbatim } from './command-table.js';
import { ConnectionFault } from './connection.js';
import { help } from './help.js';
import type { CliOptions } from './options.js';
import { type Format, render } from './render.js';
import { Session } from './session.js';
import { splitWords } from './words.js';

/** Where a shell writes. Texts are strings of bytes. */
export interface Screen {
  out(text: string): void;
  err(text: string): void;
}

export interface ShellSettings {
  readonly options: CliOptions;
  readonly format: Format;
  readonly screen: Screen;
  readonly table: CommandTable;
  /** Milliseconds, for how long a call took. */
  readonly now: () => number;
}

/** A call that took longer than this is told, ms. */
const SLOW_MS = 500;

export class Shell {
  readonly session: Session;
  /** By -e: a reply was an error, and nothing more is called. */
  failed = false;
  private readonly settings: ShellSettings;
  private stopped = false;

  constructor(settings: ShellSettings) {
    this.settings = settings;
    this.session = new Session(settings.options);
  }

  /** Connects and tells what went wrong. @returns whether there is a connection */
  async connect(): Promise<boolean> {
    const { err } = this.settings.screen;
    try {
      for (const line of await this.session.connect()) err(`${line}\n`);
      return true;
    } catch (e) {
      if (!(e instanceof ConnectionFault)) throw e;
      err(`${e.message}\n`);
      return false;
    }
  }

  /**
   * Does what a line says.
   * @param line a string of bytes
   * @param timed tells how long it took when that was long
   * @returns false when it was the last one: `quit` or `exit`
   */
  async line(line: string, timed: boolean): Promise<boolean> {
    const { out } = this.settings.screen;
    const words = splitWords(line);
    if (words === undefined) out('Invalid argument(s)\n');
    if (words === undefined || words.length === 0) return true;
    const name = words[0].toLowerCase();
    if (words.length === 1 && (name === 'quit' || name === 'exit')) return false;
    if (name === 'help' || name === '?') out(help(this.settings.table, words.slice(1)));
    else if (name === 'connect' && words.length === 3) {
      this.session.place = { ...this.session.place, host: words[1], port: Number(words[2]), path: undefined };
      await this.connect();
    } else if (name === 'clear' && words.length === 1) out('\x1b[H\x1b[2J');
    else await this.numbered(words, timed);
    return true;
  }

  /** A command, as often as a number before it says. */
  private async numbered(words: readonly string[], timed: boolean): Promise<void> {
    const counted = words.length > 1 && /^-?\d+$/.test(words[0]);
    const times = counted ? Number(words[0]) : 1;
    if (times < 1 || !Number.isSafeInteger(times))
      return this.settings.screen.out('Invalid redis-cli repeat command option value.\n');
    const from = this.settings.now();
    await this.repeated(counted ? words.slice(1) : words, times);
    const took = this.settings.now() - from;
    if (timed && took >= SLOW_MS && this.settings.format === 'formatted')
      this.settings.screen.out(`(${(took / 1000).toFixed(2)}s)\n`);
  }

  /**
   * Calls a command several times and shows the replies, after connecting where there is no connection.
   * @param times -1: for ever
   * @returns whether each was answered
   */
  async repeated(words: readonly string[], times: number): Promise<boolean> {
    const { interval } = this.settings.options;
    this.stopped = false;
    for (let i = 0; times < 0 || i < times; i++) {
      if (i > 0 && interval > 0) await sleep(interval * 1000);
      if (this.stopped) return false;
      if (!this.session.connected && !(await this.connect())) return false;
      if (!(await this.once(words))) return false;
    }
    return true;
  }

  /** Gives up what is being called, and its repetitions. */
  interrupt(): void {
    this.stopped = true;
    this.session.close('Interrupted: the connection is closed, the command may have run');
  }

  private async once(words: readonly string[]): Promise<boolean> {
    const { screen, table, options } = this.settings;
    const entry = entryOf(table, words);
    try {
      const reply = await this.session.call(words);
      if (reply === undefined) return true;
      if (reply instanceof ReplyError && options.failOnError) {
        this.failed = true;
        screen.err(`${reply.text}\n`);
        return false;
      }
      this.show(reply, isVerbatim(entry) && typeof reply !== 'string');
      return true;
    } catch (e) {
      if (!(e instanceof ConnectionFault)) throw e;
      screen.err(`${e.message}\n`);
      return false;
    }
  }

  /** Whether a message that came out of band is to be seen: one that was subscribed to always. */
  sees(value: ReplyValue, terminal: boolean): boolean {
    if (!(value instanceof Push)) return true;
    const [kind] = value.items;
    const asked = kind instanceof Uint8Array && /^[ps]?(message|(un)?subscribe)$/.test(Buffer.from(kind).toString());
    return asked || (this.settings.options.pushes ?? terminal);
  }

  show(value: ReplyValue, verbatim: boolean): void {
    const { screen, format, options } = this.settings;
    screen.out(render(value, format, options.delimiters, verbatim));
  }
}
