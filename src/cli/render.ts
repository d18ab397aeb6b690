/**
 * Replies as text, as redis-cli prints them. Text here is a string of bytes (latin1).
 *
 *   formatted   1) "a"             raw   a          csv   "a",1      json   ["a",1]
 *               2) (integer) 1           1
 */

import { quoteBytes } from '../../protocol/quoted.js';
import { Double, Push, ReplyError, type ReplyValue, Verbatim } from '../../protocol/reply-reader.js';

export type Format = 'formatted' | 'raw' | 'csv' | 'json' | 'quoted-json';

export interface Delimiters {
  /** Between the items of a reply, in raw output. */
  readonly items: string;
  /** After a reply, in raw output. */
  readonly replies: string;
}

/**
 * @param verbatim the reply is text to be read by people: printed as it is
 * @returns the reply with what ends it
 */
export function render(value: ReplyValue, format: Format, { items, replies }: Delimiters, verbatim: boolean): string {
  if (verbatim) return raw(value, items);
  switch (format) {
    case 'formatted':
      return formatted(value, '');
    case 'raw':
      return raw(value, items) + replies;
    case 'csv':
      return `${csv(value)}\n`;
    default:
      return `${json(value, format === 'json' ? jsonString : (text) => jsonString(quoteBytes(text).slice(1, -1)))}\n`;
  }
}

/** Bytes of what is a string in any way; undefined for anything else. */
function bytesOf(value: ReplyValue): string | undefined {
  if (typeof value === 'string') return Buffer.from(value, 'utf8').toString('latin1');
  if (value instanceof Uint8Array) return latin1(value);
  return value instanceof Verbatim ? latin1(value.text) : undefined;
}

function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1');
}

function errorText({ text }: ReplyError): string {
  return Buffer.from(text, 'utf8').toString('latin1');
}

/** The items of an aggregate, keys and values of a map in turn; undefined for anything else. */
function itemsOf(value: ReplyValue): readonly ReplyValue[] | undefined {
  if (Array.isArray(value)) return value;
  if (value instanceof Map) return [...value].flat(1) as ReplyValue[];
  if (value instanceof Set) return [...value];
  return value instanceof Push ? value.items : undefined;
}

// ---- for a terminal ---------------------------------------------------------------------------------------------------------------

function formatted(value: ReplyValue, prefix: string): string {
  const items = value instanceof Map ? undefined : itemsOf(value);
  if (value instanceof Map) return formattedMap(value, prefix);
  if (items === undefined) return `${leaf(value)}\n`;
  if (items.length === 0) return `(empty ${emptyName(value)})\n`;
  const width = String(items.length).length;
  const inner = prefix + ' '.repeat(width + 2);
  const mark = value instanceof Set ? '~' : ')';
  return items
    .map((item, i) => `${i === 0 ? '' : prefix}${String(i + 1).padStart(width)}${mark} ${formatted(item, inner)}`)
    .join('');
}

function emptyName(value: ReplyValue): string {
  if (value instanceof Set) return 'set';
  return value instanceof Push ? 'push' : 'array';
}

function formattedMap(map: ReadonlyMap<ReplyValue, ReplyValue>, prefix: string): string {
  if (map.size === 0) return '(empty hash)\n';
  const width = String(map.size).length;
  const inner = prefix + ' '.repeat(width + 2);
  let text = '';
  let i = 0;
  for (const [key, value] of map) {
    const row = `${i++ === 0 ? '' : prefix}${String(i).padStart(width)}# ${formatted(key, inner).slice(0, -1)} => `;
    const shown = formatted(value, inner);
    // What takes more than one line begins on its own.
    const below = itemsOf(value) !== undefined && shown.indexOf('\n') < shown.length - 1 ? `\n${inner}` : '';
    text += row + below + shown;
  }
  return text;
}

function leaf(value: ReplyValue): string {
  if (value === null) return '(nil)';
  if (typeof value === 'number') return `(integer) ${value}`;
  if (typeof value === 'bigint') return `(${BigInt.asIntN(64, value) === value ? 'integer' : 'big number'}) ${value}`;
  if (typeof value === 'boolean') return `(${value})`;
  if (value instanceof Double) return `(double) ${value.text}`;
  if (value instanceof ReplyError) return `(error) ${errorText(value)}`;
  const bytes = bytesOf(value) ?? '';
  return value instanceof Uint8Array ? quoteBytes(bytes) : bytes;
}

// ---- for other programs -----------------------------------------------------------------------------------------------------------

function raw(value: ReplyValue, delimiter: string): string {
  if (value instanceof Map)
    return [...value].map(([key, one]) => `${raw(key, delimiter)} ${raw(one, delimiter)}`).join(delimiter);
  const items = itemsOf(value);
  if (items !== undefined) return items.map((item) => raw(item, delimiter)).join(delimiter);
  if (value instanceof ReplyError) return `${errorText(value)}\n`;
  if (value === null) return '';
  if (typeof value === 'boolean') return `(${value})`;
  return value instanceof Double ? value.text : (bytesOf(value) ?? String(value));
}

function csv(value: ReplyValue): string {
  const items = itemsOf(value);
  if (items !== undefined) return items.map(csv).join(',');
  if (value instanceof ReplyError) return `ERROR,${quoteBytes(errorText(value))}`;
  if (value === null) return 'NULL';
  const bytes = bytesOf(value);
  if (bytes !== undefined) return quoteBytes(bytes);
  return value instanceof Double ? value.text : String(value);
}

function json(value: ReplyValue, string: (text: string) => string): string {
  if (value instanceof Map) {
    const entries = [...value].map(([key, one]) => {
      const name = json(key, string);
      // JSON has no other names than strings.
      return `${bytesOf(key) === undefined ? jsonString(name) : name}:${json(one, string)}`;
    });
    return `{${entries.join(',')}}`;
  }
  const items = itemsOf(value);
  if (items !== undefined) return `[${items.map((item) => json(item, string)).join(',')}]`;
  if (value instanceof ReplyError) return `error:${string(errorText(value))}`;
  const bytes = bytesOf(value);
  if (bytes !== undefined) return string(bytes);
  return value instanceof Double ? value.text : String(value);
}

const JSON_NAMED: Readonly<Record<string, string>> = {
  '\\': '\\\\',
  '"': '\\"',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\b': '\\b',
  '\f': '\\f',
};

function jsonString(bytes: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is escaped
  const text = bytes.replace(/[\\"\x00-\x1f]/g, (char) => {
    return JSON_NAMED[char] ?? `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`;
  });
  return `"${text}"`;
}
