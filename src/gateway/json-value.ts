/**
 * Replies as JSON. Bytes that are UTF-8 become text, others `{base64}`; maps objects; sets arrays; integers beyond 2^53 text.
 */
import { isUtf8 } from 'node:buffer';
import { Double, Push, ReplyError, type ReplyValue, Verbatim } from '../../protocol/reply-reader.js';
import { Failure } from './failure.js';

export type JsonValue =
  | string
  | number
  | boolean
  | null
  | readonly JsonValue[]
  | { readonly [name: string]: JsonValue };

/** Bytes as text, or `{base64}` where they are none. */
export function bytesToJson(bytes: Uint8Array): JsonValue {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  return isUtf8(bytes) ? buffer.toString('utf8') : { base64: buffer.toString('base64') };
}

/** Bytes as text, for names: what is no UTF-8 is one character a byte. */
export function bytesToText(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString(isUtf8(bytes) ? 'utf8' : 'latin1');
}

/** A string, status or number as text; empty for what is neither (nil, an error, an aggregate). */
export function replyText(reply: ReplyValue): string {
  if (reply instanceof Uint8Array) return bytesToText(reply);
  if (reply instanceof Verbatim) return bytesToText(reply.text);
  if (reply instanceof Double) return String(reply.value);
  return reply === null || typeof reply === 'object' ? '' : String(reply);
}

/** A map by the text of its names; empty for what is none. */
export function byName(reply: ReplyValue): ReadonlyMap<string, ReplyValue> {
  if (!(reply instanceof Map)) return new Map();
  return new Map([...(reply as ReadonlyMap<ReplyValue, ReplyValue>)].map(([name, of]) => [replyText(name), of]));
}

/** A reply as JSON. An error within (EXEC) becomes `{error, code}`. */
export function toJson(value: ReplyValue): JsonValue {
  return toJsonBy(value, bytesToJson);
}

/** As `toJson`, but `leaf` says what becomes of bytes, except of those that are names in a map. */
export function toJsonBy(value: ReplyValue, leaf: (bytes: Uint8Array) => JsonValue): JsonValue {
  if (value instanceof Uint8Array) return leaf(value);
  if (value === null || typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean')
    return value;
  if (typeof value === 'bigint') return value.toString();
  if (value instanceof Double) return Number.isFinite(value.value) ? value.value : doubleText(value.value);
  if (value instanceof ReplyError) return { error: value.text, code: value.code };
  if (value instanceof Verbatim) return bytesToJson(value.text);
  if (value instanceof Push) return value.items.map((item) => toJsonBy(item, leaf));
  if (value instanceof Map) return mapToJson(value, leaf);
  return [...(value as Iterable<ReplyValue>)].map((item) => toJsonBy(item, leaf));
}

function mapToJson(map: ReadonlyMap<ReplyValue, ReplyValue>, leaf: (bytes: Uint8Array) => JsonValue): JsonValue {
  const entries: [string, JsonValue][] = [];
  for (const [name, value] of map) entries.push([nameOf(name), toJsonBy(value, leaf)]);
  return Object.fromEntries(entries);
}

function nameOf(name: ReplyValue): string {
  if (name instanceof Uint8Array) return bytesToText(name);
  const json = toJson(name);
  return typeof json === 'string' ? json : JSON.stringify(json);
}

function doubleText(value: number): string {
  if (Number.isNaN(value)) return 'nan';
  return value > 0 ? 'inf' : '-inf';
}

/** The reply, unless it is an error. @throws Failure what the error means */
export function unlessError(value: ReplyValue): ReplyValue {
  if (value instanceof ReplyError) throw Failure.of(value);
  return value;
}
