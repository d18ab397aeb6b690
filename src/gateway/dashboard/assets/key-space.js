/** Which types the keys of the database have: from a sample, as looking at all of them could take long. */
import { must, runAll } from './api.js';
import { button, fill, h, problem } from './dom.js';
import { number, percent } from './format.js';

/** Keys that are looked at. */
const SAMPLE = 2000;
const ROUNDS = 20;

export function keySpace({ has, about }) {
  const content = h('div', { class: 'screen' });
  const again = button('Sample again', draw);
  const element = h('section', { class: 'panel' }, h('h2', {}, 'Keys by type'), content);
  if (!has('SCAN') || !has('TYPE') || about.limits.prefixes !== null) {
    element.hidden = true;
    return element;
  }

  async function draw() {
    try {
      const { counts, seen, all } = await sampled();
      const rows = [...counts].sort(([, a], [, b]) => b - a);
      fill(
        content,
        h(
          'div',
          { class: 'share' },
          rows.map(([type, n]) => [
            h('span', {}, type),
            h('progress', { max: seen, value: String(n), 'aria-label': `${type}: ${percent(n, seen)}` }),
            h('span', {}, percent(n, seen)),
          ]),
        ),
        h(
          'p',
          { class: 'soft small' },
          seen === 0 ? 'No keys in this database.' : `From ${number(seen)} of ${number(all)} keys, as SCAN gave them.`,
        ),
        h('div', {}, again),
      );
    } catch (e) {
      fill(content, problem(e));
    }
  }

  draw();
  return element;
}

async function sampled() {
  const counts = new Map();
  let seen = 0;
  let cursor = '0';
  let all = 0;
  for (let round = 0; round < ROUNDS && seen < SAMPLE; round++) {
    const [scanned, size] = await runAll([['SCAN', cursor, 'COUNT', '500'], ['DBSIZE']]);
    const [next, keys] = must(scanned);
    all = must(size);
    for (const type of await runAll(keys.map((key) => ['TYPE', key]))) {
      counts.set(must(type), (counts.get(type) ?? 0) + 1);
      seen++;
    }
    cursor = next;
    if (cursor === '0') break;
  }
  return { counts, seen, all };
}
