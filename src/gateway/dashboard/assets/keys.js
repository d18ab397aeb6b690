/** The browser of keys: found by a pattern, page by page with SCAN's cursor; the chosen one is shown beside (key-view.js). */
import { must, run, runAll } from './api.js';
import { createKey } from './create-key.js';
import { button, fill, guarded, h, problem, rove, select } from './dom.js';
import { number } from './format.js';
import { fromParam, toParam } from './key-param.js';
import { keyView } from './key-view.js';

/** Keys of a page; a page is looked for with that many SCANs at most, when few match. */
const PAGE = 100;
const SCANS = 20;

export function keysScreen(root, context) {
  const { params, about, has } = context;
  const { prefixes } = about.limits;
  const list = h('ul', { class: 'list', role: 'listbox', 'aria-label': 'Keys' });
  const note = h('p', { class: 'soft small' });
  const more = button('Load more', () => page(false), { hidden: true });
  const pattern = h('input', {
    type: 'search',
    class: 'grow',
    placeholder: 'Pattern, as user:*',
    'aria-label': 'Pattern',
    'data-filter': true,
    value: params.get('pattern') ?? (prefixes === null ? '*' : `${prefixes[0]}*`),
  });
  const types = [
    'string',
    'hash',
    'list',
    'set',
    'zset',
    'stream',
    ...(has('QUEUE.LIST') ? ['queue'] : []),
    ...(has('TOPIC.LIST') ? ['topic'] : []),
  ];
  const type = select([['', 'Any type'], ...types], '', () => page(true), { 'aria-label': 'Type' });
  const detail = h('div', { class: 'panel' }, h('p', { class: 'soft' }, 'Choose a key.'));
  let chosen = fromParam(params.get('key'));
  let cursor = '0';
  let found = 0;
  let asked = 0;

  async function page(first) {
    const mine = ++asked;
    try {
      const { keys, next } = await scan(first ? '0' : cursor, pattern.value || '*', type.value);
      if (mine !== asked) return;
      cursor = next;
      const items = keys.map(([key, kind]) => item(key, kind));
      if (first) fill(list, items);
      else list.append(...items);
      found = first ? keys.length : found + keys.length;
      more.hidden = cursor === '0';
      note.textContent =
        found === 0 && cursor === '0'
          ? 'No key matches.'
          : `${number(found)} found${cursor === '0' ? '' : ', there may be more'}`;
      rove(list, '[role=option]');
    } catch (e) {
      fill(list, h('li', {}, problem(e)));
    }
  }

  function item(key, kind) {
    const open = () => choose(key);
    const selected = String(key) === String(chosen);
    return h(
      'li',
      { role: 'option', 'aria-selected': String(selected), tabindex: -1, onclick: open, 'data-key': String(key) },
      h('span', { class: 'mono' }, String(key)),
      h('span', { class: 'tag' }, kind),
    );
  }

  function choose(key) {
    chosen = key;
    for (const option of list.querySelectorAll('[role=option]'))
      option.setAttribute('aria-selected', String(option.dataset.key === String(key)));
    history.replaceState(null, '', `#/keys?${new URLSearchParams({ pattern: pattern.value, key: toParam(key) })}`);
    keyView(detail, key, context, { gone, renamed: (to) => page(true).then(() => choose(to)) });
  }

  function gone() {
    chosen = undefined;
    fill(detail, h('p', { class: 'soft' }, 'Choose a key.'));
    guarded(() => page(true));
  }

  const search = (event) => {
    event.preventDefault();
    page(true);
  };
  fill(
    root,
    h(
      'div',
      { class: 'bar' },
      h('h1', {}, 'Keys'),
      h('span', { class: 'push' }),
      context.editing
        ? button('New key', () => createKey(context, (key) => page(true).then(() => choose(key))), { class: 'main' })
        : null,
    ),
    h(
      'form',
      { class: 'bar', role: 'search', onsubmit: search },
      pattern,
      type,
      h('button', { type: 'submit' }, 'Search'),
    ),
    h(
      'div',
      { class: 'split' },
      h('div', { class: 'panel' }, h('div', { class: 'scroll' }, list), h('div', { class: 'bar' }, note, more)),
      detail,
    ),
  );
  guarded(() => page(true));
  if (chosen !== undefined) choose(chosen);
}

/** The next keys that match, with their types. */
async function scan(from, pattern, type) {
  const keys = [];
  let cursor = from;
  for (let i = 0; i < SCANS; i++) {
    const words = ['SCAN', cursor, 'MATCH', pattern, 'COUNT', String(PAGE * 2), ...(type === '' ? [] : ['TYPE', type])];
    const [next, some] = await run(...words);
    keys.push(...some);
    cursor = next;
    if (cursor === '0' || keys.length >= PAGE) break;
  }
  const unique = [...new Map(keys.map((key) => [JSON.stringify(key), key])).values()];
  const kinds = type === '' ? await runAll(unique.map((key) => ['TYPE', key])) : unique.map(() => type);
  return { keys: unique.map((key, i) => [key, must(kinds[i])]), next: cursor };
}
