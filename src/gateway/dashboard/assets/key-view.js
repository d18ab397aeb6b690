/** One key: what it is, how long it lives, and its value by its type; renaming and deleting. */
import { CommandError, must, run, runAll } from './api.js';
import { ask } from './dialog.js';
import { button, facts, fill, guarded, h, problem, say } from './dom.js';
import { duration, size } from './format.js';
import { queueView } from './queue-view.js';
import { topicView } from './topic-view.js';
import { hashView } from './value-hash.js';
import { listView } from './value-list.js';
import { setView, zsetView } from './value-set.js';
import { stringView } from './value-string.js';

/** A view is given (key, context, changed) and makes an element. */
const VIEWS = {
  string: stringView,
  hash: hashView,
  list: listView,
  set: setView,
  zset: zsetView,
  queue: queueView,
  topic: topicView,
};

/** @param done `gone()` when the key is no more, `renamed(key)` */
export async function keyView(root, key, context, done) {
  const { editing } = context;
  const head = h('div', { class: 'screen' });
  fill(root, head);

  async function about() {
    const [type, ttl, encoding, bytes] = await runAll([
      ['TYPE', key],
      ['PTTL', key],
      ['OBJECT', 'ENCODING', key],
      ['MEMORY', 'USAGE', key],
    ]);
    if (must(type) === 'none') return undefined;
    const known = (value, text) => (value instanceof CommandError || value === null ? undefined : text(value));
    fill(
      head,
      h(
        'div',
        { class: 'bar' },
        h('h2', { class: 'mono' }, String(key)),
        h('span', { class: 'tag' }, type),
        h('span', { class: 'push' }),
        editing
          ? [
              button('Expiry', () => expiry(ttl)),
              button('Rename', rename),
              button('Delete', remove, { class: 'danger' }),
            ]
          : null,
      ),
      facts([
        ['Lives', known(ttl, (ms) => (ms < 0 ? 'for ever' : `${duration(ms)} more`))],
        ['Encoding', known(encoding, String)],
        ['Memory', known(bytes, size)],
      ]),
    );
    return type;
  }

  async function expiry(ttl) {
    const value = ttl > 0 ? String(Math.ceil(ttl / 1000)) : '';
    const changed = await ask({
      title: 'Expiry',
      fields: [{ name: 'seconds', label: 'Seconds to live', kind: 'number', value, hint: 'Empty: for ever.' }],
      action: ({ seconds }) => (seconds.trim() === '' ? run('PERSIST', key) : run('EXPIRE', key, seconds.trim())),
    });
    if (changed && (await about()) === undefined) done.gone();
  }

  async function rename() {
    let to;
    const changed = await ask({
      title: 'Rename',
      fields: [
        {
          name: 'name',
          label: 'New name',
          value: String(key),
          required: true,
          hint: 'A key that has this name already stays as it is.',
        },
      ],
      submit: 'Rename',
      action: async ({ name }) => {
        to = name;
        if ((await run('RENAMENX', key, name)) !== 1) throw new Error('There is a key of that name');
      },
    });
    if (changed) done.renamed(to);
  }

  async function remove() {
    const title = `Delete ${String(key)}?`;
    const text = 'The key and its value are gone then.';
    if (!(await ask({ title, text, submit: 'Delete', danger: true, action: () => run('UNLINK', key) }))) return;
    say(`${String(key)} is deleted`);
    done.gone();
  }

  try {
    const type = await about();
    if (type === undefined) return fill(root, h('p', { class: 'soft' }, `${String(key)} does not exist any more.`));
    const view = VIEWS[type];
    const changed = () => guarded(async () => (await about()) ?? done.gone());
    root.append(
      view === undefined
        ? h('p', { class: 'soft' }, `A ${type} is shown by the console only.`)
        : view(key, context, changed),
    );
  } catch (e) {
    fill(root, problem(e));
  }
}
