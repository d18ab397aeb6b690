/**
 * Where the keys of a command stand among its arguments and what happens to them: the key specifications of COMMAND INFO, derived
 * from the syntax tree. A position that cannot be derived must be stated in the spec, else this throws at start.
 *
 *   begin   index 1          the first key is argument 1                      find   range   up to argument `last` (negative: from the
 *           keyword STREAMS  right after this word, searched from an index                   end), every `step`-th, 1/limit of the rest
 *           unknown          only the handler knows                                  keynum  the number of keys stands at `begin`
 *
 *   MSET key value [key value ...]           index 1, range last -1 step 2
 *   BLPOP key [key ...] timeout              index 1, range last -2 step 1
 *   ZUNION numkeys key [key ...] …           index 1, keynum: count at +0, first key at +1
 *   XREAD … STREAMS key [key ...] id [id …]  keyword STREAMS, range last -1 step 1 limit 2
 */
import type { Argument } from './syntax.js';

export type KeyBegin =
  | { readonly type: 'index'; readonly index: number }
  | { readonly type: 'keyword'; readonly keyword: string; readonly startfrom: number }
  | { readonly type: 'unknown' };

export type KeyFind =
  | { readonly type: 'range'; readonly last: number; readonly step: number; readonly limit: number }
  | { readonly type: 'keynum'; readonly keynumidx: number; readonly firstkey: number; readonly step: number }
  | { readonly type: 'unknown' };

export interface KeySpec {
  /** `RW access delete`: words of KEY_WORDS, in their order. */
  readonly use: string;
  readonly begin: KeyBegin;
  readonly find: KeyFind;
  /** Names of the arguments that it finds. */
  readonly names: readonly string[];
  readonly notes?: string;
}

/**
 * What happens to a key, in the order in which COMMAND INFO prints it. First the access to the whole value: RO read, RW read and
 * written, OW overwritten, RM removed. Then to the user's data in it: access (returned or copied), update, insert, delete.
 * not_key: only routed like one. incomplete: there may be more keys than these. variable_flags: less may happen, as options say.
 */
const KEY_WORDS = [
  'RO',
  'RW',
  'OW',
  'RM',
  'access',
  'update',
  'insert',
  'delete',
  'not_key',
  'incomplete',
  'variable_flags',
];

/** A range of keys that is part of `first, last, step`, what COMMAND knew before there were specifications. */
export interface LegacyRange {
  readonly first: number;
  readonly last: number;
  readonly step: number;
  /** The specifications say more than the range. */
  readonly movable: boolean;
}

interface Place {
  readonly name: string;
  readonly begin: KeyBegin;
  readonly find: KeyFind;
}

/**
 * Finds the keys in a syntax tree whose first argument is number `at` (1, or 2 for a sub-command). `uses` says what happens to each
 * of its key arguments, in order; neighbours of one use become one range. Throws when a key has no derivable place, or when the
 * numbers of uses and of keys differ. O(tree).
 */
export function deriveKeys(tree: readonly Argument[], at: number, uses: readonly string[]): KeySpec[] {
  const places: Place[] = [];
  placeKeys(tree, { at, fixed: true, keyword: undefined }, 0, places);
  if (places.length !== uses.length)
    throw new Error(`${places.length} key arguments, but the use of ${uses.length} is stated`);
  const specs: KeySpec[] = [];
  places.forEach((place, i) => {
    const last = specs.at(-1);
    const joined = last !== undefined && last.use === uses[i] ? join(last, place) : undefined;
    if (joined !== undefined) specs[specs.length - 1] = joined;
    else specs.push({ use: checkedUse(uses[i]), begin: place.begin, find: place.find, names: [place.name] });
  });
  return specs;
}

/** How many key arguments the tree has. */
export function countKeys(tree: readonly Argument[]): number {
  let n = 0;
  for (const argument of tree) n += isKey(argument) ? 1 : countKeys(argument.children);
  return n;
}

/** Checks the words of a use and returns it. */
export function checkedUse(use: string): string {
  let last = -1;
  for (const word of use.split(' ')) {
    const i = KEY_WORDS.indexOf(word);
    if (i < 0) throw new Error(`'${word}' says nothing about a key; known are ${KEY_WORDS.join(', ')}`);
    if (i <= last || (i < 4 && last >= 0))
      throw new Error(`'${use}': one of RO RW OW RM, then the others in their order`);
    last = i;
  }
  return use;
}

/** `first, last, step` of some specifications: only ranges at fixed places that follow each other without a gap count. */
export function legacyRange(specs: readonly KeySpec[]): LegacyRange {
  let first = 0;
  let last = 0;
  let step = 0;
  let movable = false;
  for (const { begin, find, use } of specs) {
    const range = begin.type === 'index' && find.type === 'range' && find.limit === 0;
    if (!range || use.includes('incomplete')) movable = true;
    if (!range) continue;
    if (first !== 0 && (last < 0 || begin.index !== last + 1 || step !== find.step)) {
      movable = true;
      continue;
    }
    if (first === 0) first = begin.index;
    step = find.step;
    last = find.last < 0 ? find.last : begin.index + find.last;
  }
  return { first, last, step, movable };
}

