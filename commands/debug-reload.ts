/** DEBUG RELOAD [MERGE] [NOFLUSH] [NOSAVE]: whether what is saved comes back. */
import { Bytes } from '../storage/memory/bytes.js';
import { RdbOutput } from '../storage/rdb/output.js';
import { writePayload } from '../storage/rdb/payload.js';
import type { Client } from './client.js';
import { ABSTTL, FLUSHALL, RESTORE } from './effect-words.js';
import { LOAD_FAILED, RELOAD_OPTIONS, SAVE_FAILED } from './error.js';

/**
 * Saves and loads again what was saved, in place of all data; NOSAVE loads the file that is there. NOFLUSH keeps the data and adds what
 * the file has; a key that is in both is an error then, and nothing changes, unless MERGE lets the file win. O(bytes of all data)
 */
export function debugReload(c: Client): void {
  let merge = false;
  let flush = true;
  let saves = true;
  for (let i = 2; i < c.argc; i++) {
    const option = c.argv[i];
    if (option.is('merge')) merge = true;
    else if (option.is('noflush')) flush = false;
    else if (option.is('nosave')) saves = false;
    else throw RELOAD_OPTIONS;
  }
  const { snapshot, log } = c.server;
  if (saves && !snapshot.save()) throw SAVE_FAILED;
  if (!snapshot.load(flush, merge)) throw LOAD_FAILED;
  // Who has loaded what it had just saved has the same data.
  if (!saves || !flush) tellData(c);
  log.warning('DB reloaded by DEBUG RELOAD');
  c.out.ok();
}

/** Tells all data that there is now as the effect of this command: no command has made it. O(bytes of all data) */
function tellData(c: Client): void {
  if (c.effect(FLUSHALL) === undefined) return;
  c.effect(FLUSHALL)!.tell();
  const out = new RdbOutput();
  const key = new Bytes();
  const payload = new Bytes();
  for (const db of c.server.databases)
    db.space.table.forEach((ref) => {
      out.reset();
      writePayload(out, db.space, ref);
      c.effect(RESTORE, db)!
        .add(db.space.key(ref, key))
        .addInt(Math.max(0, db.space.expireAt(ref)))
        .add(payload.set(out.buf, 0, out.pos))
        .add(ABSTTL)
        .tell();
    });
}
