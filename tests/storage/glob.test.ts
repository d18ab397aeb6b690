/** Glob patterns: what redis-server 7.0.15 answered to KEYS and CONFIG GET, and random patterns against regular expressions. */
import t from 'tap';
import { globMatch } from '../../storage/glob.js';
import { Bytes } from '../../storage/memory/bytes.js';
import { seeded } from '../random.js';

function matches(pattern: string, text: string, nocase = false): boolean {
  // Surrounded, so that a read outside the given range shows.
  const p = Bytes.from(`*${pattern}*`).buf;
  const s = Bytes.from(`a${text}a`).buf;
  return globMatch(p, 1, p.length - 1, s, 1, s.length - 1, nocase);
}

const KEYS = [
  ...[
    '',
    'a',
    'b',
    '-',
    ']',
    '[',
    '^',
    '\\',
    '*',
    '?',
    'A',
    'ab',
    'Ab',
    'a]',
    'a-',
    'a\\',
    'a*',
    'a[b',
    'a]b',
    'ba',
    'aab',
  ],
  ...['abab', 'a?c', 'abc', 'foo:1', 'foo:22', '\0', 'a\nb', '\xff\xfe'],
];

/** A pattern, and which of KEYS the oracle's `KEYS pattern` returned. */
const RECORDED: readonly (readonly [string, readonly string[]])[] = [
  ['', ['']],
  ['?', ['a', 'b', '-', ']', '[', '^', '\\', '*', '?', 'A', '\u0000']],
  ['??', ['ab', 'Ab', 'a]', 'a-', 'a\\', 'a*', 'ba', '\xff\xfe']],
  ['a', ['a']],
  ['a*', ['a', 'ab', 'a]', 'a-', 'a\\', 'a*', 'a[b', 'a]b', 'aab', 'abab', 'a?c', 'abc', 'a\nb']],
  ['*b', ['b', 'ab', 'Ab', 'a[b', 'a]b', 'aab', 'abab', 'a\nb']],
  ['a*b', ['ab', 'a[b', 'a]b', 'aab', 'abab', 'a\nb']],
  ['*a*b*', ['ab', 'a[b', 'a]b', 'aab', 'abab', 'abc', 'a\nb']],
  ['**a', ['a', 'ba']],
  ['a**b', ['ab', 'a[b', 'a]b', 'aab', 'abab', 'a\nb']],
  ['*ab*ab', ['abab']],
  ['a?c', ['a?c', 'abc']],
  ['a\\?c', ['a?c']],
  ['a\\*', ['a*']],
  ['[ab]', ['a', 'b']],
  ['[^ab]', ['-', ']', '[', '^', '\\', '*', '?', 'A', '\u0000']],
  ['[a-b]', ['a', 'b']],
  ['[b-a]', ['a', 'b']],
  ['[a-', ['a', '-']],
  ['[a', ['a']],
  ['[', []],
  ['[^', ['a', 'b', '-', ']', '[', '^', '\\', '*', '?', 'A', '\u0000']],
  ['[]', []],
  ['[^]', ['a', 'b', '-', ']', '[', '^', '\\', '*', '?', 'A', '\u0000']],
  ['[a-]', ['a', ']', '^']],
  ['[a-]b]', ['a', 'b', ']', '^']],
  ['[a-b-c]', ['a', 'b', '-']],
  ['[]a]', []],
  ['[a\\-b]', ['a', 'b', '-']],
  ['[\\]a]', ['a', ']']],
  ['[\\', ['\\']],
  ['\\', ['\\']],
  ['a\\', ['a\\']],
  ['\\a', ['a']],
  ['\\\\', ['\\']],
  ['\\[', ['[']],
  ['a[', []],
  ['a[b', ['ab']],
  ['a\\[b', ['a[b']],
  ['[\\a]b', ['ab']],
  ['foo:[0-9]', ['foo:1']],
  ['foo:[0-9]*', ['foo:1', 'foo:22']],
  ['foo:?[^0-9]', []],
  ['foo:*2', ['foo:22']],
  ['*:*', ['foo:1', 'foo:22']],
  ['?\xfe', ['\xff\xfe']],
  ['[\x80-\xff]*', ['\xff\xfe']],
  ['[\u0000-\u001f]', ['\u0000']],
  ['a\n*', ['a\nb']],
  ['A*', ['A', 'Ab']],
];

t.test('matches what KEYS of redis-server matches', async (t) => {
  for (const [pattern, expected] of RECORDED)
    t.strictSame(
      KEYS.filter((key) => matches(pattern, key)),
      expected,
      JSON.stringify(pattern),
    );
});

t.test('an empty text matches the empty pattern only', async (t) => {
  for (const pattern of ['*', '**', '*?', '[^a]', '[]', '\\']) t.notOk(matches(pattern, ''), pattern);
  t.ok(matches('', ''));
});

t.test('without regard to case, as CONFIG GET', async (t) => {
  const rows: readonly (readonly [string, boolean])[] = [
    ['PORT', true],
    ['\\PORT', true],
    ['[P]ort', true],
    ['[^P]ort', false],
    ['[A-Z]ort', true],
    ['[A-z]ort', true],
    ['[z-A]ort', true],
    ['[a-Z]ort', false],
    ['[Z-a]ort', false],
    ['[\\P]ort', false],
    ['[\\p]ort', true],
    ['[^\\P]ort', true],
    ['[_-`]ort', false],
    ['P*T', true],
    ['p?RT', true],
  ];
  for (const [pattern, expected] of rows) t.equal(matches(pattern, 'port', true), expected, pattern);
  t.notOk(matches('PORT', 'port'));
});

t.test('many stars cost no more than pattern times text', async (t) => {
  t.notOk(matches(`${'a*'.repeat(200)}b`, 'a'.repeat(20000)));
  t.notOk(matches(`${'*a'.repeat(50)}b`, 'a'.repeat(20000)));
  t.ok(matches(`${'a*'.repeat(200)}b`, `${'a'.repeat(20000)}b`));
});

t.test('random patterns mean the same as regular expressions', async (t) => {
  const next = seeded(20260411);
  const pick = (from: string) => from[Math.floor(next() * from.length)];
  let hits = 0;
  for (let round = 0; round < 20000; round++) {
    let glob = '';
    let regexp = '';
    for (let n = Math.floor(next() * 7); n > 0; n--) {
      const kind = Math.floor(next() * 8);
      const c = pick('abc.');
      const d = pick('abc.');
      if (kind === 0) [glob, regexp] = [`${glob}*`, `${regexp}.*`];
      else if (kind === 1) [glob, regexp] = [`${glob}?`, `${regexp}.`];
      else if (kind === 2) [glob, regexp] = [`${glob}[${c}${d}]`, `${regexp}[${c}${d}]`];
      else if (kind === 3) [glob, regexp] = [`${glob}[^${c}${d}]`, `${regexp}[^${c}${d}]`];
      else if (kind === 4) [glob, regexp] = [`${glob}[a-b]`, `${regexp}[a-b]`];
      else [glob, regexp] = [`${glob}\\${c}`.replace(/\\\w$/, c), `${regexp}\\${c}`.replace(/\\\w$/, c)];
    }
    let text = '';
    for (let n = 1 + Math.floor(next() * 8); n > 0; n--) text += pick('abc.\n');
    const expected = new RegExp(`^${regexp}$`, 's').test(text);
    if (expected) hits++;
    if (matches(glob, text) !== expected)
      t.fail(`${JSON.stringify(glob)} against ${JSON.stringify(text)}: ${expected}`);
  }
  t.ok(hits > 500, 'the rounds were not all misses');
});
