/** SHUTDOWN [NOSAVE|SAVE] [NOW] [FORCE] [ABORT]. */
import type { Client } from './client.js';
import { SYNTAX } from './error.js';
import { BUSY } from './script-error.js';

export function shutdown(c: Client): void {
  const { argv, argc } = c;
  let save: boolean | undefined;
  let now = false;
  let force = false;
  let abort = false;
  for (let i = 1; i < argc; i++) {
    const option = argv[i];
    if (option.is('nosave') && save !== true) save = false;
    else if (option.is('save') && save !== false) save = true;
    else if (option.is('now')) now = true;
    else if (option.is('force')) force = true;
    else if (option.is('abort')) abort = true;
    else throw SYNTAX;
  }
  if (abort && argc > 2) throw SYNTAX;
  // What a script that runs has done so far must not be what is found later.
  if (!abort && save !== false && c.server.scripting.isSuspended) throw BUSY;
  if (!abort) return c.server.lifecycle.shutdown({ save, now, force });
  c.server.lifecycle.abort();
  c.out.ok();
}
