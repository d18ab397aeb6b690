/**
 * Gathering: when the next group of changes leaves for the disk, with `appendfsync always`.
 *
 *   in flight: A | held: B   landed: A is answered, B could leave     at once: A and B would take turns for ever, half a group each
 *                            wait for A's next commands ............  A and B leave together
 *
 * So after a landing the next flight waits until as many clients are held as before, though not for longer than half of what a flight
 * takes. A client that is alone never waits. Where not even half of those who were answered come again in time, clients think longer
 * than the disk: then most landings are followed by the next flight at once.
 */

/** The longest wait, ms, and as a part of a flight. */
const WAIT_MAX_MS = 5;
const WAIT_PART = 0.5;
/** After waiting in vain again and again, so many landings are followed at once. */
const SKIP_MAX = 63;
/** How much the latest flight counts for the average. */
const WEIGHT = 0.125;

export class Gathering {
  /** The next flight waits. */
  active = false;
  private target = 0;
  /** With so many held the wait was worth it. */
  private enough = 0;
  /** Landings that are not waited after, and how many that will be after the next wait in vain. */
  private skips = 0;
  private penalty = 1;
  private until = 0;
  private launchedAt = 0;
  /** What a flight takes on average, ms. */
  private flight = 0;

  launched(): void {
    this.launchedAt = performance.now();
  }

  /**
   * A flight has ended.
   * @param before clients that were held until now
   * @param after clients that still are
   * @returns whether the next flight waits
   */
  landed(before: number, after: number): boolean {
    const now = performance.now();
    const took = now - this.launchedAt;
    this.flight += this.flight === 0 ? took : (took - this.flight) * WEIGHT;
    this.target = before;
    this.enough = (before + after) / 2;
    this.until = now + Math.min(WAIT_MAX_MS, this.flight * WAIT_PART);
    this.active = after > 0 && after < before && --this.skips < 0;
    return this.active;
  }

  /** In every round of the event loop while `active`: whether the next flight still waits, while `held` clients are held. */
  waits(held: number): boolean {
    this.active = held < this.target && performance.now() < this.until;
    if (this.active) return true;
    if (held >= this.enough) this.penalty = 1;
    else {
      this.skips = this.penalty;
      this.penalty = Math.min(SKIP_MAX, 2 * this.penalty + 1);
    }
    return false;
  }
}
