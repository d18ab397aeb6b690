/**
 * LCS: the longest common subsequence of two strings, by the textbook table (Wagner and Fischer 1974): time and transient memory
 * O(length * length). IDX walks the table back and reports runs from the end, as Redis does.
 */
import { Bytes } from '../storage/memory/bytes.js';
import { intArg } from './args.js';
import type { Client } from './client.js';
import { LCS_LEN_AND_IDX, LCS_NOT_STRINGS, LCS_TOO_LARGE, SYNTAX } from './error.js';

interface Run {
  readonly a: number;
  readonly b: number;
  readonly length: number;
}

export function lcs(c: Client): void {
  const { argv, argc } = c;
  // The keys' types count before the options, in Redis too.
  const a = operand(c, argv[1]);
  const b = operand(c, argv[2]);
  let len = false;
  let idx = false;
  let withLength = false;
  let minimum = 0;
  for (let i = 3; i < argc; i++) {
    if (argv[i].is('idx')) idx = true;
    else if (argv[i].is('len')) len = true;
    else if (argv[i].is('withmatchlen')) withLength = true;
    else if (argv[i].is('minmatchlen') && i + 1 < argc) minimum = Math.max(0, intArg(argv[++i]));
    else throw SYNTAX;
  }
  if (len && idx) throw LCS_LEN_AND_IDX;
  const table = lengths(c, a, b);
  const total = table[table.length - 1];
  if (len) return c.out.int(total);
  if (!idx) return c.out.bulk(subsequence(table, a, b, total));
  const runs = matches(table, a, b).filter((run) => run.length >= minimum);
  c.out.map(2);
  c.out.bulkText('matches');
  c.out.array(runs.length);
  for (const run of runs) {
    c.out.array(withLength ? 3 : 2);
    range(c, run.a, run.length);
    range(c, run.b, run.length);
    if (withLength) c.out.int(run.length);
  }
  c.out.bulkText('len');
  c.out.int(total);
}

function range(c: Client, start: number, length: number): void {
  c.out.array(2);
  c.out.int(start);
  c.out.int(start + length - 1);
}

/** A copy of the string at `key`, empty when there is none. */
function operand(c: Client, key: Bytes): Uint8Array {
  const entry = c.db.lookup(key);
  if (entry === 0) return new Uint8Array(0);
  if (c.db.space.type(entry) !== 0) throw LCS_NOT_STRINGS;
  const view = c.db.strings.get(entry);
  return view.buf.slice(view.start, view.end);
}

/** table[i * (b.length + 1) + j] is the length for the first i bytes of a and j of b. */
function lengths(c: Client, a: Uint8Array, b: Uint8Array): Uint32Array {
  const cells = (a.length + 1) * (b.length + 1);
  if (cells * 4 > c.server.settings.protoMaxBulkLen) throw LCS_TOO_LARGE;
  const table = new Uint32Array(cells);
  const w = b.length + 1;
  for (let i = 1; i <= a.length; i++) {
    for (let j = 1; j <= b.length; j++) {
      const up = table[(i - 1) * w + j];
      const left = table[i * w + j - 1];
      table[i * w + j] = a[i - 1] === b[j - 1] ? table[(i - 1) * w + j - 1] + 1 : up > left ? up : left;
    }
  }
  return table;
}

function subsequence(table: Uint32Array, a: Uint8Array, b: Uint8Array, total: number): Bytes {
  const result = new Uint8Array(total);
  for (const run of matches(table, a, b)) {
    total -= run.length;
    result.set(a.subarray(run.a, run.a + run.length), total);
  }
  return new Bytes().set(result, 0, result.length);
}

/** Runs of equal bytes in both, the last first. */
function matches(table: Uint32Array, a: Uint8Array, b: Uint8Array): Run[] {
  const runs: Run[] = [];
  const w = b.length + 1;
  let i = a.length;
  let j = b.length;
  let length = 0;
  while (i > 0 && j > 0) {
    if (a[i - 1] === b[j - 1]) {
      length++;
      i--;
      j--;
      if (i > 0 && j > 0 && a[i - 1] === b[j - 1]) continue;
      runs.push({ a: i, b: j, length });
      length = 0;
    } else if (table[(i - 1) * w + j] > table[i * w + j - 1]) i--;
    else j--;
  }
  return runs;
}
