/** The frame: who is asking, which screen, the side bar, the keys that work everywhere. Screens are functions in the modules named below. */
import { request, setDatabase, setLogin } from './api.js';
import { clientsScreen } from './clients.js';
import { consoleScreen } from './console.js';
import { show } from './dialog.js';
import { button, field, fill, guarded, h, problem, select } from './dom.js';
import { keysScreen } from './keys.js';
import { loginScreen } from './login.js';
import { overviewScreen } from './overview.js';
import { queuesScreen } from './queues.js';
import { slowlogScreen } from './slowlog.js';
import { topicsScreen } from './topics.js';

/** In the order of the side bar; `needs`: a command without which there is nothing to show. */
const SCREENS = [
  { id: 'overview', label: 'Overview', key: 'o', show: overviewScreen },
  { id: 'keys', label: 'Keys', key: 'k', needs: 'SCAN', show: keysScreen },
  { id: 'queues', label: 'Queues', key: 'q', needs: 'QUEUE.LIST', show: queuesScreen },
  { id: 'topics', label: 'Topics', key: 't', needs: 'TOPIC.LIST', show: topicsScreen },
  { id: 'slowlog', label: 'Slow log', key: 's', needs: 'SLOWLOG GET', show: slowlogScreen },
  { id: 'clients', label: 'Clients', key: 'c', needs: 'CLIENT LIST', show: clientsScreen },
  { id: 'console', label: 'Console', key: 'x', show: consoleScreen },
];

const side = document.getElementById('side');
const main = document.getElementById('main');
/** What every screen is given: `about` (the gateway's answer), `has(command)`, `editing`, `go(screen, params)`, `params`. */
const context = { about: undefined, has: () => false, editing: false, go, params: new URLSearchParams() };
let leave = () => {};
let current;

function go(screen, params = {}) {
  location.hash = `#/${screen}${Object.keys(params).length > 0 ? `?${new URLSearchParams(params)}` : ''}`;
}

function available() {
  return SCREENS.filter(({ needs }) => needs === undefined || context.has(needs));
}

// ---- start --------------------------------------------------------------------------------------------------------------------------

async function start() {
  try {
    const about = await request('/api/v1/about');
    const names = new Set(about.commands.map(({ name }) => name));
    Object.assign(context, { about, has: (name) => names.has(name), editing: !about.limits.readOnly });
    drawSide();
    route();
  } catch (e) {
    if (e.status === 401) return;
    side.hidden = true;
    fill(main, h('div', { class: 'panel login screen' }, problem(e), button('Try again', start)));
  }
}

function drawSide() {
  const { about } = context;
  const { synap, redis } = about.server;
  const links = available().map(({ id, label }) => h('a', { href: `#/${id}`, 'data-screen': id }, label));
  const databases = [...Array(Math.min(about.databases, 64)).keys()].map(String);
  const database = select(databases, databases[0], (value) => {
    setDatabase(Number(value));
    route();
  });
  database.value = String(about.db);
  setDatabase(about.db);
  fill(
    side,
    h(
      'div',
      { class: 'brand' },
      'Synap',
      h('small', {}, synap === '' ? `Redis ${redis}` : `${synap} · speaks Redis ${redis}`),
    ),
    h('nav', { 'aria-label': 'Screens' }, links),
    h(
      'div',
      { class: 'foot' },
      context.editing ? null : h('span', { class: 'tag' }, 'Read only'),
      field('Database', database),
      field('Colours', themeSwitch()),
      button('Shortcuts', shortcuts, { 'aria-keyshortcuts': '?' }),
      about.login ? button('Log out', logOut) : null,
    ),
  );
  side.hidden = false;
}

function route() {
  if (context.about === undefined) return;
  const [path, query = ''] = location.hash.replace(/^#\//, '').split('?');
  const screen = available().find(({ id }) => id === path) ?? available()[0];
  context.params = new URLSearchParams(query);
  for (const link of side.querySelectorAll('nav a')) {
    if (link.dataset.screen === screen.id) link.setAttribute('aria-current', 'page');
    else link.removeAttribute('aria-current');
  }
  document.title = `${screen.label} · Synap`;
  leave();
  const root = h('div', { class: 'screen' });
  fill(main, root);
  const moved = current !== undefined && current !== screen.id;
  current = screen.id;
  leave = screen.show(root, context) ?? (() => {});
  if (moved && !main.contains(document.activeElement)) main.focus({ preventScroll: true });
}

// ---- login --------------------------------------------------------------------------------------------------------------------------

function logIn(message) {
  leave();
  leave = () => {};
  context.about = undefined;
  side.hidden = true;
  loginScreen(main, message, (user, password) => {
    setLogin(user, password);
    return start();
  });
}

function logOut() {
  setLogin('', '');
  location.reload();
}

// ---- colours ------------------------------------------------------------------------------------------------------------------------

function themeSwitch() {
  const options = [
    ['', 'As the system'],
    ['light', 'Light'],
    ['dark', 'Dark'],
  ];
  return select(options, localStorage.getItem('synap.theme') ?? '', (theme) => {
    localStorage.setItem('synap.theme', theme);
    applyTheme();
  });
}

function applyTheme() {
  const theme = localStorage.getItem('synap.theme') ?? '';
  if (theme === '') delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
  dispatchEvent(new Event('theme'));
}

// ---- keys ---------------------------------------------------------------------------------------------------------------------------

const SHORTCUTS = [
  ['?', 'This list'],
  ['/', 'To the filter or the command line'],
  ['r', 'Refresh'],
  ['Esc', 'Close, or leave a field'],
  ['↑ ↓ Home End', 'Through a list; Enter opens'],
];

function shortcuts() {
  const all = [...SHORTCUTS, ...available().map(({ key, label }) => [`g ${key}`, label])];
  show(
    'Shortcuts',
    h(
      'table',
      {},
      h(
        'tbody',
        {},
        all.map(([keys, text]) => h('tr', {}, h('td', {}, h('kbd', {}, keys)), h('td', {}, text))),
      ),
    ),
  );
}

let going = 0;

function pressed(event) {
  const { key, target } = event;
  if (document.querySelector('dialog[open]') !== null || event.ctrlKey || event.metaKey || event.altKey) return;
  if (target.matches('input, textarea, select')) {
    if (key === 'Escape') target.blur();
    return;
  }
  if (Date.now() - going < 1500) {
    going = 0;
    const screen = available().find((one) => one.key === key);
    if (screen === undefined) return;
    event.preventDefault();
    return go(screen.id);
  }
  const action = { g: () => (going = Date.now()), '?': shortcuts, r: route, '/': toFilter }[key];
  if (action === undefined || context.about === undefined) return;
  event.preventDefault();
  action();
}

function toFilter() {
  main.querySelector('[data-filter]')?.focus();
}

addEventListener('hashchange', route);
addEventListener('keydown', pressed);
addEventListener('login-needed', (event) => logIn(event.detail));
matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => dispatchEvent(new Event('theme')));
applyTheme();
guarded(start);
