/**
 * EvictionPool: the best candidates for eviction met so far, over all databases. Each round offers a few keys picked at random and
 * takes the best of all that were ever offered, which comes close to the true order (Redis 3.0's improvement of sampled LRU).
 *
 *   score   [ 12 | 40 | 41 | 900 ]                 ascending: the last one goes first
 *   place   [ db, hash, ref | ... ]                a key by where it stands, so that nothing is copied
 *
 * A key that was deleted or moved meanwhile is not found at its place any more and drops out when it is taken; one that was
 * accessed has another score by then: that is the taker's to check. Read next: eviction.ts.
 */

/** Candidates that are remembered. */
export const POOL_SIZE = 16;

export class EvictionPool {
  count = 0;
  /** The candidate that `take` took. */
  db = 0;
  hash = 0;
  ref = 0;
  score = 0;
  private readonly scores = new Float64Array(POOL_SIZE);
  private readonly dbs = new Int32Array(POOL_SIZE);
  private readonly hashes = new Int32Array(POOL_SIZE);
  private readonly refs = new Int32Array(POOL_SIZE);

  /** Forgets all candidates: their scores were those of another policy. */
  clear(): void {
    this.count = 0;
  }

  /** Offers a key; it is kept when it is better than the worst, or there is room. O(size). */
  offer(db: number, hash: number, ref: number, score: number): void {
    this.forget(db, hash, ref);
    const { scores } = this;
    let at = 0;
    while (at < this.count && scores[at] < score) at++;
    if (this.count < POOL_SIZE) {
      for (let i = this.count; i > at; i--) this.move(i - 1, i);
      this.count++;
    } else {
      if (at === 0) return;
      at--;
      for (let i = 0; i < at; i++) this.move(i + 1, i);
    }
    scores[at] = score;
    this.dbs[at] = db;
    this.hashes[at] = hash;
    this.refs[at] = ref;
  }

  /** Takes out the candidate with the highest score; false when there is none. */
  take(): boolean {
    if (this.count === 0) return false;
    const i = --this.count;
    this.db = this.dbs[i];
    this.hash = this.hashes[i];
    this.ref = this.refs[i];
    this.score = this.scores[i];
    return true;
  }

  private forget(db: number, hash: number, ref: number): void {
    for (let i = 0; i < this.count; i++) {
      if (this.refs[i] !== ref || this.hashes[i] !== hash || this.dbs[i] !== db) continue;
      this.count--;
      for (; i < this.count; i++) this.move(i + 1, i);
      return;
    }
  }

  private move(from: number, to: number): void {
    this.scores[to] = this.scores[from];
    this.dbs[to] = this.dbs[from];
    this.hashes[to] = this.hashes[from];
    this.refs[to] = this.refs[from];
  }
}
