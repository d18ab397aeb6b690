/**
 * Kind: how one sort of value travels between a directive's words and its field in Settings. scalars.ts has the kinds of one
 * word, lists.ts those of several; row.ts joins a kind with a name.
 *
 *   words ──read──▶ value (Settings) ──show──▶ CONFIG GET's text
 *                                    └─lines─▶ lines of redis.conf (CONFIG REWRITE)
 *
 * A kind never writes to Settings and never keeps what it was given. Two values are equal when `show` says the same of both.
 */
import type { Surroundings } from './surroundings.js';

/** A value that a directive cannot take. The message is the reason alone, as Redis words it. */
export class ConfigError extends Error {}

/** What a value is read from: a configuration file or command line (`loading`), or CONFIG SET. */
export interface Reading {
  readonly loading: boolean;
  /** Whether the same directive stood on an earlier line of this load. */
  readonly again: boolean;
  readonly around: Surroundings;
}

/** One line for CONFIG REWRITE; unless `forced`, it is only written over a line of the same directive. */
export interface RewrittenLine {
  /** What follows the directive's name. */
  readonly words: string;
  readonly forced: boolean;
}

export interface Kind<T> {
  /** The values that are taken, in words for the documents: `yes | no`, `1 to 128`. */
  readonly values: string;
  /** Whether it takes any number of words; else exactly one. */
  readonly several: boolean;
  /** The value that `words` mean; `old` is the value until now. @throws ConfigError */
  read(words: readonly string[], old: T, reading: Reading): T;
  /** The value as CONFIG GET prints it. */
  show(value: T): string;
  /** The lines that CONFIG REWRITE writes; none removes the directive from the file. */
  lines(value: T, byDefault: T): readonly RewrittenLine[];
}

/** The lines of a kind that takes one line, written as `print` says. */
export function oneLine<T>(kind: Pick<Kind<T>, 'show'>, print: (value: T) => string): Kind<T>['lines'] {
  return (value, byDefault) => [{ words: print(value), forced: kind.show(value) !== kind.show(byDefault) }];
}
