/** A screen of the queues or of the topics: all of the database in a table, the chosen one below it, making and deleting. */
import { must, run, runAll } from './api.js';
import { ask } from './dialog.js';
import { button, fill, guarded, h, problem, rove, table } from './dom.js';
import { fromParam, toParam } from './key-param.js';

/** Structures that are listed. */
const SHOWN = 500;

/**
 * @param kind what they are:
 *   `name`     `queue`, `topic`: in texts, in the address, and the family of commands
 *   `figures`  `[head, (info) => text]`: the columns behind the name
 *   `options`  `[word, label]` of CREATE
 *   `loses`    what is gone when one is deleted
 *   `view`     `(name, context, changed) => element`
 */
export function structuresScreen(root, context, { name: kind, figures, options, loses, view }) {
  const { params, editing } = context;
  const family = kind.toUpperCase();
  const title = `${kind[0].toUpperCase()}${kind.slice(1)}`;
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
    const match = filter.value === '' ? [] : ['MATCH', filter.value];
    const names = (await run(`${family}.LIST`, ...match)).slice(0, SHOWN);
    const infos = await runAll(names.map((name) => [`${family}.INFO`, name]));
    const rows = names.map((name, i) => row(name, must(infos[i])));
    fill(body, rows.length === 0 ? whole(h('span', { class: 'soft' }, `No ${kind}s.`)) : rows);
    rove(body, 'button');
  }

  function whole(content) {
    return h('tr', {}, h('td', { colspan: figures.length + 1 }, content));
  }

  function row(name, info) {
    const open = button(String(name), () => choose(name), {
      class: 'plain mono',
      'aria-current': String(name) === String(chosen) ? 'true' : undefined,
    });
    return h(
      'tr',
      {},
      h('td', {}, open),
      figures.map(([, text]) => h('td', { class: 'number' }, text(info))),
    );
  }

  function choose(name) {
    chosen = name;
    history.replaceState(null, '', `#/${kind}s?${new URLSearchParams({ key: toParam(name) })}`);
    detail.hidden = false;
    const remove = async () => {
      const done = await ask({
        title: `Delete the ${kind} ${String(name)}?`,
        text: `Its ${loses} are gone then.`,
        submit: 'Delete',
        danger: true,
        action: () => run(`${family}.DELETE`, name),
      });
      if (!done) return;
      detail.hidden = true;
      await load();
    };
    fill(
      detail,
      h(
        'div',
        { class: 'bar' },
        h('h2', { class: 'mono' }, String(name)),
        h('span', { class: 'push' }),
        editing ? button('Delete', remove, { class: 'danger' }) : null,
      ),
      view(name, context, () => guarded(load)),
    );
  }

  async function create() {
    const done = await ask({
      title: `New ${kind}`,
      fields: [
        { name: 'key', label: 'Name', required: true },
        ...options.map(([name, label]) => ({ name, label, kind: 'number' })),
      ],
      submit: 'Create',
      action: async ({ key, ...given }) => {
        const words = options.flatMap(([name]) => (given[name].trim() === '' ? [] : [name, given[name].trim()]));
        if ((await run(`${family}.CREATE`, key, ...words)) !== 1) throw new Error(`There is such a ${kind}`);
        chosen = key;
      },
    });
    if (!done) return;
    await load();
    choose(chosen);
  }

  fill(
    root,
    h(
      'div',
      { class: 'bar' },
      h('h1', {}, `${title}s`),
      h('span', { class: 'push' }),
      filter,
      button('Refresh', load),
      editing ? button(`New ${kind}`, create, { class: 'main' }) : null,
    ),
    h(
      'div',
      { class: 'panel wide' },
      table(`${title}s`, [title, ...figures.map(([head]) => ({ text: head, number: true }))], body),
    ),
    detail,
  );
  load().catch((e) => fill(body, whole(problem(e))));
  if (chosen !== undefined) choose(chosen);
}
