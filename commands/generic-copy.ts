/** COPY and MOVE: a value's way to another key or another database. Each database has its own memory, so both copy. */
import type { Database } from '../storage/database.js';
import type { Bytes } from '../storage/memory/bytes.js';
import { intArg } from './args.js';
import type { Client } from './client.js';
import { DB_OUT_OF_RANGE, NOT_INT32, SAME_OBJECT, SYNTAX } from './error.js';
import { NOTIFY_GENERIC } from './events.js';

const INT32 = 2 ** 31;

export function copy(c: Client): void {
  const { argv, argc, db } = c;
  let to = db;
  let replace = false;
  for (let i = 3; i < argc; i++) {
    if (argv[i].is('replace')) replace = true;
    else if (argv[i].is('db') && i + 1 < argc) to = databaseArg(c, argv[++i]);
    else throw SYNTAX;
  }
  const source = argv[1];
  const target = argv[2];
  if (to === db && source.equals(target)) throw SAME_OBJECT;
  if (db.lookup(source) === 0) return c.out.int(0);
  const occupied = to.space.find(target) !== 0;
  if (occupied && !replace) return c.out.int(0);
  if (occupied) to.delete(target);
  copyEntry(db, source, to, target);
  c.touched(target, NOTIFY_GENERIC, 'copy_to', to);
  c.out.int(1);
}

export function move(c: Client): void {
  const { argv, db } = c;
  const key = argv[1];
  const to = databaseArg(c, argv[2]);
  if (to === db) throw SAME_OBJECT;
  if (db.space.find(key) === 0 || to.space.find(key) !== 0) return c.out.int(0);
  copyEntry(db, key, to, key);
  db.delete(key);
  c.touched(key, NOTIFY_GENERIC, 'move_from');
  c.touched(key, NOTIFY_GENERIC, 'move_to', to, 0);
  c.out.int(1);
}

function databaseArg(c: Client, arg: Bytes): Database {
  const n = intArg(arg);
  if (n < -INT32 || n >= INT32) throw NOT_INT32;
  const db = c.server.databases[n];
  if (db === undefined) throw DB_OUT_OF_RANGE;
  return db;
}

/** Copies value and TTL to a key that does not exist. */
function copyEntry(from: Database, source: Bytes, to: Database, target: Bytes): void {
  const entry = from.space.find(source);
  const at = from.space.expireAt(entry);
  to.space.find(target); // leaves the place for the new entry
  from.copy(entry, to, target);
  if (at >= 0) to.space.setExpire(to.space.find(target), at);
}
