/** The connection family: one entry a command. */
import { family } from './family.js';
import { FAST, NO_AUTH, RUNS_IN_MULTI } from './flags.js';

export const connection = family('connection', {
  auth: {
    syntax: '[username] password',
    flags: NO_AUTH | FAST,
    since: '1.0.0',
    complexity: 'O(1)',
    summary: 'Logs in.',
  },
  echo: {
    syntax: 'message',
    flags: FAST,
    since: '1.0.0',
    complexity: 'O(1)',
    summary: 'Gives its argument back.',
  },
  hello: {
    syntax: '[protover [AUTH username password] [SETNAME clientname]]',
    flags: NO_AUTH | FAST,
    since: '6.0.0',
    complexity: 'O(1)',
    summary: 'Chooses the protocol.',
  },
  ping: {
    syntax: '[message]',
    flags: FAST,
    since: '1.0.0',
    complexity: 'O(1)',
    summary: 'Asks for a sign of life.',
  },
  quit: {
    syntax: '',
    flags: NO_AUTH | FAST | RUNS_IN_MULTI,
    since: '1.0.0',
    complexity: 'O(1)',
    summary: 'Closes the connection.',
  },
  select: {
    syntax: 'index',
    flags: FAST,
    since: '1.0.0',
    complexity: 'O(1)',
    summary: 'Chooses the database.',
  },
});
