/**
 * Large values: what is too big for a block of the arena and stands as a JavaScript object behind a handle in its entry. Deleting one of
 * many pieces only unlinks it; it is freed in slices later, so that no pause grows with the data.
 */

/** Somebody who still needs a value as it is: a snapshot that has not written it yet (capture-value.ts). */
export interface Pin {
  /** Bytes of the value since it was discarded; -1 while it is not. */
  discardedBytes: number;
}

export interface Large {
  /** All bytes of the value, in the arena and outside; what lies outside is also counted in `arena.outside`, by the value itself. */
  readonly bytes: number;
  /** Number of separately allocated pieces: the effort of freeing it. */
  readonly pieces: number;
  /** `bytes` as estimated from `samples` pieces, where all of them would take long; 0 = no estimate. Absent where `bytes` is O(1). */
  sampledBytes?(samples: number): number;
  /** While it is set the value is not freed, and this is told of every change before it happens. */
  capture: Pin | undefined;
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
  /** Bytes of what was discarded but is pinned: they are no part of the data any more. */
  retainedBytes = 0;

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

  /** Gives the handle back and frees the value, now or in slices; not before it is unpinned. */
  discard(handle: number): void {
    const large = this.at(handle);
    this.values[handle] = undefined;
    this.freeHandles.push(handle);
    this.letGo(large);
  }

  /** Puts `large` in the place of the value with this handle, which is discarded. */
  replace(handle: number, large: Large): void {
    const old = this.at(handle);
    this.values[handle] = large;
    this.letGo(old);
  }

  private letGo(large: Large): void {
    const { capture } = large;
    if (capture === undefined) return this.free(large);
    capture.discardedBytes = large.bytes;
    this.retainedBytes += capture.discardedBytes;
  }

  /** `pin` does not need `large` as it is any more: frees it when it was discarded meanwhile. Nothing happens when that is not its pin. */
  unpin(large: Large, pin: Pin): void {
    if (large.capture !== pin) return;
    large.capture = undefined;
    if (pin.discardedBytes < 0) return;
    this.retainedBytes -= pin.discardedBytes;
    this.free(large);
  }

  private free(large: Large): void {
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
