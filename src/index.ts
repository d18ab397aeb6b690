/**
 * The package's door: `import { createServer } from 'synap'`. Any number of servers in one process; nothing is shared by them.
 */
import path from 'node:path';
import { Settings } from '../commands/settings.js';
import type { Limits } from '../storage/limits.js';
import { refusal } from './config/store.js';
import { type Environment, PROCESS_ENVIRONMENT, SynapServer } from './server.js';

export type { SynapServer } from './server.js';

/** What can be chosen; everything else as in Settings and Limits. */
export type Options = Partial<Omit<Settings, 'bind' | 'limits'>> &
  Partial<Limits> & { readonly bind?: readonly string[] } & Partial<Environment>;

/**
 * Starts a server on a free port of 127.0.0.1 (or where `options` say), without a log and save points. With `dir` it loads the snapshot
 * that is there.
 * @returns the server once it accepts connections: `port`, `close()`
 * @throws when the address cannot be bound, or an option asks for what is not there
 */
export async function createServer(options: Options = {}): Promise<SynapServer> {
  const { clock, monotonic, random, write, bind, configFile, title, ended, files, ...rest } = options;
  const settings = new Settings();
  settings.port = 0;
  settings.save = [];
  settings.loglevel = write === undefined ? 'nothing' : 'notice';
  for (const [field, value] of Object.entries(rest))
    Object.assign(field in settings.limits ? settings.limits : settings, { [field]: value });
  // Text within the server is one character a byte; a password comes as UTF-8.
  settings.requirepass = Buffer.from(settings.requirepass).toString('latin1');
  // Where data is kept, and what is there is loaded, only when that is named.
  if (options.dir !== undefined) settings.dir = path.resolve(options.dir);
  settings.bind = bind === undefined ? ['127.0.0.1'] : [...bind];
  const reason = refusal(settings);
  if (reason !== undefined) throw new Error(reason);
  const server = new SynapServer(settings, {
    clock: clock ?? PROCESS_ENVIRONMENT.clock,
    ...(monotonic === undefined ? {} : { monotonic }),
    random: random ?? PROCESS_ENVIRONMENT.random,
    write: write ?? PROCESS_ENVIRONMENT.write,
    ...(configFile === undefined ? {} : { configFile }),
    ...(title === undefined ? {} : { title }),
    ...(ended === undefined ? {} : { ended }),
    ...(files === undefined ? {} : { files }),
  });
  await server.listen();
  return server;
}
