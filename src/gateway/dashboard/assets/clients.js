/** Who is connected: CLIENT LIST, and ending a connection. */
import { run } from './api.js';
import { ask } from './dialog.js';
import { button, fill, guarded, h, problem, table } from './dom.js';
import { duration, number, size } from './format.js';

/** Rows that are drawn. */
const SHOWN = 500;

export function clientsScreen(root, { editing, has }) {
  const content = h('div', { class: 'panel wide' });
  const filter = h('input', {
    type: 'search',
    placeholder: 'Address, name, user or command',
    'aria-label': 'Filter',
    'data-filter': true,
    oninput: draw,
  });
  let clients = [];

  async function load() {
    try {
      clients = String(await run('CLIENT', 'LIST'))
        .trim()
        .split('\n')
        .map(parse);
      draw();
    } catch (e) {
      fill(content, problem(e));
    }
  }

  function draw() {
    const text = filter.value.toLowerCase();
    const found = clients.filter((one) =>
      ['addr', 'name', 'user', 'cmd'].some((name) => (one.get(name) ?? '').toLowerCase().includes(text)),
    );
    fill(
      content,
      clientsTable(found.slice(0, SHOWN)),
      h('p', { class: 'soft small' }, `${number(found.length)} of ${number(clients.length)} clients`),
    );
  }

  function kill(client) {
    return ask({
      title: `End the connection of ${client.get('addr')}?`,
      submit: 'End',
      danger: true,
      action: () => run('CLIENT', 'KILL', 'ID', client.get('id')),
    }).then((done) => done && load());
  }

  function clientsTable(rows) {
    const may = editing && has('CLIENT KILL');
    const heads = [
      'Id',
      'Address',
      'Name',
      'User',
      'Age',
      'Idle',
      'Flags',
      'Db',
      'Memory',
      'Last command',
      ...(may ? [''] : []),
    ];
    const all = rows.map((one) =>
      h(
        'tr',
        {},
        [
          one.get('id'),
          one.get('addr'),
          one.get('name'),
          one.get('user'),
          duration(Number(one.get('age')) * 1000),
          duration(Number(one.get('idle')) * 1000),
          one.get('flags'),
          one.get('db'),
          size(Number(one.get('tot-mem'))),
          one.get('cmd'),
        ].map((text) => h('td', {}, text ?? '')),
        may
          ? h(
              'td',
              { class: 'actions' },
              button('End', () => kill(one), { class: 'plain danger', 'aria-label': `End ${one.get('addr')}` }),
            )
          : null,
      ),
    );
    return table('Clients', heads, all);
  }

  fill(
    root,
    h('div', { class: 'bar' }, h('h1', {}, 'Clients'), h('span', { class: 'push' }), filter, button('Refresh', load)),
    content,
  );
  guarded(load);
}

function parse(line) {
  return new Map(
    line.split(' ').map((part) => {
      const equals = part.indexOf('=');
      return [part.slice(0, equals), part.slice(equals + 1)];
    }),
  );
}
