/**
 * Command: the row of one command as the executor needs it: what was declared (spec/) made into numbers, its handler, and what
 * it has done so far. Monomorphic; built once at start by registry.ts.
 */
import type { Client } from './client.js';
import type { LatencyHistogram } from './histogram.js';
import type { Entry, Spec, Handlers as SpecHandlers } from './spec/family.js';
import { BLOCKING, FAST } from './spec/flags.js';

/** Runs against `c.argv[0..c.argc)`; replies through `c.out` or throws a ReplyError before changing anything. */
export type Handler = (c: Client) => void;

/** A handler for every command of a family, no more and no less, or this does not compile. */
export type Handlers<F> = SpecHandlers<F, Handler>;

export class Command {
  /** Lower case: `get`, `object|encoding`. */
  readonly name: string;
  /** What follows the container's name, `encoding`; for other commands the name itself. */
  readonly word: string;
  readonly group: string;
  /** Exact number of arguments, or minus the smallest number. */
  readonly arity: number;
  /** Bits of spec/flags.ts. */
  readonly flags: number;
  /** Bits of states in which this command may not simply run: see gates.ts. */
  readonly gates: number;
  readonly handler: Handler;
  /** Costs the same whatever the data: such commands may share a reading of the clock (timing.ts). */
  readonly quick: boolean;
  readonly spec: Spec;
  /** What was declared, and what follows from it. */
  readonly entry: Entry;
  /** The container of a sub-command. */
  readonly parent: Command | undefined;
  /** Of a container: its sub-commands by the hash of their word, filled by the registry. The next word chooses one. */
  subcommands: Map<number, Command> | undefined = undefined;

  /** How often it ran, was refused before it ran, and ended in an error. */
  calls = 0;
  rejected = 0;
  failed = 0;
  /** How long all calls together ran, microseconds; and how often how long, from the first call on. */
  usec = 0;
  histogram: LatencyHistogram | undefined = undefined;

  /** @param name when it is not the declared one: the command was renamed */
  constructor(entry: Entry, gates: number, handler: Handler, parent: Command | undefined, name = entry.name) {
    this.name = name;
    this.word = name.slice(name.indexOf('|') + 1);
    this.group = entry.group;
    this.arity = entry.arity;
    this.flags = entry.flags;
    this.gates = gates;
    this.handler = handler;
    const { complexity } = entry.spec;
    this.quick = ((entry.flags & FAST) !== 0 || complexity === 'O(1)') && (entry.flags & BLOCKING) === 0;
    this.spec = entry.spec;
    this.entry = entry;
    this.parent = parent;
  }

  /** CONFIG RESETSTAT. */
  resetStats(): void {
    this.calls = 0;
    this.rejected = 0;
    this.failed = 0;
    this.usec = 0;
    this.histogram = undefined;
  }
}
