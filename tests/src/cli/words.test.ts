/** Lines into words, and bytes in quotes. */
import t from 'tap';
import { quoteBytes as quote } from '../../../protocol/quoted.js';
import { splitWords } from '../../../src/cli/words.js';

const ROWS: readonly [line: string, words: string[] | undefined][] = [
  ['', []],
  [' \t ', []],
  ['get a', ['get', 'a']],
  ['  set\tk  "a b" ', ['set', 'k', 'a b']],
  [`'it\\'s' 'a\\n' ''`, ["it's", 'a\\n', '']],
  ['"\\x41\\xff\\n\\r\\t\\b\\a\\"\\\\\\q"', ['A\xff\n\r\t\b\x07"\\q']],
  ['"\\x4" "\\xzz"', ['x4', 'xzz']],
  ['a"b"', ['ab']],
  ['"open', undefined],
  ["'open", undefined],
  ['"a"b', undefined],
  ['"a\\', undefined],
];

t.test('words of a line', async (t) => {
  for (const [line, words] of ROWS) t.same(splitWords(line), words, JSON.stringify(line));
});

t.test('what is quoted is read back', async (t) => {
  const all = Array.from({ length: 256 }, (_, i) => String.fromCharCode(i)).join('');
  t.same(splitWords(quote(all)), [all]);
  t.match(quote(all), /^[\x20-\x7e]+$/, 'in printable ASCII');
});
