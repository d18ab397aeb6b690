/** OBJECT: how a key is kept. Looks at keys without counting as an access to them. */
import type { Database } from '../storage/database.js';
import { STRING } from '../storage/types.js';
import { parseInteger } from './args.js';
import type { Client } from './client.js';
import { NO_FREQUENCY, NO_IDLE_TIME } from './error.js';

/** What Redis tells of the integers that all of its values share. */
const SHARED = 2147483647;
const SHARED_INTEGERS = 10000;

export function objectEncoding(c: Client): void {
  const entry = c.db.inspect(c.argv[2]);
  if (entry === 0) c.out.nil();
  else c.out.bulkText(c.db.encodingName(entry));
}

export function objectFreq(c: Client): void {
  const { db, out } = c;
  const entry = db.inspect(c.argv[2]);
  if (entry === 0) return out.nil();
  if (!db.space.lfu) throw NO_FREQUENCY;
  out.int(db.space.frequency(entry));
}

export function objectIdletime(c: Client): void {
  const { db, out } = c;
  const { space } = db;
  const entry = db.inspect(c.argv[2]);
  if (entry === 0) return out.nil();
  if (space.lfu) throw NO_IDLE_TIME;
  out.int((space.clock - space.accessClock(entry)) & 0xffffff);
}

export function objectRefcount(c: Client): void {
  const entry = c.db.inspect(c.argv[2]);
  if (entry === 0) return c.out.nil();
  c.out.int(references(c.db, entry));
}

/** Nothing is shared here; small integers say that they are, for that is how Redis's are told from others. */
export function references(db: Database, entry: number): number {
  const isInt = db.space.type(entry) === STRING && db.strings.encodingName(entry) === 'int';
  const value = isInt ? parseInteger(db.strings.get(entry)) : -1;
  return value >= 0 && value < SHARED_INTEGERS ? SHARED : 1;
}
