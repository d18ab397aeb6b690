/**
 * Payload: the arguments of an operation, read by name. Each name may have others beside it (`queue` or `name`); the first that is given
 * counts, and is told when none is. A null is as good as absent. What nobody has read is refused at the end, so that no argument is
 * ignored; an echo gives back what was given.
 */
import { toWord } from '../arguments.js';
import { Failure } from '../failure.js';
import type { JsonValue } from '../json-value.js';
import type { Word } from '../link.js';
import { type Form, formNamed } from '../stored-value.js';

export type Json = Readonly<Record<string, unknown>>;

/** What every payload may have: the transaction that it belongs to, and the form in which values are wanted. */
const CLIENT_ID = 'client_id';
const FORM = 'type';

export class Payload {
  private readonly given: ReadonlyMap<string, unknown>;
  private readonly read = new Set<string>([CLIENT_ID]);

  constructor(given: Json) {
    this.given = new Map(Object.entries(given).filter(([, value]) => value !== null && value !== undefined));
  }

  has(name: string): boolean {
    return this.given.has(name);
  }

  /** As it is in the JSON; undefined when none of them is given. */
  raw(...names: string[]): unknown {
    const name = names.find((one) => this.given.has(one));
    if (name === undefined) return undefined;
    this.read.add(name);
    return this.given.get(name);
  }

  /** @throws Failure ERR when none of them is given */
  needed(...names: string[]): unknown {
    const value = this.raw(...names);
    if (value === undefined) throw new Failure('ERR', `missing argument '${names[0]}'`);
    return value;
  }

  /** A key, field, member or value. */
  word(...names: string[]): Word {
    return toWord(this.needed(...names), names[0]);
  }

  /** One or more of those; a single one stands for an array of one. @throws Failure ERR on an empty array */
  words(...names: string[]): Word[] {
    const all = this.list(...names);
    if (all.length === 0) throw Failure.argument(names[0], 'at least one');
    return all.map((value) => toWord(value, names[0]));
  }

  list(...names: string[]): readonly unknown[] {
    const value = this.needed(...names);
    return Array.isArray(value) ? value : [value];
  }

  /** Text of one of some words, in the server's capitals. */
  choice(name: string, words: readonly string[], fallback?: string): string {
    const value = this.raw(name) ?? fallback;
    const word = typeof value === 'string' ? value.toUpperCase() : '';
    if (!words.includes(word)) throw Failure.argument(name, `one of ${words.join(', ')}`);
    return word;
  }

  text(...names: string[]): string {
    const value = this.needed(...names);
    if (typeof value !== 'string') throw Failure.argument(names[0], 'a string');
    return value;
  }

  integer(name: string | readonly string[], fallback?: number): string {
    const names = typeof name === 'string' ? [name] : [...name];
    const value = fallback === undefined ? this.needed(...names) : (this.raw(...names) ?? fallback);
    if (Number.isSafeInteger(value) || (typeof value === 'string' && /^[-+]?\d+$/.test(value))) return String(value);
    throw Failure.argument(names[0], 'an integer');
  }

  /** A number, or the text of one as the server knows it (`(5`, `-inf`). */
  number(name: string | readonly string[], fallback?: number | string): string {
    const names = typeof name === 'string' ? [name] : [...name];
    const value = fallback === undefined ? this.needed(...names) : (this.raw(...names) ?? fallback);
    return numberWord(value, names[0]);
  }

  flag(name: string, fallback = false): boolean {
    const value = this.raw(name) ?? fallback;
    if (typeof value !== 'boolean') throw Failure.argument(name, 'true or false');
    return value;
  }

  /** Bytes as an array of numbers; anything else is a word. */
  bytes(...names: string[]): Word {
    return bytesOf(this.needed(...names), names[0]);
  }

  /** `[word, the integer]`, or nothing when it is not given. */
  option(word: string, name: string): Word[] {
    return this.has(name) ? [word, this.integer(name)] : [];
  }

  /** In which form values are wanted: stored-value.ts. */
  form(fallback: Form = 'string'): Form {
    return formNamed(this.raw(FORM) ?? fallback, FORM);
  }

  /** What was given, for the answer. */
  echo(...names: string[]): Record<string, JsonValue> {
    return Object.fromEntries(names.map((name) => [name, (this.given.get(name) ?? null) as JsonValue]));
  }

  /** Everything that was not read yet. */
  rest(): Json {
    const rest = Object.fromEntries([...this.given].filter(([name]) => !this.read.has(name)));
    for (const name of Object.keys(rest)) this.read.add(name);
    return rest;
  }

  /** To be called before anything happens. @throws Failure ERR when something was given that nobody has read */
  end(): void {
    if (this.given.has(FORM) && !this.read.has(FORM)) this.form();
    for (const name of this.given.keys())
      if (!this.read.has(name)) throw new Failure('ERR', `unknown argument '${name}'`);
  }
}

export function numberWord(value: unknown, name: string): string {
  if (typeof value === 'number' || (typeof value === 'string' && value !== '')) return String(value);
  throw Failure.argument(name, 'a number');
}

export function bytesOf(value: unknown, name: string): Word {
  if (!Array.isArray(value)) return toWord(value, name);
  if (!value.every((byte) => Number.isInteger(byte) && byte >= 0 && byte <= 255))
    throw Failure.argument(name, 'an array of bytes, or text');
  return Uint8Array.from(value as number[]);
}

/** @throws Failure ERR when it is no JSON object */
export function objectOf(value: unknown, name: string): Json {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Json;
  throw Failure.argument(name, 'an object');
}

/** Pairs of words: an object, or an array of arrays of two or of objects with these two names. @throws Failure ERR on none */
export function pairs(value: unknown, name: string, first: string, second: string): Word[] {
  const all = Array.isArray(value) ? value : Object.entries(objectOf(value, name));
  if (all.length === 0) throw Failure.argument(name, 'at least one');
  return all.flatMap((pair) => {
    const two = Array.isArray(pair) ? pair : [objectOf(pair, name)[first], objectOf(pair, name)[second]];
    if (two.length !== 2) throw Failure.argument(name, 'pairs');
    return [toWord(two[0], `${name}.${first}`), toWord(two[1], `${name}.${second}`)];
  });
}
