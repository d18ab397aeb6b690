/** Commands for keys of any type: existence and deletion here, expiry in generic-expire.ts. */
import { TYPE_NAMES } from '../storage/types.js';
import type { Client } from './client.js';
import type { Handlers } from './command.js';
import { NOTIFY_GENERIC } from './events.js';
import { expire, expireat, expiretime, persist, pexpire, pexpireat, pexpiretime, pttl, ttl } from './generic-expire.js';
import type { generic } from './spec/generic.js';

export const handlers: Partial<Handlers<typeof generic>> = {
  del,
  exists,
  expire,
  expireat,
  expiretime,
  persist,
  pexpire,
  pexpireat,
  pexpiretime,
  pttl,
  touch: exists,
  ttl,
  type,
  unlink: del,
};

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
  for (let i = 1; i < c.argc; i++) if (c.db.lookup(c.argv[i]) !== 0) found++;
  c.out.int(found);
}

function type(c: Client): void {
  const entry = c.db.space.find(c.argv[1]);
  c.out.simple(entry === 0 ? 'none' : TYPE_NAMES[c.db.space.type(entry)]);
}
