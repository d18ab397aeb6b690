/** What has been counted: matched and all, by table, family and protocol version; and the reasons for what differs on purpose. */
import type { Resp } from './case.js';

export class Tally {
  private readonly rows = new Map<string, Map<Resp, { matched: number; total: number }>>();
  private readonly reasons = new Map<string, number>();

  add(row: string, resp: Resp, matched: number, total: number): void {
    let cells = this.rows.get(row);
    if (cells === undefined) this.rows.set(row, (cells = new Map()));
    const cell = cells.get(resp);
    if (cell === undefined) cells.set(resp, { matched, total });
    else {
      cell.matched += matched;
      cell.total += total;
    }
  }

  addReasons(reasons: ReadonlyMap<string, number>): void {
    for (const [reason, count] of reasons) this.reasons.set(reason, (this.reasons.get(reason) ?? 0) + count);
  }

  /** `matched / total` of a row, or a dash. */
  cell(row: string, resp: Resp): string {
    const cell = this.rows.get(row)?.get(resp);
    return cell === undefined ? '-' : `${cell.matched} / ${cell.total}`;
  }

  get names(): string[] {
    return [...this.rows.keys()].sort();
  }

  /** Reasons and how often they applied, sorted. */
  get sortedReasons(): [string, number][] {
    return [...this.reasons].sort(([a], [b]) => (a < b ? -1 : 1));
  }

  sum(): { matched: number; total: number } {
    const cells = [...this.rows.values()].flatMap((row) => [...row.values()]);
    return {
      matched: cells.reduce((sum, cell) => sum + cell.matched, 0),
      total: cells.reduce((sum, cell) => sum + cell.total, 0),
    };
  }
}
