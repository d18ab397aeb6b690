/** A string: as text, as JSON with its indentation, or in hexadecimal; changed as what it is shown as. */
import { Bytes, bytesToBase64, run, runAll } from './api.js';
import { button, fill, guarded, h, problem, say } from './dom.js';
import { number, size } from './format.js';

/** A longer one is shown in part and cannot be changed here. */
const SHOWN = 256 * 1024;

export function stringView(key, { editing }, changed) {
  const element = h('div', { class: 'screen' });
  const load = async () => {
    try {
      const [value, length] = await runAll([
        ['GETRANGE', key, '0', String(SHOWN - 1)],
        ['STRLEN', key],
      ]);
      draw(value, length);
    } catch (e) {
      fill(element, problem(e));
    }
  };

  function draw(value, length) {
    const whole = length <= SHOWN;
    const modes = value instanceof Bytes ? ['Hex'] : isJson(value) ? ['JSON', 'Text', 'Hex'] : ['Text', 'Hex'];
    const area = h('textarea', {
      class: 'tall',
      'aria-label': 'Value',
      spellcheck: 'false',
      readonly: !editing || !whole,
    });
    let mode = modes[0];
    const tabs = modes.map((name) => button(name, () => turn(name), { role: 'tab' }));
    const turn = (name) => {
      mode = name;
      area.value = shown(value, name);
      for (const tab of tabs) tab.setAttribute('aria-selected', String(tab.textContent === name));
    };
    const save = async () => {
      await run('SET', key, read(area.value, mode), 'KEEPTTL');
      say('Saved');
      changed();
      await load();
    };
    turn(mode);
    fill(
      element,
      h('div', { class: 'tabs', role: 'tablist', 'aria-label': 'Shown as' }, tabs),
      area,
      h(
        'div',
        { class: 'bar' },
        h(
          'span',
          { class: 'soft small' },
          whole ? size(length) : `the first ${size(SHOWN)} of ${size(length)}: too long to be changed here`,
        ),
        h('span', { class: 'push' }),
        editing && whole ? button('Save', save, { class: 'main' }) : null,
      ),
    );
  }

  guarded(load);
  return element;
}

function isJson(text) {
  if (!/^\s*[[{]/.test(text)) return false;
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

function shown(value, mode) {
  if (mode === 'JSON') return JSON.stringify(JSON.parse(value), null, 2);
  if (mode === 'Text') return value;
  const bytes =
    value instanceof Bytes
      ? Uint8Array.from(atob(value.base64), (c) => c.charCodeAt(0))
      : new TextEncoder().encode(value);
  const pairs = [...bytes].map((byte) => byte.toString(16).padStart(2, '0'));
  return pairs.join(' ').replace(/((?:.. ){15}..) /g, '$1\n');
}

/** What was typed, as a word. JSON is written without its indentation. */
function read(text, mode) {
  if (mode === 'Text') return text;
  if (mode === 'JSON') {
    try {
      return JSON.stringify(JSON.parse(text));
    } catch (e) {
      throw new Error(`No JSON: ${e.message}`);
    }
  }
  const digits = text.replace(/\s/g, '');
  if (!/^([0-9a-fA-F]{2})*$/.test(digits)) throw new Error(`No hexadecimal bytes (${number(digits.length)} digits)`);
  return new Bytes(bytesToBase64((digits.match(/../g) ?? []).map((pair) => Number.parseInt(pair, 16))));
}
