/**
 * Words of a line as redis-cli reads them: as a server reads inline commands. Lines are strings of bytes (latin1), so that what is no
 * UTF-8 stays as it is.
 *
 *   set "a b" 'it\'s' "\x00\n"   ->   set   a b   it's   (two bytes)
 */
import { splitWords as splitBytes } from '../../protocol/inline.js';

/**
 * Splits a line.
 * @returns its words, or undefined when a quote does not end, or not before a blank
 */
export function splitWords(line: string): string[] | undefined {
  const bytes = Buffer.from(line, 'latin1');
  return splitBytes(bytes, 0, bytes.length)?.map((word) => Buffer.from(word).toString('latin1'));
}
