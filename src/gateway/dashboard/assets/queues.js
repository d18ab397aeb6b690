/** Queues: all of the database, and the chosen one (queue-view.js). */
import { must, run, runAll } from './api.js';
import { ask } from './dialog.js';
import { button, fill, guarded, h, problem, rove } from './dom.js';
import { number } from './format.js';
import { fromParam, toParam } from './key-param.js';
import { queueView } from './queue-view.js';

/** Queues that are listed. */
const SHOWN = 500;

const SETTINGS = [
  ['MAXDEPTH', 'Most messages', 'Empty: no limit'],
  ['DEADLINE', 'Milliseconds to acknowledge', 'Empty: 30000'],
  ['RETRIES', 'Further deliveries', 'Empty: 3; then it is a dead letter'],
  ['PREFETCH', 'Messages a consumer holds at most', 'Empty: no limit'],
  ['PRIORITY', 'Priority of messages, 0 to 9', 'Empty: 5'],
  ['TTL', 'Milliseconds that messages live', 'Empty: for ever'],
  ['DELAY', 'Milliseconds before delivery', 'Empty: none'],
];

export function queuesScreen(root, context) {
  const { params, editing } = context;
  const body = h('tbody');
  const detail = h('div', { class: 'panel', hidden: true });
  const filter = h('input', {
    type: 'search',
    placeholder: 'Pattern',
    'aria-label': 'Pattern',
    'data-filter': true,
    onchange: () => guarded(load),
  });
  let chosen = fromParam(params.get('key'));

  async function load() {
    const names = (await run('QUEUE.LIST', ...(filter.value === '' ? [] : ['MATCH', filter.value]))).slice(0, SHOWN);
    const infos = await runAll(names.map((name) => ['QUEUE.INFO', name]));
    const rows = names.map((name, i) => row(name, must(infos[i])));
    fill(body, rows.length === 0 ? h('tr', {}, h('td', { colspan: 7, class: 'soft' }, 'No queues.')) : rows);
    rove(body, 'button');
  }

  function row(name, info) {
    const figure = (field) => h('td', { class: 'number' }, number(info.of(field)));
    const open = button(String(name), () => choose(name), {
      class: 'plain mono',
      'aria-current': String(name) === String(chosen) ? 'true' : undefined,
    });
    return h(
      'tr',
      {},
      h('td', {}, open),
      ['ready', 'delayed', 'in-flight', 'dead', 'consumers', 'published'].map(figure),
    );
  }

  function choose(name) {
    chosen = name;
    history.replaceState(null, '', `#/queues?${new URLSearchParams({ key: toParam(name) })}`);
    detail.hidden = false;
    const remove = () =>
      ask({
        title: `Delete the queue ${String(name)}?`,
        text: 'Its messages and dead letters are gone then.',
        submit: 'Delete',
        danger: true,
        action: () => run('QUEUE.DELETE', name),
      }).then((done) => {
        if (!done) return undefined;
        detail.hidden = true;
        return load();
      });
    fill(
      detail,
      h(
        'div',
        { class: 'bar' },
        h('h2', { class: 'mono' }, String(name)),
        h('span', { class: 'push' }),
        editing ? button('Delete', remove, { class: 'danger' }) : null,
      ),
      queueView(name, context, () => guarded(load)),
    );
  }

  const create = () =>
    ask({
      title: 'New queue',
      fields: [
        { name: 'key', label: 'Name', required: true },
        ...SETTINGS.map(([name, label, hint]) => ({ name, label: `${label} (${hint.toLowerCase()})`, kind: 'number' })),
      ],
      submit: 'Create',
      action: async ({ key, ...given }) => {
        const options = SETTINGS.flatMap(([name]) => (given[name].trim() === '' ? [] : [name, given[name].trim()]));
        if ((await run('QUEUE.CREATE', key, ...options)) !== 1) throw new Error('There is such a queue');
        chosen = key;
      },
    }).then(async (done) => {
      if (!done) return;
      await load();
      choose(chosen);
    });

  const heads = ['Queue', 'Ready', 'Delayed', 'In flight', 'Dead', 'Consumers', 'Published'];
  fill(
    root,
    h(
      'div',
      { class: 'bar' },
      h('h1', {}, 'Queues'),
      h('span', { class: 'push' }),
      filter,
      button('Refresh', load),
      editing ? button('New queue', create, { class: 'main' }) : null,
    ),
    h(
      'div',
      { class: 'panel wide' },
      h(
        'table',
        { 'aria-label': 'Queues' },
        h(
          'thead',
          {},
          h(
            'tr',
            {},
            heads.map((text, i) => h('th', { scope: 'col', class: i > 0 ? 'number' : undefined }, text)),
          ),
        ),
        body,
      ),
    ),
    detail,
  );
  load().catch((e) => fill(body, h('tr', {}, h('td', { colspan: 7 }, problem(e)))));
  if (chosen !== undefined) choose(chosen);
}
