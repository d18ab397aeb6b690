/**
 * Command: the row of one command as the executor needs it: what was declared (spec/) made into numbers, its handler, and what
 * it has done so far. Monomorphic; built once at start by registry.ts.
 */
import type { Client } from './client.js';
import type { Spec, Handlers as SpecHandlers } from './spec/family.js';

/** Runs against `c.argv[0..c.argc)`; replies through `c.out` or throws a ReplyError before changing anything. */
export type Handler = (c: Client) => void;

/** A handler for every command of a family, no more and no less, or this does not compile. */
export type Handlers<F> = SpecHandlers<F, Handler>;

export class Command {
  /** Lower case: `get`. */
  readonly name: string;
  readonly group: string;
  /** Exact number of arguments, or minus the smallest number. */
  readonly arity: number;
  /** Bits of spec/flags.ts. */
  readonly flags: number;
  /** Bits of states in which this command may not simply run: see gates.ts. */
  readonly gates: number;
  readonly handler: Handler;
  readonly spec: Spec;

  // What INFO commandstats tells.
  calls = 0;
  usec = 0;
  rejected = 0;
  failed = 0;

  constructor(name: string, group: string, arity: number, flags: number, gates: number, handler: Handler, spec: Spec) {
    this.name = name;
    this.group = group;
    this.arity = arity;
    this.flags = flags;
    this.gates = gates;
    this.handler = handler;
    this.spec = spec;
  }
}
