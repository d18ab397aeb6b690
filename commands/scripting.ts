/** The scripting family. What a script is and how it runs is the service's affair: src/scripting/scripting.ts. */
import { intArg } from './args.js';
import { ATTEND_MONITOR } from './attention.js';
import type { Client } from './client.js';
import type { Handlers } from './command.js';
import { help } from './help.js';
import { KEYS_NEGATIVE, KEYS_TOO_MANY, NOSCRIPT, SCRIPT_FLUSH_OPTION } from './script-error.js';
import type { scripting } from './spec/scripting.js';

export const handlers: Handlers<typeof scripting> = {
  eval: (c) => evalText(c, false),
  eval_ro: (c) => evalText(c, true),
  evalsha: (c) => evalSha(c, false),
  evalsha_ro: (c) => evalSha(c, true),
  'script|exists': exists,
  'script|flush': flush,
  'script|help': help,
  'script|kill': kill,
  'script|load': load,
};

/** Hexadecimal digits of a SHA1. */
const SHA_LENGTH = 40;

/** How many of the arguments are keys. @throws NOT_INTEGER, KEYS_TOO_MANY, KEYS_NEGATIVE */
function keysArg({ argv, argc }: Client): number {
  const n = intArg(argv[2]);
  if (n > argc - 3) throw KEYS_TOO_MANY;
  if (n < 0) throw KEYS_NEGATIVE;
  return n;
}

/** Monitors see a script before its commands, and one that does not run too. */
function show(c: Client): void {
  if ((c.server.attention & ATTEND_MONITOR) !== 0) c.server.monitors.tell(c, c.command!);
}

function evalText(c: Client, readOnly: boolean): void {
  show(c);
  c.server.scripting.eval(c, keysArg(c), readOnly);
}

function evalSha(c: Client, readOnly: boolean): void {
  show(c);
  if (c.argv[1].length !== SHA_LENGTH) throw NOSCRIPT;
  c.server.scripting.evalSha(c, keysArg(c), readOnly);
}

function exists(c: Client): void {
  c.out.array(c.argc - 2);
  for (let i = 2; i < c.argc; i++) c.out.int(c.server.scripting.exists(c.argv[i]) ? 1 : 0);
}

/** SYNC and ASYNC are one here: functions that nobody holds are Lua's garbage. */
function flush(c: Client): void {
  if (c.argc > 3 || (c.argc === 3 && !c.argv[2].is('sync') && !c.argv[2].is('async'))) throw SCRIPT_FLUSH_OPTION;
  c.server.scripting.flush();
  c.out.ok();
}

function kill(c: Client): void {
  c.server.scripting.kill();
  c.out.ok();
}

function load(c: Client): void {
  c.out.bulkText(c.server.scripting.load(c.argv[2]));
}
