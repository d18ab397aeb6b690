/** Bytes as they are shown and written in lines: in double quotes. inline.ts reads them back. */

const ESCAPES: Readonly<Record<string, string>> = {
  '\\': '\\\\',
  '"': '\\"',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\x07': '\\a',
  '\b': '\\b',
};

/**
 * `a"b<0>` -> `"a\"b\x00"`: everything that is no printable ASCII escaped as in C. O(bytes)
 * @param bytes one character a byte (latin1)
 */
export function quoteBytes(bytes: string): string {
  const inside = bytes.replace(
    /[^ !#-[\]-~]/g,
    (char) => ESCAPES[char] ?? `\\x${char.charCodeAt(0).toString(16).padStart(2, '0')}`,
  );
  return `"${inside}"`;
}
