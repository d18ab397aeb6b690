/** The transaction family: commands queued, then run in a row. Handlers: commands/transaction.ts. */
import { family } from './family.js';
import { ALLOW_BUSY, FAST, LOADING, NOSCRIPT, RUNS_IN_MULTI, SKIP_SLOWLOG, STALE } from './flags.js';

export const transactions = family('transactions', {
  multi: {
    syntax: '',
    reply: 'ok',
    flags: NOSCRIPT | LOADING | STALE | FAST | ALLOW_BUSY | RUNS_IN_MULTI,
    since: '1.2.0',
    complexity: 'O(1)',
    summary: 'Starts a transaction: what follows is queued until EXEC.',
  },
  exec: {
    syntax: '',
    reply: 'array<any> | nil-array',
    flags: NOSCRIPT | LOADING | STALE | SKIP_SLOWLOG | RUNS_IN_MULTI,
    since: '1.2.0',
    complexity: 'That of the queued commands together',
    summary: 'Runs the queued commands in a row and ends the transaction; nothing runs when a watched key has changed.',
  },
  discard: {
    syntax: '',
    reply: 'ok',
    flags: NOSCRIPT | LOADING | STALE | FAST | ALLOW_BUSY | RUNS_IN_MULTI,
    since: '2.0.0',
    complexity: 'O(N) for N queued commands',
    summary: 'Ends a transaction without running what was queued, and forgets the watched keys.',
  },
  watch: {
    syntax: 'key [key ...]',
    reply: 'ok',
    flags: NOSCRIPT | LOADING | STALE | FAST | ALLOW_BUSY | RUNS_IN_MULTI,
    keys: ['RO'],
    since: '2.2.0',
    complexity: 'O(1) for each key',
    summary: 'Makes the next EXEC depend on these keys staying unchanged until then.',
  },
  unwatch: {
    syntax: '',
    reply: 'ok',
    flags: NOSCRIPT | LOADING | STALE | FAST | ALLOW_BUSY,
    since: '2.2.0',
    complexity: 'O(1)',
    summary: 'Forgets all keys that this connection watches.',
  },
});
