/**
 * Deadlines: when each of any number of waits ends, in a binary heap, with one timer for the earliest instead of one for each.
 *
 *   heap[0] ends first; heap[i] ends no later than heap[2i + 1] and heap[2i + 2]; each entry knows its place in `slot`
 *
 * The timer keeps no process alive. Source of the algorithm: J. W. J. Williams, 1964.
 */

/** Something that ends at `deadline` (ms since the epoch, finite); `slot` belongs to the heap, -1 outside it. */
export interface Timed {
  readonly deadline: number;
  slot: number;
}

/** The longest delay that a timer takes, ms. */
const MAX_DELAY = 0x7fffffff;

export class Deadlines<T extends Timed> {
  private readonly heap: T[] = [];
  private timer: NodeJS.Timeout | undefined = undefined;
  /** For which deadline the timer is set. */
  private armed = Number.POSITIVE_INFINITY;
  private readonly wake: () => void;

  /** @param wake is called when the earliest deadline is thought to have passed; it takes what is due and calls `arm` */
  constructor(wake: () => void) {
    this.wake = wake;
  }

  get size(): number {
    return this.heap.length;
  }

  /** O(log n) */
  add(item: T): void {
    item.slot = this.heap.length;
    this.heap.push(item);
    this.up(item);
  }

  /** Nothing happens when it is not there. O(log n) */
  remove(item: T): void {
    const at = item.slot;
    if (at < 0) return;
    item.slot = -1;
    const last = this.heap.pop()!;
    if (last === item) return;
    this.heap[at] = last;
    last.slot = at;
    this.up(last);
    this.down(last);
  }

  /** Takes out the earliest item, when its deadline has passed at `now`. O(log n) */
  takeDue(now: number): T | undefined {
    const first = this.heap[0];
    if (first === undefined || first.deadline > now) return undefined;
    this.remove(first);
    return first;
  }

  /** Sets the timer for the earliest deadline; call after `add`, and after what is due was taken. */
  arm(now: number): void {
    const first = this.heap[0];
    const at = first === undefined ? Number.POSITIVE_INFINITY : first.deadline;
    if (at === this.armed && this.timer !== undefined) return;
    this.stop();
    if (first === undefined) return;
    this.armed = at;
    this.timer = setTimeout(
      () => {
        this.timer = undefined;
        this.wake();
      },
      Math.min(MAX_DELAY, Math.max(1, at - now)),
    );
    this.timer.unref();
  }

  stop(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    this.armed = Number.POSITIVE_INFINITY;
  }

  private up(item: T): void {
    const { heap } = this;
    let i = item.slot;
    while (i > 0) {
      const above = (i - 1) >> 1;
      if (heap[above].deadline <= item.deadline) break;
      heap[i] = heap[above];
      heap[i].slot = i;
      i = above;
    }
    heap[i] = item;
    item.slot = i;
  }

  private down(item: T): void {
    const { heap } = this;
    let i = item.slot;
    for (;;) {
      let below = 2 * i + 1;
      if (below >= heap.length) break;
      if (below + 1 < heap.length && heap[below + 1].deadline < heap[below].deadline) below++;
      if (heap[below].deadline >= item.deadline) break;
      heap[i] = heap[below];
      heap[i].slot = i;
      i = below;
    }
    heap[i] = item;
    item.slot = i;
  }
}
