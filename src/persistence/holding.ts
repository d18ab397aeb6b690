/**
 * Holding: replies that must not leave yet, because what they tell is not safe. While something that was executed has not reached the
 * log (`appendfsync always`: the disk), every connection that has output is held: the writer's reply would promise what may be lost,
 * and a reader's would show it.
 *
 *   command -> effect: frame 7 opens, unsafe -> reply: hold(connection), which waits for 7 -> frame 7 is safe: release(7) -> sent
 *
 * One list serves all policies. Who decides what is safe is the log (append-log.ts); who holds is Connection.
 */

/** A connection whose output waits. */
export interface Held {
  /**
   * What was executed up to the frame `safe` may be told: sends what waited for no more than that.
   * @param others whether output that tells of no change of its own may leave too
   * @returns whether nothing is held any more
   */
  release(safe: number, others: boolean): boolean;
}

/** Who writes what is waited for. */
export interface Writer {
  /** Ends the frame that is open when it is long. Must only be called between commands. */
  cut(): void;
  /** Writes at once, where a write is all that is waited for. Must only be called between commands. @returns whether all is safe now */
  writeThrough(): boolean;
}

export class Holding {
  /** Something that was executed is not safe yet: output must be held. */
  unsafe = false;
  /** The frame in which the last change stands. */
  sequence = 0;
  /** The last frame that is safe. */
  safe = 0;
  /** The log cannot be written: output that tells of no change of its own leaves all the same, or nobody could be told. */
  failing = false;
  /** So much waits to be written that nobody's commands are executed. */
  full = false;
  writer: Writer | undefined = undefined;
  private held: Held[] = [];
  private spare: Held[] = [];

  /** How many connections are held. */
  get size(): number {
    return this.held.length;
  }

  /** Remembers `item`, which must not be held already, for `release`. */
  hold(item: Held): void {
    this.held.push(item);
  }

  /** The frames up to `safe` are safe. O(held connections) */
  release(safe: number): void {
    this.safe = safe;
    this.unsafe = this.sequence > safe;
    const list = this.held;
    if (list.length === 0) return;
    this.held = this.spare;
    for (let i = 0; i < list.length; i++) if (!list[i].release(safe, this.failing)) this.held.push(list[i]);
    list.length = 0;
    this.spare = list;
  }
}
