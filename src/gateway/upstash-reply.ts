/**
 * Replies as Upstash's REST protocol has them. They come from a link that speaks RESP2, so their shapes are RESP2's: maps are flat
 * arrays, doubles text.
 *
 *   JSON          strings as UTF-8 text, integers as numbers, what is beyond 2^53 as text
 *   JSON, base64  strings in base64 (`Upstash-Encoding: base64`), but for the status OK
 *   resp2         the bytes of RESP2 (`Upstash-Response-Format: resp2`)
 */
import { ReplyError, type ReplyValue } from '../../protocol/reply-reader.js';
import { Failure } from './failure.js';
import type { JsonValue } from './json-value.js';

/** `{result}`, or `{error}` with its code, for a reply or what a command was refused with. */
export function upstashAnswer(value: ReplyValue | Failure, base64: boolean): JsonValue {
  if (value instanceof Failure) return { error: value.message, code: value.code };
  if (value instanceof ReplyError) return { error: value.text, code: value.code };
  return { result: value === 'OK' ? value : upstashResult(value, base64) };
}

function upstashResult(value: ReplyValue, base64: boolean): JsonValue {
  if (value === null || typeof value === 'number') return value;
  if (value instanceof Uint8Array || typeof value === 'string') {
    const bytes =
      typeof value === 'string' ? Buffer.from(value) : Buffer.from(value.buffer, value.byteOffset, value.length);
    return bytes.toString(base64 ? 'base64' : 'utf8');
  }
  if (value instanceof ReplyError) return { error: value.text };
  if (typeof value === 'bigint') return value.toString();
  return (value as readonly ReplyValue[]).map((item) => upstashResult(item, base64));
}

/** The bytes of a reply in RESP2. @param value what a link in RESP2 gives: no maps, sets, doubles or booleans */
export function toResp2(value: ReplyValue | Failure): Buffer {
  const pieces: (string | Uint8Array)[] = [];
  put(value instanceof Failure ? new ReplyError(value.message) : value, pieces);
  return Buffer.concat(pieces.map((piece) => (typeof piece === 'string' ? Buffer.from(piece) : piece)));
}

function put(value: ReplyValue, pieces: (string | Uint8Array)[]): void {
  if (value === null) pieces.push('$-1\r\n');
  else if (typeof value === 'string') pieces.push(`+${value}\r\n`);
  else if (typeof value === 'number' || typeof value === 'bigint') pieces.push(`:${value}\r\n`);
  else if (value instanceof ReplyError) pieces.push(`-${value.text}\r\n`);
  else if (value instanceof Uint8Array) pieces.push(`$${value.length}\r\n`, value, '\r\n');
  else {
    const items = value as readonly ReplyValue[];
    pieces.push(`*${items.length}\r\n`);
    for (const item of items) put(item, pieces);
  }
}
