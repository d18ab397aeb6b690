/**
 * What Linux tells about a process, as pure functions over the text of its /proc files: processor time, resident memory, and
 * lists of cores. Reads no file itself, so that every line of it is tested without a process. Next: server-process.ts.
 */

/** One clock tick of /proc/PID/stat in milliseconds. USER_HZ is 100 on every architecture that Node runs on. */
export const TICK_MS = 10;

/**
 * Processor time of all threads, user and system together, from the text of /proc/PID/stat, in milliseconds with a grain of
 * TICK_MS. Threads that have ended are counted, children are not. The second field is the program's name in brackets and
 * may itself hold spaces and brackets, so counting starts behind the last one.
 */
export function processorMs(stat: string): number {
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const ticks = Number(fields[11]) + Number(fields[12]); // fields 14 and 15 of proc(5); fields[0] is its third
  if (!Number.isInteger(ticks)) throw new Error(`no processor time in /proc/PID/stat: ${stat.slice(0, 80)}`);
  return ticks * TICK_MS;
}

/** Resident memory in bytes from the text of /proc/PID/status. A zombie has no such line: that is an error. */
export function residentBytes(status: string): number {
  const match = /^VmRSS:\s+(\d+) kB$/m.exec(status);
  if (match === null) throw new Error('no resident memory in /proc/PID/status: has the process ended?');
  return Number(match[1]) * 1024;
}

/** A list of cores as the kernel writes it, `0-3,8`, as numbers in its order; empty for an empty text. */
export function coreList(text: string): number[] {
  const cores: number[] = [];
  for (const part of text.trim().split(',')) {
    if (part === '') continue;
    const [first, last] = part.split('-').map(Number);
    for (let core = first; core <= (last ?? first); core++) cores.push(core);
  }
  return cores;
}

/** Who runs where. With two cores the prober of `pause` shares the client's. */
export interface Cores {
  readonly server: number;
  readonly client: number;
  readonly probe: number;
}

/**
 * Places server, client and prober on cores of their own out of `allowed`, and the client not on a hyper-thread of the server's
 * core (`siblings`) while there is another. Undefined when there are fewer than two cores: then nothing is pinned.
 */
export function chooseCores(allowed: readonly number[], siblings: readonly number[]): Cores | undefined {
  if (allowed.length < 2) return undefined;
  const server = allowed[0];
  const others = allowed.filter((core) => core !== server);
  const apart = others.filter((core) => !siblings.includes(core));
  const client = apart[0] ?? others[0];
  const probe = apart[1] ?? others.find((core) => core !== client) ?? client;
  return { server, client, probe };
}
