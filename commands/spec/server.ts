/** The server family: one entry a command. */
import { family } from './family.js';
import { FAST, READONLY, WRITE } from './flags.js';

export const server = family('server', {
  dbsize: {
    syntax: '',
    flags: READONLY | FAST,
    since: '1.0.0',
    complexity: 'O(1)',
    summary: 'Counts the keys of the database.',
  },
  flushall: {
    syntax: '[ASYNC|SYNC]',
    flags: WRITE,
    since: '1.0.0',
    complexity: 'O(1)',
    summary: 'Deletes everything.',
  },
  flushdb: {
    syntax: '[ASYNC|SYNC]',
    flags: WRITE,
    since: '1.0.0',
    complexity: 'O(1)',
    summary: 'Deletes everything in the database.',
  },
  time: {
    syntax: '',
    flags: FAST,
    since: '2.6.0',
    complexity: 'O(1)',
    summary: 'Tells the time.',
  },
});
