/** Questions: dialogs with fields, confirmations. Esc closes them, Enter sends, what is refused is said within. */
import { button, field, h, select } from './dom.js';

/**
 * Asks for some values and does something with them.
 * @param fields `{name, label, kind: text|number|area|select|check, value, options, required, hint}`
 * @param action is given `{name: value}`; the dialog stays open with the error when it throws
 * @returns whether it was done
 */
export function ask({ title, text, fields = [], submit = 'Save', danger = false, action }) {
  const inputs = new Map(fields.map((one) => [one.name, inputOf(one)]));
  const error = h('p', { class: 'error', role: 'alert', hidden: true });
  const send = h('button', { type: 'submit', class: danger ? 'danger' : 'main' }, submit);
  const { promise, resolve } = deferred();
  let done = false;
  const form = h(
    'form',
    {
      onsubmit: async (event) => {
        event.preventDefault();
        send.disabled = true;
        try {
          await action(Object.fromEntries([...inputs].map(([name, input]) => [name, inputValue(input)])));
          done = true;
          dialog.close();
        } catch (e) {
          error.textContent = e.message;
          error.hidden = false;
        } finally {
          send.disabled = false;
        }
      },
    },
    h('h2', {}, title),
    text === undefined ? null : h('p', { class: 'soft' }, text),
    fields.map((one) => [
      field(one.label, inputs.get(one.name)),
      one.hint ? h('p', { class: 'soft small' }, one.hint) : null,
    ]),
    error,
    h(
      'div',
      { class: 'bar' },
      button('Cancel', () => dialog.close()),
      send,
    ),
  );
  const before = document.activeElement;
  const dialog = h('dialog', { 'aria-label': title }, form);
  dialog.addEventListener('close', () => {
    dialog.remove();
    if (before?.isConnected) before.focus();
    resolve(done);
  });
  document.body.append(dialog);
  dialog.showModal();
  (inputs.values().next().value ?? send).focus();
  return promise;
}

/** Shows something until it is closed. */
export function show(title, ...content) {
  const dialog = h(
    'dialog',
    { 'aria-label': title },
    h('h2', {}, title),
    content,
    h(
      'div',
      { class: 'bar' },
      button('Close', () => dialog.close()),
    ),
  );
  dialog.addEventListener('close', () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
}

function deferred() {
  let resolve;
  const promise = new Promise((r) => {
    resolve = r;
  });
  return { promise, resolve };
}

function inputOf({ name, kind = 'text', value = '', options, required = false }) {
  if (kind === 'select') return select(options, value, () => {}, { name });
  if (kind === 'area') return h('textarea', { name, value, required, spellcheck: 'false' });
  if (kind === 'check') return h('input', { type: 'checkbox', name, checked: value === true });
  const type = kind === 'password' ? 'password' : 'text';
  const inputmode = kind === 'number' ? 'decimal' : undefined;
  return h('input', { type, inputmode, name, value, required, autocomplete: 'off', spellcheck: 'false' });
}

function inputValue(input) {
  return input.type === 'checkbox' ? input.checked : input.value;
}
