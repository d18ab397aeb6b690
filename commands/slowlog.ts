/**
 * SLOWLOG: the commands that took slowlog-log-slower-than microseconds or longer, the last slowlog-max-len of them, with as much of
 * their arguments as one can read. Written by timing.ts. Secrets are kept out when an entry is made, not when it is shown.
 */
import { Bytes } from '../storage/memory/bytes.js';
import { intArg } from './args.js';
import type { Client } from './client.js';
import type { Command, Handlers } from './command.js';
import { SLOWLOG_COUNT, wrongSubcommand } from './error.js';
import { help } from './help.js';
import { isSecret } from './secret.js';
import type { slowlog } from './spec/latency.js';

export const handlers: Handlers<typeof slowlog> = {
  'slowlog|get': get,
  'slowlog|help': help,
  'slowlog|len': len,
  'slowlog|reset': reset,
};

/** Arguments of an entry; when there are more, the last says how many. */
const ARGUMENTS = 32;
/** Bytes of an argument; when there are more, a text behind them says how many. */
const ARGUMENT_BYTES = 128;
const DEFAULT_COUNT = 10;
const REDACTED = Bytes.from('(redacted)');

export interface SlowEntry {
  readonly id: number;
  /** Seconds since the epoch, when it ended. */
  readonly at: number;
  readonly us: number;
  readonly argv: readonly Bytes[];
  readonly address: string;
  readonly name: string;
}

export class SlowLog {
  /** Oldest first. */
  readonly entries: SlowEntry[] = [];
  private lastId = -1;

  /** Notes the command that `c` has just run, and drops what is more than `limit`. O(1): arguments are cut. */
  add(c: Client, command: Command, us: number, limit: number): void {
    // A script's commands have no address.
    this.put(us, c.now, shortened(c, command), c.link?.address ?? '?:0', c.name, limit);
  }

  /** Notes a run of `count` quick commands, the last of them `command`, of which nobody knows which was slow. */
  addRun(command: Command, count: number, us: number, at: number, limit: number): void {
    const note = count === 1 ? '... (arguments not kept)' : `... (one of ${count} pipelined commands)`;
    this.put(us, at, [Bytes.from(command.name), Bytes.from(note)], '', '', limit);
  }

  private put(us: number, now: number, argv: Bytes[], address: string, name: string, limit: number): void {
    this.entries.push({ id: ++this.lastId, at: Math.floor(now / 1000), us: Math.floor(us), argv, address, name });
    while (this.entries.length > limit) this.entries.shift();
  }

  clear(): void {
    this.entries.length = 0;
  }
}

function shortened(c: Client, command: Command): Bytes[] {
  const { argc, argv } = c;
  const shown = argc > ARGUMENTS ? ARGUMENTS - 1 : argc;
  const list: Bytes[] = [];
  for (let i = 0; i < shown; i++) {
    if (isSecret(c, command, i)) list.push(REDACTED);
    else list.push(argv[i].length > ARGUMENT_BYTES ? cut(argv[i]) : argv[i].copy());
  }
  if (shown < argc) list.push(Bytes.from(`... (${argc - shown} more arguments)`));
  return list;
}

function cut(arg: Bytes): Bytes {
  const text = Bytes.from(`... (${arg.length - ARGUMENT_BYTES} more bytes)`);
  const buf = new Uint8Array(ARGUMENT_BYTES + text.length);
  buf.set(arg.buf.subarray(arg.start, arg.start + ARGUMENT_BYTES));
  buf.set(text.buf.subarray(text.start, text.end), ARGUMENT_BYTES);
  return new Bytes().set(buf, 0, buf.length);
}

/** Latest first; -1: all. */
function get(c: Client): void {
  if (c.argc > 3) throw wrongSubcommand(c.argv[1].toString(), 'slowlog');
  let count = DEFAULT_COUNT;
  if (c.argc === 3) {
    count = intArg(c.argv[2], SLOWLOG_COUNT);
    if (count < -1) throw SLOWLOG_COUNT;
  }
  const { entries } = c.server.timing.slowlog;
  const n = count < 0 ? entries.length : Math.min(count, entries.length);
  const { out } = c;
  out.array(n);
  for (let i = 1; i <= n; i++) {
    const { id, at, us, argv, address, name } = entries[entries.length - i];
    out.array(6);
    out.int(id);
    out.int(at);
    out.int(us);
    out.array(argv.length);
    for (const arg of argv) out.bulk(arg);
    out.bulkText(address);
    out.bulkText(name);
  }
}

function len(c: Client): void {
  c.out.int(c.server.timing.slowlog.entries.length);
}

function reset(c: Client): void {
  c.server.timing.slowlog.clear();
  c.out.ok();
}
