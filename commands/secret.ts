/** Which arguments no log may show: names and passwords of users, and values of directives that hold passwords. */
import type { Client } from './client.js';
import type { Command } from './command.js';

const SENSITIVE_DIRECTIVES = [
  'requirepass',
  'masterauth',
  'masteruser',
  'tls-key-file-pass',
  'tls-client-key-file-pass',
];

/** Whether argument `i` of the command that `c` runs is a secret. */
export function isSecret(c: Client, command: Command, i: number): boolean {
  if (i === 0) return false;
  switch (command.name) {
    case 'auth':
      return c.argc <= 3;
    case 'config|set':
      return i >= 3 && i % 2 === 1 && SENSITIVE_DIRECTIVES.some((name) => c.argv[i - 1].is(name));
    case 'hello':
      for (let at = 2; at < i; at++) if (c.argv[at].is('auth') && at + 2 < c.argc && i <= at + 2) return true;
      return false;
    default:
      return false;
  }
}
