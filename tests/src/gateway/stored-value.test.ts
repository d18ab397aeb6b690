/** What is written comes back: strings in any form but as values that look like them, values as JSON. */
import t from 'tap';
import { toWord } from '../../../src/gateway/arguments.js';
import { fromStored, jsonBytes } from '../../../src/gateway/stored-value.js';

/** What the server would hold. */
function stored(value: unknown): Uint8Array {
  const word = toWord(value, 'value');
  return typeof word === 'string' ? new Uint8Array(Buffer.from(word)) : word;
}

const VALUES = [0, -1.5, 1e21, true, false, [], [1, ['a', null]], {}, { a: { b: 'c' }, é: 'ü' }];
/** None of these is the JSON text of a value that is no string. */
const STRINGS = [
  '',
  'text',
  'é',
  '007',
  '1.0',
  '+1',
  '{',
  '{"a": 1}',
  '[1, 2]',
  '"quoted"',
  'null',
  'True',
  'NaN',
  '1e3',
  ' 1',
];
/** These are, so they come back as the values in JSON, and as they were as strings. */
const ALIKE: readonly (readonly [string, unknown])[] = [
  ['30', 30],
  ['true', true],
  ['{"a":1}', { a: 1 }],
  ['[]', []],
];

t.test('as JSON', async (t) => {
  for (const value of [...VALUES, ...STRINGS])
    t.strictSame(fromStored(stored(value), 'json'), value, JSON.stringify(value));
  for (const [text, value] of ALIKE) t.strictSame(fromStored(stored(text), 'json'), value);
});

t.test('as strings', async (t) => {
  for (const [text] of ALIKE) t.equal(fromStored(stored(text), 'string'), text);
  for (const text of STRINGS) t.equal(fromStored(stored(text), 'string'), text);
  for (const value of VALUES) t.equal(fromStored(stored(value), 'string'), JSON.stringify(value));
});

t.test('what is no text, and nothing', async (t) => {
  const bytes = Uint8Array.of(255, 0);
  t.strictSame(fromStored(bytes, 'string'), { base64: '/wA=' });
  t.strictSame(fromStored(bytes, 'json'), { base64: '/wA=' });
  t.strictSame(fromStored(bytes, 'bytes'), [255, 0]);
  t.strictSame(fromStored(stored({ base64: '/wA=' }), 'bytes'), [255, 0]);
  t.equal(fromStored(null, 'bytes'), null);
});

t.test('the JSON text of what was written', async (t) => {
  for (const value of [...VALUES, ...STRINGS])
    t.strictSame(JSON.parse(Buffer.from(jsonBytes(stored(value))).toString()), value, JSON.stringify(value));
});
