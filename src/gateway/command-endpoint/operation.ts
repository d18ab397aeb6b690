/**
 * What an operation is: either one command, as the words that its payload means and the result that the reply means (these can be part of
 * a transaction), or several calls. Below, the results that many have in common.
 */
import type { ReplyValue } from '../../../protocol/reply-reader.js';
import { type JsonValue, toJson } from '../json-value.js';
import type { Word } from '../link.js';
import type { Session } from '../session.js';
import { fromStored } from '../stored-value.js';
import type { Payload } from './payload.js';

/** How an operation asks the server: an error reply is thrown. */
export type Calls = Pick<Session, 'run' | 'transaction'>;

export interface Single {
  /** @returns no words when there is nothing to ask: the reply is then an empty array */
  words(payload: Payload): readonly Word[];
  result(reply: ReplyValue, payload: Payload): JsonValue;
}

export interface Several {
  run(calls: Calls, payload: Payload): Promise<JsonValue>;
}

export type Operation = Single | Several;

export type Operations = Readonly<Record<string, Operation>>;

export type Result = Single['result'];

/** An operation of one command. */
export function single(words: Single['words'], result: Result): Single {
  return { words, result };
}

/** An operation of several calls. */
export function several(run: Several['run']): Several {
  return { run };
}

/** `{ [name]: the integer, key }`. */
export function count(...names: string[]): Result {
  return (reply, p) => ({ ...Object.fromEntries(names.map((name) => [name, toJson(reply)])), ...p.echo('key') });
}

/** `{ [name]: whether it is 1, key }`. */
export function yes(name: string): Result {
  return (reply, p) => ({ [name]: reply === 1, ...p.echo('key') });
}

/** `{ success: true }` with these arguments again. */
export function success(...echoed: string[]): Result {
  return (_reply, p) => ({ success: true, ...p.echo(...echoed) });
}

/** `{ [name]: the value in the form that is wanted }` with these arguments again. */
export function value(name: string, ...echoed: string[]): Result {
  return (reply, p) => ({ [name]: fromStored(reply, p.form()), ...p.echo(...echoed) });
}

/** `{ [name]: the values, key }`. */
export function values(name: string, ...echoed: string[]): Result {
  return (reply, p) => ({ [name]: storedItems(reply, p), ...p.echo(...echoed) });
}

/** The values of an array or set, in the form that is wanted. */
export function storedItems(reply: ReplyValue, p: Payload): JsonValue[] {
  return items(reply).map((item) => fromStored(item, p.form()));
}

/** The items of an array or set; none of null. */
export function items(reply: ReplyValue): readonly ReplyValue[] {
  return reply === null ? [] : [...(reply as Iterable<ReplyValue>)];
}
