/** From JSON to the words of a command, by its properties. The schema (schema.ts) says the same, but this checks everything itself. */
import { Failure } from './failure.js';
import type { Word } from './link.js';
import { flat, type Property } from './properties.js';
import { isPairs } from './schema.js';

type Json = Readonly<Record<string, unknown>>;

/**
 * The words that `given` means, without the command's name.
 * @param all the properties of the command
 * @throws Failure ERR on a name that the command does not have, a value of a wrong type, two alternatives, or something that is missing
 */
export function toWords(all: readonly Property[], given: Json): Word[] {
  const words: Word[] = [];
  object(all, given, words, '');
  return words;
}

function object(all: readonly Property[], given: Json, words: Word[], where: string): void {
  for (const name of Object.keys(given))
    if (!knows(all, name)) throw new Failure('ERR', `unknown argument '${where}${name}'`);
  for (const property of all) put(property, all, given, words, where);
}

/** Without making a list: this is asked for every argument of every request. */
function knows(all: readonly Property[], name: string): boolean {
  for (const property of all)
    if (property.kind === 'choice' || property.kind === 'row' ? knows(property.parts, name) : property.name === name)
      return true;
  return false;
}

function put(property: Property, all: readonly Property[], given: Json, words: Word[], where: string): void {
  const { kind, name, optional, token } = property;
  if (kind === 'choice') return choice(property, all, given, words, where);
  if (kind === 'row') {
    if (isGiven(property, given) || !optional) for (const part of property.parts) put(part, all, given, words, where);
    return;
  }
  const value = kind === 'count' ? counted(property, all, given) : given[name];
  if (value === undefined) {
    // A word that must be there says nothing (TOPIC.READ's FROM).
    if (kind === 'flag' && !optional) return void words.push(token!);
    if (optional || (kind === 'count' && !isGivenBy(property.counts, given))) return;
    throw new Failure('ERR', `missing argument '${where}${name}'`);
  }
  if (kind === 'flag') {
    if (typeof value !== 'boolean') throw wrong(where, name, 'true or false');
    if (value) words.push(token!);
    return;
  }
  if (property.many) return many(property, value, words, where);
  if (token !== undefined) words.push(token);
  one(property, value, words, where);
}

function choice(property: Property, all: readonly Property[], given: Json, words: Word[], where: string): void {
  const chosen = property.parts.filter((part) => isGiven(part, given));
  const names = (): string =>
    flat(property.parts)
      .map(({ name }) => `'${where}${name}'`)
      .join(', ');
  if (chosen.length > 1 && !property.many) throw new Failure('ERR', `only one of ${names()} can be given`);
  if (chosen.length > 0) {
    if (property.token !== undefined) words.push(property.token);
    for (const part of chosen) put(part, all, given, words, where);
  } else if (!property.optional) throw new Failure('ERR', `one of ${names()} must be given`);
}

/** As `knows`, without making a list. */
function isGiven({ kind, parts, name }: Property, given: Json): boolean {
  if (kind !== 'choice' && kind !== 'row') return isGivenBy(name, given) && given[name] !== false;
  for (const part of parts) if (isGiven(part, given)) return true;
  return false;
}

function isGivenBy(name: string, given: Json): boolean {
  return given[name] !== undefined;
}

/** How many there are of what `property` counts, unless it is given. */
function counted(property: Property, all: readonly Property[], given: Json): unknown {
  if (given[property.name] !== undefined) return given[property.name];
  const subject = flat(all).find((other) => other.name === property.counts)!;
  const value = given[subject.name];
  if (value !== undefined) return items(subject, value).length;
  return subject.optional && !property.optional ? 0 : undefined; // EVAL's keys
}

/** The items of a repeated argument: a single one stands for an array of one, an object for its pairs. */
function items(property: Property, value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value;
  if (isPairs(property) && isObject(value)) return Object.entries(value);
  return [value];
}

function many(property: Property, value: unknown, words: Word[], where: string): void {
  const all = items(property, value);
  if (all.length === 0 && !property.optional) throw wrong(where, property.name, 'at least one');
  if (property.token !== undefined && !property.tokenEach && all.length > 0) words.push(property.token);
  for (const item of all) {
    if (property.tokenEach) words.push(property.token!);
    if (Array.isArray(item) && isPairs(property)) {
      if (item.length !== 2) throw wrong(where, property.name, 'pairs');
      property.parts.forEach((part, i) => {
        one(part, item[i], words, `${where}${property.name}.`);
      });
    } else one(property, item, words, where);
  }
}

function one(property: Property, value: unknown, words: Word[], where: string): void {
  const { kind, name } = property;
  switch (kind) {
    case 'integer':
    case 'count':
      if (typeof value === 'string' || Number.isSafeInteger(value)) return void words.push(String(value));
      throw wrong(where, name, 'an integer');
    case 'number':
      if (typeof value === 'string' || typeof value === 'number') return void words.push(String(value));
      throw wrong(where, name, 'a number');
    case 'word': {
      const word = typeof value === 'string' ? value.toUpperCase() : '';
      if (!property.words.includes(word)) throw wrong(where, name, `one of ${property.words.join(', ')}`);
      return void words.push(word);
    }
    case 'object':
      if (!isObject(value)) throw wrong(where, name, 'an object');
      return object(property.parts, value, words, `${where}${name}.`);
    default:
      words.push(toWord(value, `${where}${name}`));
  }
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function wrong(where: string, name: string, what: string): Failure {
  return Failure.argument(where + name, what);
}

const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

/**
 * A value as a word: text as it is, `{base64}` as bytes, anything else as its JSON text.
 * @param name what it is called where it will not do
 * @throws Failure ERR when it is null or missing, or no base64
 */
export function toWord(value: unknown, name: string): Word {
  if (typeof value === 'string') return value;
  if (value === null || value === undefined) throw new Failure('ERR', `argument '${name}' must not be null`);
  if (!isObject(value) || Object.keys(value).length !== 1 || typeof value.base64 !== 'string')
    return JSON.stringify(value);
  if (!BASE64.test(value.base64)) throw new Failure('ERR', `argument '${name}' is not base64`);
  return Buffer.from(value.base64, 'base64');
}
