/**
 * Gathering: when the next group of changes leaves for the disk, with `appendfsync always`.
 *
 *   in flight: A | held: B   landed: A is answered, B could leave     at once: A and B would take turns for ever, half a group each
 *                            wait for A's next commands ............  A and B leave together
 *
 * So after a landing the next flight waits until as many clients are held as before, though not for longer than half of what a flight
 * takes. A client that is alone never waits.
 */

/** The longest wait, ms, and as a part of a flight. */
const WAIT_MAX_MS = 5;
const WAIT_PART = 0.5;
/** How much the latest flight counts for the average. */
const WEIGHT = 0.125;

export class Gathering {
  /** The next flight waits. */
  active = false;
  private target = 0;
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
    this.until = now + Math.min(WAIT_MAX_MS, this.flight * WAIT_PART);
    this.active = after > 0 && after < before;
    return this.active;
  }

  /** In every round of the event loop while `active`: whether the next flight still waits, while `held` clients are held. */
  waits(held: number): boolean {
    this.active = held < this.target && performance.now() < this.until;
    return this.active;
  }
}
