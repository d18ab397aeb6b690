/**
 * How values of JSON are kept as strings of the server, and how they come back. Decided once, for every structure:
 *
 *   written         a string as it is, {"base64": ...} as its bytes, anything else as its JSON text (toWord in arguments.ts)
 *   read, string    the text that is there, {"base64": ...} where it is none. What was written as a string comes back as it was,
 *                   whatever it looks like: clients that keep "30" or '{"a":1}' as a string expect a string
 *   read, json      what was written, of any type: text that is to the byte the JSON text of a value is that value, other text a string.
 *                   A string that is such a text ("30") cannot be told from the value (30): the server keeps one string for both
 *   read, bytes     an array of the numbers of its bytes
 *
 * The form is what the request says, else what the operation says (`string`, but for kv.mget, whose clients take any type).
 */
import { isUtf8 } from 'node:buffer';
import type { ReplyValue } from '../../protocol/reply-reader.js';
import { Failure } from './failure.js';
import { bytesToJson, type JsonValue, toJson } from './json-value.js';

export type Form = 'string' | 'json' | 'bytes';

export const FORMS: readonly Form[] = ['string', 'json', 'bytes'];

/** @throws Failure ERR when `given`, the argument `name`, is no form */
export function formNamed(given: unknown, name: string): Form {
  const form = FORMS.find((one) => one === given);
  if (form === undefined) throw Failure.argument(name, `one of ${FORMS.join(', ')}`);
  return form;
}

/**
 * A value that was read, in a form.
 * @param reply a bulk string, or null; anything else is as in json-value.ts
 */
export function fromStored(reply: ReplyValue, form: Form): JsonValue {
  if (!(reply instanceof Uint8Array)) return toJson(reply);
  if (form === 'bytes') return [...reply];
  return form === 'json' ? readValue(reply) : bytesToJson(reply);
}

function readValue(bytes: Uint8Array): JsonValue {
  if (!isUtf8(bytes)) return bytesToJson(bytes);
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('utf8');
  return parsed(text) ?? text;
}

/** The value whose JSON text `text` is to the byte; undefined when there is none, or when it is null or a string. */
function parsed(text: string): JsonValue | undefined {
  if (!/^[[{\-\dtf]/.test(text)) return undefined;
  try {
    const value = JSON.parse(text) as JsonValue;
    return JSON.stringify(value) === text ? value : undefined;
  } catch {
    return undefined;
  }
}

/** What was written as the bytes of its JSON text, as which events carry it. */
export function jsonBytes(bytes: Uint8Array): readonly number[] {
  const value = readValue(bytes);
  return typeof value === 'string' ? [...Buffer.from(JSON.stringify(value))] : [...bytes];
}
