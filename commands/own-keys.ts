/** What queues and topics, as keys, have in common: LIST and DELETE of one type of our own. */
import { isExpired } from '../storage/entry-move.js';
import { globMatch } from '../storage/glob.js';
import { Bytes } from '../storage/memory/bytes.js';
import type { Client } from './client.js';
import { SYNTAX } from './error.js';
import { NOTIFY_GENERIC } from './events.js';

const KEY = new Bytes();

/** Replies the names of the keys of `type` in this database, of those that match when `[MATCH pattern]` is given. O(values of our own types) */
export function listKeys(c: Client, type: number): void {
  const { argv, argc, out } = c;
  const { space } = c.db;
  if (argc !== 1 && (argc !== 3 || !argv[1].is('match'))) throw SYNTAX;
  const pattern = argc === 3 ? argv[2] : undefined;
  const mark = out.defer();
  let n = 0;
  for (const entry of space.ownValues) {
    if (space.type(entry) !== type || isExpired(space, entry)) continue;
    const { buf, start, end } = space.key(entry, KEY);
    if (pattern !== undefined && !globMatch(pattern.buf, pattern.start, pattern.end, buf, start, end, false)) continue;
    out.bulk(KEY);
    n++;
  }
  out.endArray(mark, n);
}

/** Deletes the keys from argument 1 on, which are of `type`, and replies how many there were. @throws WRONG_TYPE before any is gone */
export function deleteKeys(c: Client, type: number): void {
  const { argv, argc, db } = c;
  for (let i = 1; i < argc; i++) db.findType(argv[i], type);
  let deleted = 0;
  for (let i = 1; i < argc; i++) {
    if (!db.delete(argv[i])) continue;
    c.touched(argv[i], NOTIFY_GENERIC, 'del');
    deleted++;
  }
  c.out.int(deleted);
}