function isKey(argument: Argument): boolean {
  return argument.type === 'key' || argument.type === 'shard-channel';
}

/** The position of the next argument: its index, or the smallest it may have once something of unknown length came before. */
interface Position {
  at: number;
  fixed: boolean;
  /** The word that stands right before, when that is how the position is found. */
  keyword: { word: string; startfrom: number } | undefined;
}

/** `after`: words that surely follow the list, or -1 when their number varies. */
function placeKeys(list: readonly Argument[], position: Position, after: number, places: Place[]): void {
  list.forEach((argument, i) => {
    const rest = list.slice(i + 1);
    const tail = after < 0 || !rest.every(isFixed) ? -1 : after + leastOf(rest);
    if (isKey(argument) || countKeys(argument.children) > 0) {
      const from: Position = { ...position };
      if (argument.token !== undefined) {
        from.keyword = { word: argument.token, startfrom: position.at };
        from.fixed = false;
      }
      if (isKey(argument)) places.push(placeOf(argument, list[i - 1], rest, from, tail));
      else placeInside(argument, from, tail, places);
    }
    position.at += leastOf([argument]);
    if (!isFixed(argument)) position.fixed = false;
    position.keyword = undefined;
  });
}

function placeOf(
  key: Argument,
  before: Argument | undefined,
  rest: readonly Argument[],
  from: Position,
  tail: number,
): Place {
  const name = key.name;
  if (before?.name === 'numkeys' && before.type === 'integer') {
    const begin = beginAt(key, { ...from, at: from.at - 1 });
    return { name, begin, find: { type: 'keynum', keynumidx: 0, firstkey: 1, step: 1 } };
  }
  const begin = beginAt(key, from);
  if (!key.multiple) return { name, begin, find: { type: 'range', last: 0, step: 1, limit: 0 } };
  if (tail >= 0) return { name, begin, find: { type: 'range', last: -1 - tail, step: 1, limit: 0 } };
  if (rest.length === 1 && rest[0].multiple && rest[0].type !== 'block' && !rest[0].optional)
    return { name, begin, find: { type: 'range', last: -1, step: 1, limit: 2 } };
  throw new Error(`where the keys '${key.name}' end cannot be derived: state \`keys\``);
}

function placeInside(group: Argument, from: Position, tail: number, places: Place[]): void {
  if (group.type === 'oneof') throw new Error(`'${group.name}' holds a key among alternatives: state \`keys\``);
  if (!group.multiple) {
    placeKeys(group.children, { ...from, at: from.at + (group.token === undefined ? 0 : 1) }, tail, places);
    return;
  }
  const i = group.children.findIndex(isKey);
  if (i < 0 || tail < 0 || group.token !== undefined || !group.children.every(isFixed))
    throw new Error(`where the keys in '${group.name}' stand cannot be derived: state \`keys\``);
  const begin = beginAt(group.children[i], { ...from, at: from.at + i });
  places.push({
    name: group.children[i].name,
    begin,
    find: { type: 'range', last: -1 - tail, step: leastOf(group.children), limit: 0 },
  });
}

function beginAt(key: Argument, from: Position): KeyBegin {
  if (from.keyword !== undefined)
    return { type: 'keyword', keyword: from.keyword.word, startfrom: from.keyword.startfrom };
  if (from.fixed) return { type: 'index', index: from.at };
  throw new Error(`where '${key.name}' stands cannot be derived: state \`keys\``);
}

/** Two single keys side by side as one range. */
function join(spec: KeySpec, place: Place): KeySpec | undefined {
  const { begin, find } = spec;
  if (begin.type !== 'index' || place.begin.type !== 'index' || find.type !== 'range' || place.find.type !== 'range')
    return undefined;
  if (find.last < 0 || place.find.last !== 0 || place.begin.index !== begin.index + find.last + 1) return undefined;
  return { ...spec, find: { ...find, last: find.last + 1 }, names: [...spec.names, place.name] };
}

/** The smallest number of words that the arguments of a list take. */
export function leastOf(list: readonly Argument[]): number {
  let n = 0;
  for (const argument of list) if (!argument.optional) n += leastOnce(argument);
  return n;
}

function leastOnce(argument: Argument): number {
  const word = argument.token === undefined || argument.type === 'pure-token' ? 0 : 1;
  if (argument.type === 'block') return word + leastOf(argument.children);
  if (argument.type === 'oneof') return word + Math.min(...argument.children.map((child) => leastOf([child])));
  return word + 1;
}

/** Whether an argument always takes the same number of words. */
export function isFixed(argument: Argument): boolean {
  if (argument.optional || argument.multiple || !argument.children.every(isFixed)) return false;
  return argument.type !== 'oneof' || new Set(argument.children.map(leastOnce)).size === 1;
}
