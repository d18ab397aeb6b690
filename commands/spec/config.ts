/** CONFIG: the directives of the running server. Part of the server group. Handlers: commands/config.ts. */
import { family } from './family.js';
import { ADMIN, LOADING, NOSCRIPT, STALE } from './flags.js';
import { help } from './help.js';

const OPERATOR = ADMIN | NOSCRIPT | LOADING | STALE;

export const config = family(
  'server',
  {
    'config|get': {
      syntax: 'parameter [parameter ...]',
      reply: 'map<bulk, bulk>',
      flags: OPERATOR,
      since: '2.0.0',
      complexity: 'O(N) for N parameters given',
      summary: 'Tells the values of all directives whose names match one of the patterns.',
      history: ['7.0.0 More than one `parameter`.'],
    },
    'config|help': help('CONFIG', '5.0.0'),
    'config|resetstat': {
      syntax: '',
      reply: 'ok',
      flags: OPERATOR,
      since: '2.0.0',
      complexity: 'O(1)',
      summary: 'Sets the counters of INFO back to 0.',
    },
    'config|rewrite': {
      syntax: '',
      reply: 'ok',
      flags: OPERATOR,
      since: '2.8.0',
      complexity: 'O(1)',
      summary: 'Writes the directives in force to the configuration file, keeping its comments.',
    },
    'config|set': {
      syntax: 'parameter value [parameter value ...]',
      reply: 'ok',
      flags: OPERATOR,
      since: '2.0.0',
      complexity: 'O(N) for N parameters given',
      summary: 'Changes directives: all that are given, or none.',
      history: ['7.0.0 More than one `parameter` and `value`.'],
      tips: ['request_policy:all_nodes', 'response_policy:all_succeeded'],
    },
  },
  {
    config: {
      summary: 'Looks at the directives of the server and changes them.',
      since: '2.0.0',
      complexity: 'That of the sub-command',
    },
  },
);
