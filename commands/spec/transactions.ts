/** The transactions family: one entry a command. */
import { family } from './family.js';
import { FAST, RUNS_IN_MULTI } from './flags.js';

export const transactions = family('transactions', {
  discard: {
    syntax: '',
    flags: FAST | RUNS_IN_MULTI,
    since: '2.0.0',
    complexity: 'O(n) in the queue',
    summary: 'Forgets a transaction.',
  },
  exec: {
    syntax: '',
    flags: RUNS_IN_MULTI,
    since: '1.2.0',
    complexity: 'that of the queue',
    summary: 'Runs a transaction.',
  },
  multi: {
    syntax: '',
    flags: FAST | RUNS_IN_MULTI,
    since: '1.2.0',
    complexity: 'O(1)',
    summary: 'Begins a transaction.',
  },
  unwatch: {
    syntax: '',
    flags: FAST,
    since: '2.2.0',
    complexity: 'O(1)',
    summary: 'Forgets watched keys.',
  },
  watch: {
    syntax: 'key [key ...]',
    flags: FAST | RUNS_IN_MULTI,
    since: '2.2.0',
    complexity: 'O(n)',
    summary: 'Lets the next EXEC fail when one of the keys changes.',
  },
});
