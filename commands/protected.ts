/**
 * What enable-protected-configs, enable-debug-command and enable-module-command protect: `no` refuses it, `local` admits clients of
 * this machine, `yes` everybody. Commands are refused also inside MULTI, and before the client has logged in (Redis 7.0).
 */
import type { Client } from './client.js';
import type { Command } from './command.js';
import type { Access } from './settings.js';

/** Whether `c` may: `local` means clients over loopback or a Unix socket. */
export function allowsProtected(access: Access, c: Client): boolean {
  return access === 'yes' || (access === 'local' && isLocal(c));
}

/** Whether `c` may run `command`, a command with the flag PROTECTED. */
export function guardAllows(c: Client, command: Command): boolean {
  const { settings } = c.server;
  return allowsProtected(
    command.entry.name === 'debug' ? settings.enableDebugCommand : settings.enableModuleCommand,
    c,
  );
}

function isLocal(c: Client): boolean {
  return c.link !== undefined && (isUnix(c.link.address) || /^(127\.0\.0\.1|\[::1\]):/.test(c.link.address));
}

/** Whether an address, as Link has it, is that of a Unix socket: `path:0`. No TCP connection has the port 0. */
export function isUnix(address: string): boolean {
  return address.endsWith(':0') && address !== '?:0';
}
