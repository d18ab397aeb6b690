/** Exposition: metrics as Prometheus reads them (text format 0.0.4). */

export type Kind = 'counter' | 'gauge' | 'histogram' | 'summary';

export type Labels = Readonly<Record<string, string | number>>;

/** A value with its labels; `suffix` for the parts of histograms and summaries (`_bucket`, `_sum`, `_count`). */
export interface Sample {
  readonly value: number;
  readonly labels?: Labels;
  readonly suffix?: string;
}

export const CONTENT_TYPE = 'text/plain; version=0.0.4; charset=utf-8';

export class Exposition {
  private readonly lines: string[] = [];

  /** Adds a metric with all its samples; nothing when there are none, as a family without samples says nothing. */
  add(name: string, kind: Kind, help: string, samples: readonly Sample[]): void {
    if (samples.length === 0) return;
    this.lines.push(`# HELP ${name} ${help.replace(/\\/g, '\\\\').replace(/\n/g, '\\n')}`, `# TYPE ${name} ${kind}`);
    for (const { value, labels, suffix } of samples)
      this.lines.push(`${name}${suffix ?? ''}${labelsText(labels)} ${number(value)}`);
  }

  toString(): string {
    return `${this.lines.join('\n')}\n`;
  }
}

/**
 * The samples of one histogram.
 * @param buckets how many values were at most each bound, ascending; without that of infinity
 */
export function histogram(
  buckets: readonly (readonly [bound: number, cumulative: number])[],
  count: number,
  sum: number,
  labels: Labels = {},
): Sample[] {
  return [
    ...buckets.map(([le, value]) => ({ suffix: '_bucket', labels: { ...labels, le: number(le) }, value })),
    { suffix: '_bucket', labels: { ...labels, le: '+Inf' }, value: count },
    { suffix: '_sum', labels, value: sum },
    { suffix: '_count', labels, value: count },
  ];
}

function labelsText(labels: Labels | undefined): string {
  const all = Object.entries(labels ?? {});
  return all.length === 0 ? '' : `{${all.map(([name, value]) => `${name}="${escaped(String(value))}"`).join(',')}}`;
}

function escaped(text: string): string {
  return text.replace(/\\/g, '\\\\').replace(/"/g, '\\"').replace(/\n/g, '\\n');
}

function number(value: number): string {
  if (Number.isFinite(value)) return String(value);
  if (Number.isNaN(value)) return 'NaN';
  return value > 0 ? '+Inf' : '-Inf';
}
