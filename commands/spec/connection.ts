/** The connection family, except CLIENT (client.ts): who one is, which protocol and database one speaks to. Handlers: commands/connection.ts. */
import { family } from './family.js';
import { ALLOW_BUSY, FAST, LOADING, NO_AUTH, NOSCRIPT, RUNS_FOR_SUBSCRIBERS, RUNS_IN_MULTI, STALE } from './flags.js';

export const connection = family('connection', {
  auth: {
    syntax: '[username] password',
    reply: 'ok',
    flags: NOSCRIPT | LOADING | STALE | FAST | NO_AUTH | ALLOW_BUSY,
    since: '1.0.0',
    complexity: 'O(N) for N passwords of the user',
    summary: 'Logs the connection in.',
    history: ['6.0.0 The argument `username`.'],
  },
  echo: {
    syntax: 'message',
    reply: 'bulk',
    flags: LOADING | STALE | FAST,
    since: '1.0.0',
    complexity: 'O(1)',
    summary: 'Replies its argument.',
  },
  hello: {
    syntax: '[protover:int [AUTH username password] [SETNAME clientname]]:arguments',
    reply: 'map<bulk, any>',
    flags: NOSCRIPT | LOADING | STALE | FAST | NO_AUTH | ALLOW_BUSY,
    since: '6.0.0',
    complexity: 'O(1)',
    summary: 'Chooses the protocol of the connection, may log it in and name it, and describes the server.',
    history: ['6.2.0 `protover` may be left out: the protocol stays.'],
  },
  ping: {
    syntax: '[message]',
    reply: 'status | bulk | tuple<bulk, bulk>',
    flags: FAST | RUNS_FOR_SUBSCRIBERS,
    since: '1.0.0',
    complexity: 'O(1)',
    summary: 'Replies PONG, or its argument.',
    tips: ['request_policy:all_shards', 'response_policy:all_succeeded'],
  },
  quit: {
    syntax: '',
    arity: -1, // whatever follows is ignored
    reply: 'ok',
    flags: NOSCRIPT | LOADING | STALE | FAST | NO_AUTH | ALLOW_BUSY | RUNS_IN_MULTI | RUNS_FOR_SUBSCRIBERS,
    since: '1.0.0',
    complexity: 'O(1)',
    summary: 'Closes the connection after the reply.',
    deprecated: '7.2.0',
    replacedBy: 'just closing the connection',
  },
  reset: {
    syntax: '',
    reply: 'status',
    flags: NOSCRIPT | LOADING | STALE | FAST | NO_AUTH | ALLOW_BUSY | RUNS_IN_MULTI | RUNS_FOR_SUBSCRIBERS,
    since: '6.2.0',
    complexity: 'O(1)',
    summary: 'Puts the connection into the state in which it began.',
  },
  select: {
    syntax: 'index:int',
    reply: 'ok',
    flags: LOADING | STALE | FAST,
    since: '1.0.0',
    complexity: 'O(1)',
    summary: 'Chooses the database that this connection works on.',
  },
});
