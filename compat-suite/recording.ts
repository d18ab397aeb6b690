/**
 * Replies of the real server, kept as data, so that the suite runs where none is installed: a file a family in recorded/, a line a
 * step. Deterministic but for what depends on time. Must never be written from our own server. Read next: run.ts.
 *
 *   {"server": "7.0.15",
 *    "cases": {"name": [["set a 1", "+OK\r\n"], ["hgetall h", "*2…", "%1…"], …, ["", "keyspace"]]}}
 *                        └ the step        └ RESP2    └ RESP3, where it differs
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import type { Case, Resp } from './case.js';

type Row = readonly [line: string, resp2: string, resp3?: string];

export class Recording {
  private readonly cases = new Map<string, Row[]>();

  constructor(public server: string) {}

  /** The recording of a family; undefined when there is none. */
  static load(folder: URL, family: string): Recording | undefined {
    const file = new URL(`${family}.json`, folder);
    if (!existsSync(file)) return undefined;
    const { server, cases } = JSON.parse(readFileSync(file, 'utf8')) as {
      server: string;
      cases: Record<string, Row[]>;
    };
    const recording = new Recording(server);
    for (const [name, rows] of Object.entries(cases)) recording.cases.set(name, rows);
    return recording;
  }

  /** The results of a case; undefined when it was recorded with other steps, or not at all. */
  results(one: Case, resp: Resp): string[] | undefined {
    const rows = this.cases.get(one.name);
    const lines = [...one.steps.map((step) => step.line), ''];
    if (rows === undefined || rows.length !== lines.length || rows.some(([line], i) => line !== lines[i]))
      return undefined;
    return rows.map(([, two, three]) => (resp === '2' ? two : (three ?? two)));
  }

  add(one: Case, resp2: readonly string[], resp3: readonly string[]): void {
    const lines = [...one.steps.map((step) => step.line), ''];
    this.cases.set(
      one.name,
      lines.map((line, i): Row => (resp2[i] === resp3[i] ? [line, resp2[i]] : [line, resp2[i], resp3[i]])),
    );
  }

  save(folder: URL, family: string): void {
    mkdirSync(folder, { recursive: true });
    const cases = [...this.cases].map(([name, rows]) => {
      return `${JSON.stringify(name)}: [\n${rows.map((row) => JSON.stringify(row)).join(',\n')}\n]`;
    });
    const text = `{"server": ${JSON.stringify(this.server)}, "cases": {\n${cases.join(',\n')}\n}}\n`;
    writeFileSync(new URL(`${family}.json`, folder), text);
  }
}
