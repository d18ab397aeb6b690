/**
 * Steps: what a crash test does to a server, in pieces that are there wholly or not at all: one command, a script, or MULTI …
 * EXEC. A step whose
 * outcome follows from what was there before is closed. That of an open one depends on time, chance or hash order: what it has done is
 * told by its replies, or by a probe, a question about what it has left.
 */
import { bulkText, elements } from '../../compat-suite/wire/reply-frame.js';

/** A command: its words, latin1, one char a byte. */
export type Words = readonly string[];

/** Sends commands and gives their replies as bytes. */
export type Ask = (commands: readonly Words[]) => Promise<string[]>;

/** The same of something that answers at once. */
export type AskNow = (commands: readonly Words[]) => string[];

/** What an open step is known to have left. */
export interface Trace {
  /** The replies to its commands; undefined when they were lost. */
  readonly replies: readonly string[] | undefined;
  /** The answer to its probe. */
  readonly probe: string;
  /** When it was sent, ms since the epoch. */
  readonly sentAt: number;
}

export interface Step {
  readonly commands: readonly Words[];
  /** Of a closed step: commands that do the same to the model, which runs no scripts. */
  readonly means?: readonly Words[];
  readonly probe?: Words;
  /** Of an open step: closed commands that do to `model` what it has done; undefined when it cannot have done this. */
  readonly outcome?: (trace: Trace, model: AskNow) => readonly Words[] | undefined;
}

/** A step that was sent. */
export class Sent {
  readonly sentAt = Date.now();
  readonly replies: string[] = [];
  probe: string | undefined = undefined;

  constructor(readonly step: Step) {}

  /** Whether the server has answered all commands: from then on it may not forget them. */
  get acknowledged(): boolean {
    return this.replies.length === this.step.commands.length;
  }

  /** Whether the server has refused it because it cannot write: then it has changed nothing. */
  get refused(): boolean {
    return this.replies.some((reply) => /^-(EXECABORT [^\r]*)?MISCONF /.test(reply));
  }

  toString(): string {
    const text = this.step.commands.map((words) => words.join(' ')).join(' ; ');
    const shown = JSON.stringify(text.length > 300 ? `${text.slice(0, 300)}…` : text);
    return `${shown} ${this.refused ? 'refused' : this.acknowledged ? 'acknowledged' : 'in flight'}`;
  }
}

/** The texts of an array's elements; of a single bulk its own; [] of null and of an error. */
export function texts(reply: string): string[] {
  if (/^[$*]-1\r\n$/.test(reply) || reply[0] === '-') return [];
  return reply[0] === '$' ? [bulkText(reply)] : elements(reply).map(bulkText);
}

/** An integer reply's value. */
export function integer(reply: string): number {
  return Number(reply.slice(1));
}
