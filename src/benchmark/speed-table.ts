/**
 * The tables of `speed` and `big`: ratios, Synap / Redis, medians over the rounds; their geometric mean and the worst one at
 * each depth; and the absolute figures for who asks. Pure. Next: report.ts.
 */
import type { Run } from './redis-benchmark.js';
import type { Section } from './report.js';
import type { Cell, Row, SpeedOptions } from './speed.js';
import { formatQuantity, formatRatio, geometricMean, median, medianRatio } from './statistics.js';
import type { Table } from './table.js';

/** The three figures of a cell, each Synap / Redis. */
export interface Ratios {
  readonly throughput: number;
  readonly processor: number;
  readonly p99: number;
}

type Figure = keyof Ratios;

/** In the order of the columns; `best` tells which way is good. */
const FIGURES: readonly { key: Figure; title: string; best: 'more' | 'less' }[] = [
  { key: 'throughput', title: 'throughput', best: 'more' },
  { key: 'processor', title: 'CPU/cmd', best: 'less' },
  { key: 'p99', title: 'p99', best: 'less' },
];

/** Below this a run's processor time is too coarse, in milliseconds: ten of /proc's ticks' grains make two per cent. */
const COARSE_MS = 500;

function pick(runs: readonly Run[], key: 'perSecond' | 'processorUs' | 'processorMs' | 'p99Ms'): number[] {
  return runs.map((run) => run[key]);
}

export function cellRatios(cell: Cell): Ratios {
  const ratio = (key: 'perSecond' | 'processorUs' | 'p99Ms'): number =>
    medianRatio(pick(cell.synap, key), pick(cell.redis, key));
  return { throughput: ratio('perSecond'), processor: ratio('processorUs'), p99: ratio('p99Ms') };
}

/** True where some run of the cell burnt too little for its processor time to be told well. */
export function coarse(cell: Cell): boolean {
  return Math.min(...pick(cell.redis, 'processorMs'), ...pick(cell.synap, 'processorMs')) < COARSE_MS;
}

function cellAt(row: Row, depth: number): Cell | undefined {
  return row.cells.find((cell) => cell.depth === depth);
}

function ratioCells(row: Row, depth: number): string[] {
  const cell = cellAt(row, depth);
  if (cell === undefined) return FIGURES.map(() => '—');
  const ratios = cellRatios(cell);
  return FIGURES.map(({ key }) => (key === 'processor' && coarse(cell) ? '~' : '') + formatRatio(ratios[key]));
}

/** What was measured of one figure at one depth, with the workloads' names. */
function column(rows: readonly Row[], depth: number, key: Figure): { name: string; ratio: number }[] {
  const found: { name: string; ratio: number }[] = [];
  for (const row of rows) {
    const cell = cellAt(row, depth);
    if (cell !== undefined) found.push({ name: row.workload.name, ratio: cellRatios(cell)[key] });
  }
  return found;
}

/** The worst of a column: the least throughput, the most CPU or p99; undefined for an empty one. */
export function worst(entries: readonly { name: string; ratio: number }[], best: 'more' | 'less') {
  let found: { name: string; ratio: number } | undefined;
  for (const entry of entries) {
    if (!Number.isFinite(entry.ratio)) continue;
    if (found === undefined || (best === 'more' ? entry.ratio < found.ratio : entry.ratio > found.ratio)) found = entry;
  }
  return found;
}

/** A line a workload, three columns a depth, then the geometric mean and the worst. */
export function ratioTable(rows: readonly Row[], depths: readonly number[]): Table {
  const columns = ['Synap / Redis', ...depths.flatMap((depth) => FIGURES.map(({ title }) => `${title} P=${depth}`))];
  const lines = rows.map((row) => [row.workload.name, ...depths.flatMap((depth) => ratioCells(row, depth))]);
  const each = (cell: (entries: { name: string; ratio: number }[], best: 'more' | 'less') => string): string[] =>
    depths.flatMap((depth) => FIGURES.map(({ key, best }) => cell(column(rows, depth, key), best)));
  lines.push(['geometric mean', ...each((entries) => formatRatio(geometricMean(entries.map(({ ratio }) => ratio))))]);
  lines.push([
    'worst',
    ...each((entries, best) => {
      const found = worst(entries, best);
      return found === undefined ? '—' : `${formatRatio(found.ratio)} ${found.name}`;
    }),
  ]);
  return { columns, rows: lines };
}

/** Medians as they came, Redis and Synap side by side: thousands of commands a second, microseconds of CPU a command, p99. */
export function absoluteTable(rows: readonly Row[], depths: readonly number[]): Table {
  const figure = (cell: Cell | undefined, key: 'perSecond' | 'processorUs' | 'p99Ms', scale: number): string[] =>
    [cell?.redis ?? [], cell?.synap ?? []].map((runs) => formatQuantity(median(pick(runs, key)) * scale));
  const columns = [
    'workload',
    'P',
    'k/s Redis',
    'k/s Synap',
    'CPU µs Redis',
    'CPU µs Synap',
    'p99 µs Redis',
    'p99 µs Synap',
  ];
  const lines = rows.flatMap((row) =>
    depths.map((depth) => {
      const cell = cellAt(row, depth);
      const figures = [
        ...figure(cell, 'perSecond', 0.001),
        ...figure(cell, 'processorUs', 1),
        ...figure(cell, 'p99Ms', 1000),
      ];
      return [row.workload.name, String(depth), ...figures];
    }),
  );
  return { columns, rows: lines };
}

/** What a reader must know below the tables: what the figures mean, what each row does, and what failed. */
export function speedNotes(rows: readonly Row[], rounds: number): string[] {
  const notes = [
    `Medians over ${rounds} ${rounds === 1 ? 'round' : 'rounds'} of the ratio Synap / Redis within a round. Above 1.00 is better for ` +
      'throughput, below 1.00 for CPU/cmd (processor time of all server threads a command) and p99 (latency as redis-benchmark saw it).',
  ];
  if (rows.some((row) => row.cells.some(coarse))) {
    notes.push(
      '~: a run burnt less than half a second of processor time, whose grain is 10 ms: take the ratio with care.',
    );
  }
  for (const { workload } of rows) notes.push(`${workload.name}: ${workload.says}.`);
  const failed = rows.filter((row) => row.failure !== undefined);
  for (const row of failed) notes.push(`${row.workload.name} FAILED: ${row.failure}`);
  if (failed.length > 0) {
    notes.push(
      `Means and worst cover what was measured: ${rows.length - failed.length} of ${rows.length} workloads whole.`,
    );
  }
  return notes;
}

/** The section of `speed`. */
export function speedSection(rows: readonly Row[], options: SpeedOptions, absolute: boolean): Section {
  const tables = [ratioTable(rows, options.depths)];
  if (absolute) tables.push(absoluteTable(rows, options.depths));
  return {
    heading: 'Speed, Synap against Redis',
    tables,
    notes: speedNotes(rows, options.rounds),
    data: rows,
    failures: failuresOf(rows),
  };
}

/** What failed, a line a workload. */
export function failuresOf(rows: readonly Row[]): string[] {
  return rows.flatMap((row) => (row.failure === undefined ? [] : [`${row.workload.name}: ${row.failure}`]));
}
