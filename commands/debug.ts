/**
 * DEBUG: for those who test the server. Refused unless enable-debug-command allows it (protected.ts). Not a container of commands: it
 * reads its first word itself, so a word that is unknown is an error of DEBUG, and its rows stand here instead of in the specs.
 *
 * Absent, and absent from HELP, is what is about the insides of another process (SDSLEN, STRUCTSIZE, MALLCTL, the crashes).
 */

import { globMatch } from '../storage/glob.js';
import { Bytes } from '../storage/memory/bytes.js';
import { RAW } from '../storage/types.js';
import { rangeArg } from './args.js';
import type { Client } from './client.js';
import type { Handler } from './command.js';
import { debugDigest, debugDigestValue } from './debug-digest.js';
import { debugHtstats, debugHtstatsKey, debugListpack, debugObject } from './debug-object.js';
import { debugProtocol } from './debug-protocol.js';
import { debugReload } from './debug-reload.js';
import { NOT_POSITIVE, PACKED_THRESHOLD, subcommandSyntax } from './error.js';
import { NOTIFY_STRING } from './events.js';
import { MEMORY_UNITS } from './memory-units.js';

interface Row {
  /** Words of the call, DEBUG and the row's name included. */
  readonly min: number;
  readonly max: number;
  readonly usage: string;
  readonly help: readonly string[];
  readonly handler: Handler;
}

const ANY = Number.POSITIVE_INFINITY;

/** In the order of HELP. */
const ROWS: Readonly<Record<string, Row>> = {
  digest: {
    min: 2,
    max: 2,
    usage: 'DIGEST',
    help: ['Tells a digest of all data: equal data has an equal one.'],
    handler: debugDigest,
  },
  'digest-value': {
    min: 2,
    max: ANY,
    usage: 'DIGEST-VALUE <key> [<key> ...]',
    help: ['Tells the digests of the values of keys.'],
    handler: debugDigestValue,
  },
  error: { min: 3, max: 3, usage: 'ERROR <string>', help: ['Replies the string as an error.'], handler: error },
  log: { min: 3, max: 3, usage: 'LOG <message>', help: ['Writes a message to the log.'], handler: log },
  htstats: {
    min: 3,
    max: 3,
    usage: 'HTSTATS <dbid>',
    help: ['Tells how the hash table of a database is filled.'],
    handler: debugHtstats,
  },
  'htstats-key': {
    min: 3,
    max: 3,
    usage: 'HTSTATS-KEY <key>',
    help: ['Tells the same of the hash table of a large value.'],
    handler: debugHtstatsKey,
  },
  object: {
    min: 3,
    max: 3,
    usage: 'OBJECT <key>',
    help: ['Tells how the value of a key is kept.'],
    handler: debugObject,
  },
  populate: {
    min: 3,
    max: 5,
    usage: 'POPULATE <count> [<prefix>] [<size>]',
    help: [
      'Creates that many strings, called by the prefix (`key`) and a number, unless',
      'a key has that name. Their values are cut or filled up to the size, if given.',
    ],
    handler: populate,
  },
  protocol: {
    min: 3,
    max: 3,
    usage: 'PROTOCOL <type>',
    help: [
      'Replies a value of a type of the protocol: string, integer, double, bignum,',
      'null, array, set, map, attrib, push, verbatim, true, false.',
    ],
    handler: debugProtocol,
  },
  reload: {
    min: 2,
    max: ANY,
    usage: 'RELOAD [MERGE] [NOFLUSH] [NOSAVE]',
    help: [
      'Saves all data and loads it again. NOSAVE: loads the file that is there.',
      'NOFLUSH: adds what it has to the data; MERGE: also where a key is in both.',
    ],
    handler: debugReload,
  },
  'set-active-expire': {
    min: 3,
    max: 3,
    usage: 'SET-ACTIVE-EXPIRE <0|1>',
    help: ['With 0, keys that have expired stay in memory until somebody asks for them.'],
    handler: setActiveExpire,
  },
  'quicklist-packed-threshold': {
    min: 3,
    max: 3,
    usage: 'QUICKLIST-PACKED-THRESHOLD <size>',
    help: ['An element of a large list from that size on has a node of its own; 0: 1gb.'],
    handler: quicklistPackedThreshold,
  },
  sleep: { min: 3, max: 3, usage: 'SLEEP <seconds>', help: ['Stops the whole server for so long.'], handler: sleep },
  'stringmatch-len': {
    min: 4,
    max: 4,
    usage: 'STRINGMATCH-LEN <pattern> <string>',
    help: ['Tells whether a string matches a glob pattern.'],
    handler: stringmatchLen,
  },
  listpack: {
    min: 3,
    max: 3,
    usage: 'LISTPACK <key>',
    help: ['Writes the elements of a listpack to the log.'],
    handler: debugListpack,
  },
  help: { min: 2, max: 2, usage: 'HELP', help: ['Prints this help.'], handler: help },
};

