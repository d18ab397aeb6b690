/**
 * How the arguments of a command are called in JSON, derived from its syntax tree (commands/spec/syntax.ts). Schemas (schema.ts) and
 * the way back to words (arguments.ts) are both read from this, so neither knows a command.
 *
 *   SET key value [NX|XX]:condition [GET] [EX seconds | PX milliseconds | KEEPTTL]:expiration
 *   { "key", "value", "condition": "NX", "get": true, "ex": 10 }
 *
 *   x               its name, `-` and `_` being the same             [WORD]            a boolean called `word`
 *   WORD x          `word`, or `x` where another is called so        A | B             the name of the group: "A" or "B"
 *   A x | B y | z   each alternative for itself, at most one         WORD x y          `word`: { x, y }
 *   x [x ...]       the name: an array                               x y [x y ...]     the name of the group: an array of { x, y },
 *   numkeys x ...   `numkeys` follows from the array                                   or an object { x: y }
 */
import type { Argument } from '../../commands/spec/syntax.js';

/** One property of the JSON object of a command, or part of one. */
export interface Property {
  /** Its name; empty for what only holds others (`choice`, `row`). */
  readonly name: string;
  readonly kind: 'string' | 'integer' | 'number' | 'flag' | 'word' | 'choice' | 'row' | 'object' | 'count';
  readonly optional: boolean;
  readonly many: boolean;
  /** The word that stands before it in the command; before each one where `tokenEach`. */
  readonly token: string | undefined;
  readonly tokenEach: boolean;
  /** The alternatives of `choice`; the parts of `row` and `object`; a `word`'s words. */
  readonly parts: readonly Property[];
  readonly words: readonly string[];
  /** For `count`: how many there are of this property. */
  readonly counts: string;
}

/**
 * The properties of a command.
 * @throws Error when two would have one name
 */
export function properties(tree: readonly Argument[]): readonly Property[] {
  const all = sequence(tree);
  const names = new Set<string>();
  for (const property of flat(all)) {
    if (names.has(property.name)) throw new Error(`two arguments called '${property.name}'`);
    names.add(property.name);
  }
  return all;
}

/** The properties that stand side by side in the JSON object: those of choices and rows are not within another. */
export function flat(all: readonly Property[]): Property[] {
  return all.flatMap((property) =>
    property.kind === 'choice' || property.kind === 'row' ? flat(property.parts) : [property],
  );
}

function sequence(tree: readonly Argument[]): Property[] {
  // TOPIC.PUBLISH key data [KEY event-key]: the key is `key`.
  const taken = new Set(tree.filter(({ token }) => token === undefined).map(({ name }) => name));
  const nameOf = (argument: Argument): string => nameUnless(taken, argument);
  const property = (argument: Argument): Property => propertyOf(nameOf(argument), argument);
  return tree.map((argument, i) => {
    const next = tree[i + 1];
    const counts = argument.type === 'integer' && next?.multiple === true && isCount(argument.name);
    return counts ? { ...property(argument), kind: 'count' as const, counts: nameOf(next) } : property(argument);
  });
}

function isCount(name: string): boolean {
  return name.startsWith('num') || name === 'n';
}

function propertyOf(name: string, argument: Argument): Property {
  const { optional, multiple, multipleToken, token, children, type } = argument;
  const base = { name, optional, many: multiple, token, tokenEach: multipleToken };
  const plain = { ...base, parts: [], words: [], counts: '' };
  switch (type) {
    case 'pure-token':
      return { ...plain, kind: 'flag' };
    case 'integer':
    case 'unix-time':
      return { ...plain, kind: 'integer' };
    case 'double':
      return { ...plain, kind: 'number' };
    case 'oneof':
      if (children.every((child) => child.type === 'pure-token'))
        return { ...plain, kind: 'word', words: children.map((child) => child.token!) };
      return { ...plain, kind: 'choice', parts: sequence(children) };
    case 'block': {
      const named = token !== undefined || multiple;
      return { ...plain, kind: named ? 'object' : 'row', parts: sequence(children) };
    }
    default:
      return { ...plain, kind: 'string' };
  }
}

function nameUnless(taken: ReadonlySet<string>, { token, name, type }: Argument): string {
  const word = token !== undefined && type !== 'oneof' ? token : name;
  return (taken.has(word.toLowerCase()) && word === token ? name : word).toLowerCase().replaceAll('-', '_');
}
