/** daemonize: Node cannot fork, so the program is started again without a terminal, and the first process ends. */
import { spawn } from 'node:child_process';

/** Tells the second process that it is the one. */
const MARK = 'SYNAP_DAEMON';

/** Whether this process was started by `startDaemon`; takes the mark away, so that children do not inherit it. */
export function isDaemon(environment: NodeJS.ProcessEnv): boolean {
  const marked = environment[MARK] !== undefined;
  delete environment[MARK];
  return marked;
}

/**
 * Starts the program of this process again with the same arguments.
 * @param input what the first process has read from its standard input, which the second one reads again; undefined: nothing
 */
export function startDaemon(input: string | undefined): Promise<void> {
  const child = spawn(process.execPath, [...process.execArgv, ...process.argv.slice(1)], {
    detached: true,
    stdio: [input === undefined ? 'ignore' : 'pipe', 'ignore', 'ignore'],
    env: { ...process.env, [MARK]: '1' },
  });
  child.unref();
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('spawn', () => (child.stdin === null ? resolve() : child.stdin.end(input, 'latin1', resolve)));
  });
}
