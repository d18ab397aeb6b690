/**
 * Words of a configuration line: Redis's quoting rules, in both directions. Text here is latin1: one character a byte.
 *
 *   plain          up to the next space
 *   "double"       \n \r \t \b \a \xHH are escapes, \ before any other character is that character
 *   'single'       only \' is an escape
 *
 * A closing quote must be followed by a space or the end. Nothing here knows directives; lines are cut in parse.ts.
 */
const ESCAPES: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', b: '\b', a: '\x07' };
const SPACE = /[ \t\n\v\f\r]/;
/** What ends an unquoted word: unlike between words, not \v and \f. */
const END = /[ \t\n\r\0]/;
const HEX = /^[0-9a-fA-F]{2}$/;

/** The words of `line`, [] for a blank one; undefined when a quote is not closed or something clings to a closing quote. */
export function splitWords(line: string): string[] | undefined {
  const words: string[] = [];
  let i = 0;
  for (;;) {
    while (i < line.length && SPACE.test(line[i])) i++;
    if (i === line.length) return words;
    let word = '';
    while (i < line.length && !END.test(line[i])) {
      const quote = line[i];
      if (quote !== '"' && quote !== "'") {
        word += line[i++];
        continue;
      }
      // A quote may open in the middle of a word (`a"b c"`), but what it closes ends the word.
      const end = closingQuote(line, i);
      if (end < 0 || (end + 1 < line.length && !SPACE.test(line[end + 1]))) return undefined;
      word += quote === '"' ? unescaped(line.slice(i + 1, end)) : line.slice(i + 1, end).replaceAll("\\'", "'");
      i = end + 1;
      break;
    }
    words.push(word);
  }
}

/** Where the quote that opens at `start` closes, or -1. */
function closingQuote(line: string, start: number): number {
  const quote = line[start];
  for (let i = start + 1; i < line.length; i++) {
    if (line[i] === '\\' && (quote === '"' || line[i + 1] === "'")) i++;
    else if (line[i] === quote) return i;
  }
  return -1;
}

function unescaped(text: string): string {
  let out = '';
  for (let i = 0; i < text.length; i++) {
    if (text[i] !== '\\' || i + 1 === text.length) {
      out += text[i];
    } else if (text[i + 1] === 'x' && HEX.test(text.slice(i + 2, i + 4))) {
      out += String.fromCharCode(Number.parseInt(text.slice(i + 2, i + 4), 16));
      i += 3;
    } else {
      i++;
      out += ESCAPES[text[i]] ?? text[i];
    }
  }
  return out;
}

/** `word` in double quotes, so that `splitWords` gives it back; what is not printable ASCII becomes an escape. */
export function quoteWord(word: string): string {
  let out = '"';
  for (const c of word) {
    const code = c.charCodeAt(0);
    const short = c === '"' || c === '\\' ? c : Object.keys(ESCAPES).find((key) => ESCAPES[key] === c);
    if (short !== undefined) out += `\\${short}`;
    else out += code >= 32 && code < 127 ? c : `\\x${code.toString(16).padStart(2, '0')}`;
  }
  return `${out}"`;
}
