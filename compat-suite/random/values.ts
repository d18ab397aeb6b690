/**
 * The pools from which templates take values: few keys, so that commands meet, and the values at which servers differ: the edges
 * of the integer encodings and of 64 bits, numbers that are nearly none, bytes that are no text, the lengths where encodings end.
 * Must never hold a count or offset that makes a right server build gigabytes. Read next: template.ts.
 */
import type { Random } from './random.js';

export const KEYS = ['a', 'b', 'c', 'd', 'e', 'k\x00\xff'];

const INTEGERS = [
  ...[
    '0',
    '1',
    '-1',
    '2',
    '3',
    '5',
    '10',
    '-10',
    '12',
    '13',
    '100',
    '127',
    '128',
    '-128',
    '4095',
    '4096',
    '-4096',
    '-4097',
  ],
  ...[
    '32767',
    '32768',
    '-32768',
    '-32769',
    '8388607',
    '8388608',
    '-8388609',
    '2147483647',
    '2147483648',
    '-2147483649',
  ],
  ...[
    '4294967295',
    '4294967296',
    '9007199254740993',
    '9223372036854775806',
    '9223372036854775807',
    '-9223372036854775807',
  ],
  '-9223372036854775808',
];

const NO_INTEGERS = [
  ...[
    '',
    ' 1',
    '1 ',
    '+1',
    '01',
    '-0',
    '--1',
    '0x10',
    '1e3',
    '1.0',
    'abc',
    '9223372036854775808',
    '-9223372036854775809',
  ],
  ...['18446744073709551615', '99999999999999999999999999', '1\x00', '-', '+'],
];

const DOUBLES = [
  ...[
    '0',
    '-0',
    '0.0',
    '1',
    '-1',
    '1.5',
    '-2.5',
    '3.0',
    '0.1',
    '0.2',
    '0.3',
    '1e3',
    '1E-3',
    '.5',
    '5.',
    '1e15',
    '1e16',
    '1e17',
    '1e20',
  ],
  ...[
    '123456789.123456789',
    '3.141592653589793238',
    '1e-7',
    '-1e-5',
    '0.000001',
    '4503599627370497',
    '9007199254740993',
  ],
  ...[
    '17179869184.5',
    '1e308',
    '-1e308',
    '2147483648',
    '9223372036854775807',
    '1e21',
    '123456789012345680',
    '0.30000000000000004',
  ],
];

const LIMIT_DOUBLES = [
  'inf',
  '-inf',
  '+inf',
  'Infinity',
  '-infinity',
  '5e-324',
  '1e-320',
  '1e400',
  '-1e400',
  '1.7976931348623157e308',
];

const NO_DOUBLES = [
  'nan',
  'NaN',
  '-nan',
  '',
  ' 1',
  '1 ',
  '1.5x',
  'abc',
  '1,5',
  '1e',
  '--1',
  '0x',
  '.',
  '1.2.3',
  '1\x00',
  'infx',
];

const TEXTS = [
  ...[
    '',
    'a',
    'b',
    'ab',
    'abc',
    'hello world',
    'A',
    'foo',
    'ohmytext',
    'mynewtext',
    '*',
    'a*',
    '[',
    '\x00',
    '\r\n',
    '\xff\xfe',
    '\xc3\xa9',
  ],
  ...['x'.repeat(44), 'y'.repeat(45), 'z'.repeat(63), 'z'.repeat(64), 'z'.repeat(65), 'q'.repeat(254), 'q'.repeat(300)],
  '{"id":7,"name":"ann"},'.repeat(12),
];

const LONG_TEXTS = ['m'.repeat(4095), 'n'.repeat(4096), 'o'.repeat(9000), 'p'.repeat(20000)];

const PATTERNS = [
  '*',
  'a*',
  '?',
  '[a-c]',
  '[^a]*',
  '\\a',
  'm?',
  '*1*',
  '',
  'k*',
  '[',
  '[z-a]',
  'f[0-9]',
  '\\',
  '**b',
  '\x00*',
];

const LEX = [
  '-',
  '+',
  '[a',
  '(a',
  '[',
  '(',
  '[b',
  '(m5',
  '[m2',
  '[m\xff',
  '(hello',
  'a',
  '',
  '[0',
  '+x',
  '-x',
  '[\x00',
];

