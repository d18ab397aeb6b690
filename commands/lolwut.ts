/**
 * LOLWUT: draws a hillside of overlapping waves, another one each time, and tells the version below it, which is what clients and
 * tests look for. `LOLWUT [columns [rows [waves]]]`; a VERSION other than 5, 6 or 7 has no picture.
 */
import { intArg } from './args.js';
import type { Client } from './client.js';
import { REDIS_VERSION } from './connection.js';

/** From the air to the deep. */
const SHADES = ' .:-=+*#%@';

/** What the arguments may be, and what they are when left out. */
const COLUMNS = { min: 1, max: 160, usual: 66 };
const ROWS = { min: 1, max: 50, usual: 12 };
const WAVES = { min: 1, max: 9, usual: 4 };

export function lolwut(c: Client): void {
  let from = 1;
  let version = 7;
  if (c.argc >= 3 && c.argv[1].is('version')) {
    version = intArg(c.argv[2]);
    from = 3;
  }
  const columns = sizeArg(c, from, COLUMNS);
  const rows = sizeArg(c, from + 1, ROWS);
  const waves = sizeArg(c, from + 2, WAVES);
  const picture = version >= 5 && version <= 7 ? `${drawing(c.db.space.random, columns, rows, waves)}\n` : '';
  c.out.verbatim('txt', `${picture}Redis ver. ${REDIS_VERSION}\n`);
}

/** Out of range counts as the nearest that is in it. @throws NOT_INTEGER */
function sizeArg(c: Client, at: number, range: typeof COLUMNS): number {
  if (at >= c.argc) return range.usual;
  return Math.min(range.max, Math.max(range.min, intArg(c.argv[at])));
}

function drawing(random: () => number, columns: number, rows: number, waves: number): string {
  const slopes = Array.from({ length: waves }, (_, i) => ({
    phase: random() * 2 * Math.PI,
    length: 6 + random() * 18,
    height: (rows / waves) * (0.4 + random() * 0.8),
    middle: (rows * (i + 1)) / (waves + 1),
  }));
  let text = '';
  for (let y = 0; y < rows; y++) {
    let line = '';
    for (let x = 0; x < columns; x++) {
      let behind = 0;
      for (const { phase, length, height, middle } of slopes)
        if (y >= middle + height * Math.sin(x / length + phase)) behind++;
      line += SHADES[Math.round((behind * (SHADES.length - 1)) / waves)];
    }
    text += `${line.trimEnd()}\n`;
  }
  return text;
}
