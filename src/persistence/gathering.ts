/**
 * Gathering: when the next group of changes leaves for the disk, with `appendfsync always`. What comes during a flight can leave as
 * soon as that has landed, or wait for the clients that are answered now, so that all leave together:
 *
 *   at once   | A flies | B flies | A flies |      half of the clients in the time T of a flight; answering A goes on while B flies
 *   waiting   | all fly | wait | all fly | wait    all of them in T + w
 *
 * Waiting gives more where w < T: where the disk is slow and clients come again quickly. So it is tried after a landing, for as long
 * as a flight takes, and when that gave less, not again for a number of landings that doubles each time. A client that is alone
 * never waits.
 */

/** The longest wait, ms. */
const WAIT_MAX_MS = 5;
/** The most landings that are not waited after. */
const SKIP_MAX = 63;
/** A flight follows another when no more time (ms) is between them. */
const FOLLOWS_MS = 10;
/** How much the latest flight counts for the average. */
const WEIGHT = 0.125;

export class Gathering {
  /** The next flight waits. */
  active = false;
  /** The clients that were held when the last flight landed. */
  private target = 0;
  /** Landings that are not waited after, and how many that will be after the next wait in vain. */
  private skips = 0;
  private penalty = 1;
  private launchedAt = 0;
  private landedAt = Number.NEGATIVE_INFINITY;
  /** What a flight takes on average, ms. */
  private flight = 0;

  /** @returns whether the last flight landed just before */
  launched(): boolean {
    this.launchedAt = performance.now();
    return this.launchedAt - this.landedAt < FOLLOWS_MS;
  }

  /**
   * A flight has ended.
   * @param held clients that were held until now
   * @returns whether the next flight waits
   */
  landed(held: number): boolean {
    const now = performance.now();
    const took = now - this.launchedAt;
    this.flight += this.flight === 0 ? took : (took - this.flight) * WEIGHT;
    this.target = held;
    this.landedAt = now;
    this.active = held > 1 && --this.skips < 0;
    return this.active;
  }

  /** When clients have come while `active`: whether the next flight still waits, while `held` clients are held. */
  waits(held: number): boolean {
    const { flight, target } = this;
    const waited = performance.now() - this.landedAt;
    this.active = held < target && waited < Math.min(WAIT_MAX_MS, flight);
    if (this.active) return true;
    if (2 * held * flight > target * (flight + waited)) this.penalty = 1;
    else {
      this.skips = this.penalty;
      this.penalty = Math.min(SKIP_MAX, 2 * this.penalty + 1);
    }
    return false;
  }
}
