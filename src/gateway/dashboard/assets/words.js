/** A command line as words, as redis-cli reads it: "double" with escapes, 'single', or plain; and words as they are shown. */
import { Bytes, bytesToBase64 } from './api.js';

const ESCAPES = { n: '\n', r: '\r', t: '\t', b: '\b', a: '\x07' };

/**
 * The words of a line. A word with \xNN beyond ASCII is bytes.
 * @throws Error when a quote is not closed
 */
export function split(line) {
  const words = [];
  let i = 0;
  while (i < line.length) {
    if (/\s/.test(line[i])) {
      i++;
      continue;
    }
    const word = { text: '', bytes: false };
    while (i < line.length && !/\s/.test(line[i])) {
      if (line[i] === '"') i = double(line, i + 1, word);
      else if (line[i] === "'") i = single(line, i + 1, word);
      else word.text += line[i++];
    }
    words.push(word.bytes ? bytesOf(word.text) : word.text);
  }
  return words;
}

function double(line, start, word) {
  let i = start;
  while (i < line.length && line[i] !== '"') {
    const hex = /^\\x([0-9a-fA-F]{2})/.exec(line.slice(i, i + 4));
    if (hex !== null) {
      const code = Number.parseInt(hex[1], 16);
      word.text += String.fromCharCode(code);
      word.bytes ||= code > 127;
      i += 4;
    } else if (line[i] === '\\' && i + 1 < line.length) {
      word.text += ESCAPES[line[i + 1]] ?? line[i + 1];
      i += 2;
    } else word.text += line[i++];
  }
  return closed(line, i);
}

function single(line, start, word) {
  let i = start;
  while (i < line.length && line[i] !== "'") {
    if (line[i] === '\\' && line[i + 1] === "'") i++;
    word.text += line[i++];
  }
  return closed(line, i);
}

function closed(line, i) {
  if (i >= line.length) throw new Error('a quote is not closed');
  return i + 1;
}

/** Characters up to 255 are bytes, others their UTF-8. */
function bytesOf(text) {
  const bytes = [];
  for (const c of text) {
    if (c.codePointAt(0) <= 255) bytes.push(c.codePointAt(0));
    else bytes.push(...new TextEncoder().encode(c));
  }
  return new Bytes(bytesToBase64(bytes));
}

/** A string as redis-cli shows it. */
export function quote(text) {
  const plain = String(text)
    .replace(/["\\]/g, '\\$&')
    .replace(/\n/g, '\\n')
    .replace(/\r/g, '\\r')
    .replace(/\t/g, '\\t');
  return `"${plain}"`;
}
