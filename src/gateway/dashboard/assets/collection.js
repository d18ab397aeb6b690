/** A table of a value's members: pages, adding, changing, removing. What a type is, is told by the functions it is given. */
import { ask } from './dialog.js';
import { button, fill, h, problem, rove, say, table } from './dom.js';
import { cut, number } from './format.js';

/**
 * @param columns `{label, cell: (row) => text or element, number, value}`
 * @param load `(cursor) => {rows, next, total}`: a page; `cursor` is undefined for the first, `next` for the last
 * @param editing whether anything may be changed
 * @param adders `{label, title, fields, action(values)}`: what can be added
 * @param edit `(row) => {title, fields, action(values)}`
 * @param actions `{label, run(row), confirm: (row) => text}`: what can be done with a row; the last may be a removal
 */
export function collection({ name, columns, load, editing, adders = [], edit, actions = [], after = () => {} }) {
  const body = h('tbody');
  const note = h('p', { class: 'soft small' });
  const more = button('Load more', () => page(false));
  let next;
  let shown = 0;

  async function page(first) {
    try {
      const got = await load(first ? undefined : next);
      next = got.next;
      shown = first ? got.rows.length : shown + got.rows.length;
      if (first) fill(body, got.rows.map(row));
      else body.append(...got.rows.map(row));
      note.textContent = `${number(shown)} of ${number(got.total)} shown`;
      more.hidden = next === undefined;
      rove(body, 'tr button:first-of-type');
    } catch (e) {
      fill(body, h('tr', {}, h('td', { colspan: columns.length + 1 }, problem(e))));
      more.hidden = true;
    }
  }

  async function changed(text) {
    say(text);
    await page(true);
    after();
  }

  function row(item) {
    const cells = columns.map(({ cell, number: right, value }) => {
      const content = cell(item);
      return h(
        'td',
        { class: right ? 'number' : value ? 'value' : undefined },
        content instanceof Node ? content : cut(content),
      );
    });
    const label = String(columns[0].cell(item)).slice(0, 60);
    const buttons = !editing
      ? []
      : [
          edit === undefined
            ? null
            : button('Edit', () => open(edit(item)), { class: 'plain', 'aria-label': `Edit ${label}` }),
          actions.map((action) =>
            button(action.label, () => act(action, item), {
              class: action.danger ? 'plain danger' : 'plain',
              'aria-label': `${action.label} ${label}`,
            }),
          ),
        ];
    return h('tr', {}, cells, editing ? h('td', { class: 'actions' }, buttons) : null);
  }

  async function open({ title, text, fields, action, submit }) {
    if (await ask({ title, text, fields, action, submit })) await changed('Saved');
  }

  async function act({ label, title, text, run, danger, fields }, item) {
    const question = text?.(item);
    if (question === undefined && fields === undefined) {
      await run(item);
      return changed('Done');
    }
    const done = await ask({
      title: title ?? label,
      text: question,
      fields: fields?.(item),
      submit: label,
      danger,
      action: (values) => run(item, values),
    });
    if (done) await changed('Done');
  }

  page(true);
  const heads = columns.map(({ label, number: right }) => ({ text: label, number: right }));
  const element = h(
    'div',
    { class: 'screen' },
    editing && adders.length > 0
      ? h(
          'div',
          { class: 'bar' },
          adders.map((adder) => button(adder.label, () => open({ title: adder.label, submit: 'Add', ...adder }))),
        )
      : null,
    h('div', { class: 'wide' }, table(name, editing ? [...heads, ''] : heads, body)),
    h('div', { class: 'bar' }, note, more),
  );
  element.refresh = () => page(true);
  return element;
}
