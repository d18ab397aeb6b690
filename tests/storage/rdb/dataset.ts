/** Keys of every type in every form that they are kept in, as the commands that make them. Words are latin1: one byte a character. */

export type Command = readonly string[];

/** The last moment at which nothing of the dataset expires, ms since the epoch. */
export const FAR = 9_000_000_000_000;

/** `n` bytes that no compression makes shorter. */
export function noise(random: () => number, n: number): string {
  let text = '';
  for (let i = 0; i < n; i++) text += String.fromCharCode(Math.floor(random() * 256));
  return text;
}

const INTEGERS = [
  '0',
  '-1',
  '63',
  '64',
  '127',
  '128',
  '-128',
  '-129',
  '4095',
  '-4096',
  '32767',
  '32768',
  '-32768',
  '-32769',
];
INTEGERS.push('8388607', '-8388609', '2147483647', '-2147483648', '2147483648', '-2147483649');
INTEGERS.push('9223372036854775807', '-9223372036854775808', '12345678901');
/** What looks like an integer and is none. */
const NEARLY = ['', '007', '+1', '-0', ' 1', '9223372036854775808', '1.5', '-'];

function numbered(n: number, make: (i: number) => string): string[] {
  return Array.from({ length: n }, (_, i) => make(i));
}

function strings(random: () => number): Command[] {
  const values = [
    ...INTEGERS,
    ...NEARLY,
    'plain',
    'x'.repeat(20),
    'x'.repeat(21),
    noise(random, 20),
    noise(random, 100),
  ];
  values.push(
    'abc'.repeat(500),
    noise(random, 20_000),
    'ab'.repeat(30_000),
    noise(random, 70_000),
    `${noise(random, 40)}${'z'.repeat(9000)}`,
  );
  const named = ['12', '-70000', '99999999999', '', 'k'.repeat(100), noise(random, 70), noise(random, 20_000)];
  return [
    ...values.map((value, i): Command => ['set', `string:${i}`, value]),
    ...named.map((key): Command => ['set', key, 'named']),
  ];
}

function lists(random: () => number): Command[] {
  return [
    ['rpush', 'list:small', 'a', '', '12', noise(random, 90), 'r'.repeat(300)],
    ['rpush', 'list:integers', ...INTEGERS, ...NEARLY],
    ['rpush', 'list:large', ...numbered(3000, (i) => `element ${i}`)],
    [
      'rpush',
      'list:wide',
      'a',
      noise(random, 10_000),
      'b',
      'w'.repeat(5000),
      noise(random, 50_000),
      'c',
      'v'.repeat(70_000),
    ],
    ['rpush', 'list:long', noise(random, 9000)],
  ];
}

function sets(random: () => number): Command[] {
  return [
    ['sadd', 'set:16', '1', '2', '-32768', '32767'],
    ['sadd', 'set:32', '1', '2', '-70000', '70000'],
    ['sadd', 'set:64', ...INTEGERS],
    ['sadd', 'set:512', ...numbered(512, (i) => `${i * 7}`)],
    ['sadd', 'set:600', ...numbered(600, (i) => `${i * 7}`)],
    ['sadd', 'set:small', 'a', 'b', '', '17', noise(random, 64)],
    ['sadd', 'set:long', 'a', noise(random, 100)],
    ['sadd', 'set:large', ...numbered(3000, (i) => `member ${i}`)],
  ];
}

function zsets(random: () => number): Command[] {
  const scores = [
    '1',
    '-1',
    '0',
    '0.1',
    '1e300',
    '-1e-300',
    'inf',
    '-inf',
    '4503599627370497',
    '3.5',
    '3.5',
    '12345678.25',
  ];
  return [
    ['zadd', 'zset:small', ...scores.flatMap((score, i) => [score, `m${i}`])],
    ['zadd', 'zset:ties', ...numbered(60, (i) => `${noise(random, 5)}${i}`).flatMap((member) => ['7', member])],
    ['zadd', 'zset:long', '1', noise(random, 100), '2', '3'],
    [
      'zadd',
      'zset:large',
      ...numbered(2000, (i) => `member ${i}`).flatMap((m) => [`${Math.floor(random() * 1e6) / 64}`, m]),
    ],
    ['zadd', 'zset:infinite', ...numbered(200, (i) => `m${i}`).flatMap((m, i) => [scores[i % scores.length], m])],
  ];
}

function hashes(random: () => number): Command[] {
  return [
    ['hset', 'hash:small', 'field', 'value', '1', '2', '', '', 'x', noise(random, 64)],
    ['hset', 'hash:integers', ...INTEGERS.flatMap((n) => [n, n])],
    ['hset', 'hash:long', 'field', noise(random, 100), noise(random, 200), '1', 'z', 'z'.repeat(3000)],
    ['hset', 'hash:large', ...numbered(2000, (i) => `field ${i}`).flatMap((f, i) => [f, `${i}`])],
    ['hset', 'hash:wide', 'a', noise(random, 50_000), 'b', 'q'.repeat(80_000), 'c', '3'],
  ];
}

/** Everything that Redis 7.0 can hold. */
export function dataset(random: () => number): Command[] {
  const all = [...strings(random), ...lists(random), ...sets(random), ...zsets(random), ...hashes(random)];
  const mortal = all.filter((_, i) => i % 3 === 0).map(([, key], i): Command => ['pexpireat', key, `${FAR + i}`]);
  return [...all, ...mortal];
}

/** Hashes whose fields expire, which Redis has since 7.4. */
export function fieldExpiries(): Command[] {
  const many = numbered(700, (i) => `field ${i}`);
  return [
    ['hset', 'ttl:small', 'a', '1', 'b', '2', 'c', '3'],
    ['hpexpireat', 'ttl:small', `${FAR + 5}`, 'FIELDS', '1', 'b'],
    ['hpexpireat', 'ttl:small', `${FAR}`, 'FIELDS', '1', 'c'],
    ['hset', 'ttl:all', 'a', '1', 'b', '2'],
    ['hpexpireat', 'ttl:all', `${FAR}`, 'FIELDS', '2', 'a', 'b'],
    ['hset', 'ttl:persisted', 'a', '1', 'b', '2'],
    ['hpexpireat', 'ttl:persisted', `${FAR}`, 'FIELDS', '1', 'a'],
    ['hpersist', 'ttl:persisted', 'FIELDS', '1', 'a'],
    ['hset', 'ttl:large', ...many.flatMap((f, i) => [f, `${i}`])],
    ['hpexpireat', 'ttl:large', `${FAR + 100}`, 'FIELDS', '300', ...many.slice(0, 300)],
    ['hpexpireat', 'ttl:large', `${FAR + 7}`, 'FIELDS', '1', many[500]],
    ['hset', 'ttl:once', ...many.flatMap((f, i) => [f, `${i}`])],
    ['hpexpireat', 'ttl:once', `${FAR}`, 'FIELDS', '1', many[3]],
    ['hpersist', 'ttl:once', 'FIELDS', '1', many[3]],
  ];
}

/** The names of the keys that these commands make. */
export function keysOf(commands: readonly Command[]): string[] {
  return [...new Set(commands.map(([, key]) => key))];
}
