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
    // Characters, and numbers for bytes that are none.
    const parts = [];
    while (i < line.length && !/\s/.test(line[i])) {
      if (line[i] === '"') i = double(line, i + 1, parts);
      else if (line[i] === "'") i = single(line, i + 1, parts);
      else parts.push(line[i++]);
    }
    words.push(wordOf(parts));
  }
  return words;
}

function double(line, start, parts) {
  let i = start;
  while (i < line.length && line[i] !== '"') {
    const hex = /^\\x([0-9a-fA-F]{2})/.exec(line.slice(i, i + 4));
    if (hex !== null) {
      const code = Number.parseInt(hex[1], 16);
      parts.push(code > 127 ? code : String.fromCharCode(code));
      i += 4;
    } else if (line[i] === '\\' && i + 1 < line.length) {
      parts.push(ESCAPES[line[i + 1]] ?? line[i + 1]);
      i += 2;
    } else parts.push(line[i++]);
  }
  return closed(line, i);
}

function single(line, start, parts) {
  let i = start;
  while (i < line.length && line[i] !== "'") {
    if (line[i] === '\\' && line[i + 1] === "'") i++;
    parts.push(line[i++]);
  }
  return closed(line, i);
}

function closed(line, i) {
  if (i >= line.length) throw new Error('a quote is not closed');
  return i + 1;
}

function wordOf(parts) {
  if (parts.every((part) => typeof part === 'string')) return parts.join('');
  const encoder = new TextEncoder();
  const bytes = parts.flatMap((part) => (typeof part === 'number' ? part : [...encoder.encode(part)]));
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
