/** The scripting family: Lua scripts. Handlers: commands/scripting.ts. */
import { family } from './family.js';
import {
  ALLOW_BUSY,
  MAY_REPLICATE,
  NO_MANDATORY_KEYS,
  NOSCRIPT,
  READONLY,
  RUNS_SCRIPT,
  SKIP_MONITOR,
  STALE,
} from './flags.js';
import { help } from './help.js';
import type { KeySpec } from './key-spec.js';

/** A script tells MONITOR of itself before its commands do. */
const RUN = NOSCRIPT | STALE | SKIP_MONITOR | NO_MANDATORY_KEYS | RUNS_SCRIPT;
const EVERYWHERE = ['request_policy:all_nodes', 'response_policy:all_succeeded'];

export const scripting = family(
  'scripting',
  {
    eval: {
      syntax: 'script numkeys:int [key]... [arg]...',
      reply: 'any',
      flags: RUN | MAY_REPLICATE,
      keys: [scriptKeys('RW access update')],
      since: '2.6.0',
      complexity: 'That of the script',
      summary: 'Runs a Lua script.',
    },
    evalsha: {
      syntax: 'sha1 numkeys:int [key]... [arg]...',
      reply: 'any',
      flags: RUN | MAY_REPLICATE,
      keys: ['RW access update'],
      since: '2.6.0',
      complexity: 'That of the script',
      summary: 'Runs a Lua script that is cached.',
    },
    eval_ro: {
      syntax: 'script numkeys:int [key]... [arg]...',
      reply: 'any',
      flags: RUN | READONLY,
      keys: [scriptKeys('RO access')],
      since: '7.0.0',
      complexity: 'That of the script',
      summary: 'Runs a Lua script that may not write.',
    },
    evalsha_ro: {
      syntax: 'sha1 numkeys:int [key]... [arg]...',
      reply: 'any',
      flags: RUN | READONLY,
      keys: ['RO access'],
      since: '7.0.0',
      complexity: 'That of the script',
      summary: 'Runs a Lua script that is cached and may not write.',
    },
    'script|exists': {
      syntax: 'sha1 [sha1 ...]',
      reply: 'array<int>',
      flags: NOSCRIPT,
      since: '2.6.0',
      complexity: 'O(N) for N scripts asked about',
      summary: 'Tells of each SHA1 whether the cache has its script.',
      tips: ['request_policy:all_shards', 'response_policy:agg_logical_and'],
    },
    'script|flush': {
      syntax: '[ASYNC|SYNC]:async',
      reply: 'ok',
      flags: NOSCRIPT,
      since: '2.6.0',
      complexity: 'O(N) for N scripts in the cache',
      summary: 'Empties the cache of scripts.',
      history: ['6.2.0 The modes `ASYNC` and `SYNC`.'],
      tips: EVERYWHERE,
    },
    'script|help': help('SCRIPT', '5.0.0'),
    'script|kill': {
      syntax: '',
      reply: 'ok',
      flags: NOSCRIPT | ALLOW_BUSY,
      since: '2.6.0',
      complexity: 'O(1)',
      summary: 'Ends the script that has run for too long, if it has written nothing.',
      tips: ['request_policy:all_shards', 'response_policy:one_succeeded'],
    },
    'script|load': {
      syntax: 'script',
      reply: 'bulk',
      flags: NOSCRIPT | STALE | RUNS_SCRIPT,
      since: '2.6.0',
      complexity: 'O(N) for N bytes of script',
      summary: 'Compiles a script and puts it into the cache without running it.',
      tips: EVERYWHERE,
    },
  },
  { script: { since: '2.6.0', complexity: 'That of its sub-commands', summary: 'Commands about Lua scripts.' } },
);

function scriptKeys(use: string): KeySpec {
  return {
    use,
    begin: { type: 'index', index: 2 },
    find: { type: 'keynum', keynumidx: 0, firstkey: 1, step: 1 },
    names: ['key'],
    notes: `Nobody knows what the script does to its keys; what it may do at most is told: ${use}`,
  };
}
