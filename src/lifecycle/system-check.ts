/** --check-system: what of this machine would slow the server down or limit it. */
import { readFileSync } from 'node:fs';

export interface Finding {
  readonly name: string;
  /** undefined: all is well. */
  readonly warning: string | undefined;
}

/** @param read gives a file's text, or throws */
export function checkSystem(read: (path: string) => string = (path) => readFileSync(path, 'utf8')): Finding[] {
  return [
    { name: 'open-files', warning: openFiles(read) },
    { name: 'somaxconn', warning: backlog(read) },
  ];
}

function attempt(read: () => string): string | undefined {
  try {
    return read();
  } catch {
    return undefined; // not Linux: nothing is known
  }
}

function openFiles(read: (path: string) => string): string | undefined {
  const limit = /^Max open files\s+(\d+)/m.exec(attempt(() => read('/proc/self/limits')) ?? '')?.[1];
  if (limit === undefined || Number(limit) >= 10032) return undefined;
  return `Only ${limit} files may be open: maxclients 10000 needs 10032. Raise the limit with ulimit -n, or LimitNOFILE in the unit.`;
}

function backlog(read: (path: string) => string): string | undefined {
  const most = attempt(() => read('/proc/sys/net/core/somaxconn'))?.trim();
  if (most === undefined || Number(most) >= 511) return undefined;
  return `The TCP backlog of 511 cannot be had because /proc/sys/net/core/somaxconn is ${most}.`;
}
