/**
 * Words of a line as redis-cli reads them, and bytes as it prints them. Lines are strings of bytes (latin1), so that what is no
 * UTF-8 stays as it is.
 *
 *   set "a b" 'it\'s' "\x00\n"   ->   set   a b   it's   (two bytes)
 */

const ESCAPES: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', b: '\b', a: '\x07' };

/**
 * Splits a line.
 * @returns its words, or undefined when a quote does not end, or not before a blank
 */
export function splitWords(line: string): string[] | undefined {
  const words: string[] = [];
  let at = 0;
  for (;;) {
    while (at < line.length && isBlank(line[at])) at++;
    if (at === line.length) return words;
    let word = '';
    while (at < line.length && !isBlank(line[at])) {
      const quote = line[at];
      if (quote !== '"' && quote !== "'") {
        word += quote;
        at++;
        continue;
      }
      const end = quoted(line, at, quote);
      if (end === undefined) return undefined;
      word += end.text;
      at = end.at;
      if (at < line.length && !isBlank(line[at])) return undefined;
    }
    words.push(word);
  }
}

/** What stands in quotes that open at `at`, and where it goes on behind them. */
function quoted(line: string, at: number, quote: string): { text: string; at: number } | undefined {
  let text = '';
  for (let i = at + 1; i < line.length; ) {
    const char = line[i];
    if (char === quote) return { text, at: i + 1 };
    if (char !== '\\' || i + 1 === line.length) {
      text += char;
      i++;
      continue;
    }
    const next = line[i + 1];
    if (quote === "'") {
      text += next === "'" ? "'" : `\\`;
      i += next === "'" ? 2 : 1;
      continue;
    }
    const hex = next === 'x' ? /^[0-9A-Fa-f]{2}/.exec(line.slice(i + 2, i + 4)) : null;
    text += hex === null ? (ESCAPES[next] ?? next) : String.fromCharCode(Number.parseInt(hex[0], 16));
    i += hex === null ? 2 : 4;
  }
  return undefined;
}

function isBlank(char: string): boolean {
  return char === ' ' || (char >= '\t' && char <= '\r');
}

const NAMED: Readonly<Record<string, string>> = {
  '\\': '\\\\',
  '"': '\\"',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\x07': '\\a',
  '\b': '\\b',
};

/** Bytes in double quotes, all that is not printable ASCII escaped. */
export function quote(bytes: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is escaped
  const text = bytes.replace(/[\\"\x00-\x1f\x7f-\xff]/g, (char) => {
    return NAMED[char] ?? `\\x${char.charCodeAt(0).toString(16).padStart(2, '0')}`;
  });
  return `"${text}"`;
}
