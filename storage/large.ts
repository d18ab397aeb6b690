/**
 * Large values: what is too big for a block of the arena and stands as a JavaScript object behind a handle in its entry. Deleting one of
 * many pieces only unlinks it; it is freed in slices later, so that no pause grows with the data.
 */

export interface Large {
  /** All bytes of the value, in the arena and outside; what lies outside is also counted in `arena.outside`, by the value itself. */
  readonly bytes: number;
  /** Number of separately allocated pieces: the effort of freeing it. */
  readonly pieces: number;
  /** `bytes` as estimated from `samples` pieces, where all of them would take long; 0 = no estimate. Absent where `bytes` is O(1). */
  sampledBytes?(samples: number): number;
  /** Frees about `budget` pieces; true when nothing is left. Called until then. */
  free(budget: number): boolean;
}

/** Frees more than this many pieces at once and the event loop would feel it. */
const FREE_NOW = 64;

export class LargeValues {
  /** By handle; handle 0 is never given out. */
  private readonly values: (Large | undefined)[] = [undefined];
  private readonly freeHandles: number[] = [];
  /** Unlinked, and waiting to be freed in slices. */
  private readonly doomed: Large[] = [];
  /** How many were freed in slices so far. */
  freed = 0;

  /** How many wait to be freed in slices. */
  get pending(): number {
    return this.doomed.length;
  }

  at(handle: number): Large {
    return this.values[handle]!;
  }

  /** Keeps `large` and returns its handle. */
  put(large: Large): number {
    const handle = this.freeHandles.pop() ?? this.values.length;
    this.values[handle] = large;
    return handle;
  }

  /** Gives the handle back and frees the value, now or in slices. */
  discard(handle: number): void {
    const large = this.at(handle);
    this.values[handle] = undefined;
    this.freeHandles.push(handle);
    if (large.pieces > FREE_NOW || !large.free(FREE_NOW)) this.doomed.push(large);
  }

  /** Whether something that was discarded is not freed yet. */
  get hasDoomed(): boolean {
    return this.doomed.length > 0;
  }

  /** Frees up to `budget` pieces of what was discarded; true when nothing is left to free. */
  freeDoomed(budget: number): boolean {
    const last = this.doomed.length - 1;
    if (last >= 0 && this.doomed[last].free(budget)) {
      this.doomed.pop();
      this.freed++;
    }
    return this.doomed.length === 0;
  }
}