type Pool = (random: Random) => string[];

const text = (random: Random): string =>
  random.oneIn(150) ? random.pick(LONG_TEXTS) : random.oneIn(3) ? random.pick(INTEGERS) : random.pick(TEXTS);

const small = (random: Random): string => String(random.below(13) - 4);

const integer = (random: Random): string => {
  const roll = random.below(20);
  if (roll === 0) return random.pick(NO_INTEGERS);
  return roll < 8 ? random.pick(INTEGERS) : small(random);
};

const double = (random: Random): string => {
  const roll = random.below(24);
  if (roll === 0) return random.pick(NO_DOUBLES);
  if (roll < 3) return random.pick(LIMIT_DOUBLES);
  return roll < 12 ? random.pick(DOUBLES) : small(random);
};

const key = (random: Random): string => (random.oneIn(25) ? random.pick(['w', 'w', '', 'none']) : random.pick(KEYS));

const junk = (random: Random): string => random.pick(random.oneIn(2) ? NO_INTEGERS : TEXTS);

/** Every pool by the name that templates write behind `$`. */
const POOLS: Readonly<Record<string, Pool>> = {
  key: (r) => [key(r)],
  keys: (r) => {
    const count = 1 + r.below(3);
    const keys = Array.from({ length: count }, () => key(r));
    return [r.oneIn(20) ? integer(r) : String(count), ...keys];
  },
  value: (r) => [r.oneIn(6) ? double(r) : text(r)],
  field: (r) => [r.oneIn(4) ? text(r) : `f${r.below(10)}`],
  member: (r) => [r.oneIn(4) ? text(r) : `m${r.below(12)}`],
  number: (r) => [r.oneIn(4) ? String(r.below(300) - 20) : r.pick(INTEGERS)],
  int: (r) => [integer(r)],
  junk: (r) => [junk(r)],
  small: (r) => [small(r)],
  count: (r) => [r.oneIn(25) ? r.pick(NO_INTEGERS) : String(r.below(9) - 2)],
  offset: (r) => [r.pick(['0', '1', '5', '20', '44', '100', '-1', '536870912', '9223372036854775807', 'abc', '300'])],
  double: (r) => [double(r)],
  bound: (r) => [r.oneIn(8) ? r.pick(['(', '((1', '(abc']) : (r.oneIn(4) ? '(' : '') + double(r)],
  lex: (r) => [r.pick(LEX)],
  pattern: (r) => [r.pick(PATTERNS)],
  db: (r) => [r.pick(['0', '1', '1', '2', '15', '16', '-1', 'abc', '', '9999999999'])],
  ttl: (r) => [
    r.pick(['100', '5000', '100000', '0', '-1', '-100', '9223372036854775807', '9223372036854775', 'abc', '', '1.5']),
  ],
  at: (r) => [
    r.pick(['4102444800', '4102444801', '5000000000', '1', '0', '-1', '9223372036854775807', '9007199254740', 'x']),
  ],
  atms: (r) => [
    r.pick(['4102444800123', '4102444800500', '5000000000999', '1', '0', '-1', '9223372036854775807', 'x', '1e5']),
  ],
  future: (r) => [r.pick(['4102444800', '4102444801', '5000000000', '0', 'x'])],
  futurems: (r) => [r.pick(['4102444800123', '5000000000999', '-1', 'x'])],
  many: (r) => Array.from({ length: 30 + r.below(150) }, (_, i) => `m${i}`),
  manyints: (r) => Array.from({ length: 30 + r.below(600) }, (_, i) => String(i * 3)),
  manypairs: (r) => Array.from({ length: 30 + r.below(150) }, (_, i) => [`f${i}`, `v${i}`]).flat(),
  manyscores: (r) => Array.from({ length: 30 + r.below(150) }, (_, i) => [String(((i * 7) % 41) / 2), `m${i}`]).flat(),
};

/** The words that stand for `$pool`. @throws Error for an unknown pool */
export function randomValue(pool: string, random: Random): string[] {
  const make = POOLS[pool];
  if (make === undefined) throw new Error(`there is no pool $${pool}`);
  return make(random);
}
