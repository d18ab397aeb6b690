/**
 * ValueCapture: one large value while a snapshot needs it as it was. A value that is written in many steps must stand in one piece, so it
 * comes last, when nothing else is written any more; until then it waits:
 *
 *   met ──(waits: what changes in it is set aside)──▶ begin ──▶ step, step, ... ──▶ written: unpinned
 *
 * What a file says of its key stands in `head` since it was met; it may have been renamed, replaced or deleted since. The value tells of
 * each change before it happens (Large.capture). Heirs: capture-collection.ts, capture-list.ts, capture-string.ts.
 */
import type { Large, LargeValues, Pin } from './large.js';
import type { RdbOutput } from './rdb/output.js';

/** What values that wait have in common: where they set aside what would be lost. */
export interface Waiting {
  /** Elements are composed here before they are set aside. */
  readonly scratch: RdbOutput;
  /** `bytes` more (or fewer) are set aside for `value`. */
  held(value: ValueCapture, bytes: number): void;
  /** Something cannot be written as it was. That ends the capture; the change goes on. */
  failed(error: unknown): void;
}

export abstract class ValueCapture implements Pin {
  discardedBytes = -1;
  /** Bytes that were set aside. */
  heldBytes = 0;
  /** Much was set aside: it shall not wait longer than it must. */
  urgent = false;
  /** Whether its turn is over. */
  ended = false;
  /** The number of the key's database. */
  readonly db: number;
  private readonly head: Uint8Array;
  private readonly owner: Waiting;
  private readonly large: Large;
  private readonly home: LargeValues;

  /**
   * @param head what stands before the elements (or the string) in a file: expiry, type, key, number of elements
   * @param home where the value is kept
   */
  constructor(owner: Waiting, db: number, head: Uint8Array, large: Large, home: LargeValues) {
    this.owner = owner;
    this.db = db;
    this.head = head;
    this.large = large;
    this.home = home;
  }

  /** Its turn has come: writes what comes before the elements. Until `step` has ended nothing else may be written to `out`. */
  begin(out: RdbOutput): void {
    out.bytes(this.head, 0, this.head.length);
  }

  /** Writes until `out` holds about `limit` bytes, or about `count` elements were passed. @returns whether all is written */
  abstract step(out: RdbOutput, count: number, limit: number): boolean;

  /** The value may go: it is written, or the snapshot is given up. Must be called once. */
  end(): void {
    this.ended = true;
    this.hold(-this.heldBytes);
    this.home.unpin(this.large, this);
  }

  /** Where an element is composed before it is set aside. */
  protected get scratch(): RdbOutput {
    return this.owner.scratch;
  }

  protected failed(error: unknown): void {
    this.owner.failed(error);
  }

  protected hold(bytes: number): void {
    this.heldBytes += bytes;
    this.owner.held(this, bytes);
  }
}
