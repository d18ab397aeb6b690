/** The generic family: one entry a command. */
import { family } from './family.js';
import { FAST, READONLY, WRITE } from './flags.js';

export const generic = family('generic', {
  del: {
    syntax: 'key [key ...]',
    flags: WRITE,
    since: '1.0.0',
    complexity: 'O(n)',
    summary: 'Deletes keys; large values are freed in slices.',
  },
  exists: {
    syntax: 'key [key ...]',
    flags: READONLY | FAST,
    since: '1.0.0',
    complexity: 'O(n)',
    summary: 'Counts how many of the keys exist.',
  },
  expire: {
    syntax: 'key seconds [NX|XX|GT|LT]',
    flags: WRITE | FAST,
    since: '1.0.0',
    complexity: 'O(1)',
    summary: 'Sets when a key expires, in seconds from now.',
  },
  expireat: {
    syntax: 'key seconds [NX|XX|GT|LT]',
    flags: WRITE | FAST,
    since: '1.2.0',
    complexity: 'O(1)',
    summary: 'Sets when a key expires, in seconds since the epoch.',
  },
  expiretime: {
    syntax: 'key',
    flags: READONLY | FAST,
    since: '7.0.0',
    complexity: 'O(1)',
    summary: 'Tells when a key expires, in seconds since the epoch.',
  },
  persist: {
    syntax: 'key',
    flags: WRITE | FAST,
    since: '2.2.0',
    complexity: 'O(1)',
    summary: 'Makes a key stay for ever.',
  },
  pexpire: {
    syntax: 'key milliseconds [NX|XX|GT|LT]',
    flags: WRITE | FAST,
    since: '2.6.0',
    complexity: 'O(1)',
    summary: 'Sets when a key expires, in milliseconds from now.',
  },
  pexpireat: {
    syntax: 'key milliseconds [NX|XX|GT|LT]',
    flags: WRITE | FAST,
    since: '2.6.0',
    complexity: 'O(1)',
    summary: 'Sets when a key expires, in milliseconds since the epoch.',
  },
  pexpiretime: {
    syntax: 'key',
    flags: READONLY | FAST,
    since: '7.0.0',
    complexity: 'O(1)',
    summary: 'Tells when a key expires, in milliseconds since the epoch.',
  },
  pttl: {
    syntax: 'key',
    flags: READONLY | FAST,
    since: '2.6.0',
    complexity: 'O(1)',
    summary: 'Tells how long a key still has, in milliseconds.',
  },
  touch: {
    syntax: 'key [key ...]',
    flags: READONLY | FAST,
    since: '3.2.1',
    complexity: 'O(n)',
    summary: 'Counts an access to keys.',
  },
  ttl: {
    syntax: 'key',
    flags: READONLY | FAST,
    since: '1.0.0',
    complexity: 'O(1)',
    summary: 'Tells how long a key still has, in seconds.',
  },
  type: {
    syntax: 'key',
    flags: READONLY | FAST,
    since: '1.0.0',
    complexity: 'O(1)',
    summary: 'Tells the type of the value at a key.',
  },
  unlink: {
    syntax: 'key [key ...]',
    flags: WRITE | FAST,
    since: '4.0.0',
    complexity: 'O(n)',
    summary: 'Deletes keys; large values are freed in slices.',
  },
});
