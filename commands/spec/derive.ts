/**
 * What follows from a spec without being written: arity, keys, ACL categories, the arguments of COMMAND DOCS. Runs once at start
 * and throws on what does not fit together; never runs while serving. Where the keys stand is worked out in key-spec.ts.
 */
import type { Group, Spec } from './family.js';
import { ADMIN, BLOCKING, FAST, PUBSUB, READONLY, WRITE } from './flags.js';
import { checkedUse, countKeys, deriveKeys, isFixed, type KeySpec, leastOf } from './key-spec.js';
import type { Argument } from './syntax.js';

/** All ACL categories, in the order in which COMMAND INFO prints them. */
export const ACL_CATEGORIES = [
  'keyspace',
  'read',
  'write',
  'set',
  'sortedset',
  'list',
  'hash',
  'string',
  'bitmap',
  'hyperloglog',
  'geo',
  'stream',
  'pubsub',
  'admin',
  'fast',
  'slow',
  'blocking',
  'dangerous',
  'connection',
  'transaction',
  'scripting',
  'queue',
  'topic',
] as const;

/** The category that a group brings along. The others bring none. */
const CATEGORY_OF_GROUP: Readonly<Partial<Record<Group, string>>> = {
  generic: 'keyspace',
  string: 'string',
  list: 'list',
  set: 'set',
  'sorted-set': 'sortedset',
  hash: 'hash',
  bitmap: 'bitmap',
  hyperloglog: 'hyperloglog',
  geo: 'geo',
  stream: 'stream',
  connection: 'connection',
  transactions: 'transaction',
  scripting: 'scripting',
  queue: 'queue',
  topic: 'topic',
};

/** How many words a name has: `config|get` has two. */
export function wordsOf(name: string): number {
  return name.includes('|') ? 2 : 1;
}

/** The exact number of words of a call, its name included, or minus the smallest number. A parent of sub-commands always varies. */
export function arity(tree: readonly Argument[], name: string, isParent = false): number {
  const least = wordsOf(name) + leastOf(tree);
  return !isParent && tree.every(isFixed) ? least : -least;
}

/**
 * The key specifications of a command: derived from its tree with the uses in `spec.keys` (a READONLY command needs none: its keys
 * are `RO access`), or stated there in full. Throws when something is missing or does not fit.
 */
export function keySpecs(tree: readonly Argument[], name: string, spec: Spec): readonly KeySpec[] {
  const stated = spec.keys;
  const count = countKeys(tree);
  if (stated === undefined) {
    if (count === 0) return [];
    if ((spec.flags & READONLY) === 0) throw new Error('what happens to its keys must be stated in `keys`');
    return deriveKeys(tree, wordsOf(name), Array(count).fill('RO access'));
  }
  if (isUses(stated)) return deriveKeys(tree, wordsOf(name), stated);
  for (const spec of stated) checkedUse(spec.use);
  return stated;
}

function isUses(keys: readonly string[] | readonly KeySpec[]): keys is readonly string[] {
  return keys.every((key) => typeof key === 'string');
}

/** Names of ACL categories, in Redis's order. `isContainer`: only the flags count, since the sub-commands are what runs. */
export function aclCategories(
  group: Group,
  flags: number,
  acl: string | undefined,
  isContainer: boolean,
): readonly string[] {
  const set = new Set<string>();
  const ofGroup = CATEGORY_OF_GROUP[group];
  if (ofGroup !== undefined && !isContainer) set.add(ofGroup);
  if ((flags & WRITE) !== 0) set.add('write');
  // A script that only reads is still a script.
  if ((flags & READONLY) !== 0 && group !== 'scripting') set.add('read');
  if ((flags & ADMIN) !== 0) set.add('admin').add('dangerous');
  if ((flags & PUBSUB) !== 0) set.add('pubsub');
  if ((flags & BLOCKING) !== 0) set.add('blocking');
  set.add((flags & FAST) !== 0 ? 'fast' : 'slow');
  for (const rule of acl === undefined ? [] : acl.split(' ')) changeCategory(set, rule);
  return ACL_CATEGORIES.filter((category) => set.has(category));
}

/** `+dangerous` or `-keyspace`; throws when that is unknown or changes nothing. */
function changeCategory(set: Set<string>, rule: string): void {
  const category = rule.slice(1);
  const adds = rule[0] === '+';
  if (!(ACL_CATEGORIES as readonly string[]).includes(category) || (!adds && rule[0] !== '-'))
    throw new Error(`'${rule}' is no change of ACL categories`);
  if (set.has(category) === adds) throw new Error(`'${rule}' changes nothing`);
  if (adds) set.add(category);
  else set.delete(category);
}

/** An argument as COMMAND DOCS tells it. */
export interface DocsArgument {
  readonly name: string;
  readonly type: string;
  readonly token: string | undefined;
  /** The key specification that finds it. */
  readonly keySpecIndex: number | undefined;
  readonly since: string | undefined;
  /** `optional`, `multiple`, `multiple_token`. */
  readonly flags: readonly string[];
  readonly arguments: readonly DocsArgument[];
}

/**
 * The arguments of COMMAND DOCS. `since` comes from the history: the version of the first line that names the argument's word (or
 * the argument itself) in backquotes.
 */
export function docsArguments(
  tree: readonly Argument[],
  keys: readonly KeySpec[],
  history: readonly string[] = [],
): DocsArgument[] {
  const since = new Map<string, string>();
  for (const line of history) {
    const version = line.slice(0, line.indexOf(' '));
    for (const [, word] of line.matchAll(/`([^`]+)`/g)) if (!since.has(word)) since.set(word, version);
  }
  const tell = (argument: Argument): DocsArgument => {
    const { name, type, token } = argument;
    const told = argument.children.map(tell);
    // Alternatives that came together are told so by their group.
    const together = type === 'oneof' && told.every((part) => part.since === told[0].since) ? told[0].since : undefined;
    const parts = together === undefined ? told : told.map((part) => ({ ...part, since: undefined }));
    const isKey = type === 'key' || type === 'pattern';
    const index = isKey ? keys.findIndex((spec) => spec.names.includes(name)) : -1;
    return {
      name,
      type: type === 'shard-channel' ? 'string' : type,
      token,
      keySpecIndex: index < 0 ? undefined : index,
      since: since.get(token ?? name) ?? together,
      flags: flagsOf(argument),
      arguments: parts,
    };
  };
  return tree.map(tell);
}

function flagsOf({ optional, multiple, multipleToken }: Argument): string[] {
  const flags: string[] = [];
  if (optional) flags.push('optional');
  if (multiple) flags.push('multiple');
  if (multipleToken) flags.push('multiple_token');
  return flags;
}
