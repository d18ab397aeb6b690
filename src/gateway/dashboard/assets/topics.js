/** Topics: all of the database, and the chosen one (topic-view.js). */
import { must, pairsOf, run, runAll } from './api.js';
import { ask } from './dialog.js';
import { button, fill, guarded, h, problem, rove } from './dom.js';
import { number, size } from './format.js';
import { fromParam, toParam } from './key-param.js';
import { topicView } from './topic-view.js';

/** Topics that are listed. */
const SHOWN = 500;

const LIMITS = [
  ['PARTITIONS', 'Partitions (empty: 1)'],
  ['RETENTION', 'Milliseconds that events are kept (empty: for ever)'],
  ['MAXBYTES', 'Most bytes of a partition (empty: no limit)'],
  ['MAXLEN', 'Most events of a partition (empty: no limit)'],
];

export function topicsScreen(root, context) {
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
    const names = (await run('TOPIC.LIST', ...(filter.value === '' ? [] : ['MATCH', filter.value]))).slice(0, SHOWN);
    const infos = await runAll(names.map((name) => ['TOPIC.INFO', name]));
    const rows = names.map((name, i) => row(name, must(infos[i])));
    fill(body, rows.length === 0 ? h('tr', {}, h('td', { colspan: 6, class: 'soft' }, 'No topics.')) : rows);
    rove(body, 'button');
  }

  function row(name, info) {
    const partitions = info.of('partitions').map(pairsOf);
    const sum = (field) => partitions.reduce((n, partition) => n + partition.of(field), 0);
    const open = button(String(name), () => choose(name), { class: 'plain mono' });
    const figures = [
      number(partitions.length),
      number(sum('events')),
      size(sum('bytes')),
      number(info.of('published')),
      number(info.of('groups').length),
    ];
    return h(
      'tr',
      {},
      h('td', {}, open),
      figures.map((text) => h('td', { class: 'number' }, text)),
    );
  }

  function choose(name) {
    chosen = name;
    history.replaceState(null, '', `#/topics?${new URLSearchParams({ key: toParam(name) })}`);
    detail.hidden = false;
    const remove = () =>
      ask({
        title: `Delete the topic ${String(name)}?`,
        text: 'Its events and groups are gone then.',
        submit: 'Delete',
        danger: true,
        action: () => run('TOPIC.DELETE', name),
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
      topicView(name, context, () => guarded(load)),
    );
  }

  const create = () =>
    ask({
      title: 'New topic',
      fields: [
        { name: 'key', label: 'Name', required: true },
        ...LIMITS.map(([name, label]) => ({ name, label, kind: 'number' })),
      ],
      submit: 'Create',
      action: async ({ key, ...given }) => {
        const options = LIMITS.flatMap(([name]) => (given[name].trim() === '' ? [] : [name, given[name].trim()]));
        if ((await run('TOPIC.CREATE', key, ...options)) !== 1) throw new Error('There is such a topic');
        chosen = key;
      },
    }).then(async (done) => {
      if (!done) return;
      await load();
      choose(chosen);
    });

  const heads = ['Topic', 'Partitions', 'Events', 'Memory', 'Published', 'Groups'];
  fill(
    root,
    h(
      'div',
      { class: 'bar' },
      h('h1', {}, 'Topics'),
      h('span', { class: 'push' }),
      filter,
      button('Refresh', load),
      editing ? button('New topic', create, { class: 'main' }) : null,
    ),
    h(
      'div',
      { class: 'panel wide' },
      h(
        'table',
        { 'aria-label': 'Topics' },
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
  load().catch((e) => fill(body, h('tr', {}, h('td', { colspan: 6 }, problem(e)))));
  if (chosen !== undefined) choose(chosen);
}
