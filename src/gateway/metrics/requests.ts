/** RequestFigures: what the gateway counts about its own requests. Labels are the routes themselves, never what a request names. */
import { type Exposition, histogram } from './exposition.js';

/** Upper bounds of durations (seconds). */
const BOUNDS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10] as const;

export class RequestFigures {
  /** By route, then by method and status. */
  private readonly routes = new Map<string, Map<string, number>>();
  private readonly buckets = new Float64Array(BOUNDS.length + 1);
  private seconds = 0;
  private count = 0;

  /**
   * Counts a request that is over.
   * @param route the route's pattern; undefined when there was none
   * @param duration ms
   */
  record(route: string | undefined, method: string, status: number, duration: number): void {
    const name = route ?? '(none)';
    let counts = this.routes.get(name);
    if (counts === undefined) this.routes.set(name, (counts = new Map()));
    const key = `${method} ${status}`;
    counts.set(key, (counts.get(key) ?? 0) + 1);
    const seconds = duration / 1000;
    let i = 0;
    while (i < BOUNDS.length && seconds > BOUNDS[i]) i++;
    this.buckets[i]++;
    this.seconds += seconds;
    this.count++;
  }

  addTo(out: Exposition): void {
    const requests = [...this.routes].flatMap(([route, counts]) =>
      [...counts].map(([key, value]) => {
        const [method, status] = key.split(' ');
        return { labels: { route, method, status }, value };
      }),
    );
    out.add('synap_gateway_requests_total', 'counter', 'Requests answered, by route, method and status', requests);
    let below = 0;
    const buckets = BOUNDS.map((bound, i) => [bound, (below += this.buckets[i])] as const);
    out.add(
      'synap_gateway_request_duration_seconds',
      'histogram',
      'Seconds from a request to the end of its answer',
      histogram(buckets, this.count, this.seconds),
    );
  }
}
