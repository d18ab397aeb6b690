/**
 * Access: what a gateway lets through beside what the server's users may do: nothing that writes, some families only, keys with
 * certain prefixes only. For agents and for what is open to many.
 *
 * Keys are found by asking the server (COMMAND GETKEYS), so that nothing about commands is known twice.
 */
import type { Entry } from '../../commands/spec/family.js';
import { MAY_REPLICATE, PROTECTED, READONLY, TOUCHES_ARBITRARY_KEYS, WRITE } from '../../commands/spec/flags.js';
import type { ReplyValue } from '../../protocol/reply-reader.js';
import { type Command, wordText } from './commands.js';
import { Failure } from './failure.js';
import { escapeGlob } from './glob.js';
import type { Word } from './link.js';

export interface Limits {
  /** Refuses every command that may write, scripts too, what is sent to other clients, and what changes how the server runs. */
  readonly readOnly?: boolean;
  /**
   * Groups of commands (`string`, `hash`, `sorted-set`, `queue`) that are let through; all when undefined. A script may call commands of
   * any group, so who lets through `scripting` lets through all.
   */
  readonly families?: readonly string[];
  /** What every key must begin with, one of these; anything when undefined. */
  readonly prefixes?: readonly string[];
}

/** Asks the server. */
type Ask = (argv: readonly Word[]) => Promise<ReplyValue>;

/** Keyless commands of these groups say nothing about anybody's keys. */
const HARMLESS = new Set([
  'ping',
  'echo',
  'time',
  'lolwut',
  'command',
  'command|count',
  'command|docs',
  'command|info',
]);

export class Access {
  readonly limits: Limits;
  /** Whether there is anything to check. */
  readonly isLimited: boolean;

  constructor(limits: Limits) {
    this.limits = limits;
    const { readOnly, families, prefixes } = limits;
    this.isLimited = readOnly === true || families !== undefined || prefixes !== undefined;
  }

  /** Whether `command` may be called at all, with some keys. Lists of tools and routes show no others. */
  allows({ entry }: Command): boolean {
    const { readOnly, families } = this.limits;
    if (readOnly === true && changes(entry)) return false;
    return families === undefined || families.includes(entry.group);
  }

  /** Whether any call of `command` can pass: not where keys are limited and it has none, or looks at all of them. */
  admits(command: Command): boolean {
    return this.allows(command) && (this.limits.prefixes === undefined || hasPrefixes(command.entry));
  }

  /**
   * Checks a call before it is sent.
   * @throws Failure FORBIDDEN
   */
  async check(command: Command, argv: readonly Word[], ask: Ask): Promise<void> {
    const { prefixes } = this.limits;
    if (!this.allows(command)) throw new Failure('FORBIDDEN', `'${command.entry.name}' is not allowed here`);
    if (prefixes === undefined) return;
    if (!(await keysMatch(command, argv, prefixes, ask)))
      throw new Failure('FORBIDDEN', `keys must begin with ${prefixes.map((prefix) => `'${prefix}'`).join(' or ')}`);
  }
}

/** What operators do to the server itself. */
const OPERATING = new Set(
  (
    'shutdown save bgsave bgrewriteaof replicaof slaveof failover config|set config|rewrite config|resetstat client|kill client|pause ' +
    'client|unpause client|unblock slowlog|reset latency|reset acl|setuser acl|deluser acl|load acl|save script|flush script|kill ' +
    'function|kill'
  ).split(' '),
);

/** What reaches other clients; no script that only reads may do that either. */
const SENDING = new Set(['publish', 'spublish']);

/** Whether a command may write (as scripts may), send something to other clients, or change how the server runs. */
function changes({ flags, name }: Entry): boolean {
  if ((flags & READONLY) !== 0) return false;
  return (flags & (WRITE | MAY_REPLICATE | PROTECTED)) !== 0 || OPERATING.has(name) || SENDING.has(name);
}

/** Whether what a command touches can be told by prefixes. */
function hasPrefixes({ name, group, keys, flags }: Entry): boolean {
  if (name === 'scan') return true;
  // A script may look at keys that it does not name.
  if (group === 'scripting') return false;
  if (keys.length === 0) return HARMLESS.has(name);
  return (flags & TOUCHES_ARBITRARY_KEYS) === 0;
}

async function keysMatch(
  { entry }: Command,
  argv: readonly Word[],
  prefixes: readonly string[],
  ask: Ask,
): Promise<boolean> {
  if (entry.name === 'scan') return scans(argv, prefixes);
  if (!hasPrefixes(entry)) return false;
  if (entry.keys.length === 0) return true;
  // SORT looks at keys that its patterns make.
  if (entry.name.startsWith('sort') && argv.slice(2).some((word) => /^(by|get)$/i.test(wordText(word)))) return false;
  const keys = await ask(['COMMAND', 'GETKEYS', ...argv]);
  if (!Array.isArray(keys)) return false;
  return keys.every((key) => key instanceof Uint8Array && begins(wordText(key), prefixes));
}

/** Whether SCAN is told to give nothing but what begins with a prefix. */
function scans(argv: readonly Word[], prefixes: readonly string[]): boolean {
  let matches = false;
  for (let i = 2; i + 1 < argv.length; i += 2)
    if (/^match$/i.test(wordText(argv[i]))) matches = begins(bytesOf(argv[i + 1]), prefixes.map(escapeGlob));
  return matches;
}

/** @param text a character for each byte */
function begins(text: string, prefixes: readonly string[]): boolean {
  return prefixes.some((prefix) => text.startsWith(bytesOf(prefix)));
}

/** A word with a character for each of the bytes that are sent. */
function bytesOf(word: Word): string {
  return wordText(typeof word === 'string' ? Buffer.from(word) : word);
}
