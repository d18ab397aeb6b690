/**
 * What a command is: one entry of data, from which the registry, COMMAND, ACL, the gateway and the documentation are derived. A
 * family is the entries of one file; it refuses to load when an entry contradicts itself. Specs hold facts, never behaviour.
 *
 *   get: { syntax, reply, flags, since, complexity, summary }      a command                         name `get`
 *   'config|get': { … }                                            a sub-command                     name `config|get`
 *   containers: { config: { summary, since, complexity } }         its parent, which has no handler  name `config`
 *
 * A parent may itself be a command (COMMAND is): then it is an entry like the others. Read next: syntax.ts, derive.ts, catalogue.ts.
 */
import { aclCategories, arity, keySpecs } from './derive.js';
import { contradiction, MOVABLEKEYS, NO_MANDATORY_KEYS } from './flags.js';
import { type KeySpec, legacyRange } from './key-spec.js';
import { parseReply, type ReplyType } from './reply.js';
import { type Argument, parseSyntax } from './syntax.js';

/** Redis's groups, as COMMAND DOCS prints them, and those of our own types. */
export type Group =
  | 'string'
  | 'generic'
  | 'hash'
  | 'list'
  | 'set'
  | 'sorted-set'
  | 'bitmap'
  | 'hyperloglog'
  | 'geo'
  | 'stream'
  | 'pubsub'
  | 'transactions'
  | 'scripting'
  | 'connection'
  | 'server'
  | 'cluster'
  | 'queue'
  | 'topic';

/** One command, as written. */
export interface Spec {
  /** What follows the name: see syntax.ts. */
  readonly syntax: string;
  /** What it answers: see reply.ts. */
  readonly reply: string;
  /** Bits of flags.ts. */
  readonly flags: number;
  /** Redis's version that brought it. */
  readonly since: string;
  readonly complexity: string;
  readonly summary: string;
  /** `6.2.0 The options `GET` and `PXAT`.`: version first, words of the syntax in backquotes. Oldest first. */
  readonly history?: readonly string[];
  /** What happens to each key argument (`['RW access', 'OW insert']`); in full where their places cannot be derived: key-spec.ts. */
  readonly keys?: readonly string[] | readonly KeySpec[];
  /** `+dangerous -keyspace`: changes to the ACL categories that follow from group and flags. */
  readonly acl?: string;
  /** Where the server takes more words than the syntax tells. */
  readonly arity?: number;
  readonly tips?: readonly string[];
  /** The version that advised against it. */
  readonly deprecated?: string;
  readonly replacedBy?: string;
}

/** A parent of sub-commands that does nothing itself. */
export interface ContainerSpec {
  readonly summary: string;
  readonly since: string;
  readonly complexity: string;
  readonly flags?: number;
  readonly acl?: string;
}

/** A command, or a container, with what was derived. */
export interface Entry {
  /** `get`, `config|get`. */
  readonly name: string;
  readonly group: Group;
  readonly spec: Spec;
  readonly tree: readonly Argument[];
  /** Undefined for a container. */
  readonly reply: ReplyType | undefined;
  /** Exact number of words, or minus the smallest number. */
  readonly arity: number;
  /** `spec.flags`, and MOVABLEKEYS where that holds. */
  readonly flags: number;
  readonly keys: readonly KeySpec[];
  readonly firstKey: number;
  readonly lastKey: number;
  readonly keyStep: number;
  readonly acl: readonly string[];
}

/** The entries of one file. `N`: the names that need a handler. */
export interface Family<N extends string> {
  readonly group: Group;
  /** The names that need a handler, in the order of the file. */
  readonly names: readonly N[];
  readonly entries: Readonly<Record<N, Entry>>;
  readonly containers: readonly Entry[];
}

/** A handler for every name of a family and no other: a spec without a handler, or the reverse, does not compile. */
export type Handlers<F, H> = F extends Family<infer N> ? { readonly [K in N]: H } : never;

/**
 * Makes a family of specs. Throws an Error that names the command when a line cannot be parsed, flags contradict each other, the
 * places of keys cannot be derived, a sub-command has no parent here, or a parent no sub-command.
 */
export function family<const N extends string>(
  group: Group,
  specs: Readonly<Record<N, Spec>>,
  containers: Readonly<Record<string, ContainerSpec>> = {},
): Family<N> {
  const names = Object.keys(specs) as N[];
  const parents = new Set(names.filter((name) => name.includes('|')).map((name) => name.slice(0, name.indexOf('|'))));
  for (const parent of parents)
    if (Object.hasOwn(specs, parent) === Object.hasOwn(containers, parent))
      throw new Error(`${parent}: must be a command or a container of its own family, and only one of them`);
  const entries = {} as Record<N, Entry>;
  for (const name of names) entries[name] = told(name, () => entry(group, name, specs[name], parents.has(name)));
  const containerEntries = Object.keys(containers).map((name) => {
    if (!parents.has(name)) throw new Error(`${name}: a container without sub-commands`);
    return told(name, () => containerEntry(group, name, containers[name]));
  });
  return { group, names, entries, containers: containerEntries };
}

function entry(group: Group, name: string, spec: Spec, isParent: boolean): Entry {
  checkName(name);
  checkTexts(spec);
  const wrong = contradiction(spec.flags);
  if (wrong !== undefined) throw new Error(wrong);
  const tree = parseSyntax(spec.syntax);
  const derived = arity(tree, name, isParent);
  if (spec.arity === derived) throw new Error(`states the arity ${derived}, which its syntax has anyway`);
  const keys = keySpecs(tree, name, spec);
  if ((spec.flags & NO_MANDATORY_KEYS) !== 0 && !keys.some((key) => key.find.type === 'keynum'))
    throw new Error('NO_MANDATORY_KEYS without a number of keys');
  const range = legacyRange(keys);
  return {
    name,
    group,
    spec,
    tree,
    reply: parseReply(spec.reply),
    arity: spec.arity ?? derived,
    flags: range.movable ? spec.flags | MOVABLEKEYS : spec.flags,
    keys,
    firstKey: range.first,
    lastKey: range.last,
    keyStep: range.step,
    acl: aclCategories(group, spec.flags, spec.acl, false),
  };
}

function containerEntry(group: Group, name: string, container: ContainerSpec): Entry {
  checkName(name);
  const spec: Spec = { syntax: '', reply: '', flags: 0, ...container };
  checkTexts(spec);
  const acl = aclCategories(group, spec.flags, spec.acl, true);
  const none = { tree: [], reply: undefined, keys: [], firstKey: 0, lastKey: 0, keyStep: 0 };
  return { name, group, spec, ...none, arity: -2, flags: spec.flags, acl };
}

function checkName(name: string): void {
  if (!/^[a-z][a-z._-]*(\|[a-z][a-z-]*)?$/.test(name)) throw new Error('is no name of a command');
}

function checkTexts(spec: Spec): void {
  if (!/^\d+\.\d+\.\d+$/.test(spec.since)) throw new Error(`'${spec.since}' is no version`);
  if (spec.summary === '' || spec.complexity === '') throw new Error('needs a summary and a complexity');
  for (const line of spec.history ?? [])
    if (!/^\d+\.\d+\.\d+ ./.test(line)) throw new Error(`history '${line}' does not begin with a version`);
  if ((spec.replacedBy !== undefined) !== (spec.deprecated !== undefined))
    throw new Error('`deprecated` and `replacedBy` go together');
}

/** Adds the command's name to what is thrown. */
function told<T>(name: string, make: () => T): T {
  try {
    return make();
  } catch (e) {
    throw new Error(`${name}: ${e instanceof Error ? e.message : String(e)}`);
  }
}
