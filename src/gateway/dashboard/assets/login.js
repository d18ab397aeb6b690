/** The login: a user of the server and the password. It is kept for this tab alone. */
import { hasLogin } from './api.js';
import { field, fill, h } from './dom.js';

/** @param enter is given user and password */
export function loginScreen(main, message, enter) {
  const user = h('input', { name: 'user', autocomplete: 'username', placeholder: 'default' });
  const password = h('input', { name: 'password', type: 'password', autocomplete: 'current-password', required: true });
  const submit = (event) => {
    event.preventDefault();
    enter(user.value, password.value);
  };
  const form = h(
    'form',
    { class: 'panel login screen', onsubmit: submit },
    h('h1', {}, 'Log in'),
    // The first visit is no mistake.
    hasLogin() ? h('p', { class: 'error', role: 'alert' }, message) : null,
    field('User', user),
    field('Password', password),
    h('p', { class: 'soft small' }, 'As AUTH takes them. Forgotten when this tab is closed.'),
    h('button', { type: 'submit', class: 'main' }, 'Log in'),
  );
  fill(main, form);
  password.focus();
}