export function debug(c: Client): void {
  const word = c.argv[1].toString();
  const name = word.toLowerCase();
  const row = Object.hasOwn(ROWS, name) ? ROWS[name] : undefined;
  if (row === undefined || c.argc < row.min || c.argc > row.max) throw subcommandSyntax(word, 'debug');
  row.handler(c);
}

function help(c: Client): void {
  const lines = ['DEBUG <subcommand> [<arg> [value] [opt] ...]. Subcommands are:'];
  for (const row of Object.values(ROWS)) lines.push(row.usage, ...row.help.map((line) => `    ${line}`));
  c.out.array(lines.length);
  for (const line of lines) c.out.simple(line);
}

/** Not counted among the error replies: it is the answer that was asked for. */
function error(c: Client): void {
  c.out.error(c.argv[2].toString());
}

function log(c: Client): void {
  c.server.log.warning(`DEBUG LOG: ${c.argv[2]}`);
  c.out.ok();
}

/** Blocks the event loop, as is the point; a text that begins with no number is no time (Redis 7.0). */
function sleep(c: Client): void {
  const seconds = Number.parseFloat(c.argv[2].toString());
  if (seconds > 0) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, seconds * 1000);
  c.out.ok();
}

/** Any number but 0 switches it on, any other text off. */
function setActiveExpire(c: Client): void {
  c.server.activeExpire = (Number.parseInt(c.argv[2].toString(), 10) || 0) !== 0;
  c.out.ok();
}

function stringmatchLen(c: Client): void {
  const [, , pattern, text] = c.argv;
  c.out.int(globMatch(pattern.buf, pattern.start, pattern.end, text.buf, text.start, text.end, false) ? 1 : 0);
}

const PACKED_DEFAULT = 1 << 30;
function quicklistPackedThreshold(c: Client): void {
  const match = /^(\d{1,15})([a-z]*)$/i.exec(c.argv[2].toString());
  const unit = match === null ? undefined : MEMORY_UNITS[match[2].toLowerCase()];
  if (match === null || unit === undefined) throw PACKED_THRESHOLD;
  const bytes = Number(match[1]) * unit;
  // The largest value is refused too: Redis keeps room for an element's header.
  if (bytes >= 2 ** 32 - 1) throw PACKED_THRESHOLD;
  c.db.limits.listPackedThreshold = bytes === 0 ? PACKED_DEFAULT : bytes;
  c.out.ok();
}

/** Keys as `key:0` with the value `value:0`; those that exist stay what they are. */
function populate(c: Client): void {
  const { argv, argc, db } = c;
  const count = rangeArg(argv[2], 0, Number.MAX_SAFE_INTEGER, NOT_POSITIVE, NOT_POSITIVE);
  const size = argc === 5 ? rangeArg(argv[4], 0, 512 * 1024 * 1024, NOT_POSITIVE, NOT_POSITIVE) : 0;
  const prefix = argc >= 4 ? argv[3].toString() : 'key';
  const view = new Bytes();
  for (let i = 0; i < count; i++) {
    const key = Bytes.from(`${prefix}:${i}`);
    if (db.space.find(key) !== 0) continue;
    db.space.capture?.changing(key.hash());
    const value = new Uint8Array(size);
    const text = Buffer.from(`value:${i}`);
    value.set(text.subarray(0, size));
    db.strings.set(key, size === 0 ? Bytes.from(`value:${i}`) : view.set(value, 0, size), RAW, -1);
    c.touched(key, NOTIFY_STRING, 'set');
  }
  c.out.ok();
}
