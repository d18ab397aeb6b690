/**
 * The keys of a call: where they stand in its arguments and what happens to them, found by the command's key specifications
 * (spec/key-spec.ts). COMMAND GETKEYS asks here, and whoever must know keys before a command runs (ACL, cluster).
 *
 *   ZUNIONSTORE d 2 a b    ->  places 1, 3, 4    uses 'OW update', 'RO access', 'RO access'
 *
 * What a specification cannot tell stands in FINDERS: commands whose keys only their options tell (SORT ... STORE), or what happens to
 * them (SET ... GET). A specification marked `not_key` finds what is only routed like a key: it is passed over.
 */
import type { Bytes } from '../storage/memory/bytes.js';
import { parseInteger } from './args.js';
import type { Command } from './command.js';
import type { KeySpec } from './spec/key-spec.js';

/** What was found; used again for the next call. */
export class FoundKeys {
  count = 0;
  /** Index into the arguments. */
  readonly places: number[] = [];
  /** What happens to the key: words of key-spec.ts. */
  readonly uses: string[] = [];

  clear(): void {
    this.count = 0;
  }

  add(place: number, use: string): void {
    this.places[this.count] = place;
    this.uses[this.count++] = use;
  }
}

/** The arguments of a call from its name on, which may stand behind others: of COMMAND GETKEYS they do. */
export class Call {
  argv: readonly Bytes[] = [];
  /** Where the name stands. */
  from = 0;
  /** Words, the name included. */
  argc = 0;

  set(argv: readonly Bytes[], from: number, argc: number): this {
    this.argv = argv;
    this.from = from;
    this.argc = argc;
    return this;
  }

  word(i: number): Bytes {
    return this.argv[this.from + i];
  }
}

type Finder = (call: Call, keys: FoundKeys) => void;

/** What may be asked of commands whose specifications do not tell everything. */
const FINDERS: Readonly<Record<string, Finder>> = {
  set: setKeys,
  sort: sortKeys,
  sort_ro: (_call, keys) => keys.add(1, 'RO access'),
};

/** Whether keys may stand among the arguments of `command`. */
export function hasKeys(command: Command): boolean {
  const { keys } = command.entry;
  for (let i = 0; i < keys.length; i++) if (!isNoKey(keys[i])) return true;
  return false;
}

/**
 * Finds the keys of `call`, a call of `command` with a fitting number of words, into `keys`.
 * @returns false when they do not stand where they should (a number of keys that is none or too large); `keys` is empty then. O(keys)
 */
export function findKeys(command: Command, call: Call, keys: FoundKeys): boolean {
  keys.clear();
  const { name } = command.entry;
  if (Object.hasOwn(FINDERS, name)) {
    FINDERS[name](call, keys);
    return true;
  }
  const specs = command.entry.keys;
  for (let i = 0; i < specs.length; i++) {
    if (isNoKey(specs[i]) || findBySpec(specs[i], call, keys)) continue;
    keys.clear();
    return false;
  }
  return keys.count > 0;
}

function isNoKey(spec: KeySpec): boolean {
  return spec.use.includes('not_key');
}

/** Adds what one specification finds; false when it cannot be followed. */
function findBySpec(spec: KeySpec, call: Call, keys: FoundKeys): boolean {
  const { find, use } = spec;
  let first = beginOf(spec, call);
  if (first < 1 || first >= call.argc) return false;
  let last: number;
  if (find.type === 'range') {
    if (find.last >= 0) last = first + find.last;
    else if (find.limit < 2) last = call.argc + find.last;
    else last = first + Math.floor((call.argc - first) / find.limit) + find.last;
  } else if (find.type === 'keynum') {
    if (first + find.keynumidx >= call.argc) return false;
    const n = parseInteger(call.word(first + find.keynumidx));
    if (!(n > 0)) return false;
    first += find.firstkey;
    last = first + (n - 1) * find.step;
  } else return false;
  if (last < first || last >= call.argc) return false;
  for (let i = first; i <= last; i += find.step) keys.add(i, use);
  return true;
}

/** Index of the first key, or of the number of keys; 0 when it is not there. */
function beginOf(spec: KeySpec, call: Call): number {
  const { begin } = spec;
  if (begin.type === 'index') return begin.index;
  if (begin.type !== 'keyword') return 0;
  // Searched forwards from an index, or backwards from the end.
  const forward = begin.startfrom > 0;
  const step = forward ? 1 : -1;
  const start = forward ? begin.startfrom : call.argc + begin.startfrom;
  for (let i = start; i > (forward ? 0 : 1) && i < call.argc; i += step)
    if (call.word(i).is(begin.keyword.toLowerCase())) return i + 1;
  return 0;
}

function setKeys(call: Call, keys: FoundKeys): void {
  let use = 'OW update';
  for (let i = 3; i < call.argc; i++) if (call.word(i).is('get')) use = 'RW access update';
  keys.add(1, use);
}

/** Only the last STORE counts; a pattern may be called like an option. */
function sortKeys(call: Call, keys: FoundKeys): void {
  let store = 0;
  for (let i = 2; i < call.argc; i++) {
    const word = call.word(i);
    if (word.is('limit')) i += 2;
    else if (word.is('by') || word.is('get')) i++;
    else if (word.is('store') && i + 1 < call.argc) store = i + 1;
  }
  keys.add(1, 'RO access');
  if (store > 0) keys.add(store, 'OW update');
}
