/** The slow log: commands that took longer than slowlog-log-slower-than. */
import { run } from './api.js';
import { ask } from './dialog.js';
import { button, fill, guarded, h, problem, table } from './dom.js';
import { cut, micros, moment, number } from './format.js';

const SHOWN = 128;

export function slowlogScreen(root, { editing, has }) {
  const content = h('div', { class: 'panel wide' });
  const clear = () =>
    ask({
      title: 'Empty the slow log?',
      submit: 'Empty',
      danger: true,
      action: () => run('SLOWLOG', 'RESET'),
    }).then((done) => done && load());

  async function load() {
    try {
      const entries = await run('SLOWLOG', 'GET', String(SHOWN));
      fill(content, entries.length === 0 ? h('p', { class: 'soft' }, 'Nothing was slow.') : entriesTable(entries));
    } catch (e) {
      fill(content, problem(e));
    }
  }

  fill(
    root,
    h(
      'div',
      { class: 'bar' },
      h('h1', {}, 'Slow log'),
      h('span', { class: 'push' }),
      button('Refresh', load),
      editing && has('SLOWLOG RESET') ? button('Empty', clear, { class: 'danger' }) : null,
    ),
    content,
  );
  guarded(load);
}

function entriesTable(entries) {
  const heads = [{ text: 'Id', number: true }, 'When', { text: 'Took', number: true }, 'Command', 'Client'];
  const rows = entries.map(([id, at, took, words, address = '', name = '']) =>
    h(
      'tr',
      {},
      h('td', { class: 'number' }, number(id)),
      h('td', {}, moment(at * 1000)),
      h('td', { class: 'number' }, micros(took)),
      h('td', { class: 'value' }, cut(words.join(' '), 300)),
      h('td', {}, `${address} ${name}`),
    ),
  );
  return table('Slow commands', heads, rows);
}
