/**
 * The processor time of this process and of its main thread, which runs all commands. Linux tells of threads in clock ticks of 10 ms;
 * newer versions of Node tell exactly, on every system.
 */
import { readFileSync } from 'node:fs';
import type { ProcessorTime } from '../../commands/figures.js';

/** Ticks of /proc a second: the same on every architecture that Node runs on. */
const TICKS = 100;

interface ThreadUsage {
  threadCpuUsage?: () => { readonly user: number; readonly system: number };
}

export function processorTime(): ProcessorTime {
  const { userCPUTime, systemCPUTime } = process.resourceUsage();
  const thread = (process as ThreadUsage).threadCpuUsage?.();
  const main = thread === undefined ? threadTicks() : { user: thread.user / 1e6, system: thread.system / 1e6 };
  return { system: systemCPUTime / 1e6, user: userCPUTime / 1e6, mainSystem: main?.system, mainUser: main?.user };
}

/** The main thread's seconds as /proc has them; undefined where there is none. */
function threadTicks(): { readonly user: number; readonly system: number } | undefined {
  let text: string;
  try {
    text = readFileSync(`/proc/self/task/${process.pid}/stat`, 'latin1');
  } catch {
    return undefined;
  }
  // Fields are counted behind the name, which may contain blanks: user time is the twelfth, system time the thirteenth.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return { user: Number(fields[11]) / TICKS, system: Number(fields[12]) / TICKS };
}
