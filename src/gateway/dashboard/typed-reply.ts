/** Replies as JSON that keeps their RESP3 types, for those who show them. Bounded: what is too long is cut, and says so. */
import { isUtf8 } from 'node:buffer';
import { Double, Push, ReplyError, type ReplyValue, Verbatim } from '../../../protocol/reply-reader.js';
import { Failure } from '../failure.js';

export type TypedReply =
  /** `length`: bytes in all, when only the first are here. */
  | { readonly type: 'string' | 'bytes' | 'verbatim'; readonly value: string; readonly length?: number }
  | { readonly type: 'status' | 'double' | 'bignumber'; readonly value: string }
  | { readonly type: 'integer'; readonly value: number }
  | { readonly type: 'boolean'; readonly value: boolean }
  | { readonly type: 'null' }
  | { readonly type: 'error'; readonly value: string; readonly code: string }
  /** `more`: items that are not here. */
  | { readonly type: 'array' | 'set' | 'push'; readonly items: readonly TypedReply[]; readonly more?: number }
  | { readonly type: 'map'; readonly entries: readonly (readonly [TypedReply, TypedReply])[]; readonly more?: number };

const ITEMS_MAX = 50_000;
const BYTES_MAX = 8 * 1024 * 1024;

/** What the replies of one request may come to together. */
export class Budget {
  items = ITEMS_MAX;
  bytes = BYTES_MAX;
}

/** A reply, or what a command was refused with, with its type. `bytes` are base64. O(n) in what is shown. */
export function typed(value: ReplyValue | Failure, budget: Budget): TypedReply {
  if (value instanceof Failure) return { type: 'error', value: value.message, code: value.code };
  if (value instanceof Uint8Array) return bytes(value, budget);
  if (value === null) return { type: 'null' };
  if (typeof value === 'string') return { type: 'status', value };
  if (typeof value === 'number') return { type: 'integer', value };
  if (typeof value === 'boolean') return { type: 'boolean', value };
  if (typeof value === 'bigint') return { type: 'bignumber', value: value.toString() };
  if (value instanceof Double) return { type: 'double', value: doubleText(value.value) };
  if (value instanceof ReplyError) return { type: 'error', value: value.text, code: value.code };
  if (value instanceof Verbatim) return verbatim(value.text, budget);
  if (value instanceof Push) return list('push', value.items, budget);
  if (value instanceof Map) return map(value, budget);
  return value instanceof Set ? list('set', [...value], budget) : list('array', value as readonly ReplyValue[], budget);
}

function bytes(value: Uint8Array, budget: Budget): TypedReply {
  const text = isUtf8(value);
  let end = Math.min(value.length, budget.bytes);
  // Not within a character.
  while (text && end < value.length && end > 0 && (value[end] & 0xc0) === 0x80) end--;
  budget.bytes -= end;
  const shown = Buffer.from(value.buffer, value.byteOffset, end);
  return {
    type: text ? 'string' : 'bytes',
    value: shown.toString(text ? 'utf8' : 'base64'),
    ...(end < value.length ? { length: value.length } : {}),
  };
}

function verbatim(value: Uint8Array, budget: Budget): TypedReply {
  const told = bytes(value, budget);
  return told.type === 'string' ? { ...told, type: 'verbatim' } : told;
}

function list(type: 'array' | 'set' | 'push', all: readonly ReplyValue[], budget: Budget): TypedReply {
  const items: TypedReply[] = [];
  for (const item of all) {
    if (budget.items <= 0) return { type, items, more: all.length - items.length };
    budget.items--;
    items.push(typed(item, budget));
  }
  return { type, items };
}

function map(all: ReadonlyMap<ReplyValue, ReplyValue>, budget: Budget): TypedReply {
  const entries: [TypedReply, TypedReply][] = [];
  for (const [name, value] of all) {
    if (budget.items <= 0) return { type: 'map', entries, more: all.size - entries.length };
    budget.items--;
    entries.push([typed(name, budget), typed(value, budget)]);
  }
  return { type: 'map', entries };
}

function doubleText(value: number): string {
  if (Number.isFinite(value)) return String(value);
  if (Number.isNaN(value)) return 'nan';
  return value > 0 ? 'inf' : '-inf';
}
