/** COMMAND: what is told here about every command. Part of the server group. Handlers: commands/command-info.ts. */
import { family } from './family.js';
import { LOADING, STALE } from './flags.js';
import { help } from './help.js';

export const command = family('server', {
  command: {
    syntax: '',
    reply: 'array<any>',
    flags: LOADING | STALE,
    acl: '+connection',
    since: '2.8.13',
    complexity: 'O(N) for N commands',
    summary: 'Describes all commands: arity, flags, keys, categories, sub-commands.',
    tips: ['nondeterministic_output_order'],
  },
  'command|count': {
    syntax: '',
    reply: 'int',
    flags: LOADING | STALE,
    acl: '+connection',
    since: '2.8.13',
    complexity: 'O(1)',
    summary: 'Tells how many commands there are.',
  },
  'command|docs': {
    syntax: '[command-name [command-name ...]]',
    reply: 'map<bulk, any>',
    flags: LOADING | STALE,
    acl: '+connection',
    since: '7.0.0',
    complexity: 'O(N) for N commands',
    summary: 'Tells what commands do and which arguments they take.',
    tips: ['nondeterministic_output_order'],
  },
  'command|getkeys': {
    syntax: 'command arg [arg ...]',
    reply: 'array<bulk>',
    flags: LOADING | STALE,
    acl: '+connection',
    since: '2.8.13',
    complexity: 'O(N) for N arguments',
    summary: 'Lists the keys of a given call.',
  },
  'command|getkeysandflags': {
    syntax: 'command arg [arg ...]',
    reply: 'array<tuple<bulk, set<status>>>',
    flags: LOADING | STALE,
    acl: '+connection',
    since: '7.0.0',
    complexity: 'O(N) for N arguments',
    summary: 'Lists the keys of a given call and what happens to them.',
  },
  'command|help': help('COMMAND', '5.0.0', '+connection'),
  'command|info': {
    syntax: '[command-name [command-name ...]]',
    reply: 'array<any>',
    flags: LOADING | STALE,
    acl: '+connection',
    since: '2.8.13',
    complexity: 'O(N) for N commands',
    summary: 'Describes some commands as COMMAND does; an unknown one is nil.',
    history: ['7.0.0 Without `command-name` it describes all.'],
    tips: ['nondeterministic_output_order'],
  },
  'command|list': {
    syntax: '[FILTERBY <MODULE module-name | ACLCAT category | PATTERN pattern>:filterby]',
    reply: 'array<bulk>',
    flags: LOADING | STALE,
    acl: '+connection',
    since: '7.0.0',
    complexity: 'O(N) for N commands',
    summary:
      'Lists the names of all commands, or of those that belong to a module, to an ACL category or to a pattern.',
    tips: ['nondeterministic_output_order'],
  },
});
