/** The console: any command as one would type it in redis-cli, with the command table's completion, and a history for this tab. */
import { typedReplies } from './api.js';
import { fill, h, rove } from './dom.js';
import { tree } from './tree.js';
import { split } from './words.js';

const HISTORY = 'synap.console';
const HISTORY_MAX = 200;
/** Answers that stay on the screen. */
const SHOWN = 100;
const SUGGESTED = 12;
/** Commands whose words are not kept. */
const SECRET = /^\s*(auth|hello|acl\s+setuser|config\s+set\s+.*(requirepass|masterauth))\b/i;

/** A line of syntax without the types and names that the command table has behind colons. */
function syntaxOf(syntax) {
  return syntax.replace(/:[a-z-]+/g, '');
}

export function consoleScreen(root, { about }) {
  const output = h('div', { class: 'output panel', role: 'log', 'aria-label': 'Answers', tabindex: '0' });
  const suggestions = h('div', {
    class: 'suggestions',
    role: 'listbox',
    'aria-label': 'Commands',
    id: 'suggestions',
    hidden: true,
  });
  const hint = h(
    'p',
    { class: 'soft small mono', id: 'hint' },
    'Tab completes, ↑ and ↓ go through what was sent, Esc stops what waits.',
  );
  const input = h('input', {
    class: 'mono grow',
    'aria-label': 'Command',
    'aria-describedby': 'hint',
    'aria-controls': 'suggestions',
    'data-filter': true,
    placeholder: 'GET key',
    autocomplete: 'off',
    autocapitalize: 'off',
    spellcheck: 'false',
    oninput: suggest,
    onkeydown: pressed,
  });
  const past = JSON.parse(sessionStorage.getItem(HISTORY) ?? '[]');
  let at = past.length;
  let waiting;

  function remember(line) {
    if (SECRET.test(line)) return;
    if (past[past.length - 1] !== line) past.push(line);
    past.splice(0, past.length - HISTORY_MAX);
    sessionStorage.setItem(HISTORY, JSON.stringify(past));
  }

  async function send(event) {
    event.preventDefault();
    const line = input.value.trim();
    if (line === '' || waiting !== undefined) return;
    suggestions.hidden = true;
    const answer = h('div', {}, h('span', { class: 'soft' }, '…'));
    const entry = h(
      'div',
      { class: 'entry' },
      h('div', { class: 'asked mono' }, `> ${SECRET.test(line) ? line.split(/\s/)[0] : line}`),
      answer,
    );
    output.append(entry);
    while (output.children.length > SHOWN) output.firstChild.remove();
    input.value = '';
    remember(line);
    at = past.length;
    waiting = new AbortController();
    try {
      const [reply] = await typedReplies([split(line)], waiting.signal);
      fill(answer, tree(reply));
    } catch (e) {
      fill(answer, h('p', { class: 'bad mono' }, e.name === 'AbortError' ? 'Stopped.' : e.message));
    } finally {
      waiting = undefined;
    }
    output.scrollTop = output.scrollHeight;
    suggest();
  }

  // ---- completion ---------------------------------------------------------------------------------------------------------------------

  function matching() {
    const typed = input.value.trimStart().toUpperCase();
    return typed === '' ? [] : about.commands.filter(({ name }) => name.startsWith(typed)).slice(0, SUGGESTED);
  }

  function suggest() {
    const found = matching();
    const typed = `${input.value.trimStart().toUpperCase()} `;
    // The longest name that is typed whole tells its syntax.
    const whole = about.commands
      .filter(({ name }) => typed.startsWith(`${name} `))
      .sort((a, b) => b.name.length - a.name.length)[0];
    hint.textContent =
      whole === undefined
        ? 'Tab completes, ↑ and ↓ go through what was sent, Esc stops what waits.'
        : `${whole.name} ${syntaxOf(whole.syntax)}: ${whole.summary}`;
    suggestions.hidden = found.length === 0 || (found.length === 1 && found[0] === whole);
    fill(
      suggestions,
      found.map(({ name, syntax }) =>
        h(
          'div',
          { role: 'option', tabindex: -1, onclick: () => complete(name) },
          h('span', { class: 'mono' }, name),
          h('span', { class: 'soft mono' }, syntaxOf(syntax)),
        ),
      ),
    );
    rove(suggestions, '[role=option]');
  }

  function complete(name) {
    input.value = `${name} `;
    input.focus();
    suggest();
  }

  function pressed(event) {
    const found = matching();
    if (
      event.key === 'Tab' &&
      !event.shiftKey &&
      found.length > 0 &&
      input.value.trim().toUpperCase() !== found[0].name
    ) {
      event.preventDefault();
      complete(found[0].name);
    } else if (event.key === 'Escape') {
      waiting?.abort();
      if (!suggestions.hidden) event.stopPropagation();
      suggestions.hidden = true;
    } else if (event.key === 'ArrowUp' || event.key === 'ArrowDown') {
      event.preventDefault();
      at = Math.min(Math.max(at + (event.key === 'ArrowUp' ? -1 : 1), 0), past.length);
      input.value = past[at] ?? '';
      suggestions.hidden = true;
    }
  }

  fill(
    root,
    h('h1', {}, 'Console'),
    output,
    h(
      'form',
      { class: 'complete', onsubmit: send },
      suggestions,
      h('div', { class: 'bar' }, input, h('button', { type: 'submit', class: 'main' }, 'Send')),
    ),
    hint,
  );
  input.focus();
  return () => waiting?.abort();
}
