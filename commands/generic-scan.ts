/** KEYS and SCAN: the names of keys. Expired keys that nobody has met yet are left out, and left to be reaped. */
import { isExpired } from '../storage/entry-move.js';
import { globMatch } from '../storage/glob.js';
import { Bytes } from '../storage/memory/bytes.js';
import { TableWalk } from '../storage/memory/table-walk.js';
import { TYPE_NAMES } from '../storage/types.js';
import type { Client } from './client.js';
import { scanCursor, scanOptions, TYPES } from './scan.js';

const WALK = new TableWalk();
const KEY = new Bytes();
const STAR = 42;

/** Length of what a pattern begins with before its first `*`, `?`, `[` or `\`. */
function literalPrefix(pattern: Bytes): number {
  const { buf, start, end } = pattern;
  let p = start;
  while (p < end && buf[p] !== STAR && buf[p] !== 63 && buf[p] !== 91 && buf[p] !== 92) p++;
  return p - start;
}

/** O(n) in the keys of the database, unless the pattern has nothing special: then it is one key's name. */
export function keys(c: Client): void {
  const { out, db } = c;
  const { space } = db;
  const pattern = c.argv[1];
  const { buf, start, end } = pattern;
  const prefix = literalPrefix(pattern);
  if (prefix === end - start) return oneKey(c, pattern);
  const anyRest = prefix + 1 === end - start && buf[end - 1] === STAR;
  const mark = out.defer();
  let n = 0;
  WALK.begin(space.table);
  for (let entry = WALK.next(); entry !== 0; entry = WALK.next()) {
    space.key(entry, KEY);
    const text = KEY.buf;
    const from = KEY.start;
    if (KEY.end - from < prefix) continue;
    let i = 0;
    while (i < prefix && text[from + i] === buf[start + i]) i++;
    if (i < prefix) continue;
    if (!anyRest && !globMatch(buf, start, end, text, from, KEY.end, false)) continue;
    if (isExpired(space, entry)) continue;
    out.bulk(KEY);
    n++;
  }
  out.endArray(mark, n);
}

function oneKey(c: Client, name: Bytes): void {
  const found = c.db.space.find(name) !== 0;
  c.out.array(found ? 1 : 0);
  if (found) c.out.bulk(name);
}

/** The entries that a step of SCAN has visited. */
const FOUND: number[] = [];

function collect(entry: number): void {
  FOUND.push(entry);
}

export function scan(c: Client): void {
  const { out, db } = c;
  const { space } = db;
  const cursor = scanCursor(c.argv[1]);
  const options = scanOptions(c, 2, TYPES);
  FOUND.length = 0;
  const next = space.table.scan(cursor, options.count, collect);
  out.array(2);
  out.bulkInt(next);
  const mark = out.defer();
  let n = 0;
  for (let i = 0; i < FOUND.length; i++) {
    const entry = FOUND[i];
    if (options.type !== undefined && !options.type.is(TYPE_NAMES[space.type(entry)])) continue;
    if (!options.wants(space.key(entry, KEY)) || isExpired(space, entry)) continue;
    out.bulk(KEY);
    n++;
  }
  out.endArray(mark, n);
}
