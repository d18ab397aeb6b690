/** LATENCY and SLOWLOG: what took long. Part of the server group. Handlers: commands/latency.ts, commands/slowlog.ts. */
import { family } from './family.js';
import { ADMIN, LOADING, NOSCRIPT, STALE } from './flags.js';
import { help } from './help.js';

const OPERATOR = ADMIN | NOSCRIPT | LOADING | STALE;
const SPECIAL = ['nondeterministic_output', 'request_policy:all_nodes', 'response_policy:special'];

export const latency = family(
  'server',
  {
    'latency|doctor': {
      syntax: '',
      reply: 'verbatim',
      flags: OPERATOR,
      since: '2.8.13',
      complexity: 'O(1)',
      summary: 'Explains the recorded delays in words, with advice.',
      tips: SPECIAL,
    },
    'latency|graph': {
      syntax: 'event',
      reply: 'verbatim',
      flags: OPERATOR,
      since: '2.8.13',
      complexity: 'O(1)',
      summary: 'Draws the recorded delays of one event.',
      tips: SPECIAL,
    },
    'latency|help': help('LATENCY', '2.8.13'),
    'latency|histogram': {
      syntax: '[command [command ...]]',
      reply: 'map<bulk, map<bulk, any>>',
      flags: OPERATOR,
      since: '7.0.0',
      complexity: 'O(N) for N commands with records',
      summary: 'Tells how often commands took how long, as cumulated counts of microseconds.',
      tips: SPECIAL,
    },
    'latency|history': {
      syntax: 'event',
      reply: 'array<tuple<int, int>>',
      flags: OPERATOR,
      since: '2.8.13',
      complexity: 'O(1)',
      summary: 'Lists the recorded delays of one event with their times.',
      tips: SPECIAL,
    },
    'latency|latest': {
      syntax: '',
      reply: 'array<tuple<bulk, int, int, int>>',
      flags: OPERATOR,
      since: '2.8.13',
      complexity: 'O(1)',
      summary: 'Tells of every event its latest and its longest delay.',
      tips: SPECIAL,
    },
    'latency|reset': {
      syntax: '[event [event ...]]',
      reply: 'int',
      flags: OPERATOR,
      since: '2.8.13',
      complexity: 'O(1)',
      summary: 'Forgets the recorded delays of some events, or of all, and tells of how many.',
      tips: ['request_policy:all_nodes', 'response_policy:all_succeeded'],
    },
  },
  { latency: { summary: 'Looks at recorded delays.', since: '2.8.13', complexity: 'That of the sub-command' } },
);

export const slowlog = family(
  'server',
  {
    'slowlog|get': {
      syntax: '[count:int]',
      reply: 'array<tuple<int, int, int, array<bulk>, bulk, bulk>>',
      flags: ADMIN | LOADING | STALE,
      since: '2.2.12',
      complexity: 'O(N) for N entries replied',
      summary: 'Lists the latest commands that took too long.',
      history: ['4.0.0 Address and name of the client.'],
      tips: ['request_policy:all_nodes', 'nondeterministic_output'],
    },
    'slowlog|help': help('SLOWLOG', '6.2.0'),
    'slowlog|len': {
      syntax: '',
      reply: 'int',
      flags: ADMIN | LOADING | STALE,
      since: '2.2.12',
      complexity: 'O(1)',
      summary: 'Tells how many commands the slow log holds.',
      tips: ['request_policy:all_nodes', 'response_policy:agg_sum', 'nondeterministic_output'],
    },
    'slowlog|reset': {
      syntax: '',
      reply: 'ok',
      flags: ADMIN | LOADING | STALE,
      since: '2.2.12',
      complexity: 'O(N) for N entries',
      summary: 'Empties the slow log.',
      tips: ['request_policy:all_nodes', 'response_policy:all_succeeded'],
    },
  },
  {
    slowlog: {
      summary: 'Looks at the commands that took too long.',
      since: '2.2.12',
      complexity: 'That of the sub-command',
    },
  },
);
