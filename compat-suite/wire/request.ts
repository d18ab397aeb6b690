/**
 * A command as one line of text (the way it would be typed into redis-cli) and as the bytes of a request.
 * Text is latin1 throughout: one char is one byte, so that binary arguments survive. Must never interpret a command.
 * Read next: connection.ts.
 */

const ESCAPES: Record<string, string> = { n: '\n', r: '\r', t: '\t', b: '\b', a: '\x07', '\\': '\\', '"': '"' };

/**
 * Splits a line at white space. "double quotes" know \n \r \t \b \a \\ \" and \xHH; 'single quotes' know only \'.
 * Throws on a quote that stays open. An empty line gives [].
 */
export function splitLine(line: string): string[] {
  const words: string[] = [];
  let at = 0;
  while (at < line.length) {
    if (/\s/.test(line[at]!)) {
      at++;
      continue;
    }
    let word = '';
    while (at < line.length && !/\s/.test(line[at]!)) {
      const quote = line[at]!;
      if (quote !== '"' && quote !== "'") {
        word += quote;
        at++;
        continue;
      }
      const [text, next] = quotedPart(line, at + 1, quote);
      word += text;
      at = next;
    }
    words.push(word);
  }
  return words;
}

function quotedPart(line: string, at: number, quote: string): [string, number] {
  let text = '';
  for (;;) {
    const char = line[at];
    if (char === undefined) throw new Error(`a quote stays open in: ${line}`);
    if (char === quote) return [text, at + 1];
    if (char !== '\\') {
      text += char;
      at++;
    } else if (quote === "'") {
      text += line[at + 1] === "'" ? "'" : '\\';
      at += line[at + 1] === "'" ? 2 : 1;
    } else if (line[at + 1] === 'x') {
      text += String.fromCharCode(Number.parseInt(line.slice(at + 2, at + 4), 16));
      at += 4;
    } else {
      text += ESCAPES[line[at + 1]!] ?? line[at + 1]!;
      at += 2;
    }
  }
}

/** The line that `splitLine` turns back into these words. */
export function joinLine(words: readonly string[]): string {
  return words.map(quoteWord).join(' ');
}

function quoteWord(word: string): string {
  if (/^[\w.:+\-*?[\](){}<>=,@!#$%&^|~/]+$/.test(word) && word.length > 0) return word;
  let text = '"';
  for (const char of word) {
    const code = char.charCodeAt(0);
    if (char === '"' || char === '\\') text += `\\${char}`;
    else if (code < 32 || code > 126) text += `\\x${code.toString(16).padStart(2, '0')}`;
    else text += char;
  }
  return `${text}"`;
}

/** The bytes of one request: an array of bulk strings. */
export function request(words: readonly string[]): Buffer {
  let text = `*${words.length}\r\n`;
  for (const word of words) text += `$${word.length}\r\n${word}\r\n`;
  return Buffer.from(text, 'latin1');
}
