/** MEMORY: what the dataset costs. Part of the server group. Handlers: commands/memory.ts. */
import { family } from './family.js';
import { READONLY } from './flags.js';
import { help } from './help.js';

const SPECIAL = ['nondeterministic_output', 'request_policy:all_shards', 'response_policy:special'];

export const memory = family(
  'server',
  {
    'memory|doctor': {
      syntax: '',
      reply: 'verbatim',
      flags: 0,
      since: '4.0.0',
      complexity: 'O(1)',
      summary: 'Says in words whether the use of memory looks sound.',
      tips: SPECIAL,
    },
    'memory|help': help('MEMORY', '4.0.0'),
    'memory|malloc-stats': {
      syntax: '',
      reply: 'verbatim',
      flags: 0,
      since: '4.0.0',
      complexity: 'O(1)',
      summary: 'Tells the figures of the allocator.',
      tips: SPECIAL,
    },
    'memory|purge': {
      syntax: '',
      reply: 'ok',
      flags: 0,
      since: '4.0.0',
      complexity: 'O(N) for N free parts of the allocator',
      summary: 'Gives memory that is free back to the system.',
      tips: ['request_policy:all_shards', 'response_policy:all_succeeded'],
    },
    'memory|stats': {
      syntax: '',
      reply: 'map<bulk, any>',
      flags: 0,
      since: '4.0.0',
      complexity: 'O(1)',
      summary: 'Tells what memory is used for.',
      tips: SPECIAL,
    },
    'memory|usage': {
      syntax: 'key [SAMPLES count:int]',
      reply: 'int | nil',
      flags: READONLY,
      keys: ['RO'],
      since: '4.0.0',
      complexity: 'O(N) for N samples',
      summary: 'Tells how many bytes a key and its value take; of large collections some elements are measured.',
    },
  },
  { memory: { summary: 'Looks at the use of memory.', since: '4.0.0', complexity: 'That of the sub-command' } },
);
