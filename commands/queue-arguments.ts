/** Arguments of the queue family: numbers with their ranges, ids, headers, and the look-up of the queue itself. All throw before anything has changed. */
import { Bytes, EMPTY } from '../storage/memory/bytes.js';
import type { OwnValue } from '../storage/own-value.js';
import { COUNT_MAX, HIGHEST, TIME_MAX } from '../storage/queue.js';
import { headerBytes, ID_LIMIT, MESSAGE_MAX, putHeader } from '../storage/queue-message.js';
import type { QueueValue } from '../storage/queue-value.js';
import { QUEUE } from '../storage/types.js';
import { intArg, optionArg } from './args.js';
import type { Client } from './client.js';
import { HEADERS_COUNT, INVALID_ID, NO_SUCH_QUEUE, SYNTAX, TOO_LONG } from './error.js';
import { catchUp } from './queue-time.js';

/** The queue at `key`, for changing it. @throws NO_SUCH_QUEUE, WRONG_TYPE */
export function queueForWrite(c: Client, key: Bytes): QueueValue {
  return present(c, key, c.db.ownForWrite(key, QUEUE));
}

/** The queue at `key`, for looking at it. @throws NO_SUCH_QUEUE, WRONG_TYPE */
export function queueForRead(c: Client, key: Bytes): QueueValue {
  return present(c, key, c.db.own(key, QUEUE));
}

function present(c: Client, key: Bytes, value: OwnValue | undefined): QueueValue {
  if (value === undefined) throw NO_SUCH_QUEUE;
  const queue = value as QueueValue;
  if (queue.due <= c.now) catchUp(c.server, c.db, key, queue);
  return queue;
}

export function priorityArg(c: Client, i: number): number {
  return optionArg(c, i, 'PRIORITY', 0, HIGHEST);
}

/** A time in ms. @param min 0, or 1 where no time makes no sense */
export function millisecondsArg(c: Client, i: number, name: string, min = 0): number {
  return optionArg(c, i, name, min, TIME_MAX);
}

/** The id of a message, existing or not. @throws INVALID_ID */
function idArg(arg: Bytes): number {
  const id = intArg(arg, INVALID_ID);
  if (id < 1 || id >= ID_LIMIT) throw INVALID_ID;
  return id;
}

/** All arguments from `from` on as ids, each once, in their order. @throws INVALID_ID */
export function idsArg(c: Client, from: number): number[] {
  const ids = new Set<number>();
  for (let i = from; i < c.argc; i++) ids.add(idArg(c.argv[i]));
  return [...ids];
}

/** `COUNT n`, which is all that may follow argument `from`. @returns `otherwise` without it */
export function countOption(c: Client, from: number, otherwise: number): number {
  if (c.argc === from) return otherwise;
  if (!c.argv[from].is('count') || c.argc > from + 2) throw SYNTAX;
  return optionArg(c, from + 1, 'COUNT', 1, COUNT_MAX);
}

/** Headers in the form in which a message keeps them (storage/queue-message.ts). Filled again by every `read`. */
export class HeaderArguments {
  readonly packed = new Bytes();
  private buf = new Uint8Array(256);

  clear(): this {
    this.packed.set(EMPTY, 0, 0);
    return this;
  }

  /**
   * Reads `numheaders name value ...` from argument `at` on.
   * @returns the place of the next argument
   * @throws SYNTAX, HEADERS_COUNT, TOO_LONG
   */
  read(c: Client, at: number): number {
    const { argv, argc } = c;
    const end = at + 1 + 2 * optionArg(c, at, 'HEADERS', 1, COUNT_MAX);
    if (end > argc) throw HEADERS_COUNT;
    let bytes = 0;
    for (let i = at + 1; i < end; i++) bytes += headerBytes(argv[i]);
    if (bytes > MESSAGE_MAX) throw TOO_LONG;
    if (bytes > this.buf.length) this.buf = new Uint8Array(bytes);
    let p = 0;
    for (let i = at + 1; i < end; i++) p = putHeader(this.buf, p, argv[i]);
    this.packed.set(this.buf, 0, p);
    return end;
  }

  /** The message is stored: a long buffer is let go. */
  rest(): void {
    this.packed.set(EMPTY, 0, 0);
    if (this.buf.length > 64 * 1024) this.buf = new Uint8Array(256);
  }
}
