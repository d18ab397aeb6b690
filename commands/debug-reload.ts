/** DEBUG RELOAD [MERGE] [NOFLUSH] [NOSAVE]: whether what is saved comes back. */
import type { Client } from './client.js';
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
  log.warning('DB reloaded by DEBUG RELOAD');
  c.out.ok();
}
