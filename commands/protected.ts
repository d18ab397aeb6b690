/** Who may do what enable-protected-configs and enable-debug-command protect. */
import type { Client } from './client.js';
import type { Access } from './settings.js';

/** Whether `c` may: `local` means clients over loopback or a Unix socket. */
export function allowsProtected(access: Access, c: Client): boolean {
  return access === 'yes' || (access === 'local' && isLocal(c));
}

function isLocal(c: Client): boolean {
  return c.link !== undefined && /^(127\.|\[::1\]|.*\/)/.test(c.link.address);
}
