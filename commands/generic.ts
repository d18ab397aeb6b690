/**
 * Commands for keys of any type: existence, deletion and names here, expiry in generic-expire.ts, copies in generic-copy.ts, KEYS and
 * SCAN in generic-scan.ts, OBJECT in object.ts, SORT in sort.ts, DUMP and RESTORE in files of their own. Handlers stand in the order of spec/generic.ts.
 */
import { randomEntry, renameEntry } from '../storage/entry-move.js';
import { Bytes } from '../storage/memory/bytes.js';
import { TYPE_NAMES } from '../storage/types.js';
import { waitaof } from './append-only.js';
import type { Client } from './client.js';
import type { Handlers } from './command.js';
import { dump } from './dump.js';
import { NO_SUCH_KEY } from './error.js';
import { NOTIFY_GENERIC } from './events.js';
import { copy, move } from './generic-copy.js';
import { expire, expireat, expiretime, persist, pexpire, pexpireat, pexpiretime, pttl, ttl } from './generic-expire.js';
import { keys, scan } from './generic-scan.js';
import { help } from './help.js';
import { objectEncoding, objectFreq, objectIdletime, objectRefcount } from './object.js';
import { restore } from './restore.js';
import { sort, sortRo } from './sort.js';
import type { generic } from './spec/generic.js';

export const handlers: Handlers<typeof generic> = {
  copy,
  del,
  dump,
  exists,
  expire,
  expireat,
  expiretime,
  keys,
  move,
  'object|encoding': objectEncoding,
  'object|freq': objectFreq,
  'object|help': help,
  'object|idletime': objectIdletime,
  'object|refcount': objectRefcount,
  persist,
  pexpire,
  pexpireat,
  pexpiretime,
  pttl,
  randomkey,
  rename,
  renamenx,
  restore,
  scan,
  sort,
  sort_ro: sortRo,
  touch,
  ttl,
  type,
  unlink: del,
  waitaof,
};

const KEY = new Bytes();

/** DEL and UNLINK are one: what is large is unlinked now and freed in slices later. */
function del(c: Client): void {
  let deleted = 0;
  for (let i = 1; i < c.argc; i++) {
    if (!c.db.delete(c.argv[i])) continue;
    c.touched(c.argv[i], NOTIFY_GENERIC, 'del');
    deleted++;
  }
  c.out.int(deleted);
}

function exists(c: Client): void {
  let found = 0;
  for (let i = 1; i < c.argc; i++) if (c.db.peek(c.argv[i]) !== 0) found++;
  c.out.int(found);
}

function randomkey(c: Client): void {
  const { space } = c.db;
  const entry = randomEntry(space);
  if (entry === 0) c.out.nil();
  else c.out.bulk(space.key(entry, KEY));
}

function rename(c: Client): void {
  const { db, argv } = c;
  if (db.space.find(argv[1]) === 0) throw NO_SUCH_KEY;
  if (!argv[1].equals(argv[2])) giveName(c);
  c.out.ok();
}

function renamenx(c: Client): void {
  const { db, argv } = c;
  if (db.space.find(argv[1]) === 0) throw NO_SUCH_KEY;
  if (db.space.find(argv[2]) !== 0) return c.out.int(0);
  giveName(c);
  c.out.int(1);
}

function giveName(c: Client): void {
  const { db, argv } = c;
  renameEntry(db.space, argv[1], argv[2]);
  c.touched(argv[1], NOTIFY_GENERIC, 'rename_from');
  c.touched(argv[2], NOTIFY_GENERIC, 'rename_to', db, 0);
}

function touch(c: Client): void {
  const { space } = c.db;
  const { touching } = space;
  let found = 0;
  space.touching = true; // after CLIENT NO-TOUCH too
  for (let i = 1; i < c.argc; i++) if (c.db.lookup(c.argv[i]) !== 0) found++;
  space.touching = touching;
  c.out.int(found);
}

function type(c: Client): void {
  const entry = c.db.peek(c.argv[1]);
  c.out.simple(entry === 0 ? 'none' : TYPE_NAMES[c.db.space.type(entry)]);
}
