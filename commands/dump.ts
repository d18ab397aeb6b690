/** DUMP: a value as bytes, from which RESTORE makes it again, here or in a Redis. */
import { Bytes } from '../storage/memory/bytes.js';
import { RdbOutput } from '../storage/rdb/output.js';
import { writePayload } from '../storage/rdb/payload.js';
import type { Client } from './client.js';

const OUT = new RdbOutput();
const VIEW = new Bytes();

export function dump(c: Client): void {
  const { db, out } = c;
  const entry = db.lookup(c.argv[1]);
  if (entry === 0) return out.nil();
  OUT.compress = c.server.settings.rdbcompression;
  writePayload(OUT, db.space, entry);
  out.bulk(VIEW.set(OUT.buf, 0, OUT.pos));
  OUT.reset(); // lets a large buffer go
}
