/** Arguments as MONITOR, the logs and DEBUG show them: in double quotes, with everything that is no printable ASCII escaped as in C. */
import type { Bytes } from '../storage/memory/bytes.js';

const ESCAPES: Readonly<Record<string, string>> = {
  '\\': '\\\\',
  '"': '\\"',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\x07': '\\a',
  '\b': '\\b',
};

/** `a"b<0>` -> `"a\"b\x00"`. O(bytes) */
export function quoted(bytes: Bytes): string {
  const inside = bytes
    .toString()
    .replace(/[^ !#-[\]-~]/g, (char) => ESCAPES[char] ?? `\\x${char.charCodeAt(0).toString(16).padStart(2, '0')}`);
  return `"${inside}"`;
}
