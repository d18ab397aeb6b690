/** A key in the page's address: `t:text`, or `b:base64` for bytes. */
import { Bytes } from './api.js';

export function toParam(key) {
  return key instanceof Bytes ? `b:${key.base64}` : `t:${key}`;
}

/** @returns undefined when there is none */
export function fromParam(text) {
  if (text === null) return undefined;
  return text.startsWith('b:') ? new Bytes(text.slice(2)) : text.slice(2);
}
