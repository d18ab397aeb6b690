/** Elements. All text goes in as text nodes, so nothing that the server says can be markup. */

/**
 * Makes an element. `props`: `on…` functions are listeners, booleans attributes that are there or not, everything else attributes.
 * Children are elements, text, or arrays of these; null and false are nothing.
 */
export function h(tag, props = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (value === null || value === undefined || value === false) continue;
    if (typeof value === 'function') element.addEventListener(name.slice(2), value);
    else if (name === 'value') element.value = value;
    else element.setAttribute(name, value === true ? '' : String(value));
  }
  element.append(...nodes(children));
  return element;
}

function nodes(children) {
  return children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false);
}

/** Replaces what is in an element. The focus stays where something of the same name takes the place of what had it. */
export function fill(element, ...children) {
  const { activeElement } = document;
  const focused = element.contains(activeElement) ? nameOf(activeElement) : undefined;
  element.replaceChildren(...nodes(children));
  if (focused !== undefined && !element.contains(document.activeElement)) refocus(element, focused);
  return element;
}

function refocus(element, name) {
  const all = [...element.querySelectorAll('button, input, select, textarea, [tabindex]')];
  (all.find((one) => nameOf(one) === name) ?? all[0] ?? document.getElementById('main')).focus({ preventScroll: true });
}

function nameOf(element) {
  return element.getAttribute('aria-label') ?? element.textContent;
}

export function button(text, onclick, props = {}) {
  return h('button', { type: 'button', onclick: (event) => guarded(() => onclick(event)), ...props }, text);
}

/** A field with its label. */
export function field(label, input, grow = false) {
  return h('label', { class: grow ? 'field grow' : 'field' }, label, input);
}

export function select(options, value, onchange, props = {}) {
  const element = h('select', { onchange: () => guarded(() => onchange(element.value)), ...props });
  for (const option of options) {
    const [key, text] = Array.isArray(option) ? option : [option, option];
    element.append(h('option', { value: key }, text));
  }
  element.value = value;
  return element;
}

/** A list of terms with what they are; pairs whose second is undefined are left out. */
export function facts(pairs) {
  return h(
    'dl',
    { class: 'facts' },
    pairs.filter(([, value]) => value !== undefined).map(([term, value]) => [h('dt', {}, term), h('dd', {}, value)]),
  );
}

/**
 * A table.
 * @param heads text, or `{text, number}` where figures stand below
 * @param rows `tr` elements, or a `tbody` that is filled later
 */
export function table(label, heads, rows) {
  const cells = heads.map((head) =>
    h('th', { scope: 'col', class: head.number ? 'number' : undefined }, typeof head === 'string' ? head : head.text),
  );
  const body = rows instanceof Node ? rows : h('tbody', {}, rows);
  return h('table', { 'aria-label': label }, h('thead', {}, h('tr', {}, cells)), body);
}

/** A section with a table, or with "None." where it has no rows. */
export function tableSection(title, heads, rows) {
  const none = rows.length === 0;
  const content = none ? h('p', { class: 'soft' }, 'None.') : h('div', { class: 'wide' }, table(title, heads, rows));
  return h('section', {}, h('h3', {}, title), content);
}

/** Headers of a message or an event, below what it carries; nothing where there are none. */
export function headers(pairs) {
  if (pairs === undefined || pairs === null || pairs.length === 0) return null;
  return h('div', { class: 'soft' }, pairs.map(([name, value]) => `${name}: ${value}`).join(', '));
}

/** Says something for a few seconds, to the eye and to screen readers. */
export function say(text) {
  const toast = h('div', { class: 'toast' }, text);
  document.getElementById('status').append(toast);
  setTimeout(() => toast.remove(), 4000);
}

/** Runs `work`; what it throws is said. */
export async function guarded(work) {
  try {
    return await work();
  } catch (e) {
    if (e?.name !== 'AbortError') say(e?.message ?? String(e));
    return undefined;
  }
}

/** What is shown instead of a part that could not be had. */
export function problem(e) {
  return h('p', { class: 'error', role: 'alert' }, e.message);
}

/**
 * Lets the arrow keys go through the elements that `selector` finds in `container`, one of which the Tab key reaches.
 * Call it again when they have changed.
 */
export function rove(container, selector) {
  const all = () => [...container.querySelectorAll(selector)];
  const items = all();
  const current = items.find((item) => item.getAttribute('aria-selected') === 'true') ?? items[0];
  for (const item of items) item.tabIndex = item === current ? 0 : -1;
  container.onkeydown = (event) => {
    const now = all();
    const at = now.indexOf(document.activeElement);
    const to = {
      ArrowDown: at + 1,
      ArrowRight: at + 1,
      ArrowUp: at - 1,
      ArrowLeft: at - 1,
      Home: 0,
      End: now.length - 1,
    }[event.key];
    if ((event.key === 'Enter' || event.key === ' ') && at >= 0 && event.target === now[at]) {
      event.preventDefault();
      now[at].click();
    }
    if (to === undefined || at < 0 || now[to] === undefined) return;
    event.preventDefault();
    now[at].tabIndex = -1;
    now[to].tabIndex = 0;
    now[to].focus();
  };
}
