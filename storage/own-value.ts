/**
 * OwnValue: a value of a type that Redis does not have. It always stands as a JavaScript object behind a handle (encoding OBJECT), and
 * this is all that the rest of the house knows of it: keyspace, snapshots, DUMP, COPY, DEBUG and the expiry cycle ask here, never for
 * the type. Unlike a collection it is a key while it is empty.
 *
 *   file   MODULE_2  key  [ number of name and version ]  [ head ]  [ elements, in an order that the type chooses ]  [ end ]
 *
 * All terms are those of values of modules (rdb/module-terms.ts), so that tools that know no Synap can skip them. Who adds a type: its
 * number in types.ts, its OwnType in own-types.ts. Read next: own-types.ts, capture-value.ts.
 */
import type { ValueCapture, Waiting } from './capture-value.js';
import type { Large, LargeValues } from './large.js';
import type { Limits } from './limits.js';
import type { Arena } from './memory/arena.js';
import type { RdbInput } from './rdb/input.js';
import type { RdbOutput } from './rdb/output.js';

export interface OwnValue extends Large {
  readonly kind: OwnType;
  /**
   * Before this time (ms since the epoch) nothing happens to the value by itself; Infinity: never. A lower bound: what passes it is told
   * to KeyspaceListener.valueDue, which must move it. When it comes earlier, `valueMoved` (value-due.ts) must be told. O(1)
   */
  readonly due: number;
  /** Whether who waits for the key (Client.block) may find something now: asked again for each of them. O(1) */
  readonly ready: boolean;
  /** An equal value in another arena. O(size) */
  copyTo(arena: Arena): OwnValue;
  /** Writes what stands before the elements, as terms of a module; all that is not kept by element. No pause may come of it. */
  writeHead(out: RdbOutput): void;
  /** Writes all elements. O(size) */
  writeElements(out: RdbOutput): void;
  /**
   * Begins to keep the value as it is now until a snapshot has written it, in steps: `head` first, then the elements and the end
   * (`writeEnd`). O(1), or O(what has no elements of its own)
   * @param live whether the value may change meanwhile: then it tells its `capture` before each change
   */
  captured(owner: Waiting, db: number, head: Uint8Array, home: LargeValues, live: boolean): ValueCapture;
  /** Gives the content in parts, of which the order does not count: equal values give equal parts. For DEBUG DIGEST. O(size) */
  parts(visit: (part: Uint8Array) => void): void;
}

/** A type: one object for all values of it. */
export interface OwnType {
  /** QUEUE, TOPIC: a number of types.ts. */
  readonly type: number;
  /** Nine characters of A-Z a-z 0-9 - _, under which files know the type. */
  readonly module: string;
  /** Version of the form in files, 0 to 1023. Older ones are read, too. */
  readonly version: number;
  /** What OBJECT ENCODING says. */
  readonly encodingName: string;
  /** Begins to read a value that was written as `version`, at most the present one. */
  load(arena: Arena, limits: Limits, version: number): OwnLoader;
}

/** A value that is being read from a file. */
export interface OwnLoader {
  /** What has been read; it is discarded like any other value when that ends early, and must be whole enough for it. */
  readonly value: OwnValue;
  /**
   * Reads one unit, head or element. It reads all of the unit before it changes anything: the call is repeated after SHORT.
   * @returns whether another one follows; else the end does, which this does not read
   * @throws RdbError when the unit is damaged; SHORT
   */
  next(input: RdbInput): boolean;
}
